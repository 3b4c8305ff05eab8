/// cuBLAS's calls on the stand-in: layouts, types, streams, and what it refuses.

#include <complex>

#include "ptx/round.h"
#include "test/machine.h"

extern "C" {
int cublasCreate_v2(void**);
int cublasDestroy_v2(void*);
int cublasSetStream_v2(void*, cudasim::CUstream);
int cublasSetPointerMode_v2(void*, int);
int cublasDgemm_v2(void*, int, int, int, int, int, const void*, const void*, int, const void*, int, const void*, void*,
                   int);
int cublasZgemmStridedBatched(void*, int, int, int, int, int, const void*, const void*, int, long long, const void*,
                              int, long long, const void*, void*, int, long long, int);
int cublasGemmEx(void*, int, int, int, int, int, const void*, const void*, int, int, const void*, int, int, const void*,
                 void*, int, int, int, int);
}

namespace cudasim {
namespace {

constexpr int kNone = 0, kTransposed = 1, kAdjoint = 2;

class Blas : public testing::Test {
 protected:
  Blas() { EXPECT_EQ(cublasCreate_v2(&handle), 0); }
  ~Blas() override { EXPECT_EQ(cublasDestroy_v2(handle), 0); }
  static void* pointer(CUdeviceptr p) { return reinterpret_cast<void*>(p); }
  Machine m;
  void* handle = nullptr;
};

TEST_F(Blas, ColumnsLieSideBySideAndTransposesAreFlags) {
  // Small whole numbers: every order of the sums gives the same.
  constexpr int kM = 3, kN = 4, kK = 5, kLd = 7;
  std::vector<double> a(kLd * kLd), b(kLd * kLd), c(kLd * kLd);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = static_cast<double>(i % 11) - 5, b[i] = static_cast<double>(i * 3 % 13), c[i] = static_cast<double>(i);
  const CUdeviceptr pa = m.upload(a), pb = m.upload(b);
  for (int ta : {kNone, kTransposed})
    for (int tb : {kNone, kTransposed}) {
      const CUdeviceptr pc = m.upload(c);
      const double alpha = 2, beta = -1;
      ASSERT_EQ(cublasDgemm_v2(handle, ta, tb, kM, kN, kK, &alpha, pointer(pa), kLd, pointer(pb), kLd, &beta,
                               pointer(pc), kLd),
                0);
      const auto got = m.download<double>(pc, c.size());
      for (int j = 0; j < kLd; ++j)
        for (int i = 0; i < kLd; ++i) {
          double expected = c[j * kLd + i];
          if (i < kM && j < kN) {
            double sum = 0;
            for (int l = 0; l < kK; ++l)
              sum += (ta ? a[i * kLd + l] : a[l * kLd + i]) * (tb ? b[l * kLd + j] : b[j * kLd + l]);
            expected = alpha * sum + beta * expected;
          }
          EXPECT_EQ(got[j * kLd + i], expected) << i << " " << j;
        }
    }
}

TEST_F(Blas, BatchesOfComplexNumbersWithConjugates) {
  using C = std::complex<double>;
  const std::vector<C> a = {{1, 2}, {3, -1}, {0, 1}, {2, 2}, {5, 0}, {1, 1}, {1, -1}, {0, 0}};
  const CUdeviceptr pa = m.upload(a), pc = m.allocate(2 * 4 * sizeof(C));
  const C one = 1, zero = 0;
  ASSERT_EQ(cublasZgemmStridedBatched(handle, kAdjoint, kNone, 2, 2, 2, &one, pointer(pa), 2, 4, pointer(pa), 2, 4,
                                      &zero, pointer(pc), 2, 4, 2),
            0);
  const auto got = m.download<C>(pc, 8);  // beta is 0: nobody read what was never written
  for (int n = 0; n < 2; ++n)
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j)
        EXPECT_EQ(got[4 * n + 2 * j + i], std::conj(a[4 * n + 2 * i]) * a[4 * n + 2 * j] +
                                              std::conj(a[4 * n + 2 * i + 1]) * a[4 * n + 2 * j + 1]);
}

TEST_F(Blas, HalvesAreSummedInSinglePrecisionAndRoundedOnce) {
  constexpr int kK = 3000, kCompute32 = 68, kHalf = 2, kBrain = 14;
  const float one = 1, zero = 0;
  for (int type : {kHalf, kBrain}) {
    const uint16_t unit = type == kHalf ? to_half(1) : to_brain(1);
    const CUdeviceptr p = m.upload(std::vector<uint16_t>(kK, unit)), c = m.allocate(2);
    ASSERT_EQ(cublasGemmEx(handle, kTransposed, kNone, 1, 1, kK, &one, pointer(p), type, kK, pointer(p), type, kK,
                           &zero, pointer(c), type, 1, kCompute32, -1),
              0);
    // In half precision the sum would stop at 2048, in bfloat16 at 256.
    EXPECT_EQ(m.download<uint16_t>(c, 1)[0], type == kHalf ? to_half(kK) : to_brain(kK));
  }
}

TEST_F(Blas, WorksInItsStream) {
  CUstream s;
  EXPECT_CALL(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
  EXPECT_EQ(cublasSetStream_v2(handle, s), 0);
  EXPECT_EQ(cublasSetPointerMode_v2(handle, 1), 0);
  const CUdeviceptr a = m.upload(std::vector<double>{3}), c = m.allocate(8),
                    scalars = m.upload(std::vector<double>{5, 0});
  ASSERT_EQ(cublasDgemm_v2(handle, 0, 0, 1, 1, 1, pointer(scalars), pointer(a), 1, pointer(a), 1, pointer(scalars + 8),
                           pointer(c), 1),
            0);
  EXPECT_CALL(cuStreamSynchronize(s));
  EXPECT_EQ(m.download<double>(c, 1)[0], 45);
}

TEST_F(Blas, RefusesWhatDoesNotFit) {
  constexpr int kInvalid = 7, kNotSupported = 15, kNotInitialized = 1;
  const double one = 1;
  const CUdeviceptr a = m.upload(std::vector<double>(4));
  EXPECT_EQ(cublasDgemm_v2(handle, 0, 0, 2, 2, 2, &one, pointer(a), 1, pointer(a), 2, &one, pointer(a), 2), kInvalid);
  EXPECT_EQ(cublasDgemm_v2(handle, 0, 0, -1, 2, 2, &one, pointer(a), 2, pointer(a), 2, &one, pointer(a), 2), kInvalid);
  EXPECT_EQ(
      cublasGemmEx(handle, 0, 0, 2, 2, 2, &one, pointer(a), 1, 2, pointer(a), 0, 2, &one, pointer(a), 1, 2, 70, -1),
      kNotSupported);
  EXPECT_EQ(cublasDgemm_v2(nullptr, 0, 0, 2, 2, 2, &one, pointer(a), 2, pointer(a), 2, &one, pointer(a), 2),
            kNotInitialized);
  EXPECT_STREQ(cudasimViolations(), "");
}

TEST_F(Blas, OutOfBoundsBreaksTheContext) {
  const double one = 1;
  const CUdeviceptr a = m.upload(std::vector<double>(4));
  EXPECT_EQ(cublasDgemm_v2(handle, 0, 0, 2, 2, 3, &one, pointer(a), 2, pointer(a), 3, &one, pointer(a), 2), 0);
  EXPECT_CODE(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_NE(std::string(cudasimViolations()).find("a library reads"), std::string::npos) << cudasimViolations();
}

}  // namespace
}  // namespace cudasim
