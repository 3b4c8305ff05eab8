#include <tarry/numpy/polynomials.h>

#include "axes.h"
#include "cell.h"
#include "memory_check.h"
#include "promote.h"
#include "record.h"

#include <tarry/ir/error.h>
#include <tarry/numpy.h>

#include <cmath>
#include <numbers>

namespace tarry::numpy {

using frontend::cell_of;
using frontend::Recorder;
using frontend::Term;
using frontend::Typing;
using ir::Op;

namespace {

DType inexact(DType t) { return ir::is_float(t) || ir::is_complex(t) ? t : DType::float64; }

Array as_inexact(const Array& x) { return x.astype(inexact(x.dtype())); }

/// A vector with zeros in front, `n` elements long.
Array led(const Array& x, int64_t n) { return pad(x, PadWidth{{n - x.size(), 0}}); }

/// Both as long as the longer one.
std::pair<Array, Array> aligned(const Arg& a, const Arg& b) {
  const Array x = atleast_1d(a), y = atleast_1d(b);
  const int64_t n = std::max(x.size(), y.size());
  return {led(x, n), led(y, n)};
}

/// How far what is slid along an array reaches beyond its ends.
struct Reach {
  int64_t before = 0, after = 0;
};

/// Sums of products of `v` with as many elements of `a` in a row, added one by one.
Array slide_few(const Arg& a, const Arg& v, Reach reach) {
  Recorder r("correlate", a.here());
  const auto operands = r.operands(Typing::same, a, v);
  // As NumPy, whose sums of the half types are float32.
  const DType result = r.dtype(operands[0]), t = ir::is_half(result) ? DType::float32 : result;
  const Term given = r.cast(operands[0], t), w = r.cast(operands[1], t);
  const bool inside = reach.before == 0 && reach.after == 0;
  const Term x = inside ? given : r.pad(given, r.scalar(t, 0), ir::Ints{reach.before}, ir::Ints{reach.after});
  const ir::Ints one{1}, count{r.shape(x)[0] - r.shape(w)[0] + 1};
  Term sum;
  for (int64_t i = 0; i < r.shape(w)[0]; ++i) {
    const ir::Ints start{i};
    const Term product = r.op(Op::mul, r.slice(x, start, one, count), r.slice(w, start, one, one));
    sum = i == 0 ? product : r.op(Op::add, sum, product);
  }
  return r.strong_result(r.cast(sum, result), frontend::Layout::c);
}

/// The same, where a formula of all of them would be long.
Array slide_many(const Array& a, const Array& v, Reach reach) {
  const Array x = pad(a, PadWidth{{reach.before, reach.after}});
  const int64_t m = v.size(), n = x.size() - m + 1;
  const Array places = arange(m).reshape({m, 1}) + arange(n);
  const DType result = frontend::promote(a.dtype(), v.dtype()), t = ir::is_half(result) ? DType::float32 : result;
  return sum(take(x, places).astype(t) * v.astype(t).reshape({m, 1}), 0, t).astype(result);
}

/// numpy.multiarray.correlate of a with v, which is not longer.
Array correlated(const Array& a, const Array& v, Overlap mode, Here here) {
  constexpr int64_t kFew = 16;
  const int64_t m = v.size();
  Reach reach;
  if (mode == Overlap::full) reach = {m - 1, m - 1};
  if (mode == Overlap::same) reach = {m / 2, m - 1 - m / 2};
  return m > kFew ? slide_many(a, v, reach) : slide_few(Arg(a, here), Arg(v, here), reach);
}

void check_vectors(const Array& a, const Array& v) {
  if (a.ndim() > 1 || v.ndim() > 1) throw ValueError("object too deep for desired array");
  if (a.size() == 0) throw ValueError("a cannot be empty");
  if (v.size() == 0) throw ValueError("v cannot be empty");
}

}  // namespace

Array polyval(Arg coefficients, Arg x) {
  const Array p = atleast_1d(coefficients);
  Array value = zeros_like(x);
  for (int64_t i = 0; i < p.len(); ++i) value = value * x.array() + p[i];
  return value;
}

Array polyadd(Arg a, Arg b) {
  const auto [x, y] = aligned(a, b);
  return x + y;
}
Array polysub(Arg a, Arg b) {
  const auto [x, y] = aligned(a, b);
  return x - y;
}
Array polymul(Arg a, Arg b) {
  // No coefficients are those of 0.
  const auto some = [](const Array& p) { return p.size() == 0 ? zeros({1}, p.dtype()) : p; };
  return convolve(some(atleast_1d(a)), some(atleast_1d(b)));
}

std::pair<Array, Array> polydiv(Arg a, Arg b) {
  Array u = as_inexact(atleast_1d(a)), v = as_inexact(atleast_1d(b));
  const DType t = frontend::promote(u.dtype(), v.dtype());
  const int64_t m = u.size() - 1, n = v.size() - 1;
  Array rest = u.astype(t).copy(), quotient = zeros({std::max<int64_t>(m - n + 1, 1)}, t);
  const Array scale = 1.0 / v[0];
  for (int64_t k = 0; k <= m - n; ++k) {
    const Array d = (scale * rest[k]).copy();
    quotient[k] = d;
    rest[slice(k, k + n + 1)] -= (d * v).astype(t);
  }
  while (rest.size() > 1 && allclose(rest[0], 0, 1e-14)) rest = rest[slice(1, none)];
  return {quotient, rest};
}

Array polyder(Arg coefficients, int64_t m) {
  if (m < 0) throw ValueError("Order of derivative must be positive (see polyint)");
  Array p = coefficients.array();
  for (; m > 0; --m) p = p[slice(none, -1)] * arange(p.size() - 1, 0, -1);
  return p;
}

Array polyint(Arg coefficients, int64_t m, const std::vector<double>& constants) {
  if (m < 0) throw ValueError("Order of integral must be positive (see polyder)");
  std::vector<double> k = constants;
  frontend::check_memory(DType::float64, ir::Shape{m});
  if (k.empty()) k.assign(static_cast<size_t>(m), 0.0);
  if (k.size() == 1) k.assign(static_cast<size_t>(std::max<int64_t>(m, 1)), k[0]);
  if (static_cast<int64_t>(k.size()) < m) throw ValueError("k must be a scalar or a rank-1 array of length 1 or >m.");
  Array p = coefficients.array();
  for (int64_t i = 0; i < m; ++i)
    p = concatenate({p / arange(p.size(), 0, -1), full({1}, k[static_cast<size_t>(i)], DType::float64)});
  return p;
}

Array poly(Arg roots) {
  const Array r = as_inexact(atleast_1d(roots));
  if (r.ndim() != 1) throw ValueError("poly() takes the roots; the eigenvalues of a matrix have to be given as such");
  Array a = ones({1}, r.dtype());
  for (int64_t i = 0; i < r.size(); ++i) a = convolve(a, concatenate({ones({1}, r.dtype()), -r[slice(i, i + 1)]}));
  if (!iscomplexobj(a)) return a;
  // Roots in conjugate pairs make a real polynomial.
  return array_equal(sort(r), sort(conj(r))) ? real(a).copy() : a;
}

Array polyfit(Arg points, Arg values, int64_t degree) {
  const Array x = as_inexact(points.array()), y = as_inexact(values.array());
  if (degree < 0) throw ValueError("expected deg >= 0");
  if (x.ndim() != 1) throw TypeError("expected 1D vector for x");
  if (x.size() == 0) throw TypeError("expected non-empty vector for x");
  if (y.ndim() < 1 || y.ndim() > 2) throw TypeError("expected 1D or 2D array for y");
  if (x.len() != y.len()) throw TypeError("expected x and y to have same length");
  const double eps = finfo(x.dtype()).eps;
  const Array powers = vander(x, degree + 1);
  const Array scale = sqrt(sum(powers * powers, 0));
  const Array c = linalg::lstsq(powers / scale, y, static_cast<double>(x.size()) * eps).x;
  return (c.T() / scale).T();
}

Array convolve(Arg a, Arg v, Overlap mode) {
  Array x = atleast_1d(a), y = atleast_1d(v);
  check_vectors(x, y);
  if (y.size() > x.size()) std::swap(x, y);
  return correlated(x, flip(y), mode, a.here());
}

Array correlate(Arg a, Arg v, Overlap mode) {
  const Array x = atleast_1d(a), given = atleast_1d(v), y = ir::is_complex(given.dtype()) ? conj(given) : given;
  check_vectors(x, y);
  if (y.size() <= x.size()) return correlated(x, y, mode, a.here());
  return flip(correlated(y, x, mode, a.here()));
}

// ---- slopes --------------------------------------------------------------------------------------

namespace {

/// Part of x along one axis.
Array part(const Array& x, int64_t axis, const Item& item) {
  std::vector<Item> items(static_cast<size_t>(axis), Item(All()));
  items.push_back(item);
  return x[Index(std::move(items))];
}

Array with_real_type(const Array& x) { return ir::is_int(x.dtype()) ? x.astype(DType::float64) : x; }

/// Ends and inside, in the order of x in memory.
Array joined(const Array& x, const Array& first, const Array& inside, const Array& last, int64_t axis) {
  Array result = empty_like(x);
  result[ellipsis] = concatenate({first, inside, last}, axis);
  return result;
}

int64_t slope_axis(const Array& x, Dim axis) {
  const int64_t along = frontend::normalize_axis(axis.value, x.ndim());
  if (x.shape()[static_cast<size_t>(along)] < 2)
    throw ValueError(
        "Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements "
        "are required.");
  return along;
}

}  // namespace

Array gradient(Arg f, double spacing, Dim axis) {
  const Array x = with_real_type(f.array());
  const int64_t a = slope_axis(x, axis);
  const Array inside = (part(x, a, slice(2, none)) - part(x, a, slice(none, -2))) / (2.0 * spacing);
  const Array first = (part(x, a, slice(1, 2)) - part(x, a, slice(0, 1))) / spacing;
  const Array last = (part(x, a, slice(-1, none)) - part(x, a, slice(-2, -1))) / spacing;
  return joined(x, first, inside, last, a);
}

Array gradient(Arg f, const Array& coordinates, Dim axis) {
  const Array x = with_real_type(f.array());
  const int64_t a = slope_axis(x, axis);
  if (coordinates.ndim() != 1 || coordinates.size() != x.shape()[static_cast<size_t>(a)])
    throw ValueError("when 1d, distances must match the length of the corresponding dimension");
  Array steps = diff(with_real_type(coordinates));
  if (all(steps == steps[0]).item<bool>()) return gradient(x, steps[0].item<double>(), axis);
  Shape along(ir::Shape(static_cast<size_t>(x.ndim()), 1));
  along[static_cast<size_t>(a)] = -1;
  steps = steps.reshape(along);
  const Array before = part(steps, a, slice(none, -1)), after = part(steps, a, slice(1, none));
  const Array low = -after / (before * (before + after)), middle = (after - before) / (before * after),
              high = before / (after * (before + after));
  const Array inside =
      low * part(x, a, slice(none, -2)) + middle * part(x, a, slice(1, -1)) + high * part(x, a, slice(2, none));
  const Array first = (part(x, a, slice(1, 2)) - part(x, a, slice(0, 1))) / part(steps, a, slice(0, 1));
  const Array last = (part(x, a, slice(-1, none)) - part(x, a, slice(-2, -1))) / part(steps, a, slice(-1, none));
  return joined(x, first, inside, last, a);
}

std::vector<Array> gradient(Arg f, double spacing) {
  std::vector<Array> all;
  for (int64_t axis = 0; axis < static_cast<int64_t>(cell_of(f).shape.size()); ++axis)
    all.push_back(gradient(f, spacing, axis));
  return all;
}

// ---- windows -------------------------------------------------------------------------------------

namespace {

/// 1 - m, 3 - m, … m - 1: twice the distance from the middle. Nothing, or a 1, where there is no more to say.
template <class F>
Array window(int64_t m, Here here, F shape) {
  if (m < 1) return zeros({0}, DType::float64, here);
  if (m == 1) return ones({1}, DType::float64, here);
  return shape(arange(1 - m, m, 2, DType::float64, here), static_cast<double>(m - 1));
}

constexpr double kPi = std::numbers::pi;

}  // namespace

Array bartlett(int64_t m, Here here) {
  return window(m, here, [](const Array& n, double last) { return where(n <= 0, 1 + n / last, 1 - n / last); });
}
Array blackman(int64_t m, Here here) {
  return window(m, here, [](const Array& n, double last) {
    return 0.42 + 0.5 * cos(kPi * n / last) + 0.08 * cos(2.0 * kPi * n / last);
  });
}
Array hamming(int64_t m, Here here) {
  return window(m, here, [](const Array& n, double last) { return 0.54 + 0.46 * cos(kPi * n / last); });
}
Array hanning(int64_t m, Here here) {
  return window(m, here, [](const Array& n, double last) { return 0.5 + 0.5 * cos(kPi * n / last); });
}

Array kaiser(int64_t m, double beta, Here here) {
  if (m == 1) return ones({1}, DType::float64, here);
  const Array n = arange(0, m, 1, DType::float64, here);
  const double middle = static_cast<double>(m - 1) / 2.0;
  const Array side = (n - middle) / middle;
  return i0(beta * sqrt(1.0 - side * side)) / i0(full({}, beta));
}

}  // namespace tarry::numpy
