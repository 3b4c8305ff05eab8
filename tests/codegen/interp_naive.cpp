#include "interp_naive.h"

#include <tarry/ir/reduction.h>

#include <stdexcept>

namespace tarry::test {
namespace {

uint64_t fold_two(Op reduce, DType t, uint64_t a, uint64_t b) {
  const uint64_t operands[] = {a, b};
  return *reference(ir::fold_op(reduce), t, operands);
}

using Lanes = std::array<uint64_t, 32>;

Lanes combine(Op reduce, DType t, const Lanes& older, const Lanes& newer) {
  Lanes both;
  for (int l = 0; l < 32; ++l) both[l] = fold_two(reduce, t, older[l], newer[l]);
  return both;
}

/// One outer point of a launch: the values of all nodes, one per position of the row or one for all.
class Point {
 public:
  Point(const ir::Kernel& k, const codegen::Launch& l, const std::vector<int64_t>& outer, int64_t positions)
      : kernel_(k), graph_(k.body), launch_(l), outer_(outer), positions_(positions), values_(graph_.size()) {}

  void evaluate() {
    for (uint32_t id = 0; id < graph_.size(); ++id) evaluate(Value{id});
  }

  void store() {
    for (uint32_t id = 0; id < graph_.size(); ++id) {
      const Value v{id};
      if (ir::is_store_at(graph_.op(v))) store_at(v);
      if (graph_.op(v) != Op::store) continue;
      const ir::Access& access = kernel_.accesses[graph_.attr(v)];
      for (int64_t j = 0; j < (access.in_row ? positions_ : 1); ++j)
        std::memcpy(address(graph_.attr(v), j), &at(graph_.operand(v, 0), j), ir::size_of(access.dtype));
    }
  }

 private:
  void store_at(Value v) {
    const DType t = graph_.dtype(graph_.operand(v, 0));
    const auto behind = static_cast<int64_t>(at(graph_.operand(v, 1), 0));
    std::byte* place = address(graph_.attr(v), 0) + behind * static_cast<int64_t>(ir::size_of(t));
    uint64_t there = 0, x = at(graph_.operand(v, 0), 0);
    std::memcpy(&there, place, ir::size_of(t));
    switch (graph_.op(v)) {
      case Op::add_at: x = fold_two(Op::reduce_sum, t, there, x); break;
      case Op::mul_at: x = fold_two(Op::reduce_prod, t, there, x); break;
      case Op::min_at: x = fold_two(Op::reduce_min, t, there, x); break;
      case Op::max_at: x = fold_two(Op::reduce_max, t, there, x); break;
      default: break;
    }
    std::memcpy(place, &x, ir::size_of(t));
  }

  const uint64_t& at(Value v, int64_t j) const {
    const auto& values = values_[v.id];
    return values.size() == 1 ? values[0] : values[j];
  }

  int64_t offset(int64_t access, int64_t j) const {
    const int64_t* strides = launch_.operands[access].strides;
    int64_t offset = 0;
    for (int a = 0; a < kernel_.outer_rank; ++a) offset += outer_[a] * strides[a];
    for (int a = kernel_.outer_rank + kernel_.row_rank; j > 0 && a-- > kernel_.outer_rank;) {
      offset += j % launch_.extents[a] * strides[a];
      j /= launch_.extents[a];
    }
    return offset;
  }
  std::byte* address(int64_t access, int64_t j) const {
    return static_cast<std::byte*>(launch_.operands[access].data) +
           offset(access, j) * static_cast<int64_t>(ir::size_of(kernel_.accesses[access].dtype));
  }

  /// Whether a node has a value for each position.
  bool is_element(Value v) const {
    switch (graph_.op(v)) {
      case Op::load_at:
        for (Value o : graph_.operands(v))
          if (element_[o.id]) return true;
        return kernel_.accesses[graph_.attr(v)].in_row;
      case Op::load:
      case Op::index: return kernel_.accesses[graph_.attr(v)].in_row;
      case Op::scan_sum:
      case Op::scan_prod: return true;
      default: break;
    }
    if (ir::is_reduce(graph_.op(v))) return false;
    for (Value o : graph_.operands(v))
      if (element_[o.id]) return true;
    return false;
  }

  void evaluate(Value v) {
    element_.push_back(is_element(v));
    if (ir::is_store(graph_.op(v)) || graph_.op(v) == Op::cold_begin) return;
    auto& values = values_[v.id];
    if (ir::is_reduce(graph_.op(v))) {
      const Value x = graph_.operand(v, 0);
      values = {reduce_naively(graph_.op(v), graph_.dtype(v), positions_, [&](int64_t j) { return at(x, j); })};
    } else if (ir::class_of(graph_.op(v)) == ir::OpClass::scan) {
      scan(v);
    } else {
      const int64_t n = element_.back() ? positions_ : 1;
      for (int64_t j = 0; j < n; ++j) values.push_back(value(v, j));
    }
  }

  /// 16-bit floats go on in float32, and each element is rounded from there.
  void scan(Value v) {
    const DType t = graph_.dtype(v), wide = ir::accumulator(t);
    uint64_t state = 0;
    for (int64_t j = 0; j < positions_; ++j) {
      const uint64_t x = reference_cast(t, wide, at(graph_.operand(v, 0), j));
      state = j ? fold_two(graph_.op(v), wide, state, x) : x;
      values_[v.id].push_back(reference_cast(wide, t, state));
    }
  }

  uint64_t value(Value v, int64_t j) const {
    const Op op = graph_.op(v);
    switch (op) {
      case Op::constant: return static_cast<uint64_t>(graph_.attr(v));
      case Op::scalar: return launch_.scalars[graph_.attr(v)];
      case Op::index: return static_cast<uint64_t>(launch_.operands[graph_.attr(v)].offset + offset(graph_.attr(v), j));
      case Op::load: {
        uint64_t bits = 0;
        if (graph_.operands(v).empty() || at(graph_.operand(v, 0), j))
          std::memcpy(&bits, address(graph_.attr(v), j), ir::size_of(graph_.dtype(v)));
        return bits;
      }
      case Op::load_at: {
        uint64_t bits = 0;
        const auto behind = static_cast<int64_t>(at(graph_.operand(v, 0), j));
        const int64_t size = static_cast<int64_t>(ir::size_of(graph_.dtype(v)));
        if (graph_.operands(v).size() < 2 || at(graph_.operand(v, 1), j))
          std::memcpy(&bits, address(graph_.attr(v), j) + behind * size, static_cast<size_t>(size));
        return bits;
      }
      case Op::cold_end: {
        const Value predicate = graph_.operand(graph_.operand(v, 0), 0);
        return at(predicate, j) ? at(graph_.operand(v, 1), j) : at(graph_.operand(v, 2), j);
      }
      case Op::within: {
        const auto index = static_cast<int64_t>(at(graph_.operand(v, 0), j));
        const auto size = static_cast<int64_t>(at(graph_.operand(v, 1), j));
        if (index < -size) return 0;
        return static_cast<uint64_t>(index < 0 ? index + size : index < size ? index : size - 1);
      }
      case Op::cast:
        return reference_cast(graph_.dtype(graph_.operand(v, 0)), graph_.dtype(v), at(graph_.operand(v, 0), j));
      default: break;
    }
    uint64_t operands[3];
    int n = 0;
    for (Value o : graph_.operands(v)) operands[n++] = at(o, j);
    const auto result = reference(op, graph_.dtype(graph_.operand(v, op == Op::select ? 1 : 0)), operands);
    if (!result) throw std::logic_error("no reference for an op");
    return *result;
  }

  const ir::Kernel& kernel_;
  const ir::Graph& graph_;
  const codegen::Launch& launch_;
  const std::vector<int64_t>& outer_;
  int64_t positions_;
  std::vector<bool> element_;
  std::vector<std::vector<uint64_t>> values_;
};

}  // namespace

uint64_t reduce_naively(Op reduce, DType t, int64_t n, const std::function<uint64_t(int64_t)>& element) {
  const DType wide = ir::accumulator(t);
  if (n == 0) return reduce == Op::reduce_sum ? 0 : reference_cast(wide, t, ir::identity_bits(reduce, wide));
  std::vector<Lanes> level(64);
  uint64_t blocks = 0;
  for (int64_t begin = 0; begin < n; begin += 512, ++blocks) {
    Lanes partial;
    partial.fill(ir::identity_bits(reduce, wide));
    for (int64_t i = begin; i < std::min<int64_t>(n, begin + 512); ++i)
      partial[i % 32] = fold_two(reduce, wide, partial[i % 32], reference_cast(t, wide, element(i)));
    int k = 0;
    for (; blocks >> k & 1; ++k) partial = combine(reduce, wide, level[k], partial);
    level[k] = partial;
  }
  std::optional<Lanes> total;
  for (int k = 0; k < 64; ++k)
    if (blocks >> k & 1) total = total ? combine(reduce, wide, level[k], *total) : level[k];
  for (int step : {16, 8, 4, 2, 1})
    for (int l = 0; l < step; ++l) (*total)[l] = fold_two(reduce, wide, (*total)[l], (*total)[l + step]);
  return reference_cast(wide, t, (*total)[0]);
}

void run_naively(const ir::Kernel& kernel, const codegen::Launch& launch) {
  int64_t positions = 1;
  for (int a = 0; a < kernel.row_rank; ++a) positions *= launch.extents[kernel.outer_rank + a];
  std::vector<int64_t> outer(kernel.outer_rank, 0);
  while (true) {
    Point point(kernel, launch, outer, positions);
    point.evaluate();
    point.store();
    int a = kernel.outer_rank;
    while (a > 0 && ++outer[a - 1] == launch.extents[a - 1]) outer[--a] = 0;
    if (a == 0) return;
  }
}

}  // namespace tarry::test
