#pragma once
/// The thread pool. Nothing here changes a result: how work is cut follows from the caller alone.

#include <tarry/runtime/function_ref.h>

#include <cstddef>
#include <cstdint>

namespace tarry::runtime {

/// Threads that work is spread over (TARRY_NUM_THREADS, else the cores this process may use).
int num_threads();
/// For tests and benchmarks; takes effect at the next parallel_for. At least 1.
void set_num_threads(int n);

/// How a thread takes pieces: each with a call of its own, or neighbouring ones with one call, for a body that does
/// better the longer it is at it, and on what this thread had before: one that is done leaves the others' pieces to
/// them for a moment. An exception then counts as one of the first of them.
enum class Pieces { one_by_one, in_runs };

/// Runs body(begin, end) over [0, n) in pieces, on the pool and the caller. Piece i begins at i * grain and the last
/// one takes the remainder, so a piece has at least `grain` elements and the last one fewer than 2 * grain; a single
/// piece runs at once on the caller. Every thread runs it with default rounding and denormals on. Neighbouring pieces
/// tend to run on one thread, and the same pieces on the same thread from call to call; a call tends to begin with the
/// pieces that the one before it ended with. The caller sees what the body wrote, streaming stores included.
///
/// `prepare` is called by each thread before its first piece and gets what the body then needs, its scratch for
/// example. Where it throws on the caller nothing has run, and the exception leaves from here; any other thread leaves
/// the work to the rest. So a body whose memory is got there does not fail in the middle.
///
/// An exception of the body is rethrown here once all running pieces ended; pieces not yet begun are skipped. Of
/// several exceptions the one of the lowest piece is kept. May be nested, and called from many threads at once: a
/// waiting thread runs pieces of its own call only, so no lock that it holds can be asked for by foreign work. After a
/// fork the child has a pool of its own.
void parallel_for(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body,
                  Pieces pieces = Pieces::one_by_one);
void parallel_for(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body, Pieces pieces,
                  FunctionRef<void()> prepare);

/// Makes what the first parallel_for would make, so that none fails for want of it.
void make_thread_pool();

/// Whether a job of so many pieces, each worth another thread, is to be spread over threads. Not while none was started
/// and all such jobs together take less time than to start them: the first computation of a process shall not wait.
bool worth_spreading(int64_t pieces);

/// Default floating-point environment (round to nearest, denormals kept, no traps) for a scope.
class FloatEnvironment {
 public:
  FloatEnvironment() noexcept;
  ~FloatEnvironment();
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

 private:
  unsigned saved_;
};

/// Scratch memory of the calling thread, 64-byte aligned, at least `bytes` long; valid until the
/// next call on this thread; null perhaps for no bytes. For kernels: nobody else calls it while one runs. Throws
/// MemoryError.
void* thread_scratch(size_t bytes);
/// Gives it back where it is more than a thread should keep; what it held is gone. Threads of the pool do so by
/// themselves when a job ends.
void trim_thread_scratch() noexcept;

}  // namespace tarry::runtime
