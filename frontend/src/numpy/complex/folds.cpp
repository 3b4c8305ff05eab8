// Reductions, scans and order of complex numbers.

#include "complex.h"
#include "formula.h"

#include <algorithm>

namespace tarry::frontend {
namespace {

/// A slice along one axis.
Term part_of_axis(Recorder& r, Term x, int64_t axis, int64_t from, int64_t count, int64_t step = 1) {
  ir::Ints start(r.shape(x).size(), 0), steps(r.shape(x).size(), 1), extents(r.shape(x));
  start[axis] = from;
  steps[axis] = step;
  extents[axis] = count;
  return r.slice(x, start, steps, extents);
}

/// The axes at the end, as one.
Term axes_as_last(Recorder& r, Term x, std::span<const int64_t> axes) {
  const ir::Shape from(r.shape(x));
  ir::Ints order;
  ir::Shape to;
  int64_t n = 1;
  for (size_t a = 0; a < from.size(); ++a) {
    if (std::ranges::find(axes, static_cast<int64_t>(a)) != axes.end()) {
      n *= from[a];
    } else {
      order.push_back(static_cast<int64_t>(a));
      to.push_back(from[a]);
    }
  }
  for (int64_t a : axes) order.push_back(a);
  to.push_back(n);
  return r.reshape(r.transpose(x, order), to);
}

/// Halves the axis until one element is left: neighbours are multiplied, one without a neighbour waits.
Term product(Recorder& r, Term x, std::span<const int64_t> axes) {
  x = axes_as_last(r, x, axes);
  const auto last = static_cast<int64_t>(r.shape(x).size()) - 1;
  int64_t n = r.shape(x).back();
  if (n == 0) {
    ir::Shape to(r.shape(x));
    to.pop_back();
    return r.broadcast(r.literal(r.dtype(x), 1), to);
  }
  for (; n > 1; n = (n + 1) / 2) {
    const Term even = part_of_axis(r, x, last, 0, n / 2, 2), odd = part_of_axis(r, x, last, 1, n / 2, 2);
    const Term pairs = r.op(Op::mul, even, odd);
    if (n % 2 == 0) {
      x = pairs;
      continue;
    }
    ir::Shape longer(r.shape(pairs));
    ++longer[last];
    const ir::Ints start(longer.size(), 0), step(longer.size(), 1);
    ir::Ints at_end(longer.size(), 0);
    at_end[last] = n / 2;
    const Term both = r.update(r.empty(r.dtype(x), longer), pairs, start, step);
    x = r.update(both, part_of_axis(r, x, last, n - 1, 1), at_end, step);
  }
  ir::Shape to(r.shape(x));
  to.pop_back();
  return r.reshape(x, to);
}

/// What sorts a number: those without NaN come first, then x + nan·i, nan + y·i and those of NaNs alone.
struct Rank {
  Real group, re, im;
};
Rank rank_of(Recorder& r, Complex z) {
  const Real no_real = isnan(z.re), no_imag = isnan(z.im);
  const auto weight = [&](Real b, int64_t w) {
    return select(b, Real{&r, r.literal_int(DType::int8, w)}, Real{&r, r.literal_int(DType::int8, 0)});
  };
  return {weight(no_real, 2) + weight(no_imag, 1), select(no_real, 0.0, z.re), select(no_imag, 0.0, z.im)};
}

Real before(const Rank& a, const Rank& b) {
  const Real by_parts = (a.re < b.re) | ((a.re == b.re) & (a.im < b.im));
  return (a.group < b.group) | ((a.group == b.group) & by_parts);
}

Term kept(Recorder& r, Op op, Real x, std::span<const int64_t> axes) { return r.reduce(op, x.t, axes, KeepDims::yes); }

}  // namespace

Term complex_extremes(Recorder& r, Op op, Term x, std::span<const int64_t> axes) {
  const Complex z = parts(r, x);
  const double worst = op == Op::reduce_max ? -HUGE_VAL : HUGE_VAL;
  const Real unknown = isnan(z.re) | isnan(z.im);
  const Real first = z.re == Real{&r, kept(r, op, z.re, axes)};
  const Real best{&r, kept(r, op, select(first, z.im, worst), axes)};
  const Real any_unknown{&r, kept(r, Op::reduce_max, unknown, axes)};
  return select(any_unknown, unknown, first & (z.im == best)).t;
}

Term complex_reduce(Recorder& r, Op op, Term x, std::span<const int64_t> axes) {
  if (op == Op::reduce_prod) return product(r, x, axes);
  // What is found first, read from where it lies.
  const Term flat = axes_as_last(r, x, axes);
  const auto last = static_cast<int64_t>(r.shape(flat).size()) - 1;
  const Term hits = complex_extremes(r, op, flat, std::span(&last, 1));
  const int64_t n = r.shape(flat).back();
  const Term number = r.op(Op::select, hits, r.iota(r.shape(flat), last), r.scalar_int(DType::int64, n - 1));
  const Term at = r.reduce(Op::reduce_min, number, std::span(&last, 1));
  const ir::Shape to(r.shape(at));
  std::vector<Term> places;
  ir::Ints all;
  for (int64_t a = 0; a <= last; ++a) {
    places.push_back(a == last ? at : r.iota(to, a));
    r.note_range(places.back(), {0, r.shape(flat)[static_cast<size_t>(a)] - 1});
    all.push_back(a);
  }
  return r.gather(flat, places, all);
}

Term complex_cumprod(Recorder& r, Term x, int64_t axis) {
  const int64_t n = r.shape(x)[static_cast<size_t>(axis)];
  for (int64_t by = 1; by < n; by *= 2) {
    const Term later = part_of_axis(r, x, axis, by, n - by), earlier = part_of_axis(r, x, axis, 0, n - by);
    ir::Ints start(r.shape(x).size(), 0);
    start[axis] = by;
    x = r.update(x, r.op(Op::mul, earlier, later), start, ir::Ints(r.shape(x).size(), 1));
  }
  return x;
}

Term complex_search(Recorder& r, Op op, Term sorted, Term values) {
  ir::Shape column(r.shape(values));
  column.push_back(1);
  const Rank element = rank_of(r, parts(r, sorted)), value = rank_of(r, parts(r, r.reshape(values, column)));
  const Real counts = op == Op::search_left ? before(element, value) : !before(value, element);
  const auto last = static_cast<int64_t>(column.size()) - 1;
  return r.reduce(Op::reduce_sum, r.cast(counts.t, DType::int64), std::span(&last, 1));
}

Term complex_argsort(Recorder& r, Term x, int64_t axis) {
  const ir::Shape shape(r.shape(x));
  const auto at = [&](Term values, Term order) {
    std::vector<Term> places;
    ir::Ints all;
    for (int64_t a = 0; a < static_cast<int64_t>(shape.size()); ++a) {
      places.push_back(a == axis ? order : r.iota(shape, a));
      r.note_range(places.back(), {0, shape[static_cast<size_t>(a)] - 1});
      all.push_back(a);
    }
    return r.gather(values, places, all);
  };
  // Stable sorts from the least significant key on.
  const Rank rank = rank_of(r, parts(r, x));
  Term order = r.argsort(rank.im.t, axis);
  for (Term key : {rank.re.t, rank.group.t}) {
    order = at(order, r.argsort(at(key, order), axis));
    r.note_range(order, {0, shape[static_cast<size_t>(axis)] - 1});
  }
  return order;
}

}  // namespace tarry::frontend
