/// cvt: a value is read as a 64-bit integer or a double, which hold all that there is, converted, and written.

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <mutex>

#include "ptx/select_float.h"

namespace cudasim {
namespace {

struct Values {
  int64_t integers[kLanes];  // or the bits of unsigned ones
  double floats[kLanes];
};

struct ConvertPlan {
  void (*read)(Warp&, uint32_t slot, Values&);
  void (*convert)(const ConvertPlan&, Values&, uint64_t* result);
  void (*write)(Warp&, uint32_t slot, const uint64_t*, uint32_t lanes);
  Type from, to;
  Rounding mode;
  bool saturates;
  bool to_integral;  // cvt.rni.f32.f32

  bool operator==(const ConvertPlan&) const = default;
};

template <class Stored, class T>
void read_integers(Warp& w, uint32_t slot, Values& v) {
  for (int l = 0; l < kLanes; ++l) v.integers[l] = static_cast<int64_t>(static_cast<T>(w.reg<Stored>(slot)[l]));
}
template <class Stored, class T>
void read_floats(Warp& w, uint32_t slot, Values& v) {
  for (int l = 0; l < kLanes; ++l) v.floats[l] = w.reg<T>(slot)[l];
}
template <class Stored>
void read_halves(Warp& w, uint32_t slot, Values& v) {
  for (int l = 0; l < kLanes; ++l) v.floats[l] = from_half(static_cast<uint16_t>(w.reg<Stored>(slot)[l]));
}
template <class Stored>
void read_brains(Warp& w, uint32_t slot, Values& v) {
  for (int l = 0; l < kLanes; ++l) v.floats[l] = from_brain(static_cast<uint16_t>(w.reg<Stored>(slot)[l]));
}

template <class Stored>
void write_bits(Warp& w, uint32_t slot, const uint64_t* bits, uint32_t lanes) {
  Stored* const d = w.reg<Stored>(slot);
  if (lanes == kAllLanes)
    for (int l = 0; l < kLanes; ++l) d[l] = static_cast<Stored>(bits[l]);
  else
    each_lane(lanes, [&](int l) { d[l] = static_cast<Stored>(bits[l]); });
}

int64_t lowest(Type t) {
  if (!is_signed(t)) return 0;
  return t == Type::s64 ? std::numeric_limits<int64_t>::min() : -(int64_t{1} << (8 * size_of(t) - 1));
}
uint64_t highest(Type t) { return ~uint64_t{0} >> (64 - 8 * size_of(t) + (is_signed(t) ? 1 : 0)); }

/// The low bits, with the sign that the type gives them.
template <class T>
void truncate(Values& v, uint64_t* d) {
  for (int l = 0; l < kLanes; ++l) d[l] = static_cast<uint64_t>(static_cast<int64_t>(static_cast<T>(v.integers[l])));
}

void integer_to_integer(const ConvertPlan& p, Values& v, uint64_t* d) {
  if (p.saturates) {
    for (int64_t& x : v.integers) {
      const bool negative = is_signed(p.from) && x < 0;
      if (negative)
        x = std::max(x, lowest(p.to));
      else
        x = static_cast<int64_t>(std::min(static_cast<uint64_t>(x), highest(p.to)));
    }
  }
  switch (p.to) {
    case Type::u8: return truncate<uint8_t>(v, d);
    case Type::s8: return truncate<int8_t>(v, d);
    case Type::u16: return truncate<uint16_t>(v, d);
    case Type::s16: return truncate<int16_t>(v, d);
    case Type::u32: return truncate<uint32_t>(v, d);
    case Type::s32: return truncate<int32_t>(v, d);
    default: return truncate<int64_t>(v, d);
  }
}

Format format_of(Type t) {
  switch (t) {
    case Type::f16: return kHalf;
    case Type::bf16: return kBrain;
    case Type::f32: return kSingle;
    default: return kDouble;
  }
}

double value_of(Type t, uint64_t bits) {
  switch (t) {
    case Type::f16: return from_half(static_cast<uint16_t>(bits));
    case Type::bf16: return from_brain(static_cast<uint16_t>(bits));
    case Type::f32: return std::bit_cast<float>(static_cast<uint32_t>(bits));
    default: return std::bit_cast<double>(bits);
  }
}

/// Bits of a float that is clamped to [0, 1].
uint64_t clamped(Type t, uint64_t bits) {
  const double x = value_of(t, bits);
  if (!(x > 0)) return 0;
  return x > 1 ? round_double(format_of(t), 1.0, Rounding::nearest, 8 * size_of(t) - 1) : bits;
}

void integer_to_float(const ConvertPlan& p, Values& v, uint64_t* d) {
  const int sign_bit = 8 * size_of(p.to) - 1;
  for (int l = 0; l < kLanes; ++l) {
    const bool negative = is_signed(p.from) && v.integers[l] < 0;
    const uint64_t m = negative ? -static_cast<uint64_t>(v.integers[l]) : static_cast<uint64_t>(v.integers[l]);
    d[l] =
        m == 0 ? 0 : round_magnitude(format_of(p.to), m, 0, false, negative, p.mode) | uint64_t{negative} << sign_bit;
    if (p.saturates) d[l] = clamped(p.to, d[l]);
  }
}

double integral(double x, Rounding mode) {
  switch (mode) {
    case Rounding::nearest: return std::nearbyint(x);
    case Rounding::zero: return std::trunc(x);
    case Rounding::down: return std::floor(x);
    case Rounding::up: return std::ceil(x);
  }
  return x;
}

/// What is out of range becomes the nearest that is not; a NaN becomes 0.
void float_to_integer(const ConvertPlan& p, Values& v, uint64_t* d) {
  const double low = static_cast<double>(lowest(p.to));
  const double beyond = std::ldexp(1.0, 8 * size_of(p.to) - (is_signed(p.to) ? 1 : 0));
  for (int l = 0; l < kLanes; ++l) {
    const double x = integral(v.floats[l], p.mode);
    if (x != x)
      d[l] = 0;
    else if (x >= beyond)
      d[l] = highest(p.to);
    else if (x < low)
      d[l] = static_cast<uint64_t>(lowest(p.to));
    else
      d[l] = x < 0 ? static_cast<uint64_t>(static_cast<int64_t>(x)) : static_cast<uint64_t>(x);
  }
}

void float_to_float(const ConvertPlan& p, Values& v, uint64_t* d) {
  for (int l = 0; l < kLanes; ++l) {
    const double x = p.to_integral ? integral(v.floats[l], p.mode) : v.floats[l];
    if (p.to == Type::f64)
      d[l] = x != x ? 0x7ff8000000000000u : std::bit_cast<uint64_t>(x);
    else if (p.to == Type::f32 && p.mode == Rounding::nearest)
      d[l] = x != x ? 0x7fffffffu : std::bit_cast<uint32_t>(static_cast<float>(x));
    else
      d[l] = round_double(format_of(p.to), x, p.mode, 8 * size_of(p.to) - 1);
    if (p.saturates) d[l] = clamped(p.to, d[l]);
  }
}

template <class T>
auto integer_reader(int stored) -> decltype(ConvertPlan::read) {
  if constexpr (sizeof(T) <= 2)
    if (stored == 2) return read_integers<uint16_t, T>;
  if constexpr (sizeof(T) <= 4)
    if (stored == 4) return read_integers<uint32_t, T>;
  return read_integers<uint64_t, T>;
}

auto reader(Site& s, Type t, int stored) -> decltype(ConvertPlan::read) {
  if (t == Type::f32 && stored == 4) return read_floats<float, float>;
  if (t == Type::f64 && stored == 8) return read_floats<double, double>;
  if (t == Type::f16)
    return stored == 2 ? read_halves<uint16_t> : stored == 4 ? read_halves<uint32_t> : read_halves<uint64_t>;
  if (t == Type::bf16)
    return stored == 2 ? read_brains<uint16_t> : stored == 4 ? read_brains<uint32_t> : read_brains<uint64_t>;
  if (is_float(t)) s.unknown();
  if (stored == 1) s.unknown();
  return with_integer(s, t, [&]<class T>() { return integer_reader<T>(stored); });
}

auto writer(int stored) -> decltype(ConvertPlan::write) {
  return stored == 2 ? write_bits<uint16_t> : stored == 4 ? write_bits<uint32_t> : write_bits<uint64_t>;
}

void run_convert(Warp& w, const Instr& i, uint32_t lanes) {
  const auto& plan = *static_cast<const ConvertPlan*>(i.plan);
  Values v;
  uint64_t result[kLanes];
  plan.read(w, i.src[0], v);
  plan.convert(plan, v, result);
  plan.write(w, i.dst, result, lanes);
}

/// Two floats become two halves in one register, the first one above.
void pack_halves(Site& s, Type to) {
  const Rounding mode = rounding_of(s);
  s.instr.extra = static_cast<uint32_t>(mode) | (s.op.has("relu") ? 4 : 0) | (to == Type::bf16x2 ? 8 : 0);
  if (mode != Rounding::nearest && mode != Rounding::zero) s.unknown();
  if (s.op.type() != Type::f32) s.unknown();
  s.expect(3);
  s.dst(0, to);
  s.src(1, Type::f32);
  s.src(2, Type::f32);
  s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
    each_lane(lanes, [&](int l) {
      const auto half = [&](int k) -> uint32_t {
        double x = w.reg<float>(i.src[k])[l];
        if ((i.extra & 4) && x < 0) x = 0;
        const auto mode = static_cast<Rounding>(i.extra & 3);
        return i.extra & 8 ? to_brain(x, mode) : to_half(x, mode);
      };
      w.reg<uint32_t>(i.dst)[l] = half(0) << 16 | half(1);
    });
  };
}

const ConvertPlan* keep(const ConvertPlan& plan) {
  static std::deque<ConvertPlan> all;
  static std::mutex guard;
  const std::lock_guard lock(guard);
  const auto known = std::find(all.begin(), all.end(), plan);
  return known != all.end() ? &*known : &all.emplace_back(plan);
}

}  // namespace

void select_cvt(Site& s) {
  const Type to = s.op.type();
  if (to == Type::f16x2 || to == Type::bf16x2) return pack_halves(s, to);
  const std::string integral = s.op.one_of({"rni", "rzi", "rmi", "rpi"});
  ConvertPlan plan{};
  const bool is_rounded = has_rounding(s, plan.mode);
  plan.from = s.op.type();
  plan.to = to;
  plan.saturates = s.op.has("sat");
  if (!integral.empty())
    plan.mode = integral == "rzi"   ? Rounding::zero
                : integral == "rmi" ? Rounding::down
                : integral == "rpi" ? Rounding::up
                                    : Rounding::nearest;
  s.expect(2);
  if (plan.from == Type::none || to == Type::none) s.unknown();
  int read_bytes, written_bytes;
  s.instr.dst = s.wide_result(s.operand(0), to, written_bytes);
  s.instr.src[0] = s.wide_value(s.operand(1), plan.from, read_bytes);
  if (s.instr.dst == kNoSlot) s.fail("a register to write expected");
  if ((to == Type::bf16 || plan.from == Type::bf16) &&
      (read_bytes != size_of(plan.from) || written_bytes != size_of(to)))
    s.fail("with bf16, registers have the size of their types");
  const bool holds_all =
      is_integer(to) && is_integer(plan.from) && lowest(to) <= lowest(plan.from) && highest(to) >= highest(plan.from);
  if (plan.saturates && holds_all) s.fail("there is nothing to clamp");
  plan.read = reader(s, plan.from, read_bytes);
  plan.write = writer(written_bytes);

  const bool narrows = is_float(to) && (!is_float(plan.from) || size_of(to) < size_of(plan.from) ||
                                        (is_half(to) && is_half(plan.from) && to != plan.from));
  if (narrows != is_rounded) s.fail(narrows ? "a rounding is missing" : "there is nothing to round");
  if ((!is_float(to) && is_float(plan.from)) == integral.empty() && to != plan.from)
    s.fail("integral rounding does not fit");
  plan.to_integral = !integral.empty() && is_float(to);
  plan.convert = is_float(plan.from) ? (is_float(to) ? float_to_float : float_to_integer)
                                     : (is_float(to) ? integer_to_float : integer_to_integer);
  s.instr.plan = keep(plan);
  s.instr.run = run_convert;
}

}  // namespace cudasim
