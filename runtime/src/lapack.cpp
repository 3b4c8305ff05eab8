#include <tarry/runtime/lapack.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#include "lapack_library.h"

namespace tarry::runtime::lapack {
namespace {

/// For the length of one call: nobody else calls the library, and floating point is in its default state.
class Call {
 public:
  Call() : guard_(mutex()) {}

 private:
  static ForkMutex& mutex() {
    static constinit MadeOnce<ForkMutex> m;
    return m.get();
  }
  std::lock_guard<ForkMutex> guard_;
  FloatEnvironment environment_;
};

Int narrow(int64_t n, const char* what = "a matrix of", const char* unit = "rows or columns") {
  if (n > std::numeric_limits<Int>::max())
    throw ValueError(std::string(what) + " " + std::to_string(n) + " " + unit + " is too big for LAPACK");
  return static_cast<Int>(n);
}

Int narrow_work(int64_t n) { return narrow(n, "a work area of", "numbers"); }

Int lead(int64_t rows) { return std::max<Int>(narrow(rows), 1); }

/// A work area, of one element at least.
template <class T>
std::vector<T> area(int64_t size) {
  return std::vector<T>(static_cast<size_t>(std::max<int64_t>(size, 1)));
}

/// Calls a routine twice: for the size of its work area of Ts, then with one.
template <class T, class F>
Int with_work(F routine) {
  Int info = 0, size = -1;
  T wanted = 0;
  routine(&wanted, &size, &info);
  if (info != 0) return info;
  // Some routines ask for none, and refuse it.
  size = std::max<Int>(narrow_work(static_cast<int64_t>(std::real(wanted))), 1);
  std::vector<T> work = area<T>(size);
  routine(work.data(), &size, &info);
  return info;
}

/// What gesdd asks for at most, in real numbers, of a complex matrix.
int64_t reals_of_svd(int64_t m, int64_t n) {
  const int64_t small = std::max<int64_t>(std::min(m, n), 1), large = std::max(m, n);
  return std::max(5 * small * small + 7 * small, 2 * large * small + 2 * small * small + small);
}

/// Levels of subproblems, and their least rows, that gelsd has at most.
constexpr int64_t kLevels = 32, kSmall = 64;

int64_t reals_of_least_squares(int64_t m, int64_t n, int64_t columns) {
  const int64_t small = std::max<int64_t>(std::min(m, n), 1);
  return 10 * std::max(m, n) + 2 * small * kSmall + 8 * small * kLevels + 3 * kSmall * columns +
         std::max((kSmall + 1) * (kSmall + 1), small * (1 + columns) + 2 * columns);
}

}  // namespace

template <class T>
int64_t solve(int64_t n, int64_t columns, T* a, T* b) {
  const Library<T>& l = library<T>();
  const Call call;
  const Int rows = narrow(n), right = narrow(columns), ld = lead(n);
  std::vector<Int> pivots(static_cast<size_t>(n));
  Int info = 0;
  l.gesv(&rows, &right, a, &ld, pivots.data(), b, &ld, &info);
  return info;
}

template <class T>
int64_t lu(int64_t n, T* a, int32_t* pivots) {
  const Library<T>& l = library<T>();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  Int info = 0;
  l.getrf(&rows, &rows, a, &ld, pivots, &info);
  return info;
}

template <class T>
int64_t inverse(int64_t n, T* a) {
  std::vector<Int> pivots(static_cast<size_t>(n));
  if (const int64_t info = lu(n, a, pivots.data())) return info;
  const Library<T>& l = library<T>();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  return with_work<T>(
      [&](T* work, const Int* size, Int* info) { l.getri(&rows, a, &ld, pivots.data(), work, size, info); });
}

template <class T>
int64_t cholesky(int64_t n, T* a) {
  const Library<T>& l = library<T>();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  Int info = 0;
  l.potrf("L", &rows, a, &ld, &info, 1);
  return info;
}

template <class T>
int64_t qr(int64_t m, int64_t n, T* a, T* factors) {
  const Library<T>& l = library<T>();
  const Call call;
  const Int rows = narrow(m), columns = narrow(n), ld = lead(m);
  return with_work<T>(
      [&](T* work, const Int* size, Int* info) { l.geqrf(&rows, &columns, a, &ld, factors, work, size, info); });
}

template <class T>
int64_t make_q(int64_t m, int64_t columns, int64_t count, T* a, const T* factors) {
  const Library<T>& l = library<T>();
  const Call call;
  const Int rows = narrow(m), wide = narrow(columns), k = narrow(count), ld = lead(m);
  return with_work<T>(
      [&](T* work, const Int* size, Int* info) { l.ungqr(&rows, &wide, &k, a, &ld, factors, work, size, info); });
}

template <class T>
int64_t svd(int64_t m, int64_t n, Vectors vectors, T* a, double* s, T* u, T* vt) {
  const Library<T>& l = library<T>();
  const Call call;
  const char* job = vectors == Vectors::none ? "N" : vectors == Vectors::reduced ? "S" : "A";
  const Int rows = narrow(m), columns = narrow(n), ld = lead(m);
  const Int ld_vt = lead(vectors == Vectors::full ? n : std::min(m, n));
  std::vector<Int> ints = area<Int>(8 * std::max<int64_t>(std::min(m, n), 1));
  T nothing = 0;
  T *left = u ? u : &nothing, *right = vt ? vt : &nothing;
  if constexpr (std::same_as<T, double>) {
    return with_work<T>([&](T* work, const Int* size, Int* info) {
      l.gesdd(job, &rows, &columns, a, &ld, s, left, &ld, right, &ld_vt, work, size, ints.data(), info, 1);
    });
  } else {
    std::vector<double> reals = area<double>(reals_of_svd(m, n));
    return with_work<T>([&](T* work, const Int* size, Int* info) {
      l.gesdd(job, &rows, &columns, a, &ld, s, left, &ld, right, &ld_vt, work, size, reals.data(), ints.data(), info,
              1);
    });
  }
}

template <class T>
int64_t eigh(int64_t n, bool vectors, T* a, double* values) {
  const Library<T>& l = library<T>();
  const Call call;
  const char* job = vectors ? "V" : "N";
  const Int rows = narrow(n), ld = lead(n), int_count = vectors ? 3 + 5 * rows : 1;
  std::vector<Int> ints = area<Int>(int_count);
  if constexpr (std::same_as<T, double>) {
    return with_work<T>([&](T* work, const Int* size, Int* info) {
      l.heevd(job, "L", &rows, a, &ld, values, work, size, ints.data(), &int_count, info, 1, 1);
    });
  } else {
    const Int real_count = narrow_work(vectors ? 1 + 5 * n + 2 * n * n : std::max<int64_t>(n, 1));
    std::vector<double> reals = area<double>(real_count);
    return with_work<T>([&](T* work, const Int* size, Int* info) {
      l.heevd(job, "L", &rows, a, &ld, values, work, size, reals.data(), &real_count, ints.data(), &int_count, info, 1,
              1);
    });
  }
}

template <class T>
int64_t least_squares(int64_t m, int64_t n, int64_t columns, T* a, T* b, double* s, double rcond, int32_t* rank) {
  const Library<T>& l = library<T>();
  const Call call;
  const Int rows = narrow(m), wide = narrow(n), right = narrow(columns), ld = lead(m), ld_b = lead(std::max(m, n));
  std::vector<Int> ints = area<Int>(std::max<int64_t>(std::min(m, n), 1) * (3 * kLevels + 11));
  if constexpr (std::same_as<T, double>) {
    return with_work<T>([&](T* work, const Int* size, Int* info) {
      l.gelsd(&rows, &wide, &right, a, &ld, b, &ld_b, s, &rcond, rank, work, size, ints.data(), info);
    });
  } else {
    std::vector<double> reals = area<double>(reals_of_least_squares(m, n, columns));
    return with_work<T>([&](T* work, const Int* size, Int* info) {
      l.gelsd(&rows, &wide, &right, a, &ld, b, &ld_b, s, &rcond, rank, work, size, reals.data(), ints.data(), info);
    });
  }
}

#define TARRY_FOR(T)                                                    \
  template int64_t solve(int64_t, int64_t, T*, T*);                     \
  template int64_t lu(int64_t, T*, int32_t*);                           \
  template int64_t inverse(int64_t, T*);                                \
  template int64_t cholesky(int64_t, T*);                               \
  template int64_t qr(int64_t, int64_t, T*, T*);                        \
  template int64_t make_q(int64_t, int64_t, int64_t, T*, const T*);     \
  template int64_t svd(int64_t, int64_t, Vectors, T*, double*, T*, T*); \
  template int64_t eigh(int64_t, bool, T*, double*);                    \
  template int64_t least_squares(int64_t, int64_t, int64_t, T*, T*, double*, double, int32_t*)

TARRY_FOR(double);
TARRY_FOR(Complex);
#undef TARRY_FOR

}  // namespace tarry::runtime::lapack
