// Products that are a matrix product between reshapes.

#include "axes.h"
#include "broadcast.h"
#include "cell.h"
#include "numpy/core_axes.h"

#include <tarry/numpy.h>

#include <algorithm>

namespace tarry::numpy {

namespace {

Axes axes_of(const std::vector<int64_t>& order) { return Axes(order); }

std::vector<int64_t> normalized(const std::vector<int64_t>& axes, int64_t ndim) {
  std::vector<int64_t> result;
  for (int64_t a : axes) result.push_back(frontend::normalize_axis(a, ndim));
  return result;
}

bool repeats(std::vector<int64_t> axes) {
  std::sort(axes.begin(), axes.end());
  return std::adjacent_find(axes.begin(), axes.end()) != axes.end();
}

/// Axes that are not in the list.
std::vector<int64_t> others(const std::vector<int64_t>& axes, int64_t ndim) {
  std::vector<int64_t> rest;
  for (int64_t a = 0; a < ndim; ++a)
    if (std::find(axes.begin(), axes.end(), a) == axes.end()) rest.push_back(a);
  return rest;
}

std::vector<int64_t> joined(std::vector<int64_t> a, const std::vector<int64_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

int64_t extent_of(const Array& x, const std::vector<int64_t>& axes) {
  int64_t n = 1;
  for (int64_t a : axes) n *= x.shape()[static_cast<size_t>(a)];
  return n;
}

}  // namespace

namespace {

/// bool has no conjugate in NumPy, and stays what it is.
Array conjugated(const Array& x) { return ir::is_complex(x.dtype()) ? conjugate(x) : x; }

const CoreAxes kVecdot{"vecdot", "(n),(n)->()"}, kMatvec{"matvec", "(m,n),(n)->(m)"},
    kVecmat{"vecmat", "(n),(n,m)->(m)"};

/// ValueError unless x and y have these axes at least, and the last of x the extent of the first of y's.
void check_core(const CoreAxes& core, const Array& x, int64_t x_axes, const Array& y, int64_t y_axes) {
  core.need(0, x.ndim(), x_axes);
  core.need(1, y.ndim(), y_axes);
  core.match(x.shape().back(), y.shape()[static_cast<size_t>(y.ndim() - y_axes)]);
}

}  // namespace

Array vecdot(Arg a, Arg b) {
  const Array x = a.array(), y = b.array();
  check_core(kVecdot, x, 1, y, 1);
  const frontend::ManyAxes stacks;
  return squeeze(matmul(expand_dims(conjugated(x), -2), expand_dims(y, -1)), {-2, -1});
}
Array matvec(Arg a, Arg v) {
  const Array m = a.array(), x = v.array();
  check_core(kMatvec, m, 2, x, 1);
  const frontend::ManyAxes stacks;
  return squeeze(matmul(m, expand_dims(x, -1)), -1);
}
Array vecmat(Arg v, Arg a) {
  const Array x = v.array(), m = a.array();
  check_core(kVecmat, x, 1, m, 2);
  const frontend::ManyAxes stacks;
  return squeeze(matmul(expand_dims(conjugated(x), -2), m), -2);
}

Array vdot(Arg a, Arg b) {
  const Array x = conjugated(ravel(a)), y = ravel(b);
  if (x.size() != y.size())
    throw ValueError("cannot reshape array of size " + std::to_string(y.size()) + " into shape " +
                     frontend::dense_text(x.shape()));
  return matmul(Arg(x, a.here()), y);
}

Array outer(Arg a, Arg b) { return multiply(ravel(a).reshape({-1, 1}), ravel(b)); }

Array inner(Arg a, Arg b) {
  const Array x = a.array(), y = b.array();
  if (x.ndim() == 0 || y.ndim() == 0) return multiply(a, b);
  if (x.shape().back() != y.shape().back())
    throw ValueError("shapes " + frontend::dense_text(x.shape()) + " and " + frontend::dense_text(y.shape()) +
                     " not aligned: " + std::to_string(x.shape().back()) + " (dim " + std::to_string(x.ndim() - 1) +
                     ") != " + std::to_string(y.shape().back()) + " (dim " + std::to_string(y.ndim() - 1) + ")");
  return tensordot(a, b, {-1}, {-1});
}

Array tensordot(Arg a, Arg b, int64_t axes) {
  std::vector<int64_t> last, first;
  const int64_t n = a.array().ndim();
  if (axes > n || axes > b.array().ndim() || axes < 0) throw ValueError("tuple index out of range");
  for (int64_t i = 0; i < axes; ++i) {
    last.push_back(n - axes + i);
    first.push_back(i);
  }
  return tensordot(a, b, last, first);
}

Array tensordot(Arg a, Arg b, const std::vector<int64_t>& axes_a, const std::vector<int64_t>& axes_b) {
  const Array x = a.array(), y = b.array();
  const std::vector<int64_t> over_x = normalized(axes_a, x.ndim()), over_y = normalized(axes_b, y.ndim());
  if (repeats(over_x) || repeats(over_y)) throw ValueError("duplicate axes are not allowed in tensordot");
  bool fits = over_x.size() == over_y.size();
  for (size_t i = 0; fits && i < over_x.size(); ++i)
    fits = x.shape()[static_cast<size_t>(over_x[i])] == y.shape()[static_cast<size_t>(over_y[i])];
  if (!fits) throw ValueError("shape-mismatch for sum");
  const std::vector<int64_t> rest_x = others(over_x, x.ndim()), rest_y = others(over_y, y.ndim());
  Shape shape;
  for (int64_t i : rest_x) shape.push_back(x.shape()[static_cast<size_t>(i)]);
  for (int64_t i : rest_y) shape.push_back(y.shape()[static_cast<size_t>(i)]);
  const int64_t k = extent_of(x, over_x);
  const Array left = transpose(x, axes_of(joined(rest_x, over_x))).reshape({extent_of(x, rest_x), k});
  const Array right = transpose(y, axes_of(joined(over_y, rest_y))).reshape({k, extent_of(y, rest_y)});
  return matmul(Arg(left, a.here()), right).reshape(shape);
}

Array kron(Arg a, Arg b) {
  Array x = a.array(), y = b.array();
  const int64_t n = std::max(x.ndim(), y.ndim());
  Shape wide_x, wide_y, result;
  for (int64_t i = 0; i < n; ++i) {
    auto extent = [&](const Array& z) {
      return i < n - z.ndim() ? 1 : z.shape()[static_cast<size_t>(i - (n - z.ndim()))];
    };
    for (int64_t e : {extent(x), int64_t{1}}) wide_x.push_back(e);
    for (int64_t e : {int64_t{1}, extent(y)}) wide_y.push_back(e);
    result.push_back(extent(x) * extent(y));
  }
  const frontend::ManyAxes pairs;
  return multiply(x.reshape(wide_x), y.reshape(wide_y)).reshape(result);
}

Array cross(Arg a, Arg b) {
  const Array x = a.array(), y = b.array();
  const int64_t m = x.ndim() == 0 ? 0 : x.shape().back(), n = y.ndim() == 0 ? 0 : y.shape().back();
  if (x.ndim() == 0 || y.ndim() == 0) throw ValueError("At least one array has zero dimension");
  if ((m != 2 && m != 3) || (n != 2 && n != 3))
    throw ValueError("incompatible dimensions for cross product\n(dimension must be 2 or 3)");
  // The third component of a vector of two is 0.
  const auto component = [](const Array& v, int64_t i) { return v[{ellipsis, i}]; };
  const auto product = [&](int64_t i, int64_t j) {
    if ((i == 2 && m == 2) || (j == 2 && n == 2)) return Array(0);
    return component(x, i) * component(y, j);
  };
  if (m == 2 && n == 2) return product(0, 1) - product(1, 0);
  std::vector<Array> parts;
  for (int64_t i = 0; i < 3; ++i) {
    const int64_t j = (i + 1) % 3, k = (i + 2) % 3;
    parts.push_back(product(j, k) - product(k, j));
  }
  return stack(broadcast_arrays(parts), -1, a.here());
}

}  // namespace tarry::numpy
