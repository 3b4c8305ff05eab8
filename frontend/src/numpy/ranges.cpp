#include <tarry/numpy/ranges.h>

#include "broadcast.h"
#include "cell.h"
#include "record.h"

#include <tarry/numpy/creation.h>

#include <cmath>

namespace tarry::numpy {

using frontend::Recorder;
using frontend::Term;
using ir::Op;

namespace {

__extension__ using Wide = __int128;

/// start + i·delta in `compute`, one multiplication and one addition, as NumPy fills a range.
Term progression(Recorder& r, int64_t n, double start, double delta, DType compute) {
  const Term i = r.cast(r.iota(ir::Shape{n}, 0), compute);
  return r.op(Op::add, r.scalar(compute, start), r.op(Op::mul, i, r.scalar(compute, delta)));
}

Term progression_int(Recorder& r, int64_t n, int64_t start, int64_t delta) {
  const Term i = r.iota(ir::Shape{n}, 0);
  if (start == 0 && delta == 1) return i;  // what indices are made of: known where it is an index
  return r.op(Op::add, r.scalar_int(DType::int64, start), r.op(Op::mul, i, r.scalar_int(DType::int64, delta)));
}

[[noreturn]] void refuse_length() { throw ValueError("Maximum allowed size exceeded"); }

int64_t range_length(Number start, Number stop, Number step) {
  if (step.value == 0) throw ValueError("division by zero");
  double n;
  if (start.is_integer && stop.is_integer && step.is_integer) {
    // Exactly, in 128 bits: the difference of two int64 need not fit one.
    const Wide span = static_cast<Wide>(stop.integer) - start.integer, by = step.integer;
    const Wide count = by > 0 ? (span + by - 1) / by : (span + by + 1) / by;
    if (count > INT64_MAX) refuse_length();
    return (by > 0) == (span > 0) && span != 0 ? static_cast<int64_t>(count) : 0;
  }
  n = std::ceil((stop.value - start.value) / step.value);
  if (std::isnan(n)) throw ValueError("arange: cannot compute length");
  if (n >= 9.2e18) refuse_length();
  return n > 0 ? static_cast<int64_t>(n) : 0;
}

/// The value that fills an array: a float is cast to integers, where a write of one refuses what does not fit.
Term filling(Recorder& r, const Arg& value, DType dtype) {
  return ir::is_float(frontend::cell_of(value).dtype) ? r.cast(r.read(value), dtype) : r.read(value, dtype);
}

Array filled_like(std::string_view name, const Arg& like, const Arg& value, std::optional<DType> dtype) {
  Recorder r(name, like.here());
  const Term x = r.read(like);
  const Term v = filling(r, value, dtype.value_or(r.dtype(x)));
  if (!frontend::broadcasts_to(r.shape(v), r.shape(x)))
    throw ValueError("could not broadcast input array from shape " + frontend::dense_text(r.shape(v)) + " into shape " +
                     frontend::dense_text(r.shape(x)));
  return r.strong_result(r.broadcast(v, r.shape(x)), frontend::Layout::like);
}

}  // namespace

int64_t Number::refuse() { refuse_length(); }

Array empty(const Shape& shape, DType dtype, Here here) {
  frontend::check_extents(shape);
  Recorder r("empty", here);
  return r.strong_result(r.empty(dtype, shape));
}

Array full(const Shape& shape, Arg value) { return full(shape, value, frontend::cell_of(value).dtype); }

Array full(const Shape& shape, Arg value, DType dtype) {
  frontend::check_extents(shape);
  Recorder r("full", value.here());
  const Term v = filling(r, value, dtype);
  if (!frontend::broadcasts_to(r.shape(v), shape))
    throw ValueError("could not broadcast input array from shape " + frontend::dense_text(r.shape(v)) + " into shape " +
                     frontend::dense_text(shape));
  return r.strong_result(r.broadcast(v, shape));
}

Array empty_like(Arg x) { return empty_like(x, frontend::cell_of(x).dtype); }
Array empty_like(Arg x, DType dtype) {
  Recorder r("empty_like", x.here());
  const Term v = r.read(x);
  return r.strong_result(r.empty(dtype, r.shape(v)), frontend::Layout::like);
}
Array zeros_like(Arg x) { return filled_like("zeros_like", x, 0, {}); }
Array zeros_like(Arg x, DType dtype) { return filled_like("zeros_like", x, 0, dtype); }
Array ones_like(Arg x) { return filled_like("ones_like", x, 1, {}); }
Array ones_like(Arg x, DType dtype) { return filled_like("ones_like", x, 1, dtype); }
Array full_like(Arg x, Arg value) { return filled_like("full_like", x, value, {}); }

Array arange(Number stop, std::optional<DType> dtype, Here here) { return arange(0, stop, 1, dtype, here); }

Array arange(Number start, Number stop, Number step, std::optional<DType> dtype, Here here) {
  const int64_t n = range_length(start, stop, step);
  const bool integers = start.is_integer && stop.is_integer && step.is_integer;
  Recorder r("arange", here);
  const Term x = integers ? progression_int(r, n, start.integer, step.integer)
                          : progression(r, n, start.value, (start.value + step.value) - start.value, DType::float64);
  return r.strong_result(r.cast(x, dtype.value_or(r.dtype(x))));
}

Array linspace(double start, double stop, int64_t num, bool endpoint, DType dtype, Here here) {
  if (num < 0) throw ValueError("Number of samples, " + std::to_string(num) + ", must be non-negative.");
  Recorder r("linspace", here);
  const int64_t intervals = endpoint ? num - 1 : num;
  const double delta = stop - start;
  const Term i = r.cast(r.iota(ir::Shape{num}, 0), DType::float64);
  // As numpy.linspace: i·step + start, or (i / intervals)·delta + start when the step vanishes.
  const double step = intervals > 0 ? delta / static_cast<double>(intervals) : NAN;
  Term x;
  if (intervals <= 0)
    x = r.op(Op::mul, i, r.scalar(DType::float64, delta));
  else if (step != 0)
    x = r.op(Op::mul, i, r.scalar(DType::float64, step));
  else
    x = r.op(Op::mul, r.op(Op::div, i, r.scalar(DType::float64, static_cast<double>(intervals))),
             r.scalar(DType::float64, delta));
  x = r.op(Op::add, x, r.scalar(DType::float64, start));
  if (endpoint && num > 1) {
    const Term last = r.op(Op::eq, r.iota(ir::Shape{num}, 0), r.scalar_int(DType::int64, num - 1));
    x = r.op(Op::select, last, r.scalar(DType::float64, stop), x);
  }
  if (ir::is_int(dtype)) x = r.op(Op::floor, x);
  return r.strong_result(r.cast(x, dtype));
}

Array eye(int64_t n, int64_t m, int64_t k, DType dtype, Here here) {
  const ir::Shape shape{n, m < 0 ? n : m};
  frontend::check_extents(shape);
  Recorder r("eye", here);
  const Term row = r.iota(shape, 0), column = r.iota(shape, 1);
  const Term on = r.op(Op::eq, r.op(Op::add, row, r.scalar_int(DType::int64, k)), column);
  return r.strong_result(r.cast(on, dtype));
}

Array identity(int64_t n, DType dtype, Here here) { return eye(n, n, 0, dtype, here); }

}  // namespace tarry::numpy
