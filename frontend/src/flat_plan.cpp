#include "flat_plan.h"

#include <algorithm>
#include <variant>

namespace tarry::frontend {
namespace {

using ir::Op;

constexpr uint64_t kRankUnit = uint64_t{1} << 16;

/// Reads what structure() in selection.cpp has written, and writes it again without the shape.
class Reader {
 public:
  explicit Reader(const Selection& s) : s_(s) {}

  std::optional<FlatStructure> run() {
    const size_t nodes = s_.nodes.size();
    if (s_.place != 0 || s_.starts.size() != nodes + 1) return {};
    flat_.words.reserve(s_.words.size());
    ranks_.reserve(nodes);
    flat_.words.push_back(s_.words[0]);
    for (size_t i = 0; i < nodes; ++i)
      if (!node(s_.words.data() + s_.starts[i], s_.words.data() + s_.starts[i + 1])) return {};
    if (!outputs() || flat_.elements < 1) return {};
    return std::move(flat_);
  }

 private:
  bool node(const uint64_t* w, const uint64_t* end) {
    const auto op = static_cast<Op>(*w & 0xff);
    const size_t rank = *w >> 16 & 0xffff;
    const bool is_source = op == Op::parameter || op == Op::scalar || op == Op::constant;
    // A number is everywhere the same, whether it says so or not.
    const bool fills = op == Op::broadcast && ranks_[w[1 + rank] & UINT32_MAX] == 0;
    if (!is_source && !fills && !ir::is_elementwise(op)) return false;
    ranks_.push_back(rank);
    flat_.has_points |= rank == 0 && op != Op::scalar && op != Op::constant;
    if (rank > 0 && ((is_source && op != Op::parameter) || !same_shape({w + 1, rank}))) return false;
    flat_.words.push_back(rank > 0 ? *w - (rank - 1) * kRankUnit : *w);
    w += 1 + rank;
    if (op == Op::parameter) {
      if (static_cast<size_t>(end - w) != rank + 3 || !lies_flat(w, rank)) return false;
      flat_.words.push_back(w[rank + 1]);  // its buffer
      return true;
    }
    flat_.words.insert(flat_.words.end(), w, end);
    return true;
  }

  bool same_shape(std::span<const uint64_t> shape) {
    if (flat_.shape.empty()) {
      for (uint64_t extent : shape) flat_.shape.push_back(static_cast<int64_t>(extent));
      flat_.elements = ir::num_elements(flat_.shape);
      strides_ = ir::c_strides(flat_.shape);
      return true;
    }
    return std::ranges::equal(shape, flat_.shape, {}, [](uint64_t e) { return static_cast<int64_t>(e); });
  }

  /// The whole of its buffer, as far as the program sees it, in C order.
  bool lies_flat(const uint64_t* w, size_t rank) const {
    for (size_t i = 0; i < rank; ++i)
      if (static_cast<int64_t>(w[i]) != strides_[i]) return false;
    return w[rank] == 0 && static_cast<int64_t>(w[rank + 2]) == (rank > 0 ? flat_.elements : 1);
  }

  bool outputs() {
    const uint64_t* const end = s_.words.data() + s_.words.size();
    for (const uint64_t* w = s_.words.data() + s_.starts.back(); w != end;) {
      const size_t length = *w >> 32;
      flat_.words.push_back(*w++ & UINT32_MAX);
      for (size_t i = 0; i < length; ++i)
        if (*w++ != i) return false;
    }
    return true;
  }

  const Selection& s_;
  FlatStructure flat_;
  ir::Strides strides_;
  std::vector<size_t> ranks_;  // by node
};

}  // namespace

std::optional<FlatStructure> flat_structure(const Selection& s) { return Reader(s).run(); }

bool is_flat(const passes::Plan& plan, const FlatStructure& of) {
  // Of one element: an array of that shape is not to be told from a number.
  if (of.elements == 1 && of.has_points) return false;
  const auto is_count = [&](int64_t n) { return n == of.elements || n == 1; };
  for (const passes::PlanBuffer& b : plan.buffers)
    if (!is_count(b.elements)) return false;
  for (const passes::Step& step : plan.steps) {
    const auto* k = std::get_if<passes::KernelStep>(&step.work);
    if (!k || k->extents.size() != 1 || !is_count(k->extents[0])) return false;
    for (const passes::AccessBinding& a : k->operands)
      if (a.offset != 0 || a.strides.size() != 1 || (a.strides[0] != 0 && a.strides[0] != 1)) return false;
    if (std::ranges::any_of(k->scalars, &passes::ScalarBinding::literal)) return false;
  }
  return std::ranges::all_of(plan.outputs, [&](const passes::PlanOutput& out) {
    return out.offset == 0 && (out.strides.empty() || out.strides == ir::c_strides(of.shape));
  });
}

passes::Plan flat_plan(const passes::Plan& plan, int64_t elements, const FlatStructure& to) {
  passes::Plan copy = plan;
  const auto recount = [&](int64_t& n) {
    if (n == elements) n = to.elements;
  };
  for (passes::PlanBuffer& b : copy.buffers) recount(b.elements);
  for (passes::Step& step : copy.steps) recount(std::get<passes::KernelStep>(step.work).extents[0]);
  for (passes::PlanOutput& out : copy.outputs)
    if (!out.strides.empty()) out.strides = ir::c_strides(to.shape);
  return copy;
}

}  // namespace tarry::frontend
