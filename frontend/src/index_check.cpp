#include "index_check.h"

#include "axes.h"
#include "flush.h"
#include "index_errors.h"
#include "index_range.h"
#include "kept_alive.h"
#include "transfer.h"
#include "users_line.h"
#include "value.h"

#include <tarry/device.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace tarry::frontend {
namespace {

using ir::Op;

bool is_indexing(Op op) { return op == Op::gather || ir::is_scatter(op); }

/// Calls visit(pointer, stride, count) for the runs of a stored array along its last axis, in C order, until it
/// returns false.
template <class Visit>
void for_stored_runs(const Trace& t, ir::Value v, Visit visit) {
  const Input& in = t.input(v);
  const ir::Shape& shape = t.graph.shape(v);
  if (ir::num_elements(shape) == 0) return;
  const auto size = static_cast<int64_t>(ir::size_of(t.graph.dtype(v)));
  const HostElements elements = on_host(t.buffer(in).buffer, t.graph.dtype(v), shape, in.offset, in.strides);
  const std::byte* base = static_cast<const std::byte*>(elements.first);
  const size_t ndim = shape.size();
  const int64_t count = ndim ? shape[ndim - 1] : 1, stride = ndim ? in.strides[ndim - 1] : 1;
  ir::Ints at(ndim, 0);
  while (visit(base, stride, count)) {
    size_t axis = ndim ? ndim - 1 : 0;
    for (; axis-- > 0;) {
      base += in.strides[axis] * size;
      if (++at[axis] < shape[axis]) break;
      base -= in.strides[axis] * size * shape[axis];
      at[axis] = 0;
    }
    if (axis == SIZE_MAX) return;
  }
}

/// visit(T{}) with the C++ type of an integer dtype.
template <class Visit>
void for_integer(DType t, Visit visit) {
  switch (t) {
    case DType::int8: return visit(int8_t{});
    case DType::int16: return visit(int16_t{});
    case DType::int32: return visit(int32_t{});
    case DType::uint8: return visit(uint8_t{});
    case DType::uint16: return visit(uint16_t{});
    case DType::uint32: return visit(uint32_t{});
    default: return visit(int64_t{});
  }
}

/// Indices of fewer bytes are copied to the host as soon as a kernel would begin.
constexpr int64_t kCopiedWhole = 16 << 10;

bool is_large_on_device(const Trace& t, ir::Value v) {
  const int64_t bytes = ir::num_elements(t.graph.shape(v)) * static_cast<int64_t>(ir::size_of(t.graph.dtype(v)));
  return t.place(v) != 0 && bytes > kCopiedWhole;
}

int64_t stored_number(const Trace& t, ir::Value v) {
  int64_t number = 0;
  for_integer(t.graph.dtype(v), [&]<class T>(T) {
    for_stored_runs(t, v, [&](const std::byte* at, int64_t, int64_t) {
      number = static_cast<int64_t>(*reinterpret_cast<const T*>(at));
      return true;
    });
  });
  return number;
}

/// By kernels, where the array lies: of one on a GPU two numbers are copied to the host, not the array.
IndexRange range_found_by_kernels(Trace& t, ir::Value v) {
  const ir::Ints axes = all_axes(t.graph.shape(v).size());
  const DType dtype = t.graph.dtype(v);
  const ir::Location where = t.graph.location(v);
  const auto fold = [&](Op op) { return t.add(op, dtype, {}, std::span(&v, 1), axes, where); };
  const ir::Value ends[] = {fold(Op::reduce_min), fold(Op::reduce_max)};
  const KeptAlive low(t, ends[0]), high(t, ends[1]);
  run_program(t, ends);
  return {stored_number(t, ends[0]), stored_number(t, ends[1])};
}

/// The bounds of the elements of a stored array.
IndexRange find_range(Trace& trace, ir::Value v) {
  if (trace.uses_devices() && is_large_on_device(trace, v)) return range_found_by_kernels(trace, v);
  IndexRange range{0, -1};
  bool any = false;
  for_integer(trace.graph.dtype(v), [&]<class T>(T) {
    for_stored_runs(trace, v, [&](const std::byte* run, int64_t stride, int64_t count) {
      const T* x = reinterpret_cast<const T*>(run);
      T low = x[0], high = x[0];
      const auto take = [&](T value) {
        low = std::min(low, value);
        high = std::max(high, value);
      };
      if (stride == 1)
        for (int64_t i = 0; i < count; ++i) take(x[i]);
      else
        for (int64_t i = 0; i < count; ++i) take(x[i * stride]);
      range.low = any ? std::min(range.low, static_cast<int64_t>(low)) : static_cast<int64_t>(low);
      range.high = any ? std::max(range.high, static_cast<int64_t>(high)) : static_cast<int64_t>(high);
      any = true;
      return true;
    });
  });
  return range;
}

/// The first operand of a gather or scatter that is an index.
size_t first_index(Op op) { return op == Op::gather ? 1 : 2; }

std::span<const ir::Value> indices_of(const Trace& t, ir::Value v) {
  return t.graph.operands(v).subspan(first_index(t.graph.op(v)));
}

/// Elements along the axis of index `i` of a node.
int64_t size_of_axis(const Trace& t, ir::Value v, size_t i) {
  return t.graph.shape(t.graph.operand(v, 0))[static_cast<size_t>(t.graph.attrs(v)[i])];
}

bool is_known_inside(const Trace& t, ir::Value index, int64_t size) {
  if (ir::num_elements(t.graph.shape(index)) == 0) return true;
  if (const IndexRange* known = t.known_range(index)) return lies_inside(*known, size);
  if (t.stored(index)) return false;
  const std::optional<IndexRange> found = range_of(t, index);
  return found && lies_inside(*found, size);
}

/// Looks at the arrays that an index is made of, where these are no more elements than it has, rather than at it.
bool is_made_of_inside(Trace& t, ir::Value index, int64_t size) {
  std::vector<ir::Value> unseen;
  range_of(t, index, &unseen);
  if (unseen.empty()) return false;
  int64_t looked_at = 0;
  for (ir::Value v : unseen) {
    looked_at += ir::num_elements(t.graph.shape(v));
    if (is_large_on_device(t, v)) return false;
  }
  if (looked_at > ir::num_elements(t.graph.shape(index))) return false;
  for (ir::Value v : unseen) t.note_range(v, find_range(t, v));
  return is_known_inside(t, index, size);
}

/// A stored array of the numbers in an index array, with their first occurrences in the same order; invalid where there
/// is none.
ir::Value stored_elements(const Trace& t, ir::Value index) {
  while (!t.stored(index)) {
    const Op op = t.graph.op(index);
    if (op != Op::cast && op != Op::broadcast && op != Op::reshape) return {};
    index = t.graph.operand(index, 0);
    if (!ir::is_int(t.graph.dtype(index))) return {};
  }
  return index;
}

/// Looks at the indices of one node. The message, where one lies outside.
std::optional<std::string> check_node(Trace& t, ir::Value v) {
  const Op op = t.graph.op(v);
  const ir::Ints axes(t.graph.attrs(v));
  for (size_t i = 0; i < axes.size(); ++i) {
    const ir::Value index = indices_of(t, v)[i];
    const int64_t size = size_of_axis(t, v, i);
    if (is_known_inside(t, index, size)) continue;
    ir::Value elements = stored_elements(t, index);
    if (!elements.valid()) {
      if (is_made_of_inside(t, index, size)) continue;
      // Gathers on the way are stored too: a chain of them, each with indices out of the last, is computed once.
      std::vector<ir::Value> roots{index};
      Selection selected;
      select(t, roots, false, selected);
      for (ir::Value below : selected.nodes)
        if (t.graph.op(below) == Op::gather && !t.stored(below) && below != index && t.place(below) == t.place(index))
          roots.push_back(below);
      run_program(t, roots);
      elements = index;
    }
    if (lies_inside(t, elements, size)) continue;
    const std::string where = users_line(t.graph.location(v));
    return out_of_bounds_text(t, elements, axes[i], size) + " (" + std::string(ir::info(op).numpy_name) +
           (where.empty() ? "" : " at " + where) + ")";
  }
  t.set_checked(v);
  return {};
}

/// Whether all elements of an operand are computed where all of the result's are. Not so where a pass may find that the
/// result does not depend on them.
bool takes_whole_operand(Op op, size_t operand) {
  switch (op) {
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::div:
    case Op::max:
    case Op::min:
    case Op::neg:
    case Op::abs:
    case Op::sqrt:
    case Op::exp:
    case Op::log:
    case Op::sin:
    case Op::cos:
    case Op::tanh:
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge:
    case Op::cast:
    case Op::broadcast:
    case Op::reshape:
    case Op::transpose:
    case Op::reduce_sum:
    case Op::reduce_prod:
    case Op::reduce_min:
    case Op::reduce_max:
    case Op::scan_sum:
    case Op::scan_prod:
    case Op::mark:
    case Op::stop:
    case Op::checkpoint:
    case Op::move: return true;
    case Op::select:
    case Op::gather:
    case Op::scatter:
    case Op::scatter_add: return operand > 0;
    default: return false;
  }
}

/// By number: whether all elements of a node are computed.
std::vector<bool> computed_whole(const Trace& t, const Selection& s) {
  std::vector<bool> whole(s.nodes.size(), false);
  for (ir::Value v : s.outputs) whole[t.number(v)] = true;
  for (size_t i = s.nodes.size(); i-- > 0;) {
    const ir::Value v = s.nodes[i];
    // What has no elements takes none of others.
    if (!whole[i] || t.stored(v) || t.failed(v) || ir::num_elements(t.graph.shape(v)) == 0) continue;
    const std::span<const ir::Value> operands = t.graph.operands(v);
    for (size_t k = 0; k < operands.size(); ++k)
      if (takes_whole_operand(t.graph.op(v), k)) whole[t.number(operands[k])] = true;
  }
  return whole;
}

}  // namespace

std::string out_of_bounds_text(const Trace& trace, ir::Value v, int64_t axis, int64_t size) {
  std::string text;
  for_integer(trace.graph.dtype(v), [&]<class T>(T) {
    for_stored_runs(trace, v, [&](const std::byte* run, int64_t stride, int64_t count) {
      const T* x = reinterpret_cast<const T*>(run);
      for (int64_t i = 0; i < count; ++i) {
        const auto index = static_cast<int64_t>(x[i * stride]);
        if (index >= -size && index < size) continue;
        text = out_of_bounds_text(index, axis, size);
        return false;
      }
      return true;
    });
  });
  return text;
}

bool lies_inside(Trace& trace, ir::Value stored, int64_t size) {
  if (is_known_inside(trace, stored, size)) return true;
  const IndexRange range = find_range(trace, stored);
  trace.note_range(stored, range);
  return lies_inside(range, size);
}

std::optional<IndexRange> range_of_elements(const Array& integers) {
  Trace& own = Trace::current();
  TraceLock lock(own);
  if (own.recording() || own.uses_devices()) return {};
  const ir::Value v = value_of(own, cell_of(integers), {});
  const KeptAlive kept(own, v);
  if (!own.stored(v)) flush(own, {v});
  // What is known may be wider: that all indices lie inside of something.
  constexpr int64_t kMany = 1 << 16;  // for which threads are of use
  const bool many = ir::num_elements(own.graph.shape(v)) > kMany;
  const IndexRange found = many ? range_found_by_kernels(own, v) : find_range(own, v);
  own.note_range(v, found);
  return found;
}

bool is_known_to_device_alone(const Trace& trace, ir::Value stored, int64_t size) {
  return trace.uses_devices() && is_large_on_device(trace, stored) && !is_known_inside(trace, stored, size);
}

bool needs_index_checks(Trace& trace, const Selection& s) {
  bool any = false;
  for (ir::Value v : s.nodes) {
    if (trace.stored(v)) continue;
    any = any || trace.failed(v) || (is_indexing(trace.graph.op(v)) && !all_known_inside(trace, v));
  }
  return any;
}

bool all_known_inside(Trace& trace, ir::Value v) {
  if (trace.checked(v)) return true;
  const std::span<const ir::Value> indices = indices_of(trace, v);
  for (size_t i = 0; i < indices.size(); ++i)
    if (!is_known_inside(trace, indices[i], size_of_axis(trace, v, i))) return false;
  trace.set_checked(v);
  return true;
}

bool kernels_see_all_indices(const Trace& trace, const Selection& s) {
  if (s.place == 0 || current_policy() == Policy::host_only) return false;
  const std::vector<bool> whole = computed_whole(trace, s);
  for (size_t i = 0; i < s.nodes.size(); ++i) {
    const ir::Value v = s.nodes[i];
    if (trace.stored(v)) continue;
    if (trace.failed(v)) return false;
    const Op op = trace.graph.op(v);
    const bool writes = op == Op::update || ir::is_scatter(op);
    if (writes && trace.stored(trace.graph.operand(v, 0))) return false;
    if (!is_indexing(op) || trace.checked(v)) continue;
    const ir::Value points = writes ? trace.graph.operand(v, 1) : v;
    if (!whole[i] || ir::num_elements(trace.graph.shape(points)) == 0) return false;
  }
  return true;
}

void note_all_inside(Trace& trace, const Selection& s) {
  for (ir::Value v : s.nodes) {
    if (trace.stored(v) || !is_indexing(trace.graph.op(v)) || trace.checked(v)) continue;
    const std::span<const ir::Value> indices = indices_of(trace, v);
    for (size_t i = 0; i < indices.size(); ++i) {
      const int64_t size = size_of_axis(trace, v, i);
      const ir::Value elements = stored_elements(trace, indices[i]);
      if (!elements.valid() || is_known_inside(trace, elements, size)) continue;
      for (ir::Value known : {elements, indices[i]}) trace.note_range(known, {-size, size - 1});
    }
    trace.set_checked(v);
  }
}

CheckedRoots check_indices(Trace& trace, const Selection& s, std::span<const ir::Value> roots) {
  std::unordered_map<uint32_t, std::string> failed;
  for (ir::Value v : s.nodes) {
    if (trace.stored(v) || !trace.alive(v)) continue;
    if (trace.failed(v)) {
      failed.emplace(v.id, trace.failure(v));
      continue;
    }
    for (ir::Value o : trace.graph.operands(v))
      if (const auto at = failed.find(o.id); at != failed.end() && !failed.contains(v.id))
        failed.emplace(v.id, std::string(at->second));
    if (failed.contains(v.id) || !is_indexing(trace.graph.op(v)) || trace.checked(v)) continue;
    if (std::optional<std::string> message = check_node(trace, v)) {
      failed.emplace(v.id, *message);
      trace.fail(v, std::move(*message));
    }
  }
  CheckedRoots result;
  for (ir::Value r : roots) {
    const auto at = failed.find(r.id);
    if (at == failed.end()) {
      result.sound.push_back(r);
      continue;
    }
    if (!result.message) result.message = at->second;
    if (!trace.failed(r)) trace.fail(r, at->second);
  }
  return result;
}

}  // namespace tarry::frontend
