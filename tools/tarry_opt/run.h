#pragma once
/// Runs programs and kernels from a file, on inputs from .npy files or made up.

#include <tarry/codegen/backend.h>
#include <tarry/ir/dtype.h>
#include <tarry/ir/kernel.h>
#include <tarry/ir/program.h>
#include <tarry/passes/pass.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace tarry::tools {

/// What an option such as --input 0=x.npy gives for a number.
using ByNumber = std::map<uint32_t, std::string>;

/// An array in C order.
struct Result {
  ir::DType dtype = ir::DType::float32;
  ir::Shape shape;
  std::vector<std::byte> bytes;
};

struct RunOptions {
  ByNumber inputs;   // slot → .npy file; others are made up, the same ones each time
  ByNumber scalars;  // slot → literal; the default is slot + 1
  ir::Ints extents;  // for kernels: of every axis; the default is 8
  passes::PipelineOptions pipeline;
};

/// The outputs of a program. Throws ValueError when an input does not fit its parameter.
std::vector<Result> run_program(const ir::Program& program, const codegen::Backend& backend, const RunOptions& options);

/// What each write access of a kernel holds after one launch, in order, with the shape of the space (1 along axes
/// that it does not vary in). Buffers start as zeros.
std::vector<Result> run_kernel(const ir::Kernel& kernel, const codegen::Backend& backend, const RunOptions& options);

/// Equal types and bits, all NaNs counting as equal.
bool same_bits(const Result& a, const Result& b);

/// "f32[2, 2] = [[1, 2], [3, 4]]"; of more than 4096 elements a hash of the bits.
std::string result_text(const Result& r);

}  // namespace tarry::tools
