#include "view_info.h"

namespace tarry::frontend {

Movement Movement::whole(std::span<const int64_t> shape) {
  Movement m;
  m.begin_whole(shape);
  return m;
}

/// Lists are a few numbers long: one loop costs less than filling and copying each of them.
void Movement::begin_whole(std::span<const int64_t> shape) {
  for (ir::Ints* list : {&start, &step, &count, &axis, &extent}) list->resize(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    start[i] = 0;
    step[i] = 1;
    count[i] = extent[i] = shape[i];
    axis[i] = static_cast<int64_t>(i);
  }
}

Movement compose(const Movement& first, const Movement& second) {
  Movement m;
  m.start = first.start;
  m.step = first.step;
  m.count = first.count;
  for (size_t i = 0; i < first.axis.size(); ++i) {
    const int64_t a = first.axis[i];
    if (a < 0 || first.extent[i] != first.count[a]) continue;  // one element, repeated: a slice changes its extent only
    m.start[a] += second.start[i] * m.step[a];
    m.step[a] *= second.step[i];
    m.count[a] = second.count[i];
  }
  for (size_t i = 0; i < second.axis.size(); ++i) {
    m.axis.push_back(second.axis[i] < 0 ? -1 : first.axis[second.axis[i]]);
    m.extent.push_back(second.extent[i]);
  }
  return m;
}

bool repeats(const Movement& m) {
  for (size_t i = 0; i < m.axis.size(); ++i)
    if (m.extent[i] != (m.axis[i] < 0 ? 1 : m.count[m.axis[i]])) return true;
  return false;
}

int64_t stride_of(const Movement& m, size_t i, std::span<const int64_t> strides) {
  const int64_t a = m.axis[i];
  return a < 0 || m.extent[i] != m.count[a] ? 0 : strides[a] * m.step[a];
}

int64_t first_place(const Movement& m, std::span<const int64_t> strides) {
  int64_t place = 0;
  for (size_t a = 0; a < m.start.size(); ++a)
    if (m.count[a] != 0) place += m.start[a] * strides[a];
  return place;
}

Placement place(const Placement& source, const Movement& m) {
  Placement result;
  result.offset = source.offset + first_place(m, source.strides);
  for (size_t i = 0; i < m.axis.size(); ++i) result.strides.push_back(stride_of(m, i, source.strides));
  return result;
}

std::optional<ir::Strides> reshape_strides(std::span<const int64_t> shape, std::span<const int64_t> strides,
                                           std::span<const int64_t> new_shape) {
  if (ir::num_elements(shape) == 0) return ir::c_strides(new_shape);
  ir::Ints old_extent, old_stride;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    old_extent.push_back(shape[i]);
    old_stride.push_back(strides[i]);
  }
  ir::Strides result(new_shape.size(), 1);
  // Pairs runs of old axes with runs of new axes that hold as many elements; a run of old axes must
  // lie as one.
  size_t oi = 0, oj = 1, ni = 0, nj = 1;
  while (ni < new_shape.size() && oi < old_extent.size()) {
    int64_t old_count = old_extent[oi], new_count = new_shape[ni];
    while (old_count != new_count) {
      if (new_count < old_count)
        new_count *= new_shape[nj++];
      else
        old_count *= old_extent[oj++];
    }
    for (size_t k = oi; k + 1 < oj; ++k)
      if (old_stride[k] != old_extent[k + 1] * old_stride[k + 1]) return std::nullopt;
    result[nj - 1] = old_stride[oj - 1];
    for (size_t k = nj - 1; k > ni; --k) result[k - 1] = result[k] * new_shape[k];
    ni = nj++;
    oi = oj++;
  }
  const int64_t last = ni > 0 ? result[ni - 1] : 1;
  for (size_t k = ni; k < new_shape.size(); ++k) result[k] = last;  // trailing axes of extent 1
  return result;
}

Placement place(const Placement& source, Part part) {
  Placement result{2 * source.offset + part.number, source.strides};
  for (int64_t& stride : result.strides) stride *= 2;
  return result;
}

std::optional<Placement> place(Placement source, const ir::Shape& source_shape, const std::vector<ViewStep>& chain) {
  ir::Shape shape = source_shape;
  const StepCases follow{
      [&](const Movement& m) {
        source = place(source, m);
        shape = m.extent;
        return true;
      },
      [&](Part part) {
        source = place(source, part);
        return true;
      },
      [&](const ir::Shape& to) {
        std::optional<ir::Strides> strides = reshape_strides(shape, source.strides, to);
        if (!strides) return false;
        source.strides = std::move(*strides);
        shape = to;
        return true;
      },
  };
  for (const ViewStep& step : chain)
    if (!std::visit(follow, step)) return std::nullopt;
  return source;
}

}  // namespace tarry::frontend
