#include <tarry/codegen/device.h>

#include "gpu/label.h"

#include <tarry/runtime/disk_cache.h>
#include <tarry/runtime/stats.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>

namespace tarry::codegen {
namespace {

namespace cuda = runtime::cuda;

/// The newest text that a GPU of this capability takes.
int text_capability(int capability) {
  constexpr int kTexts[] = {90, 80, 75};
  for (int sm : kTexts)
    if (capability >= sm) return sm;
  return kTexts[std::size(kTexts) - 1];
}

GpuKernel compile_and_count(const ir::Kernel& kernel, int sm, int index_bits, GpuRoutine routine, const Carry& carry) {
  runtime::count(&runtime::Counters::kernels_compiled);
  const auto start = std::chrono::steady_clock::now();
  GpuKernel gpu = compile_ptx(kernel, sm, index_bits, routine, carry);
  const auto spent = std::chrono::steady_clock::now() - start;
  runtime::count(&runtime::Counters::compile_microseconds,
                 static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(spent).count()));
  return gpu;
}

std::shared_ptr<const DeviceKernel::Loaded> load_text(cuda::Session& session, GpuKernel gpu,
                                                      const cuda::Purpose& purpose) {
  auto loaded = std::make_shared<DeviceKernel::Loaded>();
  loaded->module = session.load(gpu.ptx, purpose);
  for (const GpuEntry& entry : gpu.entries) loaded->functions.push_back(loaded->module->function(entry.name.c_str()));
  gpu.ptx = {};
  loaded->gpu = std::move(gpu);
  return loaded;
}

std::shared_ptr<const DeviceKernel::Loaded> find_or_compile(cuda::Session& session, const ir::Kernel& kernel, int sm,
                                                            int index_bits, GpuRoutine routine, const Carry& carry,
                                                            const cuda::Purpose& purpose) {
  const std::string key = ptx_key(kernel, sm, index_bits, routine, carry);
  if (const std::optional<std::string> text = runtime::disk_cache().find(key)) {
    try {
      auto loaded = load_text(session, with_ptx(kernel, sm, index_bits, *text, routine, carry), purpose);
      runtime::count(&runtime::Counters::disk_hits);
      return loaded;
    } catch (const DeviceError&) {
      session.check();  // a text that cannot be loaded is made anew
    }
  }
  GpuKernel gpu = compile_and_count(kernel, sm, index_bits, routine, carry);
  const std::string text = gpu.ptx;
  auto loaded = load_text(session, std::move(gpu), purpose);
  runtime::disk_cache().keep(key, text);
  return loaded;
}

}  // namespace

DeviceKernel::DeviceKernel(std::shared_ptr<const ir::Kernel> kernel, GpuRoutine routine)
    : kernel_(std::move(kernel)),
      routine_(routine),
      label_(kernel_label(*kernel_)),
      why_not_(routine == GpuRoutine::run ? why_not_on_gpu(*kernel_) : "") {}

bool DeviceKernel::is_loaded(int device) const {
  const std::lock_guard guard(mutex_);
  return std::ranges::any_of(places_, [&](const Place& p) { return p.session->device() == device; });
}

std::shared_ptr<const DeviceKernel::Loaded> DeviceKernel::load(cuda::Session& session, int index_bits,
                                                               const Launch& launch, std::span<const uint64_t> buffers,
                                                               const cuda::Purpose& purpose) {
  std::vector<int> sharing = routine_ == GpuRoutine::run ? sharing_of(*kernel_, buffers) : std::vector<int>();
  const std::lock_guard guard(mutex_);
  auto fits = [&](const Place& p) { return p.session == &session && p.index_bits == index_bits; };
  for (const Place& p : places_)
    if (fits(p) && p.sharing == sharing) return p.loaded;
  const Carry carry = find_carry(*kernel_, launch, sharing);
  std::shared_ptr<const Loaded> loaded;
  for (const Place& p : places_)
    if (fits(p) && (carry.empty() || p.carry == carry)) loaded = p.loaded;
  if (!loaded) {
    const int sm = text_capability(cuda::properties_of(session.device()).capability);
    loaded = find_or_compile(session, *kernel_, sm, index_bits, routine_, carry, purpose);
  }
  // Those of a session that ended are of no use.
  std::erase_if(places_,
                [&](const Place& p) { return p.session != &session && p.session->device() == session.device(); });
  places_.push_back({&session, index_bits, std::move(sharing), carry, loaded});
  return loaded;
}

}  // namespace tarry::codegen
