#pragma once
/// How dtypes look in LLVM IR.

#include <tarry/ir/dtype.h>

#include "llvm/ir.h"

namespace tarry::codegen {

/// A type with `lanes` lanes; the scalar itself for one lane.
llvm::Type* with_lanes(llvm::Type* scalar, int lanes);

/// Values in registers: bool is i1, float16 and bfloat16 are their bits as i16.
llvm::Type* register_type(llvm::LLVMContext& context, ir::DType t, int lanes = 1);

/// Values in memory: bool is a byte.
llvm::Type* memory_type(llvm::LLVMContext& context, ir::DType t, int lanes = 1);

/// A literal from the value's bit pattern, zero-extended.
llvm::Constant* literal(llvm::Type* register_type, uint64_t bits);

int lanes_of(llvm::Type* t);

/// Between the two forms of a value.
llvm::Value* to_register(Builder& b, llvm::Value* v, ir::DType t);
llvm::Value* to_memory(Builder& b, llvm::Value* v, ir::DType t);

/// The value in every lane.
llvm::Value* splat(Builder& b, llvm::Value* scalar, int lanes);

/// An integer constant of the type (in every lane).
llvm::Constant* integer(llvm::Type* t, int64_t v);

/// 0, 1, 2, … as i64.
llvm::Value* lane_numbers(Builder& b, int lanes);
/// Whether lanes start, start + 1, … of a group are below `count`, which fits in 32 bits.
llvm::Value* lanes_below(Builder& b, llvm::Value* count, int start, int lanes);

}  // namespace tarry::codegen
