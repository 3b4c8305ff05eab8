#pragma once
/// The meaning of a kernel, one value at a time: slow, and plain enough to be believed.

#include "interp_reference.h"

#include <functional>

namespace tarry::test {

/// Folds `n` elements of dtype `t` in the order of ir/reduction.h, which this transcribes.
uint64_t reduce_naively(Op reduce, DType t, int64_t n, const std::function<uint64_t(int64_t)>& element);

/// Runs a kernel point by point. Every point reads before it writes.
void run_naively(const ir::Kernel& kernel, const codegen::Launch& launch);

}  // namespace tarry::test
