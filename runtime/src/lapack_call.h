#pragma once
/// What every call of LAPACK needs.

#include <tarry/ir/error.h>
#include <tarry/runtime/fork.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <complex>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

namespace tarry::runtime::lapack {

using Int = int32_t;

/// Fortran's routines: everything by address; the lengths of texts come last.
template <class... Args>
using Routine = void (*)(Args...);

/// For the length of one call: nobody else calls the library, and floating point is in its default state.
class Call {
 public:
  Call() : guard_(mutex()) {}

 private:
  static ForkMutex& mutex();
  std::lock_guard<ForkMutex> guard_;
  FloatEnvironment environment_;
};

inline Int narrow(int64_t n) {
  if (n > std::numeric_limits<Int>::max())
    throw ValueError("a matrix of " + std::to_string(n) + " rows or columns is too big for LAPACK");
  return static_cast<Int>(n);
}

inline Int lead(int64_t rows) { return std::max<Int>(narrow(rows), 1); }

/// Calls a routine twice: for the size of its work area of Ts, then with one.
template <class T, class F>
Int with_work(F routine) {
  Int info = 0, size = -1;
  T wanted = 0;
  routine(&wanted, &size, &info);
  if (info != 0) return info;
  // Some routines ask for none, and refuse it.
  size = std::max<Int>(narrow(static_cast<int64_t>(std::real(wanted))), 1);
  std::vector<T> work(static_cast<size_t>(size));
  routine(work.data(), &size, &info);
  return info;
}

}  // namespace tarry::runtime::lapack
