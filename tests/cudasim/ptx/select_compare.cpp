/// Comparisons and choices.

#include <deque>
#include <mutex>

#include "ptx/select_float.h"

namespace cudasim {
namespace {

struct HalfValue {
  uint16_t bits;
  operator double() const { return from_half(bits); }
};
struct BrainValue {
  uint16_t bits;
  operator double() const { return from_brain(bits); }
};

/// Holds also where an operand is not a number.
template <class T, class F>
Handler unordered(F) {
  return test_of<T, T>([](T a, T b) { return a != a || b != b || F{}(a, b); });
}
template <class T, class F>
Handler ordered(F f) {
  return test_of<T, T>(f);
}

template <class T>
Handler float_test(Site& s, const std::string& name) {
  using V = double;
  if (name == "eq") return ordered<T>([](V a, V b) { return a == b; });
  if (name == "ne") return ordered<T>([](V a, V b) { return a < b || a > b; });
  if (name == "lt") return ordered<T>([](V a, V b) { return a < b; });
  if (name == "le") return ordered<T>([](V a, V b) { return a <= b; });
  if (name == "gt") return ordered<T>([](V a, V b) { return a > b; });
  if (name == "ge") return ordered<T>([](V a, V b) { return a >= b; });
  if (name == "equ") return unordered<T>([](V a, V b) { return a == b; });
  if (name == "neu") return unordered<T>([](V a, V b) { return a != b; });
  if (name == "ltu") return unordered<T>([](V a, V b) { return a < b; });
  if (name == "leu") return unordered<T>([](V a, V b) { return a <= b; });
  if (name == "gtu") return unordered<T>([](V a, V b) { return a > b; });
  if (name == "geu") return unordered<T>([](V a, V b) { return a >= b; });
  if (name == "num") return ordered<T>([](V a, V b) { return a == a && b == b; });
  if (name == "nan") return ordered<T>([](V a, V b) { return a != a || b != b; });
  s.unknown();
}

template <class T>
Handler integer_test(Site& s, const std::string& name, bool is_bits) {
  if (name == "eq") return test_of<T, T>([](T a, T b) { return a == b; });
  if (name == "ne") return test_of<T, T>([](T a, T b) { return a != b; });
  if (is_bits) s.unknown();
  if (name == "lt" || (name == "lo" && !std::is_signed_v<T>)) return test_of<T, T>([](T a, T b) { return a < b; });
  if (name == "le" || (name == "ls" && !std::is_signed_v<T>)) return test_of<T, T>([](T a, T b) { return a <= b; });
  if (name == "gt" || (name == "hi" && !std::is_signed_v<T>)) return test_of<T, T>([](T a, T b) { return a > b; });
  if (name == "ge" || (name == "hs" && !std::is_signed_v<T>)) return test_of<T, T>([](T a, T b) { return a >= b; });
  s.unknown();
}

bool is_bits(Type t) { return t == Type::b16 || t == Type::b32 || t == Type::b64; }

/// The comparison itself, into a predicate.
Handler test(Site& s, const std::string& name, Type t) {
  if (t == Type::f32) return float_test<float>(s, name);
  if (t == Type::f64) return float_test<double>(s, name);
  if (t == Type::f16) return float_test<HalfValue>(s, name);
  if (t == Type::bf16) return float_test<BrainValue>(s, name);
  if (is_float(t)) s.unknown();
  return with_integer(s, t, [&]<class T>() -> Handler { return integer_test<T>(s, name, is_bits(t)); });
}

std::string test_name(Site& s) {
  const std::string name = s.op.one_of({"eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu",
                                        "leu", "gtu", "geu", "num", "nan"});
  if (name.empty()) s.unknown();
  return name;
}

enum Combination : uint32_t { kAlone, kAnd, kOr, kXor };

uint32_t combine(uint32_t a, uint32_t b, uint32_t how) {
  switch (how) {
    case kAnd: return a & b;
    case kOr: return a | b;
    case kXor: return a ^ b;
    default: return a;
  }
}

/// What setp does beyond one comparison.
struct SetpPlan {
  Handler test;
  uint32_t how;
  bool negates;
};

SetpPlan* keep(SetpPlan plan) {
  // Few ever differ, and they live as long as the process.
  static std::deque<SetpPlan> all;
  static std::mutex guard;
  const std::lock_guard lock(guard);
  for (SetpPlan& p : all)
    if (p.test == plan.test && p.how == plan.how && p.negates == plan.negates) return &p;
  return &all.emplace_back(plan);
}

void run_setp(Warp& w, const Instr& i, uint32_t lanes) {
  const auto& plan = *static_cast<const SetpPlan*>(i.plan);
  uint32_t third = plan.how == kAlone ? 0 : w.mask(i.src[2]);
  if (plan.negates) third = ~third;
  // One result may be the place that the other combines with.
  plan.test(w, i, lanes);
  const uint32_t holds = w.mask(i.dst);
  w.mask(i.dst) = (holds & ~lanes) | (combine(holds, third, plan.how) & lanes);
  if (i.dst2 == kNoSlot) return;
  uint32_t& other = w.mask(i.dst2);
  other = (other & ~lanes) | (combine(~holds, third, plan.how) & lanes);
}

}  // namespace

void select_setp(Site& s) {
  const std::string name = test_name(s);
  const std::string how = s.op.one_of({"and", "or", "xor"});
  const Type t = s.op.type();
  s.expect(how.empty() ? 3 : 4);
  const Operand& d = s.operand(0);
  const bool two = d.kind == Operand::Kind::pair;
  if (two && d.parts[0].kind == Operand::Kind::sink) s.unknown();
  s.instr.dst = s.result(two ? d.parts[0] : d, Type::pred);
  if (two && d.parts[1].kind != Operand::Kind::sink) s.instr.dst2 = s.result(d.parts[1], Type::pred);
  s.src(1, t);
  s.src(2, t);
  const Handler compare = test(s, name, t);
  if (how.empty() && s.instr.dst2 == kNoSlot) {
    s.instr.run = compare;
    return;
  }
  SetpPlan plan{compare, how == "and" ? kAnd : how == "or" ? kOr : how == "xor" ? kXor : kAlone, false};
  if (!how.empty()) {
    s.predicate(3);
    plan.negates = s.operand(3).negated;
  }
  s.instr.plan = keep(plan);
  s.instr.run = run_setp;
}

/// All ones, or 1.0, where the comparison holds.
void select_set(Site& s) {
  const std::string name = test_name(s);
  const Type to = s.op.type(), t = s.op.type();
  s.expect(3);
  if (to != Type::u32 && to != Type::s32 && to != Type::f32) s.unknown();
  s.dst(0, to);
  s.src(1, t);
  s.src(2, t);
  s.instr.plan = keep({test(s, name, t), kAlone, false});
  s.instr.extra = to == Type::f32 ? 0x3f800000u : ~uint32_t{0};
  s.instr.src[3] = s.places.new_scratch();
  s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
    Instr compare = i;
    compare.dst = i.src[3];
    static_cast<const SetpPlan*>(i.plan)->test(w, compare, lanes);
    const uint32_t holds = w.mask(i.src[3]);
    each_lane(lanes, [&](int l) { w.reg<uint32_t>(i.dst)[l] = holds >> l & 1 ? i.extra : 0; });
  };
}

void select_selp(Site& s) {
  const Type t = s.op.type();
  s.expect(4);
  s.dst(0, t);
  s.src(1, t);
  s.src(2, t);
  s.predicate(3);
  s.instr.extra = s.operand(3).negated;
  s.instr.run = with_bits(s, t, []<class T>() -> Handler {
    return [](Warp& w, const Instr& i, uint32_t lanes) {
      const uint32_t chosen = i.extra ? ~w.mask(i.src[2]) : w.mask(i.src[2]);
      T* const d = w.reg<T>(i.dst);
      const T *const a = w.reg<T>(i.src[0]), *const b = w.reg<T>(i.src[1]);
      if (lanes == kAllLanes) {
#pragma GCC ivdep
        for (int l = 0; l < kLanes; ++l) d[l] = chosen >> l & 1 ? a[l] : b[l];
      } else {
        each_lane(lanes, [&](int l) { d[l] = chosen >> l & 1 ? a[l] : b[l]; });
      }
    };
  });
}

/// a where c is not negative; b where c is negative or not a number.
void select_slct(Site& s) {
  const Type t = s.op.type(), by = s.op.type();
  s.expect(4);
  s.dst(0, t);
  s.src(1, t);
  s.src(2, t);
  s.src(3, by);
  if (by != Type::s32 && by != Type::f32) s.unknown();
  s.instr.run = with_bits(s, t, [&]<class T>() -> Handler {
    if (by == Type::s32) return lanes_of<T, T, T, int32_t>([](T a, T b, int32_t c) { return c >= 0 ? a : b; });
    return lanes_of<T, T, T, float>([](T a, T b, float c) { return c >= 0 ? a : b; });
  });
}

}  // namespace cudasim
