// The universal functions that are made of several ops, or of one chosen by the operand types.

#include "cell.h"
#include "numpy/complex/formula.h"
#include "record.h"
#include "scalar.h"
#include "ufunc.h"

#include <tarry/numpy/elementwise.h>
#include <tarry/numpy/manipulation.h>

#include <bit>
#include <numbers>
#include <optional>

namespace tarry::numpy {

using frontend::call;
using frontend::Recorder;
using frontend::Term;
using frontend::Typing;
using frontend::Ufunc;
using ir::Op;

namespace {

/// The value of a C++ scalar argument.
std::optional<double> host_number(const Arg& a) {
  const frontend::Cell& cell = frontend::cell_of(a);
  if (cell.state.load(std::memory_order_relaxed) != frontend::CellState::host || !cell.weak) return std::nullopt;
  switch (ir::kind_of(cell.dtype)) {
    case ir::DTypeKind::signed_int: return static_cast<double>(static_cast<int64_t>(cell.bits));
    case ir::DTypeKind::unsigned_int: return static_cast<double>(cell.bits);
    case ir::DTypeKind::floating:
      return cell.dtype == DType::float32 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(cell.bits)))
                                          : std::bit_cast<double>(cell.bits);
    default: return std::nullopt;
  }
}

bool is_integral(const Arg& a) {
  const DType t = frontend::cell_of(a).dtype;
  return ir::is_int(t) || ir::is_bool(t);
}

/// For integers, which are whole already, the argument itself.
Array round_with(const Ufunc& f, const Arg& x) {
  if (ir::is_bool(frontend::cell_of(x).dtype)) return copy(x);
  if (is_integral(x)) return positive(x);
  return call(f, x);
}

/// A class of floats that integers are all in, or all out of.
Array classify(const Ufunc& f, const Arg& x, bool integers) {
  if (!is_integral(x)) return call(f, x);
  Recorder r(f.name, x.here());
  const Term v = r.read(x);
  return r.result(r.broadcast(r.literal_int(DType::bool_, integers), r.shape(v)));
}

/// One of two numbers, the other where it is NaN.
Array ignoring_nan(std::string_view name, Op op, const Arg& a, const Arg& b) {
  Recorder r(name, a.here());
  auto [x, y] = r.operands(Typing::same, a, b);
  const Term chosen = r.op(op, x, y);
  if (!ir::is_float(r.dtype(x)) && !ir::is_complex(r.dtype(x))) return r.result(chosen);
  return r.result(r.op(Op::select, r.op(Op::isnan, y), x, r.op(Op::select, r.op(Op::isnan, x), y, chosen)));
}

/// What a formula of several ops computes in, so that the half types round once.
DType formula_dtype(DType t) { return ir::is_half(t) ? DType::float32 : t; }

Array scaled(std::string_view name, const Arg& x, double factor) {
  Recorder r(name, x.here());
  auto [v] = r.operands(Typing::real, x);
  const DType t = formula_dtype(r.dtype(v));
  return r.result(r.cast(r.op(Op::mul, r.cast(v, t), r.literal(t, factor)), r.dtype(v)));
}

/// log(base^a + base^b) = max + log1p(base^-|a - b|) / log(base); equal infinities are their own result. Of equal
/// numbers either may be the larger: both formulas are smooth there, where max and abs have a kink.
Array log_add(std::string_view name, const Arg& a, const Arg& b, bool base_two) {
  Recorder r(name, a.here());
  auto [x, y] = r.operands(Typing::real, a, b);
  const DType given = r.dtype(x), t = formula_dtype(given);
  x = r.cast(x, t);
  y = r.cast(y, t);
  const Term first = r.op(Op::gt, x, y);
  const Term distance = r.op(Op::select, first, r.op(Op::sub, y, x), r.op(Op::sub, x, y));
  Term tail = r.op(Op::log1p, r.op(base_two ? Op::exp2 : Op::exp, distance));
  if (base_two) tail = r.op(Op::mul, tail, r.literal(t, std::numbers::log2e));
  const Term sum = r.op(Op::add, r.op(Op::select, first, x, y), tail);
  const Term endless = r.op(Op::and_, r.op(Op::eq, x, y), r.op(Op::isinf, x));
  return r.result(r.cast(r.op(Op::select, endless, x, sum), given));
}

Term inverse(Recorder& r, Term x) {
  if (ir::is_complex(r.dtype(x))) return joined(reciprocal(frontend::parts(r, x)));
  return r.op(Op::div, r.literal(r.dtype(x), 1.0), x);
}

/// The exponents that are an op of their own, for floats alone. Which one is taken shows in the trace, so that all
/// executors take the same.
std::optional<Array> special_power(const Arg& a, const Arg& b) {
  const std::optional<double> exponent = host_number(b);
  if (!exponent || (*exponent != -1 && *exponent != 0.5 && *exponent != 2 && *exponent != 3)) return std::nullopt;
  Recorder r("power", a.here());
  auto [x, unused] = r.operands(Typing::arithmetic, a, b);
  (void)unused;
  const DType t = r.dtype(x);
  if (!ir::is_float(t) && !ir::is_complex(t)) return std::nullopt;
  if (*exponent == -1) return r.result(inverse(r, x));
  if (*exponent == 0.5) return r.result(r.op(Op::sqrt, x));
  const Term squared = r.op(Op::mul, x, x);
  return r.result(*exponent == 2 ? squared : r.op(Op::mul, squared, x));
}

}  // namespace

Array power(Arg a, Arg b) {
  if (is_integral(a) && is_integral(b)) {
    if (const std::optional<double> exponent = host_number(b); exponent && *exponent < 0)
      throw ValueError("Integers to negative integer powers are not allowed.");
  }
  if (std::optional<Array> special = special_power(a, b)) return *special;
  return call({"power", Op::pow, Typing::arithmetic}, a, b);
}

Array float_power(Arg a, Arg b) {
  Recorder r("float_power", a.here());
  const DType t = ir::is_complex(r.common_dtype(a, b)) ? DType::complex128 : DType::float64;
  return r.result(r.op(Op::pow, r.read(a, t), r.read(b, t)));
}

std::pair<Array, Array> divmod(Arg a, Arg b) { return {floor_divide(a, b), remainder(a, b)}; }

Array positive(Arg x) {
  Recorder r("positive", x.here());
  auto [v] = r.operands(Typing::number, x);
  return r.result(v);
}

Array square(Arg x) {
  Recorder r("square", x.here());
  auto [v] = r.operands(Typing::arithmetic, x);
  return r.result(r.op(Op::mul, v, v));
}

Array reciprocal(Arg x) {
  Recorder r("reciprocal", x.here());
  auto [v] = r.operands(Typing::arithmetic, x);
  const DType t = r.dtype(v);
  if (ir::is_float(t) || ir::is_complex(t)) return r.result(inverse(r, v));
  // Truncated towards zero, unlike floor_divide: only ±1 have one that is not 0.
  const Term one = r.literal_int(t, 1);
  Term unit = r.op(Op::eq, v, one);
  if (ir::is_signed_int(t)) unit = r.op(Op::or_, unit, r.op(Op::eq, v, r.literal_int(t, -1)));
  return r.result(r.op(Op::select, unit, v, r.literal_int(t, 0)));
}

Array fmax(Arg a, Arg b) { return ignoring_nan("fmax", Op::max, a, b); }
Array fmin(Arg a, Arg b) { return ignoring_nan("fmin", Op::min, a, b); }

Array logaddexp(Arg a, Arg b) { return log_add("logaddexp", a, b, false); }
Array logaddexp2(Arg a, Arg b) { return log_add("logaddexp2", a, b, true); }

Array degrees(Arg x) { return scaled("degrees", x, 180.0 / std::numbers::pi); }
Array rad2deg(Arg x) { return scaled("rad2deg", x, 180.0 / std::numbers::pi); }
Array radians(Arg x) { return scaled("radians", x, std::numbers::pi / 180.0); }
Array deg2rad(Arg x) { return scaled("deg2rad", x, std::numbers::pi / 180.0); }

Array floor(Arg x) { return round_with({"floor", Op::floor, Typing::floating}, x); }
Array ceil(Arg x) { return round_with({"ceil", Op::ceil, Typing::floating}, x); }
Array trunc(Arg x) { return round_with({"trunc", Op::trunc, Typing::floating}, x); }

Array heaviside(Arg x, Arg at_zero) {
  Recorder r("heaviside", x.here());
  auto [v, middle] = r.operands(Typing::real, x, at_zero);
  const DType t = r.dtype(v);
  const Term zero = r.literal(t, 0.0), one = r.literal(t, 1.0);
  const Term side = r.op(Op::select, r.op(Op::lt, v, zero), zero, r.op(Op::select, r.op(Op::gt, v, zero), one, middle));
  return r.result(r.op(Op::select, r.op(Op::isnan, v), v, side));
}

std::pair<Array, Array> modf(Arg x) {
  Recorder r("modf", x.here());
  auto [v] = r.operands(Typing::real, x);
  const Term whole = r.op(Op::trunc, v);
  const Term rest = r.op(Op::select, r.op(Op::isinf, v), r.literal(r.dtype(v), 0.0), r.op(Op::sub, v, whole));
  Array fraction = r.result(r.op(Op::copysign, rest, v));
  return {std::move(fraction), r.result(whole)};
}

Array isnan(Arg x) { return classify({"isnan", Op::isnan, Typing::floating}, x, false); }
Array isinf(Arg x) { return classify({"isinf", Op::isinf, Typing::floating}, x, false); }
Array isfinite(Arg x) { return classify({"isfinite", Op::isfinite, Typing::floating}, x, true); }

Array isclose(Arg a, Arg b, double rtol, double atol, bool equal_nan) {
  Recorder r("isclose", a.here());
  auto [x, y] = r.operands(Typing::floating, a, b);
  const DType t = ir::part_of(r.dtype(x));
  const Term bound = r.op(Op::add, r.scalar(t, atol), r.op(Op::mul, r.scalar(t, rtol), r.op(Op::abs, y)));
  Term close = r.op(Op::le, r.op(Op::abs, r.op(Op::sub, x, y)), bound);
  close = r.op(Op::and_, close, r.op(Op::isfinite, y));
  close = r.op(Op::or_, close, r.op(Op::eq, x, y));
  if (equal_nan) close = r.op(Op::or_, close, r.op(Op::and_, r.op(Op::isnan, x), r.op(Op::isnan, y)));
  return r.result(close);
}

Array bitwise_count(Arg x) {
  Recorder r("bitwise_count", x.here());
  auto [v] = r.operands(Typing::integer, x);
  return r.result(r.cast(r.op(Op::popcount, v), DType::uint8));
}

Array where(Arg condition, Arg a, Arg b) {
  Recorder r("where", a.here());
  const Term c = r.read(condition, DType::bool_);
  auto [x, y] = r.operands(Typing::same, a, b);
  return r.result(r.op(Op::select, c, x, y));
}

namespace {
/// Whether a C++ integer lies at or beyond the end of an integer type, so that as a limit it says nothing.
bool says_nothing(const Arg& limit, DType dtype, bool lower) {
  const frontend::Cell& cell = frontend::cell_of(limit);
  if (!cell.weak || cell.state.load(std::memory_order_relaxed) != frontend::CellState::host) return false;
  if (!ir::is_int(dtype) || !ir::is_int(cell.dtype)) return false;
  const bool negative = ir::is_signed_int(cell.dtype) && static_cast<int64_t>(cell.bits) < 0;
  return !frontend::fits(cell.dtype, cell.bits, dtype) && negative == lower;
}
}  // namespace

Array clip(Arg x, Arg low, Arg high) {
  const DType dtype = frontend::cell_of(x).dtype;
  const bool no_low = says_nothing(low, dtype, true), no_high = says_nothing(high, dtype, false);
  if (no_low && no_high) return copy(x);
  if (no_low) return minimum(x, high);
  if (no_high) return maximum(x, low);
  Recorder r("clip", x.here());
  auto [v, l, h] = r.operands(Typing::same, x, low, high);
  return r.result(r.op(Op::min, r.op(Op::max, v, l), h));
}
Array clip(Arg x, None, Arg high) { return minimum(x, high); }
Array clip(Arg x, Arg low, None) { return maximum(x, low); }

}  // namespace tarry::numpy
