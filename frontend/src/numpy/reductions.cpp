#include <tarry/numpy/reductions.h>

#include "numpy/complex/complex.h"
#include "record.h"

#include <tarry/index.h>

#include <algorithm>
#include <limits>
#include <string>

namespace tarry::numpy {

using frontend::Recorder;
using frontend::Term;
using ir::Ints;
using ir::Op;

namespace {

int64_t count(const Recorder& r, Term x, const Ints& axes) {
  int64_t n = 1;
  for (int64_t axis : axes) n *= r.shape(x)[axis];
  return n;
}

/// min and max have no identity.
void refuse_empty(const Recorder& r, Term x, const Ints& axes, std::string_view numpy_name) {
  if (count(r, x, axes) == 0)
    throw ValueError("zero-size array to reduction operation " + std::string(numpy_name) + " which has no identity");
}

Array fold(std::string_view name, Op op, const Arg& a, const Axes& list, KeepDims keep, bool widen) {
  Recorder r(name, a.here());
  Term x = r.read(a);
  const Ints axes = frontend::reduced_axes(list, r.ndim(x));
  if (widen)
    x = r.cast(x, frontend::sum_dtype(r.dtype(x)));
  else
    refuse_empty(r, x, axes, name);
  return r.reduced_result(r.reduce(op, x, axes, keep), axes, keep);
}

Array fold_bool(std::string_view name, Op op, const Arg& a, const Axes& list, KeepDims keep) {
  Recorder r(name, a.here());
  const Term x = r.read(a, DType::bool_);
  const Ints axes = frontend::reduced_axes(list, r.ndim(x));
  return r.reduced_result(r.reduce(op, x, axes, keep), axes, keep);
}

/// The dtype that means are computed in: float64 for integers, float32 for the half types.
DType mean_dtype(DType t) {
  if (!ir::is_float(t) && !ir::is_complex(t)) return DType::float64;
  return ir::is_half(t) ? DType::float32 : t;
}

Term mean_of(Recorder& r, Term x, const Ints& axes, KeepDims keep) {
  const Term n = r.scalar(r.dtype(x), static_cast<double>(count(r, x, axes)));
  return r.op(Op::div, r.reduce(Op::reduce_sum, x, axes, keep), n);
}

/// The half types come back as they came, integers as float64.
DType mean_result(DType t) { return ir::is_float(t) || ir::is_complex(t) ? t : DType::float64; }

/// Of a complex number the product with its conjugate, which is real.
Term square_of_size(Recorder& r, Term x) {
  if (!ir::is_complex(r.dtype(x))) return r.op(Op::mul, x, x);
  const Term re = r.op(Op::real, x), im = r.op(Op::imag, x);
  return r.op(Op::add, r.op(Op::mul, re, re), r.op(Op::mul, im, im));
}

Array variance(std::string_view name, const Arg& a, const Axes& list, KeepDims keep, double ddof, bool root) {
  Recorder r(name, a.here());
  Term x = r.read(a);
  const DType given = r.dtype(x);
  const Ints axes = frontend::normalize_axes(list, r.ndim(x));
  x = r.cast(x, mean_dtype(given));
  const Term deviation = r.op(Op::sub, x, mean_of(r, x, axes, KeepDims::yes));
  const Term sum = r.reduce(Op::reduce_sum, square_of_size(r, deviation), axes, keep);
  const double n = static_cast<double>(count(r, x, axes)) - ddof;
  Term result = r.op(Op::div, sum, r.scalar(r.dtype(sum), n > 0 ? n : 0.0));
  if (root) result = r.op(Op::sqrt, result);
  return r.reduced_result(r.cast(result, ir::part_of(mean_result(given))), axes, keep);
}

/// Where x is its extreme along the axes, or NaN.
Term extreme_places(Recorder& r, Op op, Term x, const Ints& axes) {
  if (ir::is_complex(r.dtype(x))) return frontend::complex_extremes(r, op, x, axes);
  const Term hit = r.op(Op::eq, x, r.reduce(op, x, axes, KeepDims::yes));
  return ir::is_float(r.dtype(x)) ? r.op(Op::or_, hit, r.op(Op::isnan, x)) : hit;
}

/// Of all places where x is its extreme, or NaN, the first.
Array arg_extreme(std::string_view name, Op op, const Arg& a, const Axes& list, KeepDims keep) {
  Recorder r(name, a.here());
  Term x = r.read(a);
  ir::Shape kept(r.shape(x));
  // A number has one axis here, that of its only element.
  const bool flat = list.all() || r.ndim(x) == 0;
  const Ints given = frontend::normalize_axes(list, std::max<int64_t>(r.ndim(x), 1));
  if (flat) {
    // Over the flattened array; keepdims gives every axis back with extent 1.
    const int64_t n = ir::num_elements(r.shape(x));
    for (int64_t& extent : kept) extent = 1;
    x = r.reshape(x, ir::Shape{n});
  }
  const Ints axes = flat ? Ints{0} : given;
  if (count(r, x, axes) == 0) throw ValueError("attempt to get " + std::string(name) + " of an empty sequence");
  const Term hit = extreme_places(r, op, x, axes);
  const int64_t n = r.shape(x)[axes[0]];
  // As narrow as will do: twice as many at once.
  const DType counted = n <= std::numeric_limits<int32_t>::max() ? DType::int32 : DType::int64;
  const Term index = r.cast(r.iota(r.shape(x), axes[0]), counted);
  const Term none = r.scalar_int(counted, n);
  Term first = r.cast(r.reduce(Op::reduce_min, r.op(Op::select, hit, index, none), axes, keep), DType::int64);
  if (flat) first = r.reshape(first, keep == KeepDims::yes ? kept : ir::Shape{});
  return r.strong_result(first);
}

Array scan(std::string_view name, Op op, const Arg& a, const Dim* axis) {
  Recorder r(name, a.here());
  Term x = r.read(a);
  x = r.cast(x, frontend::sum_dtype(r.dtype(x)));
  if (!axis || r.ndim(x) == 0) x = r.reshape(x, ir::Shape{ir::num_elements(r.shape(x))});
  const Term along = r.scan(op, x, axis ? frontend::normalize_axis(axis->value, r.ndim(x)) : 0);
  return r.strong_result(along, axis ? frontend::Layout::keep : frontend::Layout::c);
}

}  // namespace

Array sum(Arg x, const Axes& axes, KeepDims keep) { return fold("add", Op::reduce_sum, x, axes, keep, true); }

Array sum(Arg a, const Axes& list, DType dtype, KeepDims keep) {
  Recorder r("add", a.here());
  const Term x = r.read(a, dtype);
  const Ints axes = frontend::reduced_axes(list, r.ndim(x));
  return r.reduced_result(r.reduce(Op::reduce_sum, x, axes, keep), axes, keep);
}

Array prod(Arg x, const Axes& axes, KeepDims keep) { return fold("multiply", Op::reduce_prod, x, axes, keep, true); }
Array max(Arg x, const Axes& axes, KeepDims keep) { return fold("maximum", Op::reduce_max, x, axes, keep, false); }
Array amax(Arg x, const Axes& axes, KeepDims keep) { return max(x, axes, keep); }
Array min(Arg x, const Axes& axes, KeepDims keep) { return fold("minimum", Op::reduce_min, x, axes, keep, false); }
Array amin(Arg x, const Axes& axes, KeepDims keep) { return min(x, axes, keep); }
Array any(Arg x, const Axes& axes, KeepDims keep) { return fold_bool("any", Op::reduce_max, x, axes, keep); }
Array All::operator()(Arg x, const Axes& axes, KeepDims keep) const {
  return fold_bool("all", Op::reduce_min, x, axes, keep);
}

Array mean(Arg a, const Axes& list, KeepDims keep) {
  Recorder r("mean", a.here());
  const Term x = r.read(a);
  const DType given = r.dtype(x);
  const Ints axes = frontend::normalize_axes(list, r.ndim(x));
  const Term m = mean_of(r, r.cast(x, mean_dtype(given)), axes, keep);
  return r.reduced_result(r.cast(m, mean_result(given)), axes, keep);
}

Array var(Arg x, const Axes& axes, KeepDims keep, double ddof) { return variance("var", x, axes, keep, ddof, false); }
Array std(Arg x, const Axes& axes, KeepDims keep, double ddof) { return variance("std", x, axes, keep, ddof, true); }

Array argmax(Arg x, KeepDims keep) { return arg_extreme("argmax", Op::reduce_max, x, {}, keep); }
Array argmax(Arg x, Dim axis, KeepDims keep) { return arg_extreme("argmax", Op::reduce_max, x, axis.value, keep); }
Array argmin(Arg x, KeepDims keep) { return arg_extreme("argmin", Op::reduce_min, x, {}, keep); }
Array argmin(Arg x, Dim axis, KeepDims keep) { return arg_extreme("argmin", Op::reduce_min, x, axis.value, keep); }

Array cumsum(Arg x) { return scan("cumsum", Op::scan_sum, x, nullptr); }
Array cumsum(Arg x, Dim axis) { return scan("cumsum", Op::scan_sum, x, &axis); }
Array cumprod(Arg x) { return scan("cumprod", Op::scan_prod, x, nullptr); }
Array cumprod(Arg x, Dim axis) { return scan("cumprod", Op::scan_prod, x, &axis); }

}  // namespace tarry::numpy
