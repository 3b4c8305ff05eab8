#include <tarry/numpy/memory.h>

#include "cell.h"
#include "order.h"
#include "value.h"
#include "view_info.h"

#include <tarry/ir/error.h>
#include <tarry/numpy/manipulation.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace tarry {

using namespace frontend;

Shape Array::strides() const {
  ir::Strides strides = cell_of(*this).numpy_strides();
  for (int64_t& stride : strides) stride *= itemsize();
  return Shape(strides);
}

Flags Array::flags() const {
  const Cell& cell = cell_of(*this);
  const ir::Strides strides = cell.numpy_strides();
  return {is_c_order(cell.shape, strides), is_f_order(cell.shape, strides), !cell.is_view() && !cell.pinned,
          !cell.read_only};
}

void Array::setflags(bool write) const {
  Cell& cell = cell_of(*this);
  if (write && (cell.frozen || (cell.is_view() && cell.view->base->read_only)))
    throw ValueError("cannot set WRITEABLE flag to True of this array");
  cell.read_only = !write;
}

namespace {

/// The bytes of an array: those of `itemsize` at `first` and at all multiples of the strides, which are positive.
struct Bytes {
  int64_t first, last, itemsize;
  std::vector<std::pair<int64_t, int64_t>> steps;  // stride, and how often it is taken at most
};

/// Counted from the base's first element, or as addresses.
Bytes bytes_of(const Array& a, bool addresses) {
  const Cell& cell = cell_of(a);
  Bytes b{0, 0, a.itemsize(), {}};
  if (addresses) {
    const Cell& base = base_of(cell);
    b.first =
        reinterpret_cast<intptr_t>(base.buffer.data()) + base.offset * static_cast<int64_t>(ir::size_of(base.dtype));
  }
  if (cell.is_view()) b.first += cell.offset * b.itemsize;
  const ir::Strides strides = cell.numpy_strides();
  b.last = b.first + b.itemsize - 1;
  for (size_t i = 0; i < strides.size(); ++i) {
    const int64_t step = strides[i] * b.itemsize, times = cell.shape[i] - 1;
    if (step == 0 || times <= 0) continue;
    (step < 0 ? b.first : b.last) += step * times;
    b.steps.emplace_back(std::abs(step), times);
  }
  return b;
}

/// The bytes of both, if one may be the same: arrays of one base, or of memory of the user's.
std::optional<std::pair<Bytes, Bytes>> overlapping(const Array& a, const Array& b) {
  if (a.size() == 0 || b.size() == 0) return {};
  const Cell& first = base_of(cell_of(a));
  const Cell& second = base_of(cell_of(b));
  if (&first != &second && !(first.pinned && second.pinned)) return {};
  std::pair<Bytes, Bytes> both{bytes_of(a, &first != &second), bytes_of(b, &first != &second)};
  if (both.first.first > both.second.last || both.second.first > both.first.last) return {};
  return both;
}

/// Whether some multiples of the coefficients, none taken more often than its count, sum to `target`. `left` is the
/// largest sum of the coefficients from `k` on, and `divisor` divides them all.
struct Search {
  std::vector<std::pair<int64_t, int64_t>> terms;  // coefficients from the largest to the smallest
  std::vector<int64_t> left;
  std::vector<int64_t> divisor;

  bool reaches(size_t k, int64_t target) const {
    if (target == 0) return true;
    if (k == terms.size() || target < 0 || target > left[k] || target % divisor[k] != 0) return false;
    const auto [coefficient, count] = terms[k];
    const int64_t most = std::min<int64_t>(count, target / coefficient);
    const int64_t least = std::max<int64_t>(0, (target - left[k + 1] + coefficient - 1) / coefficient);
    for (int64_t n = most; n >= least; --n)
      if (reaches(k + 1, target - n * coefficient)) return true;
    return false;
  }
};

/// a.first + steps of a + byte of an element = the same of b. With the steps of b counted from its end, all terms stand
/// on one side.
bool share(const Bytes& a, const Bytes& b) {
  std::map<int64_t, int64_t, std::greater<>> terms;
  for (const Bytes* part : {&a, &b}) {
    for (const auto& [step, times] : part->steps) terms[step] += times;
    if (part->itemsize > 1) terms[1] += part->itemsize - 1;
  }
  Search search{{terms.begin(), terms.end()}, {}, {}};
  search.left.assign(search.terms.size() + 1, 0);
  search.divisor.assign(search.terms.size() + 1, 0);
  for (size_t k = search.terms.size(); k-- > 0;) {
    const auto [coefficient, count] = search.terms[k];
    search.left[k] = search.left[k + 1] + coefficient * count;
    search.divisor[k] = std::gcd(search.divisor[k + 1], coefficient);
  }
  return search.reaches(0, b.last - a.first);
}

}  // namespace

namespace numpy {

bool may_share_memory(const Array& a, const Array& b) { return overlapping(a, b).has_value(); }

bool shares_memory(const Array& a, const Array& b) {
  const auto both = overlapping(a, b);
  return both && share(both->first, both->second);
}

bool isfortran(const Array& x) {
  const Flags flags = x.flags();
  return flags.f_contiguous && !flags.c_contiguous;
}

Array ascontiguousarray(Arg x) {
  const Array a = x.array();
  if (a.ndim() == 0) return a.reshape({1}, x.here());
  return a.flags().c_contiguous ? a : a.copy(x.here());
}

Array asfortranarray(Arg x) {
  const Array a = x.array();
  return a.flags().f_contiguous ? a : a.T(x.here()).copy(x.here()).T(x.here());
}

}  // namespace numpy
}  // namespace tarry
