#pragma once
/// The system's BLAS.

#include <string>

namespace tarry::runtime {

/// CBLAS's matrix product for T.
template <class T>
using GemmFunction = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, T alpha, const T* a,
                              int lda, const T* b, int ldb, T beta, T* c, int ldc);

/// That for complex numbers, which are given by address.
using ComplexGemmFunction = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k,
                                     const void* alpha, const void* a, int lda, const void* b, int ldb,
                                     const void* beta, void* c, int ldc);

inline constexpr int kCblasRowMajor = 101, kCblasNoTranspose = 111, kCblasTranspose = 112;

/// A library that runs on the calling thread alone.
struct BlasLibrary {
  GemmFunction<float> sgemm = nullptr;
  GemmFunction<double> dgemm = nullptr;
  ComplexGemmFunction cgemm = nullptr, zgemm = nullptr;
  std::string description = "none";
  void* handle = nullptr;
  bool one_at_a_time = false;  // it is not safe to be called by several threads at once
  explicit operator bool() const { return sgemm && dgemm && cgemm && zgemm; }
};

/// A routine of LAPACK by its Fortran name: out of the BLAS in use, or else out of the system's LAPACK. Null if neither
/// has it.
void* lapack_symbol(const char* name);

/// Loads the library at the first call; never unloads it.
const BlasLibrary& blas_library();

/// The first file of the list that is a serial BLAS. Files without a folder are looked up by the system.
BlasLibrary open_blas(const char* const* files, int count);

}  // namespace tarry::runtime
