#pragma once
/// The steps of a plan on the host.

#include <tarry/codegen/execute.h>
#include <tarry/passes/plan.h>

#include <memory_resource>
#include <span>
#include <vector>

namespace tarry::codegen {

/// `memory`: where the plan's offsets into each buffer begin, by buffer of the plan; `scalars`: by slot of the program.
/// Both outlive this, and so does `room`, where its own lists are kept.
class HostSteps {
 public:
  HostSteps(std::span<std::byte* const> memory, std::span<const uint64_t> scalars, Recount recount = {},
            std::pmr::memory_resource* room = std::pmr::get_default_resource())
      : memory_(memory), scalars_(scalars), recount_(recount), operands_(room), values_(room) {}
  /// Gets the memory that run() needs for these steps, so that it cannot fail for want of it.
  void reserve(std::span<const passes::Step> steps);
  /// `executable` is that of a kernel step.
  void run(const passes::Step& step, const Executable* executable);

 private:
  void launch(const passes::KernelStep& step, const Executable& executable);
  void multiply(const passes::MatmulStep& step) const;
  void sort(const passes::SortStep& step) const;

  std::span<std::byte* const> memory_;
  std::span<const uint64_t> scalars_;
  Recount recount_;
  std::pmr::vector<Launch::Operand> operands_;
  std::pmr::vector<uint64_t> values_;
};

}  // namespace tarry::codegen
