#include "interp_reference.h"

#include <limits>
#include <utility>

namespace tarry::test {
namespace {

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

/// An integer of dtype `t` by value.
Wide value_of(DType t, uint64_t bits) {
  const int width = static_cast<int>(8 * ir::size_of(t));
  if (width < 64) bits &= (1ull << width) - 1;
  if (ir::is_signed_int(t) && bits >> (width - 1) & 1) return static_cast<Wide>(bits) - (static_cast<Wide>(1) << width);
  return static_cast<Wide>(bits);
}

uint64_t wrap(DType t, Wide x) {
  const int width = static_cast<int>(8 * ir::size_of(t));
  const auto bits = static_cast<uint64_t>(x);
  return width < 64 ? bits & ((1ull << width) - 1) : bits;
}

Wide floor_divide(Wide a, Wide b) {
  if (b == 0) return 0;
  const Wide q = a / b;
  return q * b != a && (a < 0) != (b < 0) ? q - 1 : q;
}

/// The power modulo 2^64.
uint64_t integer_power(Wide base, Wide exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? ~0ull : 1) : 0;
  uint64_t result = 1, square = static_cast<uint64_t>(base);
  for (auto e = static_cast<uint64_t>(exponent); e; e >>= 1, square *= square)
    if (e & 1) result *= square;
  return result;
}

Wide greatest_divisor(Wide a, Wide b) {
  a = a < 0 ? -a : a;
  b = b < 0 ? -b : b;
  while (b != 0) a = std::exchange(b, a % b);
  return a;
}

std::optional<uint64_t> integer_reference(Op op, DType t, const uint64_t* bits) {
  const int width = static_cast<int>(8 * ir::size_of(t));
  const Wide a = value_of(t, bits[0]);
  const Wide b = ir::info(op).arity > 1 ? value_of(t, bits[1]) : 0;
  const bool in_width = b >= 0 && b < width;
  switch (op) {
    case Op::add: return wrap(t, a + b);
    case Op::sub: return wrap(t, a - b);
    case Op::mul: return wrap(t, static_cast<Wide>(static_cast<UnsignedWide>(a) * static_cast<UnsignedWide>(b)));
    case Op::floor_div: return wrap(t, floor_divide(a, b));
    case Op::mod: return wrap(t, b == 0 ? 0 : a - floor_divide(a, b) * b);
    case Op::fmod: return wrap(t, b == 0 ? 0 : a % b);
    case Op::pow: return wrap(t, integer_power(a, b));
    case Op::max: return wrap(t, a >= b ? a : b);
    case Op::min: return wrap(t, a <= b ? a : b);
    case Op::neg: return wrap(t, -a);
    case Op::abs: return wrap(t, a < 0 ? -a : a);
    case Op::sign: return wrap(t, (a > 0) - (a < 0));
    case Op::eq: return a == b;
    case Op::ne: return a != b;
    case Op::lt: return a < b;
    case Op::le: return a <= b;
    case Op::gt: return a > b;
    case Op::ge: return a >= b;
    case Op::and_: return wrap(t, a & b);
    case Op::or_: return wrap(t, a | b);
    case Op::xor_: return wrap(t, a ^ b);
    case Op::not_: return wrap(t, ~a);
    case Op::shl: return in_width ? wrap(t, a * (static_cast<Wide>(1) << static_cast<int>(b))) : 0;
    case Op::shr: return wrap(t, in_width ? a >> static_cast<int>(b) : a < 0 ? -1 : 0);
    case Op::gcd: return wrap(t, greatest_divisor(a, b));
    case Op::popcount: return static_cast<uint64_t>(__builtin_popcountll(static_cast<uint64_t>(a < 0 ? -a : a)));
    default: return std::nullopt;
  }
}

std::optional<uint64_t> bool_reference(Op op, const uint64_t* bits) {
  const bool a = bits[0], b = ir::info(op).arity > 1 && bits[1];
  switch (op) {
    case Op::add:
    case Op::max:
    case Op::or_: return a || b;
    case Op::mul:
    case Op::min:
    case Op::and_: return a && b;
    case Op::ne:
    case Op::xor_: return a != b;
    case Op::not_: return !a;
    case Op::abs: return a;
    case Op::eq: return a == b;
    case Op::lt: return !a && b;
    case Op::le: return !a || b;
    case Op::gt: return a && !b;
    case Op::ge: return a || !b;
    default: return std::nullopt;
  }
}

template <class F>
F python_mod(F a, F b) {
  F m = std::fmod(a, b);
  if (b == 0) return std::numeric_limits<F>::quiet_NaN();
  if (m == 0) return std::copysign(F{0}, b);
  return (m < 0) != (b < 0) ? m + b : m;
}

template <class F>
F python_floor_divide(F a, F b) {
  if (b == 0) return a / b;
  const F m = std::fmod(a, b);
  F quotient = (a - m) / b;
  if (m != 0 && (m < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(F{0}, a / b);
  const F down = std::floor(quotient);
  return quotient - down > F{0.5} ? down + 1 : down;
}

/// Computed in F, which is float for the 16-bit types.
template <class F>
std::optional<F> float_reference(Op op, F a, F b, F c) {
  switch (op) {
    case Op::add: return a + b;
    case Op::sub: return a - b;
    case Op::mul: return a * b;
    case Op::div: return a / b;
    case Op::mul0: return std::isnan(a * b) && (a == 0 || b == 0) ? F{0} : a * b;
    case Op::div0: return std::isnan(a / b) && a == 0 ? F{0} : a / b;
    case Op::floor_div: return python_floor_divide(a, b);
    case Op::mod: return python_mod(a, b);
    case Op::fmod: return std::fmod(a, b);
    case Op::max: return a >= b || std::isnan(a) ? a : b;
    case Op::min: return a <= b || std::isnan(a) ? a : b;
    case Op::copysign: return std::copysign(a, std::isnan(b) ? F{1} : b);
    case Op::fma: return std::fma(a, b, c);
    case Op::neg: return -a;
    case Op::abs: return std::fabs(a);
    case Op::sign: return std::isnan(a) ? a : static_cast<F>((a > 0) - (a < 0));
    case Op::sqrt: return std::sqrt(a);
    case Op::floor: return std::floor(a);
    case Op::ceil: return std::ceil(a);
    case Op::trunc: return std::trunc(a);
    case Op::rint: return std::nearbyint(a);
    default: return std::nullopt;
  }
}

template <class F>
std::optional<bool> float_question(Op op, F a, F b) {
  switch (op) {
    case Op::eq: return a == b;
    case Op::ne: return a != b;
    case Op::lt: return a < b;
    case Op::le: return a <= b;
    case Op::gt: return a > b;
    case Op::ge: return a >= b;
    case Op::isnan: return std::isnan(a);
    case Op::isinf: return std::isinf(a);
    case Op::isfinite: return std::isfinite(a);
    case Op::signbit: return !std::isnan(a) && std::signbit(a);
    default: return std::nullopt;
  }
}

/// The neighbour of a in the direction of b, by counting through the ordered bit patterns.
uint64_t next_after(DType t, uint64_t a, uint64_t b) {
  if (is_nan(t, a)) return a;
  if (is_nan(t, b)) return b;
  const double x = to_double(t, a), y = to_double(t, b);
  const uint64_t sign = 1ull << (8 * ir::size_of(t) - 1);
  if (x == y) return b;
  if (x == 0) return (b & sign) | 1;
  return (x < y) == (x > 0) ? a + 1 : a - 1;
}

template <class F>
std::optional<uint64_t> rounded(DType t, std::optional<F> x) {
  if (!x) return std::nullopt;
  if constexpr (sizeof(F) == 8) return std::bit_cast<uint64_t>(*x);
  if (t == DType::float16) return ir::to_float16(*x);
  if (t == DType::bfloat16) return ir::to_bfloat16(*x);
  return std::bit_cast<uint32_t>(static_cast<float>(*x));
}

template <class F>
std::optional<uint64_t> floating_reference(Op op, DType t, const uint64_t* bits) {
  const int arity = ir::info(op).arity;
  if (op == Op::nextafter) return next_after(t, bits[0], bits[1]);
  const F a = static_cast<F>(to_double(t, bits[0]));
  const F b = arity > 1 ? static_cast<F>(to_double(t, bits[1])) : 0;
  const F c = arity > 2 ? static_cast<F>(to_double(t, bits[2])) : 0;
  if (const auto answer = float_question(op, a, b)) return *answer;
  return rounded<F>(t, float_reference(op, a, b, c));
}

/// Truncation to 64 bits as the processor's instruction does it.
int64_t truncate64(double x) { return x >= -0x1p63 && x < 0x1p63 ? static_cast<int64_t>(x) : INT64_MIN; }

}  // namespace

std::optional<uint64_t> reference(Op op, DType t, const uint64_t* operands) {
  if (op == Op::select) return operands[0] ? operands[1] : operands[2];
  if (ir::is_bool(t)) return bool_reference(op, operands);
  if (ir::is_int(t)) return integer_reference(op, t, operands);
  return t == DType::float64 ? floating_reference<double>(op, t, operands) : floating_reference<float>(op, t, operands);
}

uint64_t reference_cast(DType from, DType to, uint64_t bits) {
  if (ir::is_float(from)) {
    const double x = to_double(from, bits);
    if (ir::is_bool(to)) return x != 0;
    if (to == DType::float64) return std::bit_cast<uint64_t>(x);
    if (to == DType::float32) return std::bit_cast<uint32_t>(static_cast<float>(x));
    if (to == DType::float16) return ir::to_float16(x);
    if (to == DType::bfloat16) return ir::to_bfloat16(x);
    if (to == DType::uint64)
      return x >= 0x1p63 ? static_cast<uint64_t>(truncate64(x - 0x1p63)) ^ 1ull << 63 : truncate64(x);
    if (to == DType::int64 || to == DType::uint32) return wrap(to, truncate64(x));
    return wrap(to, x > -0x1p31 - 1 && x < 0x1p31 ? static_cast<int32_t>(x) : INT32_MIN);
  }
  const Wide x = ir::is_bool(from) ? static_cast<Wide>(bits != 0) : value_of(from, bits);
  if (ir::is_bool(to)) return x != 0;
  if (ir::is_int(to)) return wrap(to, x);
  if (to == DType::float64) return std::bit_cast<uint64_t>(static_cast<double>(x));
  const float single = static_cast<float>(x);
  if (to == DType::float32) return std::bit_cast<uint32_t>(single);
  return to == DType::float16 ? ir::to_float16(single) : ir::to_bfloat16(single);
}

}  // namespace tarry::test
