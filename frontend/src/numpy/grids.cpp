#include <tarry/numpy/grids.h>

#include "axes.h"
#include "broadcast.h"
#include "cell.h"
#include "place.h"
#include "promote.h"
#include "record.h"

#include <tarry/numpy.h>

#include <algorithm>
#include <cmath>

namespace tarry::numpy {

using frontend::cell_of;
using frontend::Recorder;
using frontend::Term;
using ir::Op;

Array full_like(Arg x, Arg value, DType dtype) { return full_like(Arg(empty_like(x, dtype), x.here()), value); }

namespace {

/// Where column <= row + k.
Array lower(int64_t n, int64_t m, int64_t k, Here here) {
  const ir::Shape shape{n, m};
  frontend::check_extents(shape);
  Recorder r("tri", here);
  const Term edge = r.op(Op::add, r.iota(shape, 0), r.scalar_int(DType::int64, k));
  return r.strong_result(r.op(Op::le, r.iota(shape, 1), edge));
}

Array triangle(const Arg& x, int64_t k, bool is_lower) {
  const frontend::Near near(x);
  Array data = x.array();
  if (data.ndim() == 0) throw ValueError("tril and triu need at least one axis");
  if (data.ndim() == 1) data = broadcast_to(data, {data.size(), data.size()});
  const Shape& shape = data.shape();
  const int64_t n = shape[shape.size() - 2], m = shape[shape.size() - 1];
  const Array zero = zeros({}, data.dtype());
  return is_lower ? where(lower(n, m, k, x.here()), data, zero) : where(lower(n, m, k - 1, x.here()), zero, data);
}

}  // namespace

Array tri(int64_t n, int64_t m, int64_t k, DType dtype, Here here) {
  return lower(n, m < 0 ? n : m, k, here).astype(dtype);
}
Array tril(Arg x, int64_t k) { return triangle(x, k, true); }
Array triu(Arg x, int64_t k) { return triangle(x, k, false); }

namespace {

/// first, first + 1, …: `count` positions along an axis.
Term positions(Recorder& r, int64_t count, int64_t first) {
  Term x = r.iota(ir::Shape{count}, 0);
  if (first != 0) x = r.op(Op::add, x, r.scalar_int(DType::int64, first));
  r.note_range(x, {first, first + count - 1});
  return x;
}

}  // namespace

Array diag(Arg x, int64_t k) {
  const ir::Shape& shape = cell_of(x).shape;
  if (shape.size() == 2) return diagonal(x, k);
  if (shape.size() != 1) throw ValueError("Input must be 1- or 2-d.");
  Recorder r("diag", x.here());
  const Term v = r.read(x);
  const int64_t n = shape[0], side = n + std::abs(k);
  const Term zero = r.broadcast(r.literal_int(r.dtype(v), 0), ir::Shape{side, side});
  const Term places[] = {positions(r, n, std::max<int64_t>(-k, 0)), positions(r, n, std::max<int64_t>(k, 0))};
  return r.strong_result(n == 0 ? zero : r.scatter(Op::scatter, zero, v, places, ir::Ints{0, 1}));
}
Array diagflat(Arg x, int64_t k) { return diag(ravel(x), k); }

Array diagonal(Arg x, int64_t offset, Dim axis1, Dim axis2) {
  Recorder r("diagonal", x.here());
  const Term data = r.read(x);
  const ir::Shape shape = r.shape(data);
  if (shape.size() < 2) throw ValueError("diag requires an array of at least two dimensions");
  const int64_t a = frontend::normalize_axis(axis1.value, r.ndim(data), "axis1"),
                b = frontend::normalize_axis(axis2.value, r.ndim(data), "axis2");
  if (a == b) throw ValueError("axis1 and axis2 cannot be the same");
  const int64_t down = std::max<int64_t>(-offset, 0), along = std::max<int64_t>(offset, 0);
  const int64_t n =
      std::max<int64_t>(std::min(shape[static_cast<size_t>(a)] - down, shape[static_cast<size_t>(b)] - along), 0);
  const Term at[] = {positions(r, n, a < b ? down : along), positions(r, n, a < b ? along : down)};
  const Term taken = r.gather(data, at, ir::Ints{std::min(a, b), std::max(a, b)});
  ir::Ints order;
  for (int64_t i = 1; i < r.ndim(taken); ++i) order.push_back(i);
  order.push_back(0);
  return r.strong_result(r.transpose(taken, order));
}

Array trace(Arg x, int64_t offset, Dim axis1, Dim axis2) { return sum(diagonal(x, offset, axis1, axis2), -1); }

Array vander(Arg x, int64_t n, bool increasing) {
  const frontend::Near near(x);
  const Array data = x.array();
  if (data.ndim() != 1) throw ValueError("x must be a one-dimensional array or sequence.");
  const int64_t columns = n < 0 ? data.size() : n;
  Array powers = ones({data.size(), columns}, frontend::promote(data.dtype(), DType::int64));
  // By repeated products, as NumPy accumulates them.
  for (int64_t j = 1; j < columns; ++j) {
    const int64_t at = increasing ? j : columns - 1 - j, from = increasing ? j - 1 : columns - j;
    powers[{all, at}] = powers[{all, from}] * data;
  }
  return powers;
}

Array logspace(double start, double stop, int64_t num, bool endpoint, double base, Here here) {
  return power(full({}, base), linspace(start, stop, num, endpoint, DType::float64, here));
}

Array geomspace(double start, double stop, int64_t num, bool endpoint, Here here) {
  if (start == 0 || stop == 0) throw ValueError("Geometric sequence cannot include zero");
  const double sign = start < 0 ? -1 : 1;
  Array result = sign * logspace(std::log10(sign * start), std::log10(sign * stop), num, endpoint, 10.0, here);
  // The ends are exact.
  if (num > 0) result[0] = start;
  if (num > 1 && endpoint) result[num - 1] = stop;
  return result;
}

Array indices(const Shape& shape, DType dtype, Here here) {
  frontend::check_extents(shape);
  std::vector<Array> axes;
  for (size_t i = 0; i < shape.size(); ++i) {
    Recorder r("indices", here);
    axes.push_back(r.strong_result(r.cast(r.iota(shape, static_cast<int64_t>(i)), dtype)));
  }
  return axes.empty() ? zeros({0}, dtype, here) : stack(axes, 0, here);
}

std::vector<Array> meshgrid(const std::vector<Array>& vectors, Indexing indexing, Here here) {
  const size_t n = vectors.size();
  Shape shape;
  for (const Array& v : vectors) shape.push_back(v.size());
  const bool swap = indexing == Indexing::xy && n > 1;
  if (swap) std::swap(shape[0], shape[1]);
  std::vector<Array> grids;
  for (size_t i = 0; i < n; ++i) {
    Shape own(ir::Shape(n, 1));
    own[swap && i < 2 ? 1 - i : i] = vectors[i].size();
    grids.push_back(broadcast_to(Arg(vectors[i].reshape(own), here), shape).copy());
  }
  return grids;
}

}  // namespace tarry::numpy
