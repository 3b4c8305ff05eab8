/// LAPACK's routines of complex128.

#include <tarry/runtime/lapack.h>

#include "blas_library.h"
#include "lapack_call.h"

namespace tarry::runtime::lapack {
namespace {

using Z = Complex;

struct Library {
  Routine<const Int*, const Int*, Z*, const Int*, Int*, Z*, const Int*, Int*> zgesv = nullptr;
  Routine<const Int*, const Int*, Z*, const Int*, Int*, Int*> zgetrf = nullptr;
  Routine<const Int*, Z*, const Int*, const Int*, Z*, const Int*, Int*> zgetri = nullptr;
  Routine<const char*, const Int*, Z*, const Int*, Int*, size_t> zpotrf = nullptr;
  Routine<const Int*, const Int*, Z*, const Int*, Z*, Z*, const Int*, Int*> zgeqrf = nullptr;
  Routine<const Int*, const Int*, const Int*, Z*, const Int*, const Z*, Z*, const Int*, Int*> zungqr = nullptr;
  Routine<const char*, const Int*, const Int*, Z*, const Int*, double*, Z*, const Int*, Z*, const Int*, Z*, const Int*,
          double*, Int*, Int*, size_t>
      zgesdd = nullptr;
  Routine<const char*, const char*, const Int*, Z*, const Int*, double*, Z*, const Int*, double*, const Int*, Int*,
          const Int*, Int*, size_t, size_t>
      zheevd = nullptr;
  Routine<const Int*, const Int*, const Int*, Z*, const Int*, Z*, const Int*, double*, const double*, Int*, Z*,
          const Int*, double*, Int*, Int*>
      zgelsd = nullptr;
  bool complete = false;
};

Library read(void* (*symbol)(const char*)) {
  Library l;
  bool all = true;
  auto find = [&](auto& routine, const char* name) {
    void* address = symbol(name);
    routine = reinterpret_cast<std::remove_reference_t<decltype(routine)>>(address);
    all &= address != nullptr;
  };
  find(l.zgesv, "zgesv_");
  find(l.zgetrf, "zgetrf_");
  find(l.zgetri, "zgetri_");
  find(l.zpotrf, "zpotrf_");
  find(l.zgeqrf, "zgeqrf_");
  find(l.zungqr, "zungqr_");
  find(l.zgesdd, "zgesdd_");
  find(l.zheevd, "zheevd_");
  find(l.zgelsd, "zgelsd_");
  l.complete = all;
  return l;
}

const Library& library() {
  static constinit MadeOnce<const Library> made;
  const Library& l = made.get([] { return new Library(read(lapack_symbol)); });
  if (!l.complete)
    throw DeviceError("there is no LAPACK: install libopenblas0-serial, or liblapack3, for linear algebra");
  return l;
}

std::vector<double> real_work(int64_t size) { return std::vector<double>(static_cast<size_t>(size + 1)); }

}  // namespace

int64_t solve(int64_t n, int64_t columns, Z* a, Z* b) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), right = narrow(columns), ld = lead(n);
  std::vector<Int> pivots(static_cast<size_t>(n));
  Int info = 0;
  l.zgesv(&rows, &right, a, &ld, pivots.data(), b, &ld, &info);
  return info;
}

int64_t lu(int64_t n, Z* a, int32_t* pivots) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  Int info = 0;
  l.zgetrf(&rows, &rows, a, &ld, pivots, &info);
  return info;
}

int64_t inverse(int64_t n, Z* a) {
  std::vector<Int> pivots(static_cast<size_t>(n));
  if (const int64_t info = lu(n, a, pivots.data())) return info;
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  return with_work<Z>(
      [&](Z* work, const Int* size, Int* info) { l.zgetri(&rows, a, &ld, pivots.data(), work, size, info); });
}

int64_t cholesky(int64_t n, Z* a) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  Int info = 0;
  l.zpotrf("L", &rows, a, &ld, &info, 1);
  return info;
}

int64_t qr(int64_t m, int64_t n, Z* a, Z* factors) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(m), columns = narrow(n), ld = lead(m);
  return with_work<Z>(
      [&](Z* work, const Int* size, Int* info) { l.zgeqrf(&rows, &columns, a, &ld, factors, work, size, info); });
}

int64_t make_q(int64_t m, int64_t columns, int64_t count, Z* a, const Z* factors) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(m), wide = narrow(columns), k = narrow(count), ld = lead(m);
  return with_work<Z>(
      [&](Z* work, const Int* size, Int* info) { l.zungqr(&rows, &wide, &k, a, &ld, factors, work, size, info); });
}

int64_t svd(int64_t m, int64_t n, Vectors vectors, Z* a, double* s, Z* u, Z* vt) {
  const Library& l = library();
  const Call call;
  const char* job = vectors == Vectors::none ? "N" : vectors == Vectors::reduced ? "S" : "A";
  const int64_t small = std::max<int64_t>(std::min(m, n), 1), large = std::max(m, n);
  const Int rows = narrow(m), columns = narrow(n), ld = lead(m);
  const Int ld_vt = lead(vectors == Vectors::full ? n : std::min(m, n));
  std::vector<Int> more(static_cast<size_t>(8 * small));
  std::vector<double> real =
      real_work(std::max(5 * small * small + 7 * small, 2 * large * small + 2 * small * small + small));
  Z nothing = 0;
  Z* left = u ? u : &nothing;
  Z* right = vt ? vt : &nothing;
  return with_work<Z>([&](Z* work, const Int* size, Int* info) {
    l.zgesdd(job, &rows, &columns, a, &ld, s, left, &ld, right, &ld_vt, work, size, real.data(), more.data(), info, 1);
  });
}

int64_t eigh(int64_t n, bool vectors, Z* a, double* values) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  const Int ints = std::max<Int>(vectors ? 3 + 5 * rows : 1, 1);
  const Int reals = narrow(vectors ? 1 + 5 * n + 2 * n * n : std::max<int64_t>(n, 1));
  std::vector<Int> more(static_cast<size_t>(ints));
  std::vector<double> real = real_work(reals);
  return with_work<Z>([&](Z* work, const Int* size, Int* info) {
    l.zheevd(vectors ? "V" : "N", "L", &rows, a, &ld, values, work, size, real.data(), &reals, more.data(), &ints, info,
             1, 1);
  });
}

int64_t least_squares(int64_t m, int64_t n, int64_t columns, Z* a, Z* b, double* s, double rcond, int32_t* rank) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(m), wide = narrow(n), right = narrow(columns), ld = lead(m), ld_b = lead(std::max(m, n));
  const int64_t small = std::max<int64_t>(std::min(m, n), 1);
  // As much as LAPACK asks for at most, with up to 32 levels of subproblems of up to 64 rows.
  constexpr int64_t kLevels = 32, kSmall = 64;
  std::vector<Int> more(static_cast<size_t>(small * (3 * kLevels + 11)));
  std::vector<double> real =
      real_work(10 * std::max(m, n) + 2 * small * kSmall + 8 * small * kLevels + 3 * kSmall * columns +
                std::max((kSmall + 1) * (kSmall + 1), small * (1 + columns) + 2 * columns));
  return with_work<Z>([&](Z* work, const Int* size, Int* info) {
    l.zgelsd(&rows, &wide, &right, a, &ld, b, &ld_b, s, &rcond, rank, work, size, real.data(), more.data(), info);
  });
}

}  // namespace tarry::runtime::lapack
