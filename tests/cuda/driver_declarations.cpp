// Our declarations of the driver are those of cuda.h: nothing here runs.
#include "cuda/driver.h"

#include <cuda.h>

#include "plain.h"

namespace {

namespace ours = tarry::runtime::cuda;

using tarry::test::Plain;

#define TARRY_COMPARE(name, symbol, parameters)                                                                     \
  static_assert(std::is_same_v<std::remove_pointer_t<decltype(ours::Driver::name)>, Plain<decltype(symbol)>::type>, \
                #symbol);
TARRY_CUDA_CALLS(TARRY_COMPARE)
#undef TARRY_COMPARE

static_assert(ours::kSuccess == CUDA_SUCCESS && ours::kOutOfMemory == CUDA_ERROR_OUT_OF_MEMORY &&
              ours::kDeinitialized == CUDA_ERROR_DEINITIALIZED &&
              ours::kDeviceUnavailable == CUDA_ERROR_DEVICE_UNAVAILABLE &&
              ours::kInvalidContext == CUDA_ERROR_INVALID_CONTEXT &&
              ours::kEccUncorrectable == CUDA_ERROR_ECC_UNCORRECTABLE &&
              ours::kNvlinkUncorrectable == CUDA_ERROR_NVLINK_UNCORRECTABLE &&
              ours::kIllegalAddress == CUDA_ERROR_ILLEGAL_ADDRESS &&
              ours::kLaunchTimeout == CUDA_ERROR_LAUNCH_TIMEOUT &&
              ours::kContextIsDestroyed == CUDA_ERROR_CONTEXT_IS_DESTROYED && ours::kAssert == CUDA_ERROR_ASSERT &&
              ours::kHardwareStackError == CUDA_ERROR_HARDWARE_STACK_ERROR &&
              ours::kIllegalInstruction == CUDA_ERROR_ILLEGAL_INSTRUCTION &&
              ours::kMisalignedAddress == CUDA_ERROR_MISALIGNED_ADDRESS &&
              ours::kInvalidAddressSpace == CUDA_ERROR_INVALID_ADDRESS_SPACE &&
              ours::kInvalidProgramCounter == CUDA_ERROR_INVALID_PC &&
              ours::kLaunchFailed == CUDA_ERROR_LAUNCH_FAILED && ours::kUnknown == CUDA_ERROR_UNKNOWN);
static_assert(ours::kMaxSharedPerBlock == CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK &&
              ours::kMultiprocessors == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT &&
              ours::kCapabilityMajor == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR &&
              ours::kCapabilityMinor == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR &&
              ours::kStreamNonBlocking == CU_STREAM_NON_BLOCKING &&
              ours::kEventDisableTiming == CU_EVENT_DISABLE_TIMING &&
              ours::kHostAllocPortable == CU_MEMHOSTALLOC_PORTABLE && ours::kJitErrorLog == CU_JIT_ERROR_LOG_BUFFER &&
              ours::kJitErrorLogBytes == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);

}  // namespace
