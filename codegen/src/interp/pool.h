#pragma once
/// Where the lanes of a segment's values live.

#include "interp/program.h"

#include <vector>

namespace tarry::codegen::interp {

/// Bytes per lane that segments need, which all share the pool. Hot buffers are touched in every
/// chunk; cold ones only where an access is not compact under the chunk.
struct PoolSize {
  uint32_t hot = 0, cold = 0;
  std::vector<uint32_t> cold_slots;  // their places count from the start of the cold part
};

/// Gives every slot of `segment` that waits for one (`at` is kNone) a buffer, by liveness: values
/// whose lives do not overlap share. A result takes the buffer of an operand that dies there where
/// sizes agree. `pool` grows to what this segment needs.
void assign_pool(Program& program, const Segment& segment, PoolSize& pool);

}  // namespace tarry::codegen::interp
