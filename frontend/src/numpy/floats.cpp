// Parts of numbers, and rounding to decimals.

#include "cell.h"
#include "record.h"
#include "ufunc.h"
#include "value.h"

#include <tarry/numpy.h>

#include <bit>
#include <cmath>
#include <numbers>

namespace tarry::numpy {

using frontend::cell_of;
using frontend::Recorder;
using frontend::Term;
using frontend::Typing;
using ir::Op;

namespace {

/// float32 or float64, whose bits formulas look at.
struct Format {
  DType dtype, bits;
  int mantissa, bias;
  explicit Format(DType t)
      : dtype(t),
        bits(t == DType::float64 ? DType::int64 : DType::int32),
        mantissa(t == DType::float64 ? 52 : 23),
        bias(t == DType::float64 ? 1023 : 127) {}
};

DType wide(DType t) { return ir::is_half(t) ? DType::float32 : t; }

/// 2^n for the exponents of normal numbers.
Term power_of_two(Recorder& r, const Format& f, Term n) {
  const Term biased = r.op(Op::add, n, r.literal_int(f.bits, f.bias));
  return r.bitcast(r.op(Op::shl, biased, r.literal_int(f.bits, f.mantissa)), f.dtype);
}

Array with_sign(std::string_view name, const Arg& x, bool negative) {
  Recorder r(name, x.here());
  auto [v] = r.operands(Typing::real, x);
  return r.result(r.op(Op::eq, v, r.literal(r.dtype(v), negative ? -HUGE_VAL : HUGE_VAL)));
}

/// 10^n as NumPy has it.
double power_of_ten(int n) {
  constexpr double kSmall[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
  return n < 9 ? kSmall[n] : std::pow(10.0, n);
}

Term rounded(Recorder& r, Term x, int decimals) {
  const DType t = r.dtype(x);
  if (decimals == 0) return r.op(Op::rint, x);
  const Term factor = r.scalar(t, power_of_ten(std::abs(decimals)));
  const Op there = decimals > 0 ? Op::mul : Op::div, back = decimals > 0 ? Op::div : Op::mul;
  return r.op(back, r.op(Op::rint, r.op(there, x, factor)), factor);
}

}  // namespace

Array lcm(Arg a, Arg b) {
  Recorder r("lcm", a.here());
  auto [x, y] = r.operands(Typing::whole, a, b);
  const DType t = r.dtype(x);
  const auto magnitude = [&](Term v) {
    const DType to = ir::size_of(t) == 1   ? DType::uint8
                     : ir::size_of(t) == 2 ? DType::uint16
                     : ir::size_of(t) == 4 ? DType::uint32
                                           : DType::uint64;
    return ir::is_unsigned_int(t) ? v : r.cast(r.op(Op::abs, v), to);
  };
  const Term p = magnitude(x), q = magnitude(y);
  // Both zero: 0 / 0 is 0.
  return r.result(r.cast(r.op(Op::mul, r.op(Op::floor_div, p, r.op(Op::gcd, p, q)), q), t));
}

std::pair<Array, Array> frexp(Arg a) {
  Recorder r("frexp", a.here());
  auto [given] = r.operands(Typing::real, a);
  const DType t = r.dtype(given);
  const Format f(wide(t));
  const Term x = r.cast(given, f.dtype);
  // Subnormal numbers, and those that halving would make so, are looked at 2^60 times as large.
  const Term small = r.op(Op::lt, r.op(Op::abs, x), r.literal(f.dtype, std::ldexp(1.0, 3 - f.bias)));
  const Term lifted = r.op(Op::select, small, r.op(Op::mul, x, r.literal(f.dtype, std::ldexp(1.0, 60))), x);
  const Term raised = r.op(Op::and_, r.op(Op::shr, r.bitcast(lifted, f.bits), r.literal_int(f.bits, f.mantissa)),
                           r.literal_int(f.bits, 2 * f.bias + 1));
  const Term exponent = r.op(Op::sub, raised, r.literal_int(f.bits, f.bias - 1));
  const Term down = power_of_two(r, f, r.op(Op::sub, r.literal_int(f.bits, 2), exponent));
  const Term part = r.op(Op::mul, r.op(Op::mul, lifted, r.literal(f.dtype, 0.25)), down);
  const Term plain = r.op(Op::and_, r.op(Op::isfinite, x), r.op(Op::ne, x, r.literal(f.dtype, 0.0)));
  const Term moved = r.op(Op::select, small, r.op(Op::sub, exponent, r.literal_int(f.bits, 60)), exponent);
  const Term e = r.op(Op::select, plain, moved, r.literal_int(f.bits, 0));
  Array mantissa = r.result(r.cast(r.op(Op::select, plain, part, x), t));
  return {std::move(mantissa), r.result(r.cast(e, DType::int32))};
}

Array ldexp(Arg a, Arg exponent) {
  const DType e = cell_of(exponent).dtype;
  if (e == DType::uint64 || (!ir::is_int(e) && !ir::is_bool(e))) frontend::no_loop("ldexp");
  Recorder r("ldexp", a.here());
  auto [x] = r.operands(Typing::real, a);
  const DType t = r.dtype(x);
  const Format f(wide(t));
  const auto whole = [&](int64_t n) { return r.literal_int(f.bits, n); };
  const auto clamped = [&](Term n, int64_t low, int64_t high, DType type) {
    return r.op(Op::min, r.op(Op::max, n, r.literal_int(type, low)), r.literal_int(type, high));
  };
  // Two steps that round nothing which the last does not round to the same: down by so much less than the range that a
  // whole mantissa is left.
  const int up = f.bias, down = f.bias - 1 - (f.mantissa + 1);
  Term n = r.cast(clamped(r.read(exponent, DType::int64), -8 * f.bias, 8 * f.bias, DType::int64), f.bits);
  Term v = r.cast(x, f.dtype);
  for (int step = 0; step < 2; ++step) {
    const Term by = r.op(Op::select, r.op(Op::gt, n, whole(up)), whole(up),
                         r.op(Op::select, r.op(Op::lt, n, whole(1 - f.bias)), whole(-down), whole(0)));
    v = r.op(Op::mul, v, power_of_two(r, f, by));
    n = r.op(Op::sub, n, by);
  }
  return r.result(r.cast(r.op(Op::mul, v, power_of_two(r, f, clamped(n, 1 - f.bias, up, f.bits))), t));
}

Array spacing(Arg a) {
  Recorder r("spacing", a.here());
  auto [x] = r.operands(Typing::real, a);
  const DType t = r.dtype(x);
  const Term up = r.literal(t, HUGE_VAL);
  Term towards = up;
  if (t != DType::float16) towards = r.op(Op::select, r.op(Op::lt, x, r.literal(t, 0.0)), r.literal(t, -HUGE_VAL), up);
  const Term gap = r.op(Op::sub, r.op(Op::nextafter, x, towards), x);
  return r.result(r.op(Op::select, r.op(Op::isinf, x), r.literal(t, std::nan("")), gap));
}

Array isneginf(Arg x) { return with_sign("isneginf", x, true); }
Array isposinf(Arg x) { return with_sign("isposinf", x, false); }

Array round(Arg a, int decimals) {
  const DType given = cell_of(a).dtype;
  const auto layout = decimals == 0 ? frontend::Layout::keep : frontend::Layout::fortran;
  if (ir::is_int(given) && decimals >= 0) return copy(a);
  if (ir::is_bool(given) && decimals != 0)
    throw TypeError(
        "Cannot cast ufunc 'multiply' output from dtype('float64') to dtype('bool') with casting rule "
        "'same_kind'");
  Recorder r("round", a.here());
  Term x = ir::is_int(given) ? r.read(a, DType::float64) : r.operands(Typing::floating, a)[0];
  if (ir::is_complex(given)) {
    const Term real = rounded(r, r.op(Op::real, x), decimals), imag = rounded(r, r.op(Op::imag, x), decimals);
    return r.strong_result(r.op(Op::complex, real, imag), layout);
  }
  return r.strong_result(r.cast(rounded(r, x, decimals), ir::is_int(given) ? given : r.dtype(x)), layout);
}
Array around(Arg x, int decimals) { return round(x, decimals); }
Array fix(Arg x) { return trunc(x); }

Array sinc(Arg x) {
  const Array y = std::numbers::pi * where(x == 0, 1e-20, x);
  const Array value = sin(y) / y;
  if (!frontend::is_followed(x.array())) return value;
  // In place of a constant there, what has the same derivatives.
  const Array square = x * x * (std::numbers::pi * std::numbers::pi);
  return where(x == 0, 1.0 - square / 6.0 + square * square / 120.0, value);
}

Array unwrap(Arg x, Dim axis, Arg period) {
  const Array p = x.array(), turn = period.array();
  if (p.shape().empty()) throw ValueError("diff requires input that is at least one dimensional");
  const auto along = static_cast<size_t>(frontend::normalize_axis(axis.value, p.ndim()));
  const Array step = diff(p, 1, axis);
  const DType t = result_type(step, turn);
  const bool integers = ir::is_int(t);
  const Array high = integers ? floor_divide(turn, 2) : turn / 2, low = -high;
  Array smooth = mod(step - low, turn) + low;
  // Half a period goes the way that the step went.
  if (!integers || turn.item<int64_t>() % 2 == 0) smooth = where((smooth == low) & (step > 0), high, smooth);
  const Array correction = where(abs(step) < high, 0, smooth - step);
  Array result = p.astype(t).copy();
  std::vector<Item> rest(along + 1, Item(All()));
  rest[along] = slice(1, none);
  result[Index(rest)] = p[Index(rest)] + cumsum(correction, axis);
  return result;
}

}  // namespace tarry::numpy
