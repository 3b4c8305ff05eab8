// Where an array is not zero: the one shape that depends on the data.
#include "chosen.h"
#include "indexing.h"
#include "observe.h"
#include "place.h"
#include "record.h"

#include <algorithm>

namespace tarry::frontend {
namespace {

std::vector<Array> places_on_host(const Array& x, Here here) {
  const CompactView mask = compact(x, here);
  const bool* chosen = static_cast<const bool*>(mask.data);
  const size_t rank = mask.shape.size();
  const int64_t size = ir::num_elements(mask.shape), count = count_chosen(chosen, size);
  std::vector<Array> places;
  std::vector<int64_t*> to;
  for (size_t d = 0; d < rank; ++d) {
    places.push_back(new_array(DType::int64, Shape{count}));
    to.push_back(static_cast<int64_t*>(cell_of(places.back()).buffer.data()));
  }
  if (count == 0 || rank == 0) return places;
  const int64_t row = mask.shape[rank - 1];
  ir::Ints outer(rank, 0);
  for (int64_t begin = 0; begin < size; begin += row) {
    int64_t* const first = to[rank - 1];
    to[rank - 1] = places_of_chosen(chosen + begin, row, first);
    for (size_t d = 0; d + 1 < rank; ++d) to[d] = std::fill_n(to[d], to[rank - 1] - first, outer[d]);
    for (size_t d = rank - 1; d-- > 0 && ++outer[d] == mask.shape[d];) outer[d] = 0;
  }
  return places;
}

/// The places of `count` chosen elements along one axis. The k-th of them is where the running count gets to k.
Array places_along(const Array& counts, int64_t count, const Shape& shape, size_t axis, Here here) {
  int64_t inner = 1;
  for (size_t d = axis + 1; d < shape.size(); ++d) inner *= shape[d];
  Recorder r("nonzero", here);
  const Term number = r.op(Op::add, r.iota(ir::Shape{count}, 0), r.literal_int(DType::int64, 1));
  Term place = r.search(Op::search_left, r.read(Arg(counts, here)), number);
  if (inner != 1) place = r.op(Op::floor_div, place, r.scalar_int(DType::int64, inner));
  if (axis != 0) place = r.op(Op::mod, place, r.scalar_int(DType::int64, shape[axis]));
  r.note_range(place, {0, shape[axis] - 1});
  return r.strong_result(place, Layout::c);
}

/// The mask stays where it is: but one number, how many are chosen, is looked at.
std::vector<Array> places_on_device(const Array& mask, Here here) {
  const Array counts = running_count(mask, here);
  const int64_t count = last_of(counts, here);
  std::vector<Array> places;
  for (size_t axis = 0; axis < mask.shape().size(); ++axis)
    places.push_back(places_along(counts, count, mask.shape(), axis, here));
  return places;
}

}  // namespace

Array running_count(const Array& mask, Here here) {
  Recorder r("nonzero", here);
  const Term flat = r.reshape(r.read(Arg(mask, here)), ir::Shape{mask.size()});
  return r.strong_result(r.scan(Op::scan_sum, r.cast(flat, DType::int64), 0), Layout::c);
}

int64_t last_of(const Array& counts, Here here) {
  return counts.size() == 0 ? 0 : Array(counts[counts.size() - 1]).item<int64_t>(here);
}

std::vector<Array> nonzero_places(const Array& x, Here here) {
  const Array mask = ir::is_bool(x.dtype()) ? x : x.astype(DType::bool_, here);
  const bool there = lives_on_device(mask);
  if (there && mask.size() != 0) return places_on_device(mask, here);
  std::vector<Array> places = places_on_host(mask, here);
  if (there)
    for (Array& place : places) place = place.to(mask.context(), here);
  return places;
}

}  // namespace tarry::frontend
