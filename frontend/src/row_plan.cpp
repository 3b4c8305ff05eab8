#include "row_plan.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace tarry::frontend {
namespace {

using ir::Op;
using ir::Schedule;
using ir::StrideClass;

/// Reads what structure() in selection.cpp has written, and writes it again without extents.
class Reader {
 public:
  explicit Reader(const Selection& s) : s_(s) {}

  std::optional<RowStructure> run() {
    const size_t nodes = s_.nodes.size();
    if (s_.place != 0 || s_.starts.size() != nodes + 1 || !find_shape()) return {};
    rows_.words.reserve(s_.words.size());
    rows_.words.push_back(s_.words[0]);
    rows_.inputs.resize(s_.buffers.size(), PerRow::once);
    is_known_.resize(s_.buffers.size(), false);
    kinds_.reserve(nodes);
    for (size_t i = 0; i < nodes; ++i)
      if (!node(i)) return {};
    if (!outputs()) return {};
    return std::move(rows_);
  }

 private:
  struct Node {
    Op op;
    std::span<const uint64_t> shape;
    size_t operands, attrs;
    const uint64_t* rest;  // operands, two in a word; attributes; of a parameter how it lies
  };
  /// What an array has elements for, and whether its rows keep an axis of extent 1.
  struct Kind {
    PerRow per = PerRow::once;
    bool kept = false;
    friend bool operator==(const Kind&, const Kind&) = default;
  };

  Node read(size_t i) const {
    const uint64_t* w = s_.words.data() + s_.starts[i];
    const size_t rank = *w >> 16 & 0xffff;
    return {static_cast<Op>(*w & 0xff), {w + 1, rank}, *w >> 32 & 0xffff, *w >> 48, w + 1 + rank};
  }
  static uint32_t operand(const Node& n, size_t k) { return static_cast<uint32_t>(n.rest[k / 2] >> (k % 2 * 32)); }

  /// That of what is folded first.
  bool find_shape() {
    for (size_t i = 0; i < s_.nodes.size(); ++i) {
      const Node n = read(i);
      if (!ir::is_reduce(n.op)) continue;
      shape_ = read(operand(n, 0)).shape;
      if (shape_.size() < 2) return false;
      rows_.numbers = {1, static_cast<int64_t>(shape_.back())};
      for (uint64_t extent : shape_.first(shape_.size() - 1)) rows_.numbers.rows *= static_cast<int64_t>(extent);
      const auto [rows, columns] = rows_.numbers;
      // Threads share a single long row; of many rows of one element each is no row.
      return rows > 0 && columns > 0 && (rows > 1 || columns <= passes::kShortRow) && (columns > 1 || rows <= kFewRows);
    }
    return false;
  }

  /// Whether a shape is that of an array of this kind.
  bool has_shape(std::span<const uint64_t> shape, Kind kind) const {
    const size_t rank = shape_.size();
    switch (kind.per) {
      case PerRow::element: return std::ranges::equal(shape, shape_);
      case PerRow::row:
        return shape.size() == rank - !kind.kept && std::ranges::equal(shape.first(rank - 1), shape_.first(rank - 1)) &&
               (!kind.kept || shape.back() == 1);
      case PerRow::column: return shape.size() == 1 && shape[0] == shape_.back();
      case PerRow::once: return shape.empty();
    }
    return false;
  }

  bool node(size_t i) {
    const Node n = read(i);
    const uint64_t* const end = s_.words.data() + s_.starts[i + 1];
    std::optional<Kind> kind;
    if (n.op == Op::parameter)
      kind = parameter(n);
    else if (n.op == Op::scalar || n.op == Op::constant)
      kind = n.shape.empty() ? std::optional(Kind{}) : std::nullopt;
    else if (ir::is_reduce(n.op))
      kind = fold(n);
    else if (n.op == Op::reshape)
      kind = reshape(n);
    else if (ir::is_elementwise(n.op))
      kind = elementwise(n);
    if (!kind || !has_shape(n.shape, *kind)) return false;
    kinds_.push_back(*kind);
    const uint64_t form = static_cast<uint64_t>(kind->per) << 1 | (kind->kept ? 1 : 0);
    rows_.words.push_back((s_.words[s_.starts[i]] & ~(uint64_t{0xffff} << 16)) | form << 16);
    if (n.op == Op::parameter)
      rows_.words.push_back(n.rest[n.shape.size() + 1]);  // its buffer
    else
      rows_.words.insert(rows_.words.end(), n.rest, ir::is_reduce(n.op) ? n.rest + (n.operands + 1) / 2 : end);
    return true;
  }

  /// The whole of its buffer, as far as the program sees it, in C order.
  std::optional<Kind> parameter(const Node& n) {
    Kind kind;
    if (has_shape(n.shape, {PerRow::element, false}))
      kind = {PerRow::element, false};
    else if (has_shape(n.shape, {PerRow::row, true}))
      kind = {PerRow::row, true};
    else if (has_shape(n.shape, {PerRow::column, false}) && !has_shape(n.shape, {PerRow::row, false}))
      kind = {PerRow::column, false};
    else if (!n.shape.empty())
      return {};
    const size_t rank = n.shape.size();
    int64_t elements = 1;
    for (size_t a = rank; a-- > 0; elements *= static_cast<int64_t>(n.shape[a]))
      if (static_cast<int64_t>(n.rest[a]) != elements) return {};
    if (n.rest[rank] != 0 || static_cast<int64_t>(n.rest[rank + 2]) != elements) return {};
    const size_t buffer = n.rest[rank + 1] >> 1;
    if (is_known_[buffer] && rows_.inputs[buffer] != kind.per) return {};
    is_known_[buffer] = true;
    rows_.inputs[buffer] = kind.per;
    return kind;
  }

  std::optional<Kind> fold(const Node& n) {
    if (kinds_[operand(n, 0)].per != PerRow::element || n.attrs != 1) return {};
    if (n.rest[(n.operands + 1) / 2] != shape_.size() - 1) return {};
    ++rows_.folds;
    return Kind{PerRow::row, false};
  }

  /// Only the last axis of what has an element for each row may come and go.
  std::optional<Kind> reshape(const Node& n) const {
    if (kinds_[operand(n, 0)].per != PerRow::row) return {};
    return Kind{PerRow::row, n.shape.size() == shape_.size()};
  }

  std::optional<Kind> elementwise(const Node& n) const {
    std::optional<Kind> result;
    for (size_t k = 0; k < n.operands; ++k) {
      const Kind kind = kinds_[operand(n, k)];
      if (kind.per == PerRow::once) continue;
      if (!result || kind == *result)
        result = kind;
      else if ((kind.per == PerRow::row && !kind.kept) || (result->per == PerRow::row && !result->kept))
        return {};
      else
        result = Kind{PerRow::element, false};
    }
    return result;
  }

  bool outputs() {
    const uint64_t* const end = s_.words.data() + s_.words.size();
    for (const uint64_t* w = s_.words.data() + s_.starts.back(); w != end;) {
      const size_t length = *w >> 32;
      const auto number = static_cast<uint32_t>(*w++);
      rows_.words.push_back(number);
      rows_.outputs.push_back(kinds_[number].per);
      ir::Shape& shape = rows_.output_shapes.emplace_back();
      for (uint64_t extent : read(number).shape) shape.push_back(static_cast<int64_t>(extent));
      for (size_t i = 0; i < length; ++i)
        if (*w++ != i) return false;
    }
    return true;
  }

  static constexpr int64_t kFewRows = 32;

  const Selection& s_;
  RowStructure rows_;
  std::span<const uint64_t> shape_;
  std::vector<Kind> kinds_;     // by node
  std::vector<bool> is_known_;  // by buffer: what it has elements for
};

int64_t count(PerRow per, RowNumbers n) {
  switch (per) {
    case PerRow::element: return n.rows * n.columns;
    case PerRow::row: return n.rows;
    case PerRow::column: return n.columns;
    case PerRow::once: return 1;
  }
  return 0;
}

/// Of a launch that knows rows, the strides from one to the next and along them.
ir::Strides strides_of_rows(PerRow per, RowNumbers n) {
  switch (per) {
    case PerRow::element: return {n.columns, 1};
    case PerRow::row: return {1, 0};
    case PerRow::column: return {0, 1};
    case PerRow::once: return {0, 0};
  }
  return {};
}

bool is_walked(StrideClass c) { return c == StrideClass::unit || c == StrideClass::any; }

/// Whether a kernel takes such strides, whatever the numbers.
bool takes_rows(const ir::Access& a, PerRow per) {
  switch (per) {
    case PerRow::element: return a.in_row && a.outer == StrideClass::any && is_walked(a.row);
    case PerRow::row: return !a.in_row && is_walked(a.outer) && a.row == StrideClass::zero;
    case PerRow::column: return a.in_row && a.outer == StrideClass::zero && is_walked(a.row);
    case PerRow::once: return !a.in_row && a.outer == StrideClass::zero && a.row == StrideClass::zero;
  }
  return false;
}

/// What the points of a launch without rows are.
PerRow points_of(const passes::KernelStep& k, const std::vector<PerRow>& buffers) {
  PerRow points = PerRow::once;
  for (const passes::AccessBinding& a : k.operands) points = std::min(points, buffers[a.buffer]);
  return points;
}

class Check {
 public:
  Check(const passes::Plan& plan, const RowStructure& of) : plan_(plan), of_(of) {}

  std::optional<std::vector<PerRow>> run() {
    if (!find_buffers()) return {};
    for (const passes::Step& step : plan_.steps) {
      const auto* k = std::get_if<passes::KernelStep>(&step.work);
      if (!k || !step_fits(*k)) return {};
    }
    // None was found to be superfluous, as one along an axis of one element may be.
    if (folds_ != of_.folds) return {};
    return std::move(buffers_);
  }

 private:
  bool find_buffers() {
    std::vector<bool> known(plan_.buffers.size(), false);
    buffers_.resize(plan_.buffers.size());
    for (size_t b = 0; b < plan_.buffers.size(); ++b)
      if (plan_.buffers[b].kind == passes::PlanBuffer::Kind::input) {
        known[b] = true;
        buffers_[b] = of_.inputs[plan_.buffers[b].input];
      } else if (plan_.buffers[b].memory != b) {
        return false;
      }
    for (size_t i = 0; i < plan_.outputs.size(); ++i) {
      const passes::PlanOutput& out = plan_.outputs[i];
      if (known[out.buffer] && buffers_[out.buffer] != of_.outputs[i]) return false;
      if (out.offset != 0 || !(out.strides == ir::c_strides(of_.output_shapes[i]))) return false;
      known[out.buffer] = true;
      buffers_[out.buffer] = of_.outputs[i];
    }
    for (size_t b = 0; b < plan_.buffers.size(); ++b)
      if (!known[b] || plan_.buffers[b].elements != count(buffers_[b], of_.numbers)) return false;
    return true;
  }

  bool step_fits(const passes::KernelStep& k) {
    const ir::Kernel& kernel = *k.kernel;
    for (uint32_t id = 0; id < kernel.body.size(); ++id) folds_ += ir::is_reduce(kernel.body.op({id}));
    if (std::ranges::any_of(k.scalars, &passes::ScalarBinding::literal)) return false;
    for (const passes::AccessBinding& a : k.operands)
      if (a.buffer == passes::kNoBuffer || a.offset != 0) return false;
    if (kernel.schedule == Schedule::row) return is_over_rows(k);
    return kernel.schedule == Schedule::map && is_over_points(k);
  }

  bool is_over_rows(const passes::KernelStep& k) const {
    if (!(k.extents == ir::Shape{of_.numbers.rows, of_.numbers.columns}) || k.kernel->row_rank != 1) return false;
    for (size_t i = 0; i < k.operands.size(); ++i) {
      const PerRow per = buffers_[k.operands[i].buffer];
      if (!(k.operands[i].strides == strides_of_rows(per, of_.numbers))) return false;
      if (!takes_rows(k.kernel->accesses[i], per)) return false;
    }
    return true;
  }

  bool is_over_points(const passes::KernelStep& k) const {
    const PerRow points = points_of(k, buffers_);
    if (points == PerRow::once) return false;
    if (!(k.extents == ir::Shape{count(points, of_.numbers)})) return false;
    for (size_t i = 0; i < k.operands.size(); ++i) {
      const PerRow per = buffers_[k.operands[i].buffer];
      const bool moves = per == points;
      if ((!moves && per != PerRow::once) || !(k.operands[i].strides == ir::Strides{moves ? 1 : 0})) return false;
      const StrideClass c = k.kernel->accesses[i].outer;
      if (moves ? !is_walked(c) : c != StrideClass::zero) return false;
    }
    return true;
  }

  const passes::Plan& plan_;
  const RowStructure& of_;
  std::vector<PerRow> buffers_;
  uint32_t folds_ = 0;
};

}  // namespace

std::optional<RowStructure> row_structure(const Selection& s) { return Reader(s).run(); }

std::optional<std::vector<PerRow>> row_buffers(const passes::Plan& plan, const RowStructure& of) {
  return Check(plan, of).run();
}

passes::Plan row_plan(const passes::Plan& plan, const std::vector<PerRow>& buffers, const RowStructure& to) {
  passes::Plan copy = plan;
  for (size_t b = 0; b < copy.buffers.size(); ++b) copy.buffers[b].elements = count(buffers[b], to.numbers);
  for (passes::Step& step : copy.steps) {
    auto& k = std::get<passes::KernelStep>(step.work);
    if (k.kernel->schedule == Schedule::row) {
      k.extents = {to.numbers.rows, to.numbers.columns};
      for (passes::AccessBinding& a : k.operands) a.strides = strides_of_rows(buffers[a.buffer], to.numbers);
    } else {
      k.extents = {count(points_of(k, buffers), to.numbers)};
    }
  }
  for (size_t i = 0; i < copy.outputs.size(); ++i) copy.outputs[i].strides = ir::c_strides(to.output_shapes[i]);
  return copy;
}

}  // namespace tarry::frontend
