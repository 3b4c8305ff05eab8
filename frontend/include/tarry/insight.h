#pragma once
/// Looking into the machine: counters, plans, traces.

#include <tarry/array.h>

#include <cstdint>
#include <string>

namespace tarry {

/// What happened since the start, or since reset_stats().
struct Stats {
  uint64_t ops_recorded = 0;          ///< ops appended to traces
  uint64_t flushes = 0;               ///< times a trace was executed
  uint64_t plans_made = 0;            ///< for these, or for pieces of them: plans that went through the passes
  uint64_t plans_hit = 0;             ///< and plans that were known
  uint64_t kernels_launched = 0;      ///< kernels run, on any executor
  uint64_t kernels_interpreted = 0;   ///< of these, by the interpreter
  uint64_t kernels_compiled = 0;      ///< distinct kernels requested from LLVM, at the request
  uint64_t compile_microseconds = 0;  ///< wall time inside LLVM
  uint64_t library_calls = 0;         ///< BLAS and the like
  uint64_t disk_hits = 0;             ///< kernels found in the disk cache
  uint64_t fallbacks = 0;             ///< ops run on the host for want of a device kernel
  uint64_t bytes_live = 0;            ///< bytes of the host's buffers in use
  uint64_t bytes_peak = 0;            ///< highest bytes_live since the last reset, within 256 KiB for each other thread
  uint64_t device_bytes_live = 0;     ///< bytes of GPU memory in use
  uint64_t device_bytes_peak = 0;     ///< highest device_bytes_live since the last reset
};
TARRY_API Stats stats();
/// Zeroes all but what is live; peaks become what is live.
TARRY_API void reset_stats();

/// Waits until the background compiler has served every kernel that was requested so far. For measurements: results
/// are the same to the bit before and after.
TARRY_API void finish_compiling();

/// What observing x would run, step by step, why it is cut where it is, which executor each step would run on now (of
/// an array on a GPU under the policy of the calling thread: the GPU, cuBLAS, or the host and why), and what is kept
/// from step to step, with its bytes: of a derivative, the residuals. Of a long loop the segment that repeats, how many
/// times it does, and each kind of piece that it is run in once. Runs nothing.
TARRY_API std::string explain(const Array& x, Here here = {});
/// What was recorded and x depends on, as a program of the IR. Runs nothing.
TARRY_API std::string ir_text(const Array& x, Here here = {});

namespace frontend {
TARRY_API void evaluate(std::initializer_list<const Array*> arrays);
}

/// Computes all of these at once. Never needed.
template <class... Arrays>
requires(std::convertible_to<const Arrays&, const Array&>&&...) void eval(const Arrays&... arrays) {
  frontend::evaluate({&static_cast<const Array&>(arrays)...});
}

}  // namespace tarry
