// Our declarations of cuBLAS are those of cublas_api.h: nothing here runs.
#include "cuda/cublas.h"

#include <cublas_v2.h>

#include "plain.h"

namespace {

namespace ours = tarry::runtime::cuda;
using tarry::test::Plain;

template <class Pointer>
using Function = std::remove_pointer_t<Pointer>;

static_assert(std::is_same_v<Function<decltype(ours::Cublas::create)>, Plain<decltype(cublasCreate_v2)>::type>);
static_assert(std::is_same_v<Function<decltype(ours::Cublas::set_stream)>, Plain<decltype(cublasSetStream_v2)>::type>);
static_assert(
    std::is_same_v<Function<decltype(ours::Cublas::status_text)>, Plain<decltype(cublasGetStatusString)>::type>);

// In C++ the header has an overload beside the function that the library exports.
constexpr cublasStatus_t (*kMultiply)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const void*,
                                      const void*, cudaDataType, int, long long, const void*, cudaDataType, int,
                                      long long, const void*, void*, cudaDataType, int, long long, int,
                                      cublasComputeType_t, cublasGemmAlgo_t) = cublasGemmStridedBatchedEx;
static_assert(std::is_same_v<Function<decltype(ours::Cublas::multiply)>,
                             Plain<std::remove_reference_t<decltype(*kMultiply)>>::type>);

static_assert(ours::kBlasSuccess == CUBLAS_STATUS_SUCCESS &&
              ours::kBlasAllocationFailed == CUBLAS_STATUS_ALLOC_FAILED && ours::kBlasNoTranspose == CUBLAS_OP_N &&
              ours::kBlasTranspose == CUBLAS_OP_T && ours::kBlasDefaultAlgorithm == CUBLAS_GEMM_DEFAULT &&
              ours::kBlasCompute32 == CUBLAS_COMPUTE_32F && ours::kBlasCompute64 == CUBLAS_COMPUTE_64F &&
              ours::kReal16 == CUDA_R_16F && ours::kRealB16 == CUDA_R_16BF && ours::kReal32 == CUDA_R_32F &&
              ours::kReal64 == CUDA_R_64F && ours::kComplex32 == CUDA_C_32F && ours::kComplex64 == CUDA_C_64F);

}  // namespace
