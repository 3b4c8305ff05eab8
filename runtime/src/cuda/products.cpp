/// Matrix products by cuBLAS.

#include "cuda/cublas.h"
#include "cuda/session.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/stats.h>

#include <complex>
#include <limits>
#include <mutex>
#include <optional>

namespace tarry::runtime::cuda {
namespace {

/// An operand as cuBLAS, which counts down columns, takes it: the transpose of a matrix with rows one behind the other.
struct Operand {
  int transpose = kBlasNoTranspose;
  int64_t leading = 0;
};

/// Nothing for a matrix whose rows and columns are both strided.
std::optional<Operand> operand(int64_t rows, int64_t columns, const DeviceMatrix& m) {
  const bool by_row = columns == 1 || m.column_stride == 1, by_column = rows == 1 || m.row_stride == 1;
  if (by_row && (rows == 1 || m.row_stride >= columns))
    return Operand{kBlasNoTranspose, rows == 1 ? columns : m.row_stride};
  if (by_column && (columns == 1 || m.column_stride >= rows))
    return Operand{kBlasTranspose, columns == 1 ? rows : m.column_stride};
  return {};
}

bool fits(int64_t n) { return n >= 0 && n <= std::numeric_limits<int>::max(); }

struct Types {
  int element = 0, compute = 0;
  const void *one = nullptr, *zero = nullptr;
};

std::optional<Types> types_of(ir::DType t) {
  static constexpr float kOne = 1, kZero = 0;
  static constexpr double kOne64 = 1, kZero64 = 0;
  static constexpr std::complex<float> kOneC = 1, kZeroC = 0;
  static constexpr std::complex<double> kOneC64 = 1, kZeroC64 = 0;
  switch (t) {
    case ir::DType::float16: return Types{kReal16, kBlasCompute32, &kOne, &kZero};
    case ir::DType::bfloat16: return Types{kRealB16, kBlasCompute32, &kOne, &kZero};
    case ir::DType::float32: return Types{kReal32, kBlasCompute32, &kOne, &kZero};
    case ir::DType::float64: return Types{kReal64, kBlasCompute64, &kOne64, &kZero64};
    case ir::DType::complex64: return Types{kComplex32, kBlasCompute32, &kOneC, &kZeroC};
    case ir::DType::complex128: return Types{kComplex64, kBlasCompute64, &kOneC64, &kZeroC64};
    default: return {};
  }
}

}  // namespace

std::string why_no_product(const DeviceProduct& p) {
  if (!types_of(p.dtype)) return "cuBLAS has no products of this type";
  // Sums have one order everywhere but in BLAS, which the host asks for matrices alone.
  if (p.m < 2 || p.n < 2 || p.k < 2) return "products with a vector have an order of their own";
  if (!operand(p.m, p.k, p.a) || !operand(p.k, p.n, p.b) || p.c.column_stride != 1 || p.c.row_stride < p.n)
    return "cuBLAS takes no matrix with strides along rows and columns";
  for (int64_t n :
       {p.m, p.n, p.k, p.batch, operand(p.m, p.k, p.a)->leading, operand(p.k, p.n, p.b)->leading, p.c.row_stride})
    if (!fits(n)) return "the matrix is larger than cuBLAS takes";
  return cublas().why_not;
}

std::string DriverSession::why_no_product(const DeviceProduct& p) {
  std::string why = cuda::why_no_product(p);
  return why.empty() ? begin_products() : why;
}

/// Why there is no cuBLAS here, which is asked for once.
std::string DriverSession::begin_products() {
  check();
  const Cublas& blas = cublas();
  const std::lock_guard guard(products_mutex_);
  if (blas_ || !why_no_blas_.empty()) return why_no_blas_;
  const Current current(*this);
  BlasHandle handle = nullptr;
  BlasStatus status = blas.create(&handle);
  if (status == kBlasAllocationFailed) throw MemoryError(name() + ": cublasCreate: no memory for its workspace");
  if (status == kBlasSuccess) status = blas.set_stream(handle, stream_);
  if (status == kBlasSuccess)
    blas_ = handle;
  else
    why_no_blas_ =
        std::string("cuBLAS cannot be begun: ") + blas.status_text(status) + " (" + std::to_string(status) + ")";
  return why_no_blas_;
}

void DriverSession::multiply(const DeviceProduct& p, const Purpose& purpose) {
  check();
  if (p.batch == 0) return;
  const Current current(*this);
  const std::lock_guard guard(products_mutex_);
  const Types types = *types_of(p.dtype);
  const Operand a = *operand(p.m, p.k, p.a), b = *operand(p.k, p.n, p.b);
  count(&Counters::library_calls);
  // Rows for columns: the transpose of c is that of b times that of a.
  const auto at = [](uint64_t address) { return reinterpret_cast<void*>(address); };
  const BlasStatus status =
      cublas().multiply(blas_, b.transpose, a.transpose, static_cast<int>(p.n), static_cast<int>(p.m),
                        static_cast<int>(p.k), types.one, at(p.b.address), types.element, static_cast<int>(b.leading),
                        p.b.batch_stride, at(p.a.address), types.element, static_cast<int>(a.leading), p.a.batch_stride,
                        types.zero, at(p.c.address), types.element, static_cast<int>(p.c.row_stride), p.c.batch_stride,
                        static_cast<int>(p.batch), types.compute, kBlasDefaultAlgorithm);
  if (status == kBlasSuccess) return;
  const std::string line = purpose.where.text();
  const std::string why = name() + ": cublasGemmStridedBatchedEx" +
                          (line.empty() ? "" : " (recorded at " + line + ")") + ": " + cublas().status_text(status) +
                          " (" + std::to_string(status) + ")";
  if (status == kBlasAllocationFailed) throw MemoryError(why);
  // What broke the context earlier is for the driver to tell.
  expect(driver_.stream_synchronize(stream_), "cuStreamSynchronize", purpose);
  throw DeviceError(why);
}

}  // namespace tarry::runtime::cuda
