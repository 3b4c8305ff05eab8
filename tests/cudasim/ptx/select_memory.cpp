/// Loads and stores, alone and as vectors.

#include <type_traits>

#include "ptx/select.h"

namespace cudasim {
namespace {

Space space_of(Site& s) {
  if (s.op.has("global")) return Space::global;
  if (s.op.has("shared") || s.op.has("shared::cta")) return Space::shared;
  if (s.op.has("local")) return Space::local;
  if (s.op.has("const")) return Space::constant;
  if (s.op.has("param") || s.op.has("param::entry") || s.op.has("param::func")) return Space::param;
  return Space::generic;
}

/// Hints that change nothing but speed.
void skip_hints(Site& s) {
  s.op.one_of({"ca", "cg", "cs", "lu", "cv", "wb", "wt"});
  s.op.one_of({"L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last", "L1::no_allocate"});
  s.op.one_of({"L2::evict_normal", "L2::evict_first", "L2::evict_last"});
  s.op.one_of({"L2::64B", "L2::128B", "L2::256B"});
}

void read_order(Site& s, MemoryPlan& plan) {
  s.op.has("weak");
  plan.is_strong = !s.op.one_of({"volatile", "relaxed", "acquire", "release"}).empty();
  s.op.one_of({"cta", "cluster", "gpu", "sys"});
  s.op.has("mmio");
}

MemoryPlan& read_plan(Site& s, bool writes, Type& type) {
  MemoryPlan& plan = s.places.new_plan();
  read_order(s, plan);
  plan.space = space_of(s);
  skip_hints(s);
  plan.count = s.op.has("v8") ? 8 : s.op.has("v4") ? 4 : s.op.has("v2") ? 2 : 1;
  type = s.op.type();
  if (size_of(type) == 0 || size_of(type) > 8 || type == Type::pred) s.unknown();
  plan.bytes = static_cast<uint8_t>(size_of(type));
  plan.is_signed = is_signed(type);
  if (plan.bytes * plan.count > 32) s.unknown();
  s.expect(2);
  s.address(s.operand(writes ? 0 : 1), plan);
  const Operand& values = s.operand(writes ? 1 : 0);
  const bool is_vector = values.kind == Operand::Kind::vector;
  if (is_vector != (plan.count > 1) || (is_vector && values.parts.size() != plan.count))
    s.fail("registers for each element expected");
  for (int k = 0; k < plan.count; ++k) {
    const Operand& o = is_vector ? values.parts[k] : values;
    int bytes;
    const uint32_t slot = writes ? s.wide_value(o, type, bytes) : s.wide_result(o, type, bytes);
    if (is_float(type) && bytes != 0 && bytes != plan.bytes) s.fail("a register of the float's size expected");
    plan.registers.push_back({slot, static_cast<uint8_t>(bytes)});
  }
  s.instr.plan = &plan;
  return plan;
}

/// Widened to the register as its type says.
void put(Warp& w, const MemoryPlan& plan, const MemoryPlan::Register& r, int lane, const uint8_t* from) {
  if (r.slot == kNoSlot) return;
  uint8_t* const to = w.reg<uint8_t>(r.slot) + lane * r.bytes;
  std::memcpy(to, from, plan.bytes);
  if (r.bytes > plan.bytes) {
    const bool fill = plan.is_signed && (from[plan.bytes - 1] & 0x80);
    std::memset(to + plan.bytes, fill ? 0xff : 0, r.bytes - plan.bytes);
  }
}

void run_load(Warp& w, const Instr& i, uint32_t lanes) {
  const auto& plan = *static_cast<const MemoryPlan*>(i.plan);
  // Addresses first: a loaded register may be the address.
  uint8_t* from[kLanes];
  w.at_all(i, plan, lanes, false, from);
  for (int k = 0; k < plan.count; ++k)
    each_lane(lanes, [&](int l) { put(w, plan, plan.registers[k], l, from[l] + k * plan.bytes); });
}

void run_store(Warp& w, const Instr& i, uint32_t lanes) {
  const auto& plan = *static_cast<const MemoryPlan*>(i.plan);
  uint8_t* to[kLanes];
  w.at_all(i, plan, lanes, true, to);
  // Lane by lane: where two write to one place, the last one stays.
  each_lane(lanes, [&](int l) {
    for (int k = 0; k < plan.count; ++k)
      std::memcpy(to[l] + k * plan.bytes, w.reg<uint8_t>(plan.registers[k].slot) + l * plan.registers[k].bytes,
                  plan.bytes);
  });
}

/// The commonest forms: elements of the registers' size.
template <class T>
void run_plain_load(Warp& w, const Instr& i, uint32_t lanes) {
  const auto& plan = *static_cast<const MemoryPlan*>(i.plan);
  uint8_t* from[kLanes];
  w.at_all(i, plan, lanes, false, from);
  for (int k = 0; k < plan.count; ++k) {
    T* const d = w.reg<T>(plan.registers[k].slot);
    if (lanes == kAllLanes)
      for (int l = 0; l < kLanes; ++l) std::memcpy(&d[l], from[l] + k * sizeof(T), sizeof(T));
    else
      each_lane(lanes, [&](int l) { std::memcpy(&d[l], from[l] + k * sizeof(T), sizeof(T)); });
  }
}

template <class T>
void run_plain_store(Warp& w, const Instr& i, uint32_t lanes) {
  const auto& plan = *static_cast<const MemoryPlan*>(i.plan);
  uint8_t* to[kLanes];
  w.at_all(i, plan, lanes, true, to);
  each_lane(lanes, [&](int l) {
    for (int k = 0; k < plan.count; ++k)
      std::memcpy(to[l] + k * sizeof(T), &w.reg<T>(plan.registers[k].slot)[l], sizeof(T));
  });
}

/// A parameter of the kernel, the same for all lanes.
template <class T>
void run_param_load(Warp& w, const Instr& i, uint32_t lanes) {
  const auto& plan = *static_cast<const MemoryPlan*>(i.plan);
  T value;
  const int first = std::countr_zero(lanes);
  std::memcpy(&value, w.at(i, plan, static_cast<uint64_t>(plan.displacement), sizeof(T), false, first), sizeof(T));
  T* const d = w.reg<T>(plan.registers[0].slot);
  each_lane(lanes, [&](int l) { d[l] = value; });
}

/// Every element has a register of its own size.
bool is_plain(const MemoryPlan& plan) {
  for (const MemoryPlan::Register& r : plan.registers)
    if (r.slot == kNoSlot || r.bytes != plan.bytes) return false;
  return true;
}

bool is_kernel_param(const Site& s, const MemoryPlan& plan) {
  return plan.space == Space::param && s.statement.operands[1].parts[0].kind == Operand::Kind::symbol &&
         static_cast<uint64_t>(plan.displacement) < kCallParams;
}

}  // namespace

void select_ld(Site& s) {
  s.op.has("nc");
  Type type;
  const MemoryPlan& plan = read_plan(s, false, type);
  s.instr.run = run_load;
  if (!is_plain(plan)) return;
  const bool param = plan.count == 1 && is_kernel_param(s, plan);
  if (plan.bytes == 4) s.instr.run = param ? run_param_load<uint32_t> : run_plain_load<uint32_t>;
  if (plan.bytes == 8) s.instr.run = param ? run_param_load<uint64_t> : run_plain_load<uint64_t>;
}

void select_st(Site& s) {
  Type type;
  const MemoryPlan& plan = read_plan(s, true, type);
  if (plan.space == Space::constant) s.unknown();
  s.instr.run = run_store;
  if (is_plain(plan) && plan.bytes == 4) s.instr.run = run_plain_store<uint32_t>;
  if (is_plain(plan) && plan.bytes == 8) s.instr.run = run_plain_store<uint64_t>;
}

/// Fences order what happens in order here anyway; prefetches and sleeps have no effect.
void select_nothing(Site& s) {
  const std::string& base = s.op.base();
  if (base == "fence") s.op.one_of({"sc", "acq_rel", "acquire", "release"});
  if (base == "fence" || base == "membar") {
    s.op.one_of({"cta", "gl", "gpu", "sys", "cluster"});
    s.expect(0);
  } else if (base == "nanosleep") {
    if (s.op.type() != Type::u32) s.unknown();
    s.src(0, Type::u32);
  } else {
    space_of(s);
    s.op.one_of({"L1", "L2"});
    MemoryPlan ignored;
    ignored.space = Space::global;
    s.address(s.operand(0), ignored);
  }
  s.instr.run = [](Warp&, const Instr&, uint32_t) {};
}

}  // namespace cudasim
