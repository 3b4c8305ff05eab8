#pragma once
/// One function of a kernel under construction: its parameters, argument words, variables and loops.

#include <tarry/ir/kernel.h>

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "llvm/call_layout.h"
#include "llvm/ir.h"

namespace tarry::codegen {

/// A mutable value: stack memory that the first pass turns into registers.
struct Variable {
  llvm::AllocaInst* place = nullptr;
  llvm::Type* type() const { return place->getAllocatedType(); }
  llvm::Value* get(Builder& b) const { return b.CreateLoad(type(), place); }
  void set(Builder& b, llvm::Value* v) const { b.CreateStore(v, place); }
};

class Frame {
 public:
  /// A host function, of type KernelFunction.
  Frame(llvm::Module& module, const ir::Kernel& kernel, const char* symbol);
  /// A GPU kernel, whose one parameter is the block of `num_words` argument words. Places are counted in integers of
  /// `index_bits`; words of which that is enough are read so.
  Frame(llvm::Module& module, const ir::Kernel& kernel, const char* symbol, int num_words, int index_bits);

  bool on_gpu() const { return !scratch; }
  /// An argument word, of which the type may be the first bytes.
  llvm::Value* load_word(llvm::Type* type, int index);
  /// An argument word at the present place.
  llvm::Value* word(int index) { return load_word(b.getInt64Ty(), index); }
  llvm::Value* pointer_word(int index) { return load_word(b.getPtrTy(), index); }
  /// The first element of a memory access.
  llvm::Value* data(int access);
  llvm::Value* extent(int axis) { return index_word(layout.extent(axis)); }
  llvm::Value* stride(int access, int axis) { return index_word(layout.stride(access, axis)); }
  llvm::Value* index_word(int index) { return load_word(index_type, index); }
  llvm::ConstantInt* number(int64_t n) { return llvm::ConstantInt::getSigned(index_type, n); }

  Variable variable(llvm::Type* type, llvm::Value* initial = nullptr);
  /// Uninitialised stack memory, aligned for vectors.
  llvm::Value* stack_array(llvm::Type* element, int count);

  llvm::Value* byte_offset(llvm::Value* pointer, llvm::Value* bytes) {
    return b.CreateGEP(b.getInt8Ty(), pointer, bytes);
  }

  /// What lies at an address, read if `predicate`, of one lane, holds; else zero. A null predicate holds.
  llvm::Value* load_if(llvm::Type* type, llvm::Value* address, llvm::Value* predicate);

  llvm::BasicBlock* block(const char* name) { return llvm::BasicBlock::Create(b.getContext(), name, function); }
  /// if (condition) body()
  void if_then(llvm::Value* condition, const std::function<void()>& body, bool likely = true);
  /// for (i = begin; i < end; i += step) body(i), for signed i
  void for_loop(llvm::Value* begin, llvm::Value* end, int64_t step, const std::function<void(llvm::Value*)>& body);
  /// while (condition()) body()
  void while_loop(const std::function<llvm::Value*()>& condition, const std::function<void()>& body);

  /// Ends the prologue, the part of the function that runs once ahead of everything; what is emitted
  /// from now on stands behind it.
  void close_prologue();
  /// Adds to the prologue.
  template <class F>
  auto at_prologue(F&& emit) {
    llvm::IRBuilderBase::InsertPointGuard guard(b);
    b.SetInsertPoint(prologue_->getTerminator());
    return emit();
  }

  void finish() { b.CreateRetVoid(); }

  const ir::Kernel& kernel;
  const CallLayout layout;
  Builder b;
  llvm::Function* function;
  llvm::Value* words;
  llvm::IntegerType* index_type;
  /// Of GPU kernels: holds where to write a 1 when an index lies outside its axis, or 0.
  std::optional<int> outside_word;
  // Of host functions.
  llvm::Value *outer_begin = nullptr, *outer_end = nullptr, *inner_begin = nullptr, *inner_end = nullptr,
              *scratch = nullptr;

 private:
  void open();

  llvm::BasicBlock* stack_;  // holds the stack allocations
  llvm::BasicBlock* prologue_;
};

/// The position of a walk over some axes in C order, and what it adds to the address of each access.
class Odometer {
 public:
  /// `axes` outermost first; `accesses` those whose offsets are followed.
  Odometer(Frame& frame, std::vector<int> axes, std::vector<int> accesses);
  /// To the point with this number, counted in C order.
  void set(llvm::Value* number);
  void advance();
  /// In bytes; for an index access in units.
  llvm::Value* offset(int access) const;

 private:
  llvm::Value* stride(int access, int axis) const;

  Frame& frame_;
  std::vector<int> axes_, accesses_;
  std::vector<Variable> at_;       // by axis
  std::vector<Variable> offsets_;  // by access number; empty places for those not followed
};

}  // namespace tarry::codegen
