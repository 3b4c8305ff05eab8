#pragma once
/// Kernels for NVIDIA GPUs: PTX text, and what to launch of it. Needs no driver; runs nothing.
///
///   bits = index_bits(kernel, arguments)            32 nearly always
///   gpu  = compile_ptx(kernel, sm, bits)            once for each kernel, capability and width; load gpu.ptx
///   plan = plan_launch(gpu, arguments)              for each launch
///   allocate plan.scratch_bytes, plan.place_scratch(address)
///   launch plan.launches one behind the other in one stream

#include <tarry/codegen/backend.h>
#include <tarry/codegen/gpu_carry.h>
#include <tarry/codegen/gpu_routine.h>
#include <tarry/ir/error.h>
#include <tarry/ir/kernel.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tarry::codegen {

/// A kernel that has no PTX: whoever drives computes it on the host.
class NotOnDevice : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

/// Why a kernel has no PTX, for people; empty where it has. Quick: compiles nothing.
std::string why_not_on_gpu(const ir::Kernel& kernel);

/// Whether launches can tell that an index lay outside its axis: the kernel has a `within`.
bool looks_at_indices(const ir::Kernel& kernel);

/// A function of the text.
struct GpuEntry {
  std::string name;
  int threads = 0;           // of a block: every launch has this many, in x alone
  int64_t shared_bytes = 0;  // that the text declares; launches may ask for more on top
};

struct GpuShape;  // what plan_launch has to know of the kernel

/// A kernel in PTX. Immutable, cheap to copy but for the text.
struct GpuKernel {
  std::string ptx;
  int sm = 0;          // the text's compute capability, as 75; newer GPUs take it
  int index_bits = 0;  // 32 or 64: the arithmetic of places
  std::vector<GpuEntry> entries;
  std::shared_ptr<const GpuShape> shape;
};

/// LLVM's PTX of a kernel (before or after expansion) for a compute capability from 75 to 90. Throws NotOnDevice where
/// why_not_on_gpu has a reason, ValueError for other capabilities, DeviceError where there is no compiler.
GpuKernel compile_ptx(const ir::Kernel& kernel, int sm, int index_bits = 32, GpuRoutine routine = GpuRoutine::run,
                      const Carry& carry = {});

/// The same of a text that compile_ptx gave before, in another process perhaps.
GpuKernel with_ptx(const ir::Kernel& kernel, int sm, int index_bits, std::string ptx,
                   GpuRoutine routine = GpuRoutine::run, const Carry& carry = {});

/// All that such a text depends on, the compiler's version too: the key to keep it by.
std::string ptx_key(const ir::Kernel& kernel, int sm, int index_bits, GpuRoutine routine = GpuRoutine::run,
                    const Carry& carry = {});

/// Memory on the device. Allocations are whole words of four bytes, which kernels that add smaller numbers at computed
/// places read and write.
struct DeviceRange {
  uint64_t address = 0;
  uint64_t bytes = 0;
};

struct LaunchArguments {
  Launch launch;  // `data` holds device addresses
  /// By access: the buffer that it lies in. Asked for by kernels with a scatter access alone; may be empty otherwise.
  std::span<const DeviceRange> memory;
  int multiprocessors = 1;           // of the device: how many blocks are worth having. Changes no bit
  int64_t shared_bytes = 48 * 1024;  // that one block may ask for (CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK)
  /// Address of a word of four bytes that becomes 1 where an index lies outside its axis (op `within`), and else stays
  /// as it is; 0 where nobody will look.
  uint64_t outside = 0;
};

/// The bits that places need, given extents and strides.
int index_bits(const ir::Kernel& kernel, const Launch& launch);

/// One launch. The function has one parameter: `words`, by value.
struct GpuLaunch {
  int entry = 0;              // of GpuKernel::entries
  uint32_t blocks = 0;        // in x alone, never 0
  uint32_t threads = 0;       // of a block, in x alone
  uint32_t shared_bytes = 0;  // dynamic
  std::vector<uint64_t> words;
  std::vector<int> scratch_words;  // of these: hold distances from the scratch memory's start
};

struct LaunchPlan {
  /// Memory that is written before it is read, aligned to 256 bytes; needed until the last launch is through.
  int64_t scratch_bytes = 0;
  std::vector<GpuLaunch> launches;  // in order; none where there is nothing to do
  /// Once, where scratch_bytes is not 0.
  void place_scratch(uint64_t address);
};

/// What to launch for these arguments. `kernel.index_bits` must be enough for them. Throws NotOnDevice where this
/// launch cannot be done.
LaunchPlan plan_launch(const GpuKernel& kernel, const LaunchArguments& arguments);

}  // namespace tarry::codegen
