// Tangents of the routines of linalg, as products: what they need of the matrices is computed once, also where many
// tangents are pushed at a time. Giles, "Collected matrix derivative results for forward and reverse mode" (2008).

#include "numpy/linalg_derivatives.h"

#include "autodiff/custom.h"
#include "cell.h"
#include "numpy/matrices.h"
#include "place.h"
#include "value.h"

#include <tarry/numpy.h>

#include <algorithm>
#include <vector>

namespace tarry::numpy::linalg::derivatives {

using frontend::Arrays;
using frontend::with_tangents;

namespace {

[[noreturn]] void refuse(const char* what) { throw TypeError(std::string(what) + " is not differentiable"); }

Array product(const Array& a, const Array& b) { return matmul(a, b); }
Array product(const Array& a, const Array& b, const Array& c) { return matmul(matmul(a, b), c); }
Array diagonal_of(const Array& x) { return diagonal(x, 0, -2, -1); }
Array trace_of(const Array& x) { return sum(diagonal_of(x), -1); }
int64_t rows_of(const Array& x) { return x.shape()[x.shape().size() - 2]; }
Array unit(const Array& like) {
  const frontend::Near near(like);
  return eye(last_extent(like), -1, 0, ir::part_of(like.dtype()));
}

/// The symmetric (Hermitian) matrix of which a routine reads the lower triangle, and the real part of the diagonal.
Array from_lower(const Array& x) {
  const Array below = tril(x, -1);
  return below + adjoint(below) + real_part(x) * unit(x);
}

/// With axes of extent 1 in front, so that stacks of both operands have as many.
Array of_rank(const Array& x, int64_t rank) {
  ir::Shape shape = x.shape();
  while (static_cast<int64_t>(shape.size()) < rank) shape.insert(0, 1);
  return x.reshape(shape);
}

/// 1 / (xᵢ - xⱼ) beside the diagonal; 0 on it, and where both are equal.
Array inverse_gaps(const Array& x) {
  const Array gaps = expand_dims(x, -1) - expand_dims(x, -2);
  return where(gaps == 0, 0.0, 1 / where(gaps == 0, 1.0, gaps));
}

}  // namespace

bool needed(const Arg& a) { return frontend::is_followed(a.array()); }
bool needed_of_matrix(const Arg& a) { return a.array().ndim() >= 2 && needed(a); }

Array solve(const Array& a, const Array& b) {
  if (a.ndim() < 2 || b.ndim() < 1) return linalg::solve(frontend::stop(a), frontend::stop(b));  // which throws
  // Of a stack of vectors each is a matrix of one column.
  const bool vector = b.ndim() == 1;
  const auto columns = [vector](const Array& x) { return vector ? expand_dims(x, -1) : x; };
  const auto plain = [vector](const Array& x) { return vector ? squeeze(x, -1) : x; };
  return with_tangents(
      {of_rank(as_float(a), b.ndim()), of_rank(as_float(b), vector ? 1 : a.ndim())},
      [=](const Arrays& x) { return Arrays{plain(linalg::solve(x[0], columns(x[1])))}; },
      [=](const Arrays& at, const Arrays& results, const Arrays& t) {
        return Arrays{plain(product(linalg::inv(at[0]), columns(t[1]) - product(t[0], columns(results[0]))))};
      })[0];
}

Array inv(const Array& a) {
  return with_tangents(
      {as_float(a)}, [](const Arrays& x) { return Arrays{linalg::inv(x[0])}; },
      [](const Arrays&, const Arrays& w, const Arrays& t) { return Arrays{-product(w[0], t[0], w[0])}; })[0];
}

namespace {

/// tr(A⁻¹ dA).
Array relative_change(const Array& a, const Array& change) {
  try {
    return trace_of(product(linalg::inv(a), change));
  } catch (const ValueError& e) {
    throw ValueError(std::string("the derivative of slogdet: ") + e.what());
  }
}

}  // namespace

SignAndLog slogdet(const Array& a) {
  const Arrays results = with_tangents(
      {as_float(a)},
      [](const Arrays& x) {
        const SignAndLog r = linalg::slogdet(x[0]);
        return Arrays{r.sign, r.logabsdet};
      },
      [](const Arrays& at, const Arrays& r, const Arrays& t) {
        const Array change = relative_change(at[0], t[0]);
        if (!iscomplexobj(change)) return Arrays{zeros_like(r[0]), change};
        return Arrays{r[0] * (change - real(change)), real(change)};
      });
  return {results[0], results[1]};
}

Array cholesky(const Array& a) {
  return with_tangents(
      {as_float(a)}, [](const Arrays& x) { return Arrays{linalg::cholesky(x[0])}; },
      [](const Arrays&, const Arrays& l, const Arrays& t) {
        const Array w = linalg::inv(l[0]);
        const Array inner = product(w, from_lower(t[0]), adjoint(w));
        return Arrays{product(l[0], tril(inner) - 0.5 * inner * unit(inner))};
      })[0];
}

QR qr(const Array& a, bool reduced) {
  const Arrays results = with_tangents(
      {as_float(a)},
      [reduced](const Arrays& x) {
        const QR f = linalg::qr(x[0], reduced);
        return Arrays{f.q, f.r};
      },
      [reduced](const Arrays& at, const Arrays& f, const Arrays& t) {
        const int64_t rows = rows_of(at[0]), columns = last_extent(at[0]);
        if (rows < columns || (!reduced && rows != columns))
          refuse("qr of a matrix with more columns than rows, or in complete form,");
        const Array& q = f[0];
        const Array outer = product(t[0], linalg::inv(f[1])), inner = product(adjoint(q), outer);
        const Array lower = tril(inner, -1);
        Array turn = lower - adjoint(lower);
        // The diagonal of r stays real.
        if (iscomplexobj(inner)) turn = turn + unit(inner) * (inner - real(inner));
        return Arrays{product(q, turn) + outer - product(q, inner), product(inner - turn, f[1])};
      });
  return {results[0], results[1]};
}

SVD svd(const Array& a, bool full_matrices) {
  const Arrays results = with_tangents(
      {as_float(a)},
      [full_matrices](const Arrays& x) {
        const SVD f = linalg::svd(x[0], full_matrices);
        return Arrays{f.u, f.s, f.vh};
      },
      [full_matrices](const Arrays& at, const Arrays& f, const Arrays& t) {
        if (full_matrices && rows_of(at[0]) != last_extent(at[0]))
          refuse("svd of a matrix that is not square, with full_matrices,");
        const Array &u = f[0], &s = f[1], ut = adjoint(u), v = adjoint(f[2]);
        const Array along_rows = expand_dims(s, -2), along_columns = expand_dims(s, -1);
        const Array left = product(t[0], v), right = product(adjoint(t[0]), u);
        const Array inner = product(ut, left), turned = adjoint(inner);
        const Array gaps = -inverse_gaps(s * s);
        Array turn_u = gaps * (inner * along_rows + along_columns * turned);
        // Only the phase of u and v together is given: that of u turns.
        if (iscomplexobj(inner)) turn_u = turn_u + unit(inner) * (inner - real(inner)) / along_rows;
        const Array turn_v = gaps * (along_columns * inner + turned * along_rows);
        const Array du = product(u, turn_u) + (left - product(u, inner)) / along_rows;
        const Array dv = product(v, turn_v) + (right - product(v, turned)) / along_rows;
        return Arrays{du, real_part(diagonal_of(inner)), adjoint(dv)};
      });
  return {results[0], results[1], results[2]};
}

Array svdvals(const Array& a) {
  return with_tangents(
      {as_float(a)}, [](const Arrays& x) { return Arrays{linalg::svdvals(x[0])}; },
      [](const Arrays& at, const Arrays&, const Arrays& t) {
        const SVD f = linalg::svd(at[0], false);
        return Arrays{real_part(diagonal_of(product(adjoint(f.u), t[0], adjoint(f.vh))))};
      })[0];
}

Array eigvalsh(const Array& a) {
  return with_tangents(
      {as_float(a)}, [](const Arrays& x) { return Arrays{linalg::eigvalsh(x[0])}; },
      [](const Arrays& at, const Arrays&, const Arrays& t) {
        const Array v = linalg::eigh(at[0]).eigenvectors;
        return Arrays{real_part(diagonal_of(product(adjoint(v), from_lower(t[0]), v)))};
      })[0];
}

Eigen eigh(const Array& a) {
  const Arrays results = with_tangents(
      {as_float(a)},
      [](const Arrays& x) {
        const Eigen f = linalg::eigh(x[0]);
        return Arrays{f.eigenvalues, f.eigenvectors};
      },
      [](const Arrays&, const Arrays& f, const Arrays& t) {
        const Array inner = product(adjoint(f[1]), from_lower(t[0]), f[1]);
        return Arrays{real_part(diagonal_of(inner)), product(f[1], -inverse_gaps(f[0]) * inner)};
      });
  return {results[0], results[1]};
}

namespace {

/// lstsq of one matrix, or of each of a stack: solutions and residuals, which have one type where all have full rank.
Arrays least_squares(const Array& a, const Array& b, double rcond) {
  const int64_t rows = rows_of(a), columns = last_extent(a);
  if (a.ndim() == 2) {
    const LeastSquares r = linalg::lstsq(a, b, rcond);
    if (r.rank < std::min(rows, columns)) throw TypeError("lstsq under a transform needs a matrix of full rank");
    return {r.x, r.residuals};
  }
  if (a.size() == 0) {
    ir::Shape of_x = a.shape();
    of_x.resize(of_x.size() - 2);
    ir::Shape of_residuals = of_x;
    const bool vector = b.ndim() == a.ndim() - 1;
    of_x.push_back(columns);
    if (!vector) of_x.push_back(last_extent(b));
    of_residuals.push_back(rows <= columns ? 0 : vector ? 1 : last_extent(b));
    const DType t = linalg::inv(zeros({0, 1, 1}, a.dtype())).dtype();
    return {zeros(of_x, t), zeros(of_residuals, ir::part_of(t))};
  }
  std::vector<Array> x, residuals;
  for (int64_t i = 0; i < a.shape()[0]; ++i) {
    const Arrays one = least_squares(a[i], b[i], rcond);
    x.push_back(one[0]);
    residuals.push_back(one[1]);
  }
  return {stack(x), stack(residuals)};
}

}  // namespace

LeastSquares lstsq(const Array& a, const Array& b, double rcond) {
  if (a.ndim() != 2 || b.ndim() < 1 || b.ndim() > 2) throw ValueError("lstsq takes single matrices");
  const bool vector = b.ndim() == 1;
  const auto columns = [vector](const Array& x) { return vector ? expand_dims(x, -1) : x; };
  const Arrays results = with_tangents(
      {as_float(a), as_float(b)}, [rcond](const Arrays& x) { return least_squares(x[0], x[1], rcond); },
      [=](const Arrays& at, const Arrays& r, const Arrays& t) {
        if (rows_of(at[0]) < last_extent(at[0])) refuse("lstsq with fewer independent rows than columns");
        const Array at_adjoint = adjoint(at[0]), x = columns(r[0]);
        const Array rest = columns(at[1]) - product(at[0], x), change = columns(t[1]) - product(t[0], x);
        const Array dx = product(linalg::inv(product(at_adjoint, at[0])),
                                 product(adjoint(t[0]), rest) + product(at_adjoint, change));
        const Array turned = iscomplexobj(rest) ? conj(rest) : rest;
        const Array of_residuals = r[1].size() == 0 ? zeros_like(r[1]) : sum(2 * real_part(turned * change), -2);
        return Arrays{vector ? squeeze(dx, -1) : dx, of_residuals};
      });
  return {results[0], results[1], std::min(rows_of(a), last_extent(a)), svdvals(a)};
}

}  // namespace tarry::numpy::linalg::derivatives
