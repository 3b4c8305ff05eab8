/// Moves, packing, and addresses that go from one space to another.

#include "ptx/select_float.h"

namespace cudasim {
namespace {

/// Elements side by side in one register, lowest first.
template <class Whole, bool packs>
void run_pack(Warp& w, const Instr& i, uint32_t lanes) {
  const auto& plan = *static_cast<const MemoryPlan*>(i.plan);
  each_lane(lanes, [&](int l) {
    Whole whole = packs ? 0 : w.reg<Whole>(i.src[0])[l];
    for (int k = 0; k < plan.count; ++k) {
      const MemoryPlan::Register& part = plan.registers[k];
      if (part.slot == kNoSlot) continue;
      uint8_t* const at = w.reg<uint8_t>(part.slot) + l * plan.bytes;
      uint8_t* const in_whole = reinterpret_cast<uint8_t*>(&whole) + k * plan.bytes;
      std::memcpy(packs ? in_whole : at, packs ? at : in_whole, plan.bytes);
    }
    if (packs) w.reg<Whole>(i.dst)[l] = whole;
  });
}

void pack_or_unpack(Site& s, Type t, bool packs) {
  const Operand& parts = s.operand(packs ? 1 : 0);
  MemoryPlan& plan = s.places.new_plan();
  plan.count = static_cast<uint8_t>(parts.parts.size());
  if (plan.count < 2 || size_of(t) % plan.count != 0) s.fail("as many elements as the register has room for expected");
  plan.bytes = static_cast<uint8_t>(size_of(t) / plan.count);
  const Type part = plan.bytes == 1 ? Type::b8 : plan.bytes == 2 ? Type::b16 : Type::b32;
  if (plan.bytes > 4) s.unknown();
  for (const Operand& o : parts.parts) {
    const bool skipped = !packs && o.kind == Operand::Kind::sink;
    plan.registers.push_back({skipped ? kNoSlot : packs ? s.value(o, part) : s.result(o, part), plan.bytes});
  }
  s.instr.plan = &plan;
  if (packs)
    s.dst(0, t);
  else
    s.src(1, t);
  s.instr.run = with_bits(s, t, [&]<class T>() -> Handler { return packs ? &run_pack<T, true> : &run_pack<T, false>; });
}

}  // namespace

void select_mov(Site& s) {
  const Type t = s.op.type();
  s.expect(2);
  if (t == Type::none || t == Type::b128) s.unknown();
  if (s.operand(0).kind == Operand::Kind::vector) return pack_or_unpack(s, t, false);
  if (s.operand(1).kind == Operand::Kind::vector) return pack_or_unpack(s, t, true);
  s.dst(0, t);
  s.src(1, t);
  if (t == Type::pred) {
    s.instr.extra = s.operand(1).negated;
    s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
      uint32_t& d = w.mask(i.dst);
      const uint32_t a = i.extra ? ~w.mask(i.src[0]) : w.mask(i.src[0]);
      d = (d & ~lanes) | (a & lanes);
    };
    return;
  }
  s.instr.run = with_bits(s, t, []<class T>() { return lanes_of<T, T>([](T a) { return a; }); });
}

namespace {

Space space_of(Site& s) {
  const std::string name = s.op.one_of({"global", "shared", "shared::cta", "local", "const", "param", "param::entry"});
  if (name == "global") return Space::global;
  if (name == "shared" || name == "shared::cta") return Space::shared;
  if (name == "local") return Space::local;
  if (name == "const") return Space::constant;
  if (name.empty()) s.unknown();
  return Space::param;
}

uint64_t window_of(Space space) {
  switch (space) {
    case Space::shared: return kSharedWindow;
    case Space::local: return kLocalWindow;
    case Space::param: return kParamWindow;
    default: return 0;  // global memory and constants are their own window
  }
}

}  // namespace

void select_cvta(Site& s) {
  const bool to = s.op.has("to");
  const Space space = space_of(s);
  if (s.op.type() != Type::u64) s.unknown();
  unary(s, Type::u64);
  switch (space) {
    case Space::shared:
      s.instr.run = to ? lanes_of<uint64_t, uint64_t>([](uint64_t a) { return a - kSharedWindow; })
                       : lanes_of<uint64_t, uint64_t>([](uint64_t a) { return a + kSharedWindow; });
      break;
    case Space::local:
      s.instr.run = to ? lanes_of<uint64_t, uint64_t>([](uint64_t a) { return a - kLocalWindow; })
                       : lanes_of<uint64_t, uint64_t>([](uint64_t a) { return a + kLocalWindow; });
      break;
    case Space::param:
      s.instr.run = to ? lanes_of<uint64_t, uint64_t>([](uint64_t a) { return a - kParamWindow; })
                       : lanes_of<uint64_t, uint64_t>([](uint64_t a) { return a + kParamWindow; });
      break;
    default: s.instr.run = lanes_of<uint64_t, uint64_t>([](uint64_t a) { return a; });
  }
}

void select_isspacep(Site& s) {
  const Space space = space_of(s);
  s.expect(2);
  s.dst(0, Type::pred);
  s.src(1, Type::u64);
  if (window_of(space) == 0)
    s.instr.run =
        test_of<uint64_t>([](uint64_t a) { return a - kSharedWindow >= kParamWindow + kWindowBytes - kSharedWindow; });
  else if (space == Space::shared)
    s.instr.run = test_of<uint64_t>([](uint64_t a) { return a - kSharedWindow < kWindowBytes; });
  else if (space == Space::local)
    s.instr.run = test_of<uint64_t>([](uint64_t a) { return a - kLocalWindow < kWindowBytes; });
  else
    s.instr.run = test_of<uint64_t>([](uint64_t a) { return a - kParamWindow < kWindowBytes; });
}

}  // namespace cudasim
