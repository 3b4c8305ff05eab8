#pragma once
/// Indices along an axis, as op `within` has them.

#include "llvm/frame.h"

namespace tarry::codegen {

/// `index` kept within [0, size), from the end where it is negative. On a GPU what lies outside is told to whoever has
/// launched; `size` is the same in all lanes.
llvm::Value* emit_within(Frame& frame, llvm::Value* index, llvm::Value* size);

}  // namespace tarry::codegen
