#pragma once
/// The system's BLAS.

#include <string>

namespace tarry::runtime {

/// CBLAS's matrix product for T.
template <class T>
using GemmFunction = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, T alpha, const T* a,
                              int lda, const T* b, int ldb, T beta, T* c, int ldc);

inline constexpr int kCblasRowMajor = 101, kCblasNoTranspose = 111, kCblasTranspose = 112;

/// A library that runs on the calling thread alone.
struct BlasLibrary {
  GemmFunction<float> sgemm = nullptr;
  GemmFunction<double> dgemm = nullptr;
  std::string description = "none";
  bool one_at_a_time = false;  // it is not safe to be called by several threads at once
  explicit operator bool() const { return sgemm && dgemm; }
};

/// Loads the library at the first call; never unloads it.
const BlasLibrary& blas_library();

/// The first file of the list that is a serial BLAS. Files without a folder are looked up by the system.
BlasLibrary open_blas(const char* const* files, int count);

}  // namespace tarry::runtime
