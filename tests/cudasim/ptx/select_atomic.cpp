/// Atomics and reductions in memory. One lane after the other, in their order.

#include <type_traits>

#include "ptx/select_float.h"

namespace cudasim {
namespace {

/// F: (old, b, c) → new.
template <class T, class F>
void run_atomic(Warp& w, const Instr& i, uint32_t lanes) {
  const auto& plan = *static_cast<const MemoryPlan*>(i.plan);
  each_lane(lanes, [&](int l) {
    const uint64_t address = w.address_of(i, plan, l);
    w.at(i, plan, address, sizeof(T), false, l);
    uint8_t* const at = w.at(i, plan, address, sizeof(T), true, l);
    T old;
    std::memcpy(&old, at, sizeof old);
    const T b = w.reg<T>(i.src[1])[l], c = i.src[2] == kNoSlot ? b : w.reg<T>(i.src[2])[l];
    const T now = static_cast<T>(F{}(old, b, c));
    std::memcpy(at, &now, sizeof now);
    if (i.dst != kNoSlot) w.reg<T>(i.dst)[l] = old;
  });
  w.count_global(i, plan, lanes, false);
  w.count_global(i, plan, lanes, true);
}

template <class T, class F>
Handler atomic(F) {
  return &run_atomic<T, F>;
}

uint32_t add_pairs(uint32_t a, uint32_t b, bool brain) {
  uint32_t d = 0;
  for (int k = 0; k < 32; k += 16) {
    const uint16_t x = static_cast<uint16_t>(a >> k), y = static_cast<uint16_t>(b >> k);
    const uint16_t sum =
        brain ? to_brain(add_to_odd(from_brain(x), from_brain(y))) : to_half(add_to_odd(from_half(x), from_half(y)));
    d |= uint32_t{sum} << k;
  }
  return d;
}

Handler add_handler(Site& s, Type t) {
  switch (t) {
    case Type::u32:
    case Type::s32: return atomic<uint32_t>([](uint32_t a, uint32_t b, uint32_t) { return a + b; });
    case Type::u64:
    case Type::s64: return atomic<uint64_t>([](uint64_t a, uint64_t b, uint64_t) { return a + b; });
    case Type::f32:
      return atomic<float>([](float a, float b, float) {
        const float sum = a + b;
        return sum != sum ? std::bit_cast<float>(0x7fffffffu) : sum;
      });
    case Type::f64: return atomic<double>([](double a, double b, double) { return a + b; });
    case Type::f16:
      if (!s.op.has("noftz")) s.unknown();
      return atomic<uint16_t>([](uint16_t a, uint16_t b, uint16_t) { return add_pairs(a, b, false); });
    case Type::bf16:
      if (!s.op.has("noftz")) s.unknown();
      return atomic<uint16_t>([](uint16_t a, uint16_t b, uint16_t) { return add_pairs(a, b, true); });
    case Type::f16x2:
      if (!s.op.has("noftz")) s.unknown();
      return atomic<uint32_t>([](uint32_t a, uint32_t b, uint32_t) { return add_pairs(a, b, false); });
    case Type::bf16x2:
      if (!s.op.has("noftz")) s.unknown();
      return atomic<uint32_t>([](uint32_t a, uint32_t b, uint32_t) { return add_pairs(a, b, true); });
    default: s.unknown();
  }
}

template <class F>
Handler with_words(Site& s, Type t, F f) {
  switch (t) {
    case Type::u32: return f.template operator()<uint32_t>();
    case Type::s32: return f.template operator()<int32_t>();
    case Type::u64: return f.template operator()<uint64_t>();
    case Type::s64: return f.template operator()<int64_t>();
    default: s.unknown();
  }
}

Handler bits_handler(Site& s, const std::string& op, Type t) {
  const bool swaps = op == "exch" || op == "cas";
  if (t != Type::b32 && t != Type::b64 && !(swaps && t == Type::b16)) s.unknown();
  return with_bits(s, t, [&]<class T>() -> Handler {
    if (op == "and") return atomic<T>([](T a, T b, T) { return a & b; });
    if (op == "or") return atomic<T>([](T a, T b, T) { return a | b; });
    if (op == "xor") return atomic<T>([](T a, T b, T) { return a ^ b; });
    if (op == "exch") return atomic<T>([](T, T b, T) { return b; });
    return atomic<T>([](T a, T b, T c) { return a == b ? c : a; });
  });
}

Handler handler(Site& s, const std::string& op, Type t) {
  if (op == "add") return add_handler(s, t);
  if (op == "min")
    return with_words(s, t, []<class T>() { return atomic<T>([](T a, T b, T) { return b < a ? b : a; }); });
  if (op == "max")
    return with_words(s, t, []<class T>() { return atomic<T>([](T a, T b, T) { return b > a ? b : a; }); });
  if ((op == "inc" || op == "dec") && t != Type::u32) s.unknown();
  if (op == "inc") return atomic<uint32_t>([](uint32_t a, uint32_t b, uint32_t) { return a >= b ? 0 : a + 1; });
  if (op == "dec")
    return atomic<uint32_t>([](uint32_t a, uint32_t b, uint32_t) { return a == 0 || a > b ? b : a - 1; });
  return bits_handler(s, op, t);
}

void select_either(Site& s, bool returns) {
  MemoryPlan& plan = s.places.new_plan();
  plan.is_strong = true;
  s.op.one_of({"relaxed", "acquire", "release", "acq_rel"});
  s.op.one_of({"cta", "cluster", "gpu", "sys"});
  plan.space = s.op.has("global")                              ? Space::global
               : s.op.has("shared") || s.op.has("shared::cta") ? Space::shared
                                                               : Space::generic;
  const std::string op = s.op.one_of({"add", "min", "max", "inc", "dec", "and", "or", "xor", "exch", "cas"});
  const Type t = s.op.type();
  if (op.empty() || t == Type::none || (!returns && (op == "exch" || op == "cas"))) s.unknown();
  plan.bytes = static_cast<uint8_t>(size_of(t));
  s.instr.plan = &plan;
  const size_t first = returns ? 1 : 0;
  s.expect(first + (op == "cas" ? 3 : 2));
  s.address(s.operand(first), plan);
  s.src(first + 1, t);
  if (op == "cas") s.src(first + 2, t);
  if (returns && s.operand(0).kind != Operand::Kind::sink) s.dst(0, t);
  s.instr.run = handler(s, op, t);
}

}  // namespace

void select_atom(Site& s) { select_either(s, true); }
void select_red(Site& s) { select_either(s, false); }

}  // namespace cudasim
