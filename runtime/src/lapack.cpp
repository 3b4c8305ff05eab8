#include <tarry/runtime/lapack.h>

#include "blas_library.h"
#include "lapack_call.h"

namespace tarry::runtime::lapack {
namespace {

struct Library {
  Routine<const Int*, const Int*, double*, const Int*, Int*, double*, const Int*, Int*> dgesv = nullptr;
  Routine<const Int*, const Int*, double*, const Int*, Int*, Int*> dgetrf = nullptr;
  Routine<const Int*, double*, const Int*, const Int*, double*, const Int*, Int*> dgetri = nullptr;
  Routine<const char*, const Int*, double*, const Int*, Int*, size_t> dpotrf = nullptr;
  Routine<const Int*, const Int*, double*, const Int*, double*, double*, const Int*, Int*> dgeqrf = nullptr;
  Routine<const Int*, const Int*, const Int*, double*, const Int*, const double*, double*, const Int*, Int*> dorgqr =
      nullptr;
  Routine<const char*, const Int*, const Int*, double*, const Int*, double*, double*, const Int*, double*, const Int*,
          double*, const Int*, Int*, Int*, size_t>
      dgesdd = nullptr;
  Routine<const char*, const char*, const Int*, double*, const Int*, double*, double*, const Int*, Int*, const Int*,
          Int*, size_t, size_t>
      dsyevd = nullptr;
  Routine<const Int*, const Int*, const Int*, double*, const Int*, double*, const Int*, double*, const double*, Int*,
          double*, const Int*, Int*, Int*>
      dgelsd = nullptr;
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
  find(l.dgesv, "dgesv_");
  find(l.dgetrf, "dgetrf_");
  find(l.dgetri, "dgetri_");
  find(l.dpotrf, "dpotrf_");
  find(l.dgeqrf, "dgeqrf_");
  find(l.dorgqr, "dorgqr_");
  find(l.dgesdd, "dgesdd_");
  find(l.dsyevd, "dsyevd_");
  find(l.dgelsd, "dgelsd_");
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

}  // namespace

ForkMutex& Call::mutex() {
  static constinit MadeOnce<ForkMutex> m;
  return m.get();
}

int64_t solve(int64_t n, int64_t columns, double* a, double* b) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), right = narrow(columns), ld = lead(n);
  std::vector<Int> pivots(static_cast<size_t>(n));
  Int info = 0;
  l.dgesv(&rows, &right, a, &ld, pivots.data(), b, &ld, &info);
  return info;
}

int64_t lu(int64_t n, double* a, int32_t* pivots) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  Int info = 0;
  l.dgetrf(&rows, &rows, a, &ld, pivots, &info);
  return info;
}

int64_t inverse(int64_t n, double* a) {
  std::vector<Int> pivots(static_cast<size_t>(n));
  if (const int64_t info = lu(n, a, pivots.data())) return info;
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  return with_work<double>(
      [&](double* work, const Int* size, Int* info) { l.dgetri(&rows, a, &ld, pivots.data(), work, size, info); });
}

int64_t cholesky(int64_t n, double* a) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  Int info = 0;
  l.dpotrf("L", &rows, a, &ld, &info, 1);
  return info;
}

int64_t qr(int64_t m, int64_t n, double* a, double* factors) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(m), columns = narrow(n), ld = lead(m);
  return with_work<double>(
      [&](double* work, const Int* size, Int* info) { l.dgeqrf(&rows, &columns, a, &ld, factors, work, size, info); });
}

int64_t make_q(int64_t m, int64_t columns, int64_t count, double* a, const double* factors) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(m), wide = narrow(columns), k = narrow(count), ld = lead(m);
  return with_work<double>(
      [&](double* work, const Int* size, Int* info) { l.dorgqr(&rows, &wide, &k, a, &ld, factors, work, size, info); });
}

int64_t svd(int64_t m, int64_t n, Vectors vectors, double* a, double* s, double* u, double* vt) {
  const Library& l = library();
  const Call call;
  const char* job = vectors == Vectors::none ? "N" : vectors == Vectors::reduced ? "S" : "A";
  const Int rows = narrow(m), columns = narrow(n), ld = lead(m);
  const Int ld_vt = lead(vectors == Vectors::full ? n : std::min(m, n));
  std::vector<Int> more(static_cast<size_t>(8 * std::max<int64_t>(std::min(m, n), 1)));
  double nothing = 0;
  double* left = u ? u : &nothing;
  double* right = vt ? vt : &nothing;
  return with_work<double>([&](double* work, const Int* size, Int* info) {
    l.dgesdd(job, &rows, &columns, a, &ld, s, left, &ld, right, &ld_vt, work, size, more.data(), info, 1);
  });
}

int64_t eigh(int64_t n, bool vectors, double* a, double* values) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(n), ld = lead(n);
  const Int ints = vectors ? 3 + 5 * rows : 1;
  std::vector<Int> more(static_cast<size_t>(std::max<Int>(ints, 1)));
  return with_work<double>([&](double* work, const Int* size, Int* info) {
    l.dsyevd(vectors ? "V" : "N", "L", &rows, a, &ld, values, work, size, more.data(), &ints, info, 1, 1);
  });
}

int64_t least_squares(int64_t m, int64_t n, int64_t columns, double* a, double* b, double* s, double rcond,
                      int32_t* rank) {
  const Library& l = library();
  const Call call;
  const Int rows = narrow(m), wide = narrow(n), right = narrow(columns), ld = lead(m), ld_b = lead(std::max(m, n));
  // As many integers as LAPACK asks for at most: 3 · min · levels + 11 · min, with up to 32 levels.
  std::vector<Int> more(static_cast<size_t>(std::max<int64_t>(std::min(m, n), 1) * (3 * 32 + 11)));
  return with_work<double>([&](double* work, const Int* size, Int* info) {
    l.dgelsd(&rows, &wide, &right, a, &ld, b, &ld_b, s, &rcond, rank, work, size, more.data(), info);
  });
}

}  // namespace tarry::runtime::lapack
