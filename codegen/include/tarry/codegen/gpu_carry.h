#pragma once
/// Overlapping views: what a GPU kernel reads at one place and again, through another access, one step further.

#include <tarry/codegen/backend.h>
#include <tarry/ir/kernel.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tarry::codegen {

/// Which reads of a kernel without row axes may take what another one read a step before, along one axis: in
/// `x[:-2] + x[1:-1] + x[2:]` the first what the second read, and that one what the third read. One function of the
/// kernel's text goes from step to step and keeps what it read. It is a guess, of which nothing but speed depends:
/// plan_launch looks whether it holds, along which axis, in which direction, and how long a step is.
struct Carry {
  std::vector<int> from;    // by access: the one that has read it a step before; -1: none. Empty: nothing is carried
  std::vector<bool> apart;  // by access: what it reads is not written meanwhile
  bool empty() const { return from.empty(); }
  bool operator==(const Carry&) const = default;
  /// One line, as a part of keys.
  std::string text() const;
};

/// By access, for reads that share memory, in what number of buffer they lie; -1 for others. Empty where no kernel like
/// this carries anything. `buffers`: by access, equal for those in one buffer.
std::vector<int> sharing_of(const ir::Kernel& kernel, std::span<const uint64_t> buffers);

/// What these arguments let it carry; where nothing, what arguments that share memory likewise are likely to.
/// `sharing` is sharing_of's.
Carry find_carry(const ir::Kernel& kernel, const Launch& launch, std::span<const int> sharing);

}  // namespace tarry::codegen
