#include "ptx_runner.h"

#include <gtest/gtest.h>
#include <tarry/runtime/workspace.h>

#include <cstring>
#include <memory>
#include <regex>

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
  uint32_t outside = 0;

  cudasim::Region own() override { return {begin_, state_.size(), reinterpret_cast<uint8_t*>(begin_), state_.data()}; }
  cudasim::Region other(uint64_t address) override {
    const auto word = reinterpret_cast<uint64_t>(&outside);
    if (address - word < sizeof outside) return {word, sizeof outside, reinterpret_cast<uint8_t*>(&outside), nullptr};
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
  const int64_t scratch_bytes = codegen::plan_launch(kernel, arguments).scratch_bytes;
  ArrayMemory memory(arrays, scratch_bytes);
  arguments.outside = reinterpret_cast<uint64_t>(&memory.outside);
  codegen::LaunchPlan plan = codegen::plan_launch(kernel, arguments);
  plan.place_scratch(memory.scratch());
  const cudasim::Module module = cudasim::parse(kernel.ptx);
  PtxCounts counts;
  for (const codegen::GpuLaunch& l : plan.launches) {
    const codegen::GpuEntry& entry = kernel.entries.at(static_cast<size_t>(l.entry));
    const cudasim::Function* function = module.function(entry.name);
    if (!function) throw std::runtime_error("no entry " + entry.name);
    const cudasim::Program program = cudasim::decode(module, *function, [](const std::string&) { return uint64_t{0}; });
    if (static_cast<int64_t>(program.shared_bytes) > entry.shared_bytes)
      throw std::runtime_error("more shared memory than the entry says");
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
    ++counts.by_entry[entry.name];
    counts.most_blocks = std::max(counts.most_blocks, l.blocks);
    counts.most_shared_bytes = std::max(counts.most_shared_bytes, l.shared_bytes);
    counts.thread_instructions += done.thread_instructions;
    counts.global_read += done.global_read;
    counts.global_written += done.global_written;
  }
  counts.outside = memory.outside != 0;
  return counts;
}

namespace {

/// Kernels do not depend on sizes, so that many cases share one.
const codegen::GpuKernel& compiled_for(const ir::Kernel& kernel, const PtxOptions& options) {
  static std::map<std::string, codegen::GpuKernel> known;
  const std::string key = codegen::ptx_key(kernel, options.sm, options.index_bits);
  auto found = known.find(key);
  if (found == known.end()) {
    found = known.emplace(key, codegen::compile_ptx(kernel, options.sm, options.index_bits)).first;
    expect_strict(found->second.ptx);
  }
  return found->second;
}

}  // namespace

PtxCounts expect_interpreted_bits(const ir::Kernel& kernel, const std::vector<int64_t>& extents,
                                  std::vector<PlacedArray> arrays, const PtxOptions& options,
                                  std::vector<uint64_t> scalars) {
  ir::verify(kernel);
  const std::vector<PlacedArray> initial = arrays;
  PtxCounts counts;
  auto run = [&](const std::function<void(const codegen::Launch&, const DeviceArrays&)>& execute) {
    arrays = initial;
    std::vector<codegen::Launch::Operand> operands;
    DeviceArrays memory;
    for (PlacedArray& a : arrays) {
      codegen::Launch::Operand o;
      if (kernel.accesses[operands.size()].kind == ir::Access::Kind::index)
        o.offset = a.offset;
      else
        o.data = a.data.as<std::byte>() + a.base * static_cast<int64_t>(ir::size_of(a.data.dtype));
      o.strides = a.strides.data();
      operands.push_back(o);
      memory.push_back({a.data.as<std::byte>(), a.data.bytes.size()});
    }
    execute({extents, operands, scalars}, memory);
    return arrays;
  };
  const auto interpreted = codegen::interpreter().compile(kernel);
  const auto expected = run([&](const codegen::Launch& launch, const DeviceArrays&) { interpreted->run(launch); });
  const codegen::GpuKernel& compiled = compiled_for(kernel, options);
  std::vector<PlacedArray> got;
  try {
    got = run([&](const codegen::Launch& launch, const DeviceArrays& memory) {
      counts = run_ptx(compiled, launch, memory, options);
    });
  } catch (const std::exception& e) {
    ADD_FAILURE() << e.what() << "\n" << compiled.ptx;
    return counts;
  }
  for (size_t a = 0; a < got.size(); ++a)
    for (size_t i = 0; i < got[a].data.size(); ++i)
      if (!same_value(got[a].data.dtype, expected[a].data.bits(i), got[a].data.bits(i))) {
        ADD_FAILURE() << "access " << a << " element " << i << std::hex << ": " << got[a].data.bits(i) << ", not "
                      << expected[a].data.bits(i);
        return counts;
      }
  return counts;
}

namespace {

class PtxExecutable : public codegen::Executable {
 public:
  explicit PtxExecutable(const ir::Kernel& kernel) : accesses_(kernel.accesses) {
    kernel_ = codegen::compile_ptx(kernel, 75);
    expect_strict(kernel_.ptx);
  }

  using Executable::run;
  void run(const codegen::Launch& launch, runtime::Workspace& workspace) const override {
    if (workspace.rehearses()) return;
    DeviceArrays arrays;
    for (size_t i = 0; i < accesses_.size(); ++i) {
      arrays.emplace_back();
      if (accesses_[i].kind == ir::Access::Kind::index) continue;
      int64_t first = 0, last = 0;
      for (size_t axis = 0; axis < launch.extents.size(); ++axis) {
        const int64_t reach = (launch.extents[axis] - 1) * launch.operands[i].strides[axis];
        (reach < 0 ? first : last) += reach;
      }
      const auto size = static_cast<int64_t>(ir::size_of(accesses_[i].dtype));
      auto* data = static_cast<std::byte*>(launch.operands[i].data);
      arrays.back() = {data + first * size, static_cast<size_t>((last - first + 1) * size)};
    }
    run_ptx(kernel_, launch, arrays, {});
  }

 private:
  std::vector<ir::Access> accesses_;
  codegen::GpuKernel kernel_;
};

std::shared_ptr<const codegen::Executable> compile_for_stand_in(const ir::Kernel& kernel) {
  return std::make_shared<PtxExecutable>(kernel);
}

}  // namespace

const codegen::Backend& ptx_backend() {
  static constexpr codegen::Backend backend{"ptx", compile_for_stand_in};
  return backend;
}

/// Without .rn the assembler contracts a product and a sum into one fma; .approx and .ftz give other bits.
void expect_strict(const std::string& ptx) {
  static const std::regex loose(R"((add|sub|mul|mad|fma|div|sqrt|rcp)(\.ftz)?\.f(16|32|64)|\.(approx|ftz|full)\b)");
  std::smatch found;
  EXPECT_FALSE(std::regex_search(ptx, found, loose)) << found.str();
}

}  // namespace tarry::test
