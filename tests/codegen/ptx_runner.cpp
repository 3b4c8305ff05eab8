#include "ptx_runner.h"

#include <cstring>
#include <memory>

#include "ptx/decode.h"
#include "ptx/module.h"

namespace tarry::test {
namespace {

class ArrayMemory : public cudasim::GlobalMemory {
 public:
  ArrayMemory(const DeviceArrays& arrays, int64_t scratch_bytes)
      : arrays_(arrays),
        scratch_(static_cast<size_t>(scratch_bytes) + kAlign),
        state_(static_cast<size_t>(scratch_bytes), cudasim::kUnwritten) {
    const auto at = reinterpret_cast<uint64_t>(scratch_.data());
    begin_ = (at + kAlign - 1) / kAlign * kAlign;
  }
  uint64_t scratch() const { return begin_; }

  cudasim::Region own() override {
    return {begin_, state_.size(), reinterpret_cast<uint8_t*>(begin_), state_.data()};
  }
  cudasim::Region other(uint64_t address) override {
    for (std::span<std::byte> a : arrays_) {
      const auto base = reinterpret_cast<uint64_t>(a.data());
      if (address - base < a.size()) return {base, a.size(), reinterpret_cast<uint8_t*>(a.data()), nullptr};
    }
    return {};
  }
  std::string describe(uint64_t address, uint64_t) override {
    return address - begin_ < state_.size() ? "in scratch memory" : "beyond all arrays";
  }

 private:
  static constexpr uint64_t kAlign = 256;
  const DeviceArrays& arrays_;
  std::vector<uint8_t> scratch_, state_;
  uint64_t begin_;
};

}  // namespace

PtxCounts run_ptx(const codegen::GpuKernel& kernel, const codegen::Launch& launch, const DeviceArrays& arrays,
                  const PtxOptions& options) {
  std::vector<codegen::DeviceRange> ranges;
  for (std::span<std::byte> a : arrays) ranges.push_back({reinterpret_cast<uint64_t>(a.data()), a.size()});
  codegen::LaunchArguments arguments{launch, ranges, options.multiprocessors, options.shared_bytes};
  codegen::LaunchPlan plan = codegen::plan_launch(kernel, arguments);
  ArrayMemory memory(arrays, plan.scratch_bytes);
  plan.place_scratch(memory.scratch());
  const cudasim::Module module = cudasim::parse(kernel.ptx);
  PtxCounts counts;
  for (const codegen::GpuLaunch& l : plan.launches) {
    const codegen::GpuEntry& entry = kernel.entries.at(static_cast<size_t>(l.entry));
    const cudasim::Function* function = module.function(entry.name);
    if (!function) throw std::runtime_error("no entry " + entry.name);
    const cudasim::Program program = cudasim::decode(module, *function, [](const std::string&) { return uint64_t{0}; });
    if (static_cast<int64_t>(program.shared_bytes) > entry.shared_bytes) throw std::runtime_error("more shared memory than the entry says");
    std::vector<uint8_t> params(l.words.size() * sizeof(uint64_t));
    std::memcpy(params.data(), l.words.data(), params.size());
    cudasim::LaunchShape shape;
    shape.grid[0] = l.blocks;
    shape.block[0] = l.threads;
    shape.dynamic_shared = l.shared_bytes;
    cudasim::LaunchOptions how;
    how.order = options.order;
    cudasim::LaunchCounters done;
    cudasim::run_kernel(program, shape, params, memory, how, done);
    ++counts.launches;
    counts.thread_instructions += done.thread_instructions;
    counts.global_read += done.global_read;
    counts.global_written += done.global_written;
  }
  return counts;
}

}  // namespace tarry::test
