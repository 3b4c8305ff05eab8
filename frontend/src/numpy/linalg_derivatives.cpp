// Tangents of the routines of linalg, as products: what they need of the matrices is computed once, also where many
// tangents are pushed at a time. Giles, "Collected matrix derivative results for forward and reverse mode" (2008).

#include "numpy/linalg_derivatives.h"

#include "autodiff/custom.h"
#include "cell.h"
#include "value.h"

#include <tarry/numpy.h>

namespace tarry::numpy::linalg::derivatives {

using frontend::Arrays;
using frontend::with_tangents;

namespace {

[[noreturn]] void refuse(const char* what) { throw TypeError(std::string(what) + " is not differentiable"); }

Array transpose_last(const Array& x) { return swapaxes(x, -1, -2); }
Array product(const Array& a, const Array& b) { return matmul(a, b); }
Array product(const Array& a, const Array& b, const Array& c) { return matmul(matmul(a, b), c); }
Array diagonal_of(const Array& x) { return diagonal(x, 0, -2, -1); }
int64_t last_extent(const Array& x) { return x.shape().back(); }
Array unit(const Array& like) { return eye(last_extent(like), -1, 0, like.dtype()); }

/// Integers count as the floats that LAPACK takes.
Array as_float(const Array& x) { return ir::is_float(x.dtype()) ? x : x.astype(DType::float64); }

/// The symmetric matrix of which a routine reads the lower triangle.
Array from_lower(const Array& x) { return tril(x) + transpose_last(tril(x, -1)); }

/// 1 / (xᵢ - xⱼ) beside the diagonal; 0 on it, and where both are equal.
Array inverse_gaps(const Array& x) {
  const Array gaps = expand_dims(x, -1) - expand_dims(x, -2);
  return where(gaps == 0, 0.0, 1 / where(gaps == 0, 1.0, gaps));
}

}  // namespace

bool needed(const Arg& a) { return frontend::is_followed(a.array()); }

Array solve(const Array& a, const Array& b) {
  const bool vector = b.ndim() == 1;
  return with_tangents(
      {as_float(a), as_float(b)}, [](const Arrays& x) { return Arrays{linalg::solve(x[0], x[1])}; },
      [vector](const Arrays& at, const Arrays& results, const Arrays& t) {
        const auto columns = [&](const Array& x) { return vector ? expand_dims(x, -1) : x; };
        const Array change = product(linalg::inv(at[0]), columns(t[1]) - product(t[0], columns(results[0])));
        return Arrays{vector ? squeeze(change, -1) : change};
      })[0];
}

Array inv(const Array& a) {
  return with_tangents(
      {a}, [](const Arrays& x) { return Arrays{linalg::inv(x[0])}; },
      [](const Arrays&, const Arrays& w, const Arrays& t) { return Arrays{-product(w[0], t[0], w[0])}; })[0];
}

Array det(const Array& a) {
  return with_tangents(
      {a}, [](const Arrays& x) { return Arrays{linalg::det(x[0])}; },
      [](const Arrays& at, const Arrays& d, const Arrays& t) {
        return Arrays{d[0] * sum(diagonal_of(product(linalg::inv(at[0]), t[0])), -1)};
      })[0];
}

SignAndLog slogdet(const Array& a) {
  const Arrays results = with_tangents(
      {a},
      [](const Arrays& x) {
        const SignAndLog r = linalg::slogdet(x[0]);
        return Arrays{r.sign, r.logabsdet};
      },
      [](const Arrays& at, const Arrays& r, const Arrays& t) {
        return Arrays{zeros_like(r[0]), sum(diagonal_of(product(linalg::inv(at[0]), t[0])), -1)};
      });
  return {results[0], results[1]};
}

Array cholesky(const Array& a) {
  return with_tangents(
      {a}, [](const Arrays& x) { return Arrays{linalg::cholesky(x[0])}; },
      [](const Arrays&, const Arrays& l, const Arrays& t) {
        const Array w = linalg::inv(l[0]);
        const Array inner = product(w, from_lower(t[0]), transpose_last(w));
        return Arrays{product(l[0], tril(inner) - 0.5 * inner * unit(inner))};
      })[0];
}

QR qr(const Array& a, bool reduced) {
  const int64_t rows = a.ndim() < 2 ? 0 : a.shape()[a.shape().size() - 2];
  if (a.ndim() >= 2 && (rows < last_extent(a) || (!reduced && rows != last_extent(a))))
    refuse("qr of a matrix with more columns than rows, or in complete form,");
  const Arrays results = with_tangents(
      {a},
      [reduced](const Arrays& x) {
        const QR f = linalg::qr(x[0], reduced);
        return Arrays{f.q, f.r};
      },
      [](const Arrays&, const Arrays& f, const Arrays& t) {
        const Array& q = f[0];
        const Array outer = product(t[0], linalg::inv(f[1])), inner = product(transpose_last(q), outer);
        const Array lower = tril(inner, -1), turn = lower - transpose_last(lower);
        return Arrays{product(q, turn) + outer - product(q, inner), product(inner - turn, f[1])};
      });
  return {results[0], results[1]};
}

SVD svd(const Array& a, bool full_matrices) {
  if (a.ndim() >= 2 && full_matrices && a.shape()[a.shape().size() - 2] != last_extent(a))
    refuse("svd of a matrix that is not square, with full_matrices,");
  const Arrays results = with_tangents(
      {a},
      [full_matrices](const Arrays& x) {
        const SVD f = linalg::svd(x[0], full_matrices);
        return Arrays{f.u, f.s, f.vh};
      },
      [](const Arrays&, const Arrays& f, const Arrays& t) {
        const Array &u = f[0], &s = f[1], ut = transpose_last(u), v = transpose_last(f[2]);
        const Array along_rows = expand_dims(s, -2), along_columns = expand_dims(s, -1);
        const Array left = product(t[0], v), right = product(transpose_last(t[0]), u);
        const Array inner = product(ut, left), turned = transpose_last(inner);
        const Array gaps = -inverse_gaps(s * s);
        const Array turn_u = gaps * (inner * along_rows + along_columns * turned);
        const Array turn_v = gaps * (along_columns * inner + turned * along_rows);
        const Array du = product(u, turn_u) + (left - product(u, inner)) / along_rows;
        const Array dv = product(v, turn_v) + (right - product(v, turned)) / along_rows;
        return Arrays{du, diagonal_of(inner), transpose_last(dv)};
      });
  return {results[0], results[1], results[2]};
}

Array svdvals(const Array& a) {
  return with_tangents(
      {a}, [](const Arrays& x) { return Arrays{linalg::svdvals(x[0])}; },
      [](const Arrays& at, const Arrays&, const Arrays& t) {
        const SVD f = linalg::svd(at[0], false);
        return Arrays{diagonal_of(product(transpose_last(f.u), t[0], transpose_last(f.vh)))};
      })[0];
}

Array eigvalsh(const Array& a) {
  return with_tangents(
      {a}, [](const Arrays& x) { return Arrays{linalg::eigvalsh(x[0])}; },
      [](const Arrays& at, const Arrays&, const Arrays& t) {
        const Array v = linalg::eigh(at[0]).eigenvectors;
        return Arrays{diagonal_of(product(transpose_last(v), from_lower(t[0]), v))};
      })[0];
}

Eigen eigh(const Array& a) {
  const Arrays results = with_tangents(
      {a},
      [](const Arrays& x) {
        const Eigen f = linalg::eigh(x[0]);
        return Arrays{f.eigenvalues, f.eigenvectors};
      },
      [](const Arrays&, const Arrays& f, const Arrays& t) {
        const Array inner = product(transpose_last(f[1]), from_lower(t[0]), f[1]);
        return Arrays{diagonal_of(inner), product(f[1], -inverse_gaps(f[0]) * inner)};
      });
  return {results[0], results[1]};
}

LeastSquares lstsq(const Array& a, const Array& b, double rcond) {
  const bool vector = b.ndim() == 1;
  const LeastSquares plain = linalg::lstsq(frontend::stop(a), frontend::stop(b), rcond);
  if (a.ndim() != 2 || plain.rank < last_extent(a)) refuse("lstsq with fewer independent rows than columns");
  const Arrays results = with_tangents(
      {as_float(a), as_float(b)},
      [&](const Arrays&) {
        return Arrays{plain.x, plain.residuals};
      },
      [vector](const Arrays& at, const Arrays& r, const Arrays& t) {
        const auto columns = [&](const Array& x) { return vector ? expand_dims(x, -1) : x; };
        const Array at_transposed = transpose_last(at[0]), x = columns(r[0]);
        const Array rest = columns(at[1]) - product(at[0], x), change = columns(t[1]) - product(t[0], x);
        const Array dx = product(linalg::inv(product(at_transposed, at[0])),
                                 product(transpose_last(t[0]), rest) + product(at_transposed, change));
        const Array of_residuals = r[1].size() == 0 ? zeros_like(r[1]) : sum(2 * rest * change, 0);
        return Arrays{vector ? squeeze(dx, -1) : dx, of_residuals};
      });
  return {results[0], results[1], plain.rank, needed(a) ? svdvals(a) : plain.singular_values};
}

}  // namespace tarry::numpy::linalg::derivatives
