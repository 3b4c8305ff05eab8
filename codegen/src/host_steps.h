#pragma once
/// The steps of a plan on the host.

#include <tarry/codegen/execute.h>
#include <tarry/passes/plan.h>
#include <tarry/runtime/stats.h>
#include <tarry/runtime/workspace.h>

#include <atomic>
#include <memory_resource>
#include <span>
#include <vector>

namespace tarry::codegen {

/// `memory`: where the plan's offsets into each buffer begin, by buffer of the plan; `scalars`: by slot of the program.
/// Both outlive this, and so do `recount` and `room`, where its own lists are kept.
class HostSteps {
 public:
  HostSteps(std::span<std::byte* const> memory, std::span<const uint64_t> scalars, const Recount& recount = kAsPlanned,
            std::pmr::memory_resource* room = std::pmr::get_default_resource())
      : memory_(memory), scalars_(scalars), recount_(recount), operands_(room), values_(room) {}
  /// Gets room for the arguments of each of these steps.
  void reserve(std::span<const passes::Step> steps);
  /// Steps that are run before end_rehearsal() only get the memory that they need, so that none of them fails when it
  /// is run again behind it. What `memory` points to is not touched.
  void begin_rehearsal();
  void end_rehearsal() { workspace_.end_rehearsal(); }
  /// `executable` is that of a kernel step. Throws before it has written over an input, or not at all.
  void run(const passes::Step& step, const Executable* executable);

 private:
  void launch(const passes::KernelStep& step, const Executable& executable);
  void multiply(const passes::MatmulStep& step);
  void sort(const passes::SortStep& step);
  void count(std::atomic<uint64_t> runtime::Counters::*events) const;

  std::span<std::byte* const> memory_;
  std::span<const uint64_t> scalars_;
  const Recount& recount_;
  std::pmr::vector<Launch::Operand> operands_;
  std::pmr::vector<uint64_t> values_;
  runtime::Workspace workspace_;
};

}  // namespace tarry::codegen
