#include <tarry/numpy/creation.h>

#include "axes.h"
#include "broadcast.h"
#include "copy.h"
#include "memory_check.h"
#include "observe.h"
#include "place.h"
#include "record.h"
#include "scalar.h"
#include "value.h"

#include <tarry/ir/error.h>

#include <tarry/numpy/manipulation.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace tarry::numpy {

using namespace frontend;

namespace {

Array filled(const Shape& shape, DType dtype, double value, Here here) {
  check_extents(shape);
  check_memory(dtype, shape);
  Recorder r("full", here);
  return r.strong_result(r.broadcast(r.scalar(dtype, value), shape));
}

/// Shape and element type of a nested list, level by level.
struct ListShape {
  ir::Shape shape;
  size_t regular = SIZE_MAX;        // axes along which all lists are alike
  std::vector<DTypeClass> classes;  // each once

  void add_class(DTypeClass c) {
    const auto same = [&](const DTypeClass& known) { return known.dtype == c.dtype && known.weak == c.weak; };
    if (std::ranges::none_of(classes, same)) classes.push_back(c);
  }
};

void measure(const Nested& n, size_t depth, bool first, ListShape& s) {
  if (n.is_list()) {
    const int64_t length = static_cast<int64_t>(n.list().size());
    if (first)
      s.shape.push_back(length);
    else if (depth >= s.shape.size() || s.shape[depth] != length)
      s.regular = std::min(s.regular, depth);
    for (int64_t i = 0; i < length; ++i) measure(n.list()[static_cast<size_t>(i)], depth + 1, first && i == 0, s);
    return;
  }
  const Shape& leaf = n.leaf().shape();
  for (size_t i = 0; i < leaf.size(); ++i) {
    if (first)
      s.shape.push_back(leaf[i]);
    else if (depth + i >= s.shape.size() || s.shape[depth + i] != leaf[i])
      s.regular = std::min(s.regular, depth + i);
  }
  if (depth + leaf.size() < s.shape.size()) s.regular = std::min(s.regular, depth + leaf.size());
  s.add_class({n.leaf().dtype(), cell_of(n.leaf()).weak});
}

ListShape measure(const Nested& values) {
  ListShape s;
  measure(values, 0, true, s);
  if (s.shape.size() > kMostAxes)
    throw ValueError(
        "setting an array element with a sequence. The requested array would exceed the maximum number of dimension "
        "of " +
        std::to_string(kMostAxes) + ".");
  if (s.regular != SIZE_MAX) {
    const std::span<const int64_t> detected = std::span<const int64_t>(s.shape).first(s.regular);
    throw ValueError("setting an array element with a sequence. The requested array has an inhomogeneous shape after " +
                     std::to_string(s.regular) + " dimensions. The detected shape was " + ir::tuple_text(detected) +
                     " + inhomogeneous part.");
  }
  return s;
}

/// What NumPy makes of a number of Python's.
DType pythons_dtype(DType t) {
  if (ir::is_bool(t) || t == DType::uint64) return t;
  return ir::is_complex(t) ? DType::complex128 : ir::is_float(t) ? DType::float64 : DType::int64;
}

/// float32 numbers of C++ are float64 here, as all floats of a list are in Python; so are the parts of complex ones.
DType list_dtype(const ListShape& s) {
  if (s.classes.empty()) return DType::float64;
  const bool any_strong = std::ranges::any_of(s.classes, [](const DTypeClass& c) { return !c.weak; });
  if (any_strong) {
    DType t = DType::bool_;
    for (const DTypeClass& c : s.classes) t = promote(t, c.weak ? pythons_dtype(c.dtype) : c.dtype);
    return t;
  }
  const DType t = result_type(s.classes);
  return t == DType::float32 ? DType::float64 : t == DType::complex64 ? DType::complex128 : t;
}

/// Copies the leaves one after the other.
std::byte* fill(const Nested& n, DType dtype, std::byte* to, Here here) {
  if (n.is_list()) {
    for (const Nested& item : n.list()) to = fill(item, dtype, to, here);
    return to;
  }
  const Cell& cell = cell_of(n.leaf());
  if (cell.weak && cell.state.load(std::memory_order_relaxed) == CellState::host) {
    store_number(dtype, convert_weak_number(cell.dtype, {cell.bits, cell.imag_bits}, dtype), to);
    return to + ir::size_of(dtype);
  }
  const CompactView c = compact(n.leaf().dtype() == dtype ? n.leaf() : n.leaf().astype(dtype, here), here);
  const size_t bytes = static_cast<size_t>(ir::num_elements(c.shape)) * ir::size_of(dtype);
  if (bytes) std::memcpy(to, c.data, bytes);
  return to + bytes;
}

bool any_followed(const Nested& n) {
  if (!n.is_list()) return frontend::is_followed(n.leaf());
  return std::ranges::any_of(n.list(), [](const Nested& item) { return any_followed(item); });
}

/// The leaves as recorded values, one after the other.
void collect(const Nested& n, DType dtype, Here here, std::vector<Array>& parts) {
  if (n.is_list())
    for (const Nested& item : n.list()) collect(item, dtype, here, parts);
  else
    parts.push_back(n.leaf().astype(dtype, here).reshape(-1, here).to(current_context(), here));
}

}  // namespace

Array array(const Nested& values, DType dtype, Here here) {
  if (!values.is_list()) return values.leaf().astype(dtype, here).copy(here);
  const ListShape s = measure(values);
  if (any_followed(values)) {
    std::vector<Array> parts;
    collect(values, dtype, here, parts);
    return concatenate(parts, 0, here).reshape(s.shape, here);
  }
  const Array result = new_array(dtype, s.shape);
  fill(values, dtype, static_cast<std::byte*>(cell_of(result).buffer.data()), here);
  return to_current(result);
}

Array array(const Nested& values, Here here) {
  const ListShape s = measure(values);
  return array(values, list_dtype(s), here);
}

Array array_from_memory(const void* data, DType dtype, const Shape& shape, Here) {
  check_extents(shape);
  const Array result = new_array(dtype, shape);
  const size_t bytes = static_cast<size_t>(ir::num_elements(shape)) * ir::size_of(dtype);
  if (bytes) std::memcpy(cell_of(result).buffer.data(), data, bytes);
  return to_current(result);
}

void check_span_size(size_t elements, const Shape& shape) {
  check_extents(shape);
  if (static_cast<int64_t>(elements) != ir::num_elements(shape))
    throw ValueError("cannot reshape array of size " + std::to_string(elements) + " into shape " + dense_text(shape));
}

Array frombuffer(void* data, DType dtype, const Shape& shape) {
  check_extents(shape);
  const size_t bytes = static_cast<size_t>(ir::num_elements(shape)) * ir::size_of(dtype);
  const Array result = array_over(runtime::Buffer::external(data, bytes), dtype, shape);
  cell_of(result).pinned = true;
  return result;
}

Array frombuffer(const void* data, DType dtype, const Shape& shape) {
  const Array result = frombuffer(const_cast<void*>(data), dtype, shape);
  cell_of(result).read_only = cell_of(result).frozen = true;
  return result;
}

Array zeros(const Shape& shape, DType dtype, Here here) { return filled(shape, dtype, 0, here); }
Array ones(const Shape& shape, DType dtype, Here here) { return filled(shape, dtype, 1, here); }

}  // namespace tarry::numpy
