#include <tarry/ir/graph.h>

#include <algorithm>

namespace tarry::ir {
namespace {

constexpr uint32_t kTombstone = UINT32_MAX;
constexpr uint32_t kNoShape = UINT32_MAX;

uint64_t mix(uint64_t h, uint64_t v) {
  h = (h ^ v) * 0x9e3779b97f4a7c15ull;
  return h ^ (h >> 32);
}

/// Nodes with an identity of their own, which are never found again.
constexpr bool is_unique(Op op) {
  return op == Op::empty || is_store(op) || op == Op::cold_begin || op == Op::cold_end;
}

/// Lists are a few numbers long: a call of memcmp, which std::equal makes, costs more than the comparison.
template <class A, class B>
bool same_list(const A* a, size_t size_a, const B* b, size_t size_b) {
  if (size_a != size_b) return false;
  for (size_t i = 0; i < size_a; ++i)
    if (!(a[i] == b[i])) return false;
  return true;
}
bool same_shape(const Shape& a, std::span<const int64_t> b) {
  return same_list(a.data(), a.size(), b.data(), b.size());
}

}  // namespace

std::string Location::text() const {
  if (!file()) return "";
  std::string_view path = file();
  size_t slash = path.rfind('/');
  if (slash != path.npos) path.remove_prefix(slash + 1);
  return std::string(path) + ":" + std::to_string(line());
}

Graph::Graph() : table_(64, 0) {}

/// A shape that is probably the one wanted: that of an operand, or one used lately (a trace has few).
/// kNoShape when there is none.
uint32_t Graph::known_shape(std::span<const int64_t> shape, std::span<const Value> operands) const {
  for (Value v : operands.first(std::min<size_t>(operands.size(), 2)))
    if (v.id < size() && same_shape(shapes_[nodes_[v.id].shape], shape)) return nodes_[v.id].shape;
  for (size_t i = shapes_.size(), tried = 0; i-- > 0 && tried < 4; ++tried)
    if (same_shape(shapes_[i], shape)) return static_cast<uint32_t>(i);
  return kNoShape;
}

bool Graph::same(const Node& n, Op op, DType dtype, uint32_t known_shape, std::span<const int64_t> shape,
                 std::span<const Value> operands, std::span<const int64_t> attrs) const {
  return n.op == op && n.dtype == dtype && n.num_operands == operands.size() && n.num_attrs == attrs.size() &&
         (n.shape == known_shape || same_shape(shapes_[n.shape], shape)) &&
         same_list(operands.data(), operands.size(), operand_pool_.data() + n.operands, operands.size()) &&
         same_list(attrs.data(), attrs.size(), attr_pool_.data() + n.attrs, attrs.size());
}

Value Graph::push(Op op, DType dtype, uint32_t known_shape, std::span<const int64_t> shape,
                  std::span<const Value> operands, std::span<const int64_t> attrs, uint32_t hash, Location where) {
  if (known_shape == kNoShape) {
    known_shape = static_cast<uint32_t>(shapes_.size());
    shapes_.emplace_back(shape);
  }
  Node n;
  n.op = op;
  n.dtype = dtype;
  n.num_operands = static_cast<uint16_t>(operands.size());
  n.num_attrs = static_cast<uint16_t>(attrs.size());
  n.shape = known_shape;
  n.operands = static_cast<uint32_t>(operand_pool_.size());
  n.attrs = static_cast<uint32_t>(attr_pool_.size());
  n.hash = hash;
  n.where = where;
  operand_pool_.insert(operand_pool_.end(), operands.begin(), operands.end());
  attr_pool_.insert(attr_pool_.end(), attrs.begin(), attrs.end());
  nodes_.push_back(n);
  return {size() - 1};
}

Value Graph::append(Op op, DType dtype, std::span<const int64_t> shape, std::span<const int64_t> attrs,
                    Location where) {
  return push(op, dtype, known_shape(shape, {}), shape, {}, attrs, 0, where);
}

Value Graph::add(Op op, DType dtype, std::span<const int64_t> shape, std::span<const Value> operands,
                 std::span<const int64_t> attrs, Location where) {
  uint64_t h = mix(static_cast<uint64_t>(op) << 8 | static_cast<uint64_t>(dtype), shape.size());
  for (int64_t extent : shape) h = mix(h, extent);
  for (Value v : operands) h = mix(h, v.id);
  for (int64_t a : attrs) h = mix(h, a);
  const uint32_t hash32 = static_cast<uint32_t>(h ^ (h >> 29));
  uint32_t shape_index = known_shape(shape, operands);

  if (used_ * 2 >= table_.size()) grow_table();
  const uint32_t mask = static_cast<uint32_t>(table_.size()) - 1;
  uint32_t at = hash32 & mask;
  if (!is_unique(op)) {
    for (; table_[at]; at = (at + 1) & mask) {
      if (table_[at] == kTombstone) continue;
      const Node& n = nodes_[table_[at] - 1];
      if (n.hash == hash32 && same(n, op, dtype, shape_index, shape, operands, attrs)) return {table_[at] - 1};
    }
  }
  const uint32_t id = push(op, dtype, shape_index, shape, operands, attrs, hash32, where).id;

  if (op == Op::cold_begin) region_start_.push_back(id);
  if (op == Op::cold_end && !region_start_.empty()) {
    // What the region made must not be found again outside it.
    const uint32_t start = region_start_.back();
    region_start_.pop_back();
    for (uint32_t made = start + 1; made < id; ++made) forget(made);
  }
  if (!is_unique(op)) {
    table_[at] = id + 1;
    ++used_;
  }
  return {id};
}

void Graph::forget(uint32_t id) {
  const uint32_t mask = static_cast<uint32_t>(table_.size()) - 1;
  for (uint32_t at = nodes_[id].hash & mask; table_[at]; at = (at + 1) & mask)
    if (table_[at] == id + 1) table_[at] = kTombstone;
}

void Graph::grow_table() {
  std::vector<uint32_t> old(table_.size() * 2, 0);
  old.swap(table_);
  const uint32_t mask = static_cast<uint32_t>(table_.size()) - 1;
  used_ = 0;
  for (uint32_t slot : old) {
    if (!slot || slot == kTombstone) continue;
    uint32_t at = nodes_[slot - 1].hash & mask;
    while (table_[at]) at = (at + 1) & mask;
    table_[at] = slot;
    ++used_;
  }
}

void Graph::clear() {
  nodes_.clear();
  operand_pool_.clear();
  attr_pool_.clear();
  shapes_.clear();
  std::fill(table_.begin(), table_.end(), 0);
  used_ = 0;
  region_start_.clear();
  outputs.clear();
}

size_t Graph::bytes() const {
  return nodes_.capacity() * sizeof(Node) + operand_pool_.capacity() * sizeof(Value) +
         attr_pool_.capacity() * sizeof(int64_t) + shapes_.capacity() * sizeof(Shape) +
         table_.capacity() * sizeof(uint32_t);
}

uint64_t hash(const Graph& g) {
  uint64_t h = g.size();
  for (uint32_t id = 0; id < g.size(); ++id) {
    Value v{id};
    h = mix(h, static_cast<uint64_t>(g.op(v)) << 8 | static_cast<uint64_t>(g.dtype(v)));
    for (int64_t extent : g.shape(v)) h = mix(h, extent);
    for (Value o : g.operands(v)) h = mix(h, o.id);
    for (int64_t a : g.attrs(v)) h = mix(h, a);
  }
  for (Value v : g.outputs) h = mix(h, v.id);
  return h;
}

bool equal(const Graph& a, const Graph& b) {
  if (a.size() != b.size() || a.outputs != b.outputs) return false;
  for (uint32_t id = 0; id < a.size(); ++id) {
    Value v{id};
    if (a.op(v) != b.op(v) || a.dtype(v) != b.dtype(v) || !(a.shape(v) == b.shape(v)) ||
        !std::ranges::equal(a.operands(v), b.operands(v)) || !std::ranges::equal(a.attrs(v), b.attrs(v)))
      return false;
  }
  return true;
}

}  // namespace tarry::ir
