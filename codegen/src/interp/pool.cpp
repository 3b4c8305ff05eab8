#include "interp/pool.h"

#include <algorithm>
#include <array>
#include <bit>

namespace tarry::codegen::interp {
namespace {

using Kind = Instruction::Kind;

/// One part of the pool: buffers given back, by size, and how far it reaches.
struct Part {
  std::array<std::vector<uint32_t>, 4> free;
  uint32_t top = 0;

  uint32_t take(uint8_t size) {
    auto& list = free[std::countr_zero(size)];
    if (list.empty()) {
      top += size;
      return top - size;
    }
    const uint32_t at = list.back();
    list.pop_back();
    return at;
  }
  void give(uint32_t at, uint8_t size) { free[std::countr_zero(size)].push_back(at); }
};

struct Buffer {
  uint32_t last_use = 0;
  uint32_t at = kNone;
  uint8_t size = 0;  // 0: none, or given back
  bool cold = false;
};

/// Whether each lane of the result depends on the same lane of the operands alone, read before it is written.
bool works_in_place(Kind k) {
  return k == Kind::compute || k == Kind::compute_math || k == Kind::cold_end || k == Kind::scan;
}

bool is_cold(const Program& program, const Segment& segment, const Instruction& in) {
  const auto is_out = [&](const Placement& p) { return p.slot == in.out; };
  if (std::ranges::any_of(segment.stored, is_out) || std::ranges::any_of(segment.kept, is_out)) return true;
  if (in.kind != Kind::load || in.num_inputs > 0) return false;
  const ir::StrideClass along = along_lanes(program.accesses[in.target]);
  return along == ir::StrideClass::unit || along == ir::StrideClass::zero;
}

}  // namespace

void assign_pool(Program& program, const Segment& segment, PoolSize& pool) {
  std::vector<Buffer> buffers(program.slots.size());
  for (uint32_t i = 0; i < segment.code.size(); ++i)
    for (int o = 0; o < segment.code[i].num_inputs; ++o) buffers[segment.code[i].inputs[o]].last_use = i;

  Part hot, cold;
  for (uint32_t i = 0; i < segment.code.size(); ++i) {
    const Instruction& in = segment.code[i];
    const bool wants = in.out != kNone && program.slots[in.out].at == kNone;
    if (wants) {
      Buffer& out = buffers[in.out];
      out.size = in.size;
      out.cold = is_cold(program, segment, in);
      for (int o = 0; o < in.num_inputs && works_in_place(in.kind) && out.at == kNone; ++o) {
        Buffer& from = buffers[in.inputs[o]];
        if (from.size != in.size || from.cold != out.cold || from.last_use != i) continue;
        out.at = from.at;
        from.size = 0;
      }
      if (out.at == kNone) out.at = (out.cold ? cold : hot).take(in.size);
      program.slots[in.out].at = out.at;
      if (out.cold) pool.cold_slots.push_back(in.out);
    }
    for (int o = 0; o < in.num_inputs; ++o) {
      Buffer& from = buffers[in.inputs[o]];
      if (from.size == 0 || from.last_use != i) continue;
      (from.cold ? cold : hot).give(from.at, from.size);
      from.size = 0;
    }
    if (wants && buffers[in.out].last_use <= i) {
      Buffer& out = buffers[in.out];
      (out.cold ? cold : hot).give(out.at, out.size);
      out.size = 0;
    }
  }
  pool.hot = std::max(pool.hot, hot.top);
  pool.cold = std::max(pool.cold, cold.top);
}

}  // namespace tarry::codegen::interp
