#pragma once
/// The thread pool. Nothing here changes a result: how work is cut follows from the caller alone.

#include <cstdint>
#include <functional>

namespace tarry::runtime {

/// Threads that work is spread over (TARRY_NUM_THREADS, else the cores this process may use).
int num_threads();
/// For tests and benchmarks; takes effect at the next parallel_for.
void set_num_threads(int n);

/// Runs body(begin, end) over [0, n) in pieces of at least `grain`, on the pool and the caller; on
/// the caller alone when there is one piece. Every thread runs it with default rounding and
/// denormals on. An exception of the body is rethrown here once all pieces ended. May be nested.
void parallel_for(int64_t n, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

/// Default floating-point environment (round to nearest, denormals kept) for a scope.
class FloatEnvironment {
 public:
  FloatEnvironment();
  ~FloatEnvironment();
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

 private:
  unsigned saved_;
};

/// Scratch memory of the calling thread, 64-byte aligned, at least `bytes` long; valid until the
/// next call on this thread. For kernels: nobody else calls it while one runs.
void* thread_scratch(size_t bytes);

}  // namespace tarry::runtime
