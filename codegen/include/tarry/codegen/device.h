#pragma once
/// Runs plans on GPUs.

#include <tarry/codegen/execute.h>
#include <tarry/codegen/nvptx.h>
#include <tarry/runtime/cuda/device.h>
#include <tarry/runtime/fork.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tarry::codegen {

/// What runs where: on the device but for what has no kernel there; all on the host, which copies; or an error where
/// something has no kernel on the device.
enum class Policy : uint8_t { prefer_device, host_only, device_only };

/// A kernel on GPUs: its text for each width of places, loaded into each session that runs it.
class DeviceKernel {
 public:
  explicit DeviceKernel(std::shared_ptr<const ir::Kernel> kernel, GpuRoutine routine = GpuRoutine::run);
  /// What messages call it: its name, or its ops.
  const std::string& label() const { return label_; }
  /// Why the host has to compute it; empty where a GPU can.
  const std::string& why_not() const { return why_not_; }

  /// Whether it is loaded on GPU `device`.
  bool is_loaded(int device) const;

  struct Loaded {
    GpuKernel gpu;
    std::shared_ptr<const runtime::cuda::Module> module;
    std::vector<void*> functions;  // by entry
  };
  /// Compiled, or found on the disk, and loaded, when it was not yet. Of each way in which reads share memory
  /// (`buffers`, by access, equal for those in one) there is one text, made for the first launch that is like this:
  /// what it carries. Throws NotOnDevice and DeviceError.
  std::shared_ptr<const Loaded> load(runtime::cuda::Session& session, int index_bits, const Launch& launch,
                                     std::span<const uint64_t> buffers, const runtime::cuda::Purpose& purpose);

 private:
  struct Place {
    runtime::cuda::Session* session;
    int index_bits;
    std::vector<int> sharing;
    Carry carry;
    std::shared_ptr<const Loaded> loaded;
  };
  std::shared_ptr<const ir::Kernel> kernel_;
  const GpuRoutine routine_;
  std::string label_, why_not_;
  mutable runtime::ForkMutex mutex_;  // held while it is compiled: whoever wants the same waits
  std::vector<Place> places_;
};

/// Why the host computes a step, whatever the policy; empty where a GPU can. Not all can be told before extents and
/// addresses are known: a launch may still be NotOnDevice.
std::string why_not_on_device(const passes::Step& step);

/// Whether a step that is no kernel has a routine of our own on GPUs: sorts, searches, products of integers and with
/// vectors.
bool has_routine(const passes::Step& step);

/// Who computes a step's kernel.
struct DeviceExecutors {
  std::function<std::shared_ptr<DeviceKernel>(const passes::KernelStep&)> on_device;
  ChooseExecutable on_host;
};

/// As execute(), on a GPU: inputs lie in the session's memory, and so do the results. Returns when all is asked for;
/// what goes wrong later is thrown by whoever waits. Steps without a kernel on the device run on the host, copied there
/// and back, counted in stats().fallbacks and named under TARRY_LOG=fallback; with Policy::device_only they are a
/// DeviceError before anything has run.
Outputs execute_on(runtime::cuda::Session& session, const passes::Plan& plan, std::span<const InputMemory> inputs,
                   std::span<const uint64_t> scalars, const DeviceExecutors& executors, Policy policy);

/// The same, and waits to hear whether an index lay outside its axis in some kernel that keeps indices within (op
/// `within`). No results where one did, or where nobody would tell, since such a kernel runs on the host; then nothing
/// has run.
std::optional<Outputs> execute_watching(runtime::cuda::Session& session, const passes::Plan& plan,
                                        std::span<const InputMemory> inputs, std::span<const uint64_t> scalars,
                                        const DeviceExecutors& executors, Policy policy);

}  // namespace tarry::codegen
