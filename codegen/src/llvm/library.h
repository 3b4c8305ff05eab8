#pragma once
/// The functions of libtarry-llvm.so, and what passes through it.

#include <tarry/codegen/gpu_carry.h>
#include <tarry/codegen/gpu_routine.h>
#include <tarry/ir/kernel.h>

#include <cstddef>

namespace tarry::codegen {

enum class CompilerOutput : int { object, assembly, llvm_ir, ptx };

struct CompileRequest {
  const ir::Kernel* kernel;  // in primitives
  CompilerOutput output;
  int sm;               // for ptx
  int vector_bytes;     // 0: what suits this machine
  int index_bits = 64;  // for ptx
  GpuRoutine routine = GpuRoutine::run;
  const Carry* carry = nullptr;  // for ptx; null for none
};

/// Receives either the result or why there is none, whole, in one call.
struct CompileSink {
  void* self;
  void (*result)(void* self, const char* bytes, size_t size);
  /// `about_machine`: this machine or set-up cannot do it; else the kernel broke an invariant.
  void (*failed)(void* self, const char* why, bool about_machine);
};

/// Compiles on a thread of its own; returns when it is done. Never throws.
using CompileFunction = void(const CompileRequest* request, const CompileSink* sink);
inline constexpr const char* kCompileSymbol = "tarry_llvm_compile";

/// For the end of the process: returns when LLVM is at rest, which a compile under way is before its next pass. That
/// compile never returns, and no other one begins.
using StopFunction = void();
inline constexpr const char* kStopSymbol = "tarry_llvm_stop";

}  // namespace tarry::codegen
