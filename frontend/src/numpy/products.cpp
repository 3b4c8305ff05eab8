#include <tarry/numpy/products.h>

#include "broadcast.h"
#include "cell.h"
#include "numpy/core_axes.h"
#include "record.h"

#include <tarry/numpy/elementwise.h>

#include <string>

namespace tarry::numpy {

using frontend::Recorder;
using frontend::Term;
using ir::Op;

namespace {

/// matmul of stacks of matrices whose batch axes broadcast.
Term product(Recorder& r, Term a, Term b) {
  const ir::Shape x = r.shape(a), y = r.shape(b);
  ir::Shape batch(std::span<const int64_t>(x.data(), x.size() - 2));
  const ir::Shape other(std::span<const int64_t>(y.data(), y.size() - 2));
  if (!frontend::broadcast_into(batch, other)) refuse_stacks(x, y, x[x.size() - 2], y.back());
  auto spread = [&](Term t, const ir::Shape& shape) {
    ir::Shape full = batch;
    full.push_back(shape[shape.size() - 2]);
    full.push_back(shape[shape.size() - 1]);
    return full == shape ? t : r.broadcast(t, full);
  };
  return r.matmul(spread(a, x), spread(b, y));
}

[[noreturn]] void refuse_inner(const Recorder& r, Term a, Term b, int64_t m, int64_t n, size_t core) {
  throw ValueError("matmul: Input operand 1 has a mismatch in its core dimension " + std::to_string(core) +
                   ", with gufunc signature (n?,k),(k,m?)->(n?,m?) (size " + std::to_string(n) + " is different from " +
                   std::to_string(m) + "): shapes " + ir::tuple_text(r.shape(a)) + " and " +
                   ir::tuple_text(r.shape(b)));
}

Array multiply_matrices(std::string_view name, const Arg& a, const Arg& b) {
  Recorder r(name, a.here());
  auto [x, y] = r.operands(frontend::Typing::same, a, b);
  if (r.ndim(x) == 0 || r.ndim(y) == 0)
    throw ValueError("matmul: Input operand " + std::string(r.ndim(x) == 0 ? "0" : "1") +
                     " does not have enough dimensions (has 0, gufunc core with signature (n?,k),(k,m?)->(n?,m?) "
                     "requires 1)");
  const bool row = r.ndim(x) == 1, column = r.ndim(y) == 1;
  const int64_t inner = r.shape(x).back(), rows = r.shape(y)[r.shape(y).size() - (column ? 1 : 2)];
  if (inner != rows) refuse_inner(r, x, y, inner, rows, 0);
  if (row) x = r.reshape(x, ir::Shape{1, inner});
  if (column) y = r.reshape(y, ir::Shape{inner, 1});
  const Term z = product(r, x, y);
  ir::Shape shape = r.shape(z);
  if (column) shape.pop_back();
  if (row) shape.erase(shape.size() - (column ? 1 : 2));
  return r.strong_result(r.reshape(z, shape));
}

}  // namespace

Array matmul(Arg a, Arg b) { return multiply_matrices("matmul", a, b); }

Array dot(Arg a, Arg b) {
  const size_t m = frontend::cell_of(a).shape.size(), n = frontend::cell_of(b).shape.size();
  if (m == 0 || n == 0) return multiply(a, b);
  if (n == 1 || (m <= 2 && n == 2)) {
    // (…, k)·(k): the leading axes of a are those of the result.
    const ir::Shape& x = frontend::cell_of(a).shape;
    const ir::Shape& y = frontend::cell_of(b).shape;
    if (x.back() != y[y.size() - (n == 1 ? 1 : 2)])
      throw ValueError("shapes " + frontend::dense_text(x) + " and " + frontend::dense_text(y) +
                       " not aligned: " + std::to_string(x.back()) + " (dim " + std::to_string(m - 1) +
                       ") != " + std::to_string(y[y.size() - (n == 1 ? 1 : 2)]) + " (dim " +
                       std::to_string(n == 1 ? 0 : n - 2) + ")");
    return multiply_matrices("dot", a, b);
  }
  // dot(a, b)[i…, j…, l] = Σ_k a[i…, k] · b[j…, k, l]: one product of two matrices, then axes put in order.
  Recorder r("dot", a.here());
  auto [x, y] = r.operands(frontend::Typing::same, a, b);
  const ir::Shape p = r.shape(x), q = r.shape(y);
  const int64_t k = p.back(), l = q.back();
  if (k != q[q.size() - 2])
    throw ValueError("shapes " + frontend::dense_text(p) + " and " + frontend::dense_text(q) +
                     " not aligned: " + std::to_string(k) + " (dim " + std::to_string(m - 1) +
                     ") != " + std::to_string(q[q.size() - 2]) + " (dim " + std::to_string(n - 2) + ")");
  ir::Shape lead(std::span<const int64_t>(p.data(), p.size() - 1));
  ir::Shape stack(std::span<const int64_t>(q.data(), q.size() - 2));
  const int64_t rows = ir::num_elements(lead), columns = ir::num_elements(stack) * l;
  // b as (k, j…·l).
  ir::Ints order;
  order.push_back(static_cast<int64_t>(q.size()) - 2);
  for (size_t i = 0; i + 2 < q.size(); ++i) order.push_back(static_cast<int64_t>(i));
  order.push_back(static_cast<int64_t>(q.size()) - 1);
  const Term right = r.reshape(r.transpose(y, order), ir::Shape{k, columns});
  const Term z = r.matmul(r.reshape(x, ir::Shape{rows, k}), right);
  ir::Shape shape = lead;
  for (int64_t e : stack) shape.push_back(e);
  shape.push_back(l);
  return r.strong_result(r.reshape(z, shape));
}

}  // namespace tarry::numpy
