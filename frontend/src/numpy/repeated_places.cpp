// numpy.add.at and its kin: every repeated place counts.

#include "cell.h"
#include "index.h"
#include "indexing.h"
#include "promote.h"
#include "record.h"
#include "ufunc.h"

#include <tarry/ir/error.h>
#include <tarry/numpy.h>

namespace tarry::numpy {

using frontend::AdvancedIndex;
using frontend::cell_of;
using frontend::Recorder;
using frontend::Term;
using ir::Op;

namespace {

void update_at(const frontend::Ufunc& f, Op op, const Array& x, const Index& index, const Arg& values, bool negated) {
  const DType t = cell_of(x).dtype;
  Recorder r(f.name, values.here());
  const Term whole = r.read(Arg(x, values.here()));
  const auto [unused, v] = r.operands(f.typing, Arg(x, values.here()), values);
  (void)unused;
  frontend::check_output_dtype(f, r.dtype(v), t);
  AdvancedIndex place(r, r.shape(whole), index);
  Term given = r.cast(v, t);
  if (negated) given = r.op(Op::neg, given);
  given = frontend::fit_selected(r, given, place.shape());
  r.write(x, place.write(op, whole, given), "array is read-only");
}

}  // namespace

void add_at(const Array& x, const Index& index, Arg values) {
  update_at({"add", Op::add, frontend::Typing::same}, Op::scatter_add, x, index, values, false);
}
void subtract_at(const Array& x, const Index& index, Arg values) {
  update_at({"subtract", Op::sub, frontend::Typing::number}, Op::scatter_add, x, index, values, true);
}
namespace {

/// Sorted places, and what is to be multiplied there: neighbours of one place together, until each place stands once.
void join_equal_places(Array& places, Array& factors) {
  while (places.size() > 1) {
    const int64_t n = places.size();
    const Array same = places[slice(1, none)] == places[slice(none, -1)];
    if (!same.any().item<bool>()) return;
    const Array border = zeros({1}, DType::bool_);
    const Array first = !concatenate({border, same}), followed = concatenate({same, border});
    const Array rank = arange(n) - take(flatnonzero(first), cumsum(first) - 1);
    const Array even = rank % 2 == 0;
    factors = where(even & followed, factors * roll(factors, -1), factors)[even];
    places = places[even];
  }
}

/// Kernels have no products of complex numbers at computed places.
void complex_multiply_at(const frontend::Ufunc& f, const Array& x, const Index& index, const Arg& values) {
  if (cell_of(x).read_only) throw ValueError("array is read-only");
  const Array given = values.array();
  frontend::check_output_dtype(f, result_type(x, given), x.dtype());
  const Array selected = Array(arange(x.size()).reshape(x.shape())[index]);
  Array places = ravel(selected).copy(),
        factors = ravel(broadcast_to(given.astype(x.dtype()), selected.shape())).copy();
  const Array order = argsort(places, none);
  places = take(places, order);
  factors = take(factors, order);
  join_equal_places(places, factors);
  put(x, places, take(x, places) * factors);
}

}  // namespace

void multiply_at(const Array& x, const Index& index, Arg values) {
  if (ir::is_complex(x.dtype()))
    return complex_multiply_at({"multiply", Op::mul, frontend::Typing::same}, x, index, values);
  update_at({"multiply", Op::mul, frontend::Typing::same}, Op::scatter_mul, x, index, values, false);
}
namespace {

/// Complex numbers by their places among all that are compared; a NaN wins.
void complex_extreme_at(const frontend::Ufunc& f, const Array& x, const Index& index, const Arg& values) {
  if (cell_of(x).read_only) throw ValueError("array is read-only");
  const bool largest = f.op == Op::max;
  frontend::check_output_dtype(f, result_type(x, values.array()), x.dtype());
  const Array given = values.array().astype(x.dtype());
  const Array all = concatenate({ravel(x), ravel(given)}), order = argsort(all, none), sorted = take(all, order);
  const int64_t n = all.size();
  Array rank = zeros({n}, DType::int64);
  rank[order] = arange(n);
  if (!largest) rank = where(isnan(all), rank - n, rank);
  Array places = rank[slice(x.size())].reshape(x.shape()).copy();
  const Array others = rank[slice(x.size(), none)].reshape(given.shape());
  if (largest)
    maximum_at(places, index, others);
  else
    minimum_at(places, index, others);
  frontend::set_item(x, Index(ellipsis), take(sorted, where(places < 0, places + n, places)));
}

}  // namespace

void maximum_at(const Array& x, const Index& index, Arg values) {
  if (ir::is_complex(x.dtype()))
    return complex_extreme_at({"maximum", Op::max, frontend::Typing::same}, x, index, values);
  update_at({"maximum", Op::max, frontend::Typing::same}, Op::scatter_max, x, index, values, false);
}
void minimum_at(const Array& x, const Index& index, Arg values) {
  if (ir::is_complex(x.dtype()))
    return complex_extreme_at({"minimum", Op::min, frontend::Typing::same}, x, index, values);
  update_at({"minimum", Op::min, frontend::Typing::same}, Op::scatter_min, x, index, values, false);
}

}  // namespace tarry::numpy
