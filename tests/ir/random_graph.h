#pragma once
/// Random graphs and kernels that the verifier must take, from a seed.

#include <tarry/ir/kernel.h>
#include <tarry/ir/program.h>

#include <cstdint>

namespace tarry::test {

/// A graph with at least one node of every op of the array level, shapes of rank 0 to 6, extents of 0
/// and 1 too, all dtypes but the complex ones.
ir::Program random_program(uint64_t seed);

/// A kernel with accesses of all kinds, reductions and scans when it has rows, and nested cold regions.
ir::Kernel random_kernel(uint64_t seed);

}  // namespace tarry::test
