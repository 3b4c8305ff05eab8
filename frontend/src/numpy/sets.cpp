// What occurs in an array, each value once, and sets of such.

#include "axes.h"
#include "cell.h"
#include "place.h"
#include "promote.h"

#include <tarry/numpy.h>

namespace tarry::numpy {

using frontend::cell_of;

namespace {

/// The first of each run of equal elements of a sorted array.
Array starts_of_runs(const Array& sorted, NaNs nans) {
  const frontend::Near near(sorted);
  const int64_t n = sorted.size();
  Array first = ones({n}, DType::bool_);
  if (n < 2) return first;
  const Array before = sorted[slice(none, -1)], after = sorted[slice(1, none)];
  Array differs = before != after;
  if (nans == NaNs::equal && (ir::is_float(sorted.dtype()) || ir::is_complex(sorted.dtype())))
    differs = differs & !(isnan(before) & isnan(after));
  first[slice(1, none)] = differs;
  return first;
}

/// All but the values, of `n` things in an order that has equal ones side by side.
Unique describe(const Array& order, const Array& first, int64_t n) {
  const frontend::Near near(order);
  Unique result;
  const Array starts = flatnonzero(first);
  result.index = take(order, starts);
  result.inverse = zeros({n}, DType::int64);
  result.inverse[order] = cumsum(first) - 1;
  const Array ends = concatenate({starts, full({1}, n)});
  result.counts = ends[slice(1, none)] - ends[slice(none, -1)];
  return result;
}

/// The order of the rows of a matrix, by the first element, then the second, …
Array order_of_rows(const Array& rows) {
  const frontend::Near near(rows);
  const int64_t n = rows.shape()[0], m = rows.shape()[1];
  if (m == 0) return arange(n);
  std::vector<Array> keys;
  for (int64_t column = m; column-- > 0;) keys.push_back(rows[{All(), column}]);
  return lexsort(keys);
}

Array starts_of_equal_rows(const Array& sorted) {
  const frontend::Near near(sorted);
  const int64_t n = sorted.shape()[0];
  Array first = ones({n}, DType::bool_);
  if (n > 1) first[slice(1, none)] = any(sorted[slice(1, none)] != sorted[slice(none, -1)], 1);
  return first;
}

}  // namespace

Array unique(Arg x) {
  const Array in_order = sort(x, none);
  return in_order[starts_of_runs(in_order, NaNs::equal)];
}

Unique unique_all(Arg x, NaNs nans) {
  const Array flattened = ravel(x), order = argsort(Arg(flattened, x.here()), none);
  const Array in_order = take(flattened, order), first = starts_of_runs(in_order, nans);
  Unique result = describe(order, first, flattened.size());
  result.values = in_order[first];
  result.inverse = result.inverse.reshape(cell_of(x).shape);
  return result;
}

Unique unique_all(Arg x, Dim axis) {
  const Array a = x.array();
  const int64_t along = frontend::normalize_axis(axis.value, a.ndim());
  const Array front = moveaxis(a, along, 0);
  const int64_t n = front.len();
  const Array rows = front.reshape({n, n == 0 ? 0 : front.size() / n});
  const Array order = order_of_rows(rows), sorted = take(rows, order, 0), first = starts_of_equal_rows(sorted);
  Unique result = describe(order, first, n);
  result.values = moveaxis(take(front, result.index, 0), 0, along);
  return result;
}

Array unique(Arg x, Dim axis) { return unique_all(x, axis).values; }
Array unique_values(Arg x) { return unique_all(x).values; }
std::pair<Array, Array> unique_counts(Arg x) {
  Unique u = unique_all(x);
  return {std::move(u.values), std::move(u.counts)};
}
std::pair<Array, Array> unique_inverse(Arg x) {
  Unique u = unique_all(x);
  return {std::move(u.values), std::move(u.inverse)};
}

namespace {
/// Whether an element equals one of a few, with all of which it is compared: with the last one again and again, so that
/// one kernel does for several numbers of them.
Array is_one_of_few(const Array& x, const Array& few) {
  constexpr int64_t kStep = 8;
  Array found = x == few[0];
  for (int64_t i = 1; i < (few.size() + kStep - 1) / kStep * kStep; ++i)
    found = found | (x == few[std::min(i, few.size() - 1)]);
  return found;
}
}  // namespace

Array isin(Arg x, Arg among, bool invert) {
  const frontend::Near near(x);
  // Comparisons are done sooner than a search, and take longer to record.
  constexpr int64_t kFew = 32, kMany = 4096;
  const int64_t count = ir::num_elements(cell_of(among).shape);
  if (count > 0 && count <= kFew && ir::num_elements(cell_of(x).shape) >= kMany) {
    const Array found = is_one_of_few(x.array(), ravel(among));
    return invert ? !found : found;
  }
  const Array sorted = sort(among, none);
  if (sorted.size() == 0) return full(cell_of(x).shape, invert);
  // NaN is not even equal to itself.
  const Array at = minimum(searchsorted(sorted, x), sorted.size() - 1);
  const Array found = take(sorted, at) == x.array();
  return invert ? !found : found;
}

Array intersect1d(Arg a, Arg b) {
  const DType t = frontend::promote(cell_of(a).dtype, cell_of(b).dtype);
  const Array values = unique(cell_of(a).dtype == t ? a.array() : a.array().astype(t));
  return values[isin(values, b)];
}
Array union1d(Arg a, Arg b) { return unique(concatenate({ravel(a), ravel(b)})); }
Array setdiff1d(Arg a, Arg b) {
  const Array values = unique(a);
  return values[isin(values, b, true)];
}

Array setxor1d(Arg a, Arg b) {
  const frontend::Near near(a);
  const Array all = sort(concatenate({unique(a), unique(b)}), none);
  if (all.size() == 0) return all;
  const Array border = ones({1}, DType::bool_);
  const Array edges = concatenate({border, all[slice(1, none)] != all[slice(none, -1)], border});
  return all[edges[slice(1, none)] & edges[slice(none, -1)]];
}

Array ediff1d(Arg x) {
  const Array flat = ravel(x);
  return flat[slice(1, none)] - flat[slice(none, -1)];
}

}  // namespace tarry::numpy
