#include <tarry/ir/graph.h>

#include <tarry/ir/error.h>
#include <tarry/ir/hash.h>

#include <algorithm>
#include <string>

namespace tarry::ir {
namespace {

constexpr uint32_t kTombstone = UINT32_MAX;

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

uint32_t shape_hash(std::span<const int64_t> shape) {
  uint64_t h = shape.size();
  for (int64_t extent : shape) h = mix(h, static_cast<uint64_t>(extent));
  return static_cast<uint32_t>(h);
}

/// The list may lie in the pool.
template <class T>
void append_list(std::vector<T>& pool, std::span<const T> list) {
  if (pool.capacity() - pool.size() >= list.size()) {
    for (const T& one : list) pool.push_back(one);
  } else {
    const std::vector<T> copy(list.begin(), list.end());
    pool.insert(pool.end(), copy.begin(), copy.end());
  }
}

[[noreturn, gnu::cold]] void refuse_lists(Op op, size_t operands, size_t attrs) {
  throw InternalError(std::string(info(op).name) + " of " + std::to_string(operands) + " operands and " +
                      std::to_string(attrs) + " attributes, where a node has room for " +
                      std::to_string(Graph::kMostOperands) + " of each");
}

#if defined(__SANITIZE_ADDRESS__)
/// Adding a node may move a pool and seldom does. Here it always does, even where the node was there already, so that
/// whoever keeps a list for longer is found out; not for long graphs, where that would be quadratic.
template <class T>
void move_pool(std::vector<T>& pool) {
  if (pool.size() > 2000) return;
  std::vector<T> moved;
  moved.reserve(2 * pool.size());  // not its capacity, which a graph keeps that was long once
  moved.assign(pool.begin(), pool.end());
  pool.swap(moved);
}
#else
template <class T>
void move_pool(std::vector<T>&) {}
#endif

}  // namespace

Graph::Graph() : shape_table_(16, 0), table_(64, 0) {}

/// Mostly a shape is that of an operand.
uint32_t Graph::intern_shape(std::span<const int64_t> shape, std::span<const Value> operands) {
  for (Value v : operands.first(std::min<size_t>(operands.size(), 2)))
    if (v.id < size() && same_shape(shapes_[nodes_[v.id].shape], shape)) return nodes_[v.id].shape;
  return find_or_add_shape(shape);
}

uint32_t Graph::find_or_add_shape(std::span<const int64_t> shape) {
  if (shapes_.size() * 2 >= shape_table_.size()) grow_shape_table();
  const uint32_t mask = static_cast<uint32_t>(shape_table_.size()) - 1;
  uint32_t at = shape_hash(shape) & mask;
  for (; shape_table_[at]; at = (at + 1) & mask)
    if (same_shape(shapes_[shape_table_[at] - 1], shape)) return shape_table_[at] - 1;
  shapes_.push_back(Shape(shape));
  shape_table_[at] = static_cast<uint32_t>(shapes_.size());
  return shape_table_[at] - 1;
}

void Graph::grow_shape_table() {
  std::vector<uint32_t> grown(shape_table_.size() * 2, 0);
  const uint32_t mask = static_cast<uint32_t>(grown.size()) - 1;
  for (uint32_t i = 0; i < shapes_.size(); ++i) {
    uint32_t at = shape_hash(shapes_[i]) & mask;
    while (grown[at]) at = (at + 1) & mask;
    grown[at] = i + 1;
  }
  shape_table_ = std::move(grown);
}

bool Graph::same(const Node& n, Op op, DType dtype, uint32_t shape, std::span<const Value> operands,
                 std::span<const int64_t> attrs) const {
  return n.op == op && n.dtype == dtype && n.shape == shape &&
         same_list(operands.data(), operands.size(), operand_pool_.data() + n.operands, n.num_operands) &&
         same_list(attrs.data(), attrs.size(), attr_pool_.data() + n.attrs, n.num_attrs);
}

bool Graph::would_find(Value v, Op op, DType dtype, std::span<const int64_t> shape, std::span<const Value> operands,
                       std::span<const int64_t> attrs) const {
  if (v.id >= size() || is_unique(op)) return false;
  const Node& n = nodes_[v.id];
  return n.hash != kNeverFound && same(n, op, dtype, n.shape, operands, attrs) && same_shape(shapes_[n.shape], shape);
}

// Inlined where nodes are interned: this is what recording an op costs.
[[gnu::always_inline]] inline Value Graph::push(Op op, DType dtype, uint32_t shape, std::span<const Value> operands,
                                                std::span<const int64_t> attrs, uint32_t hash, Location where) {
  if (operands.size() > kMostOperands || attrs.size() > kMostOperands) [[unlikely]]
    refuse_lists(op, operands.size(), attrs.size());
  Node n;
  n.op = op;
  n.dtype = dtype;
  n.num_operands = static_cast<uint16_t>(operands.size());
  n.num_attrs = static_cast<uint16_t>(attrs.size());
  n.shape = shape;
  n.operands = static_cast<uint32_t>(operand_pool_.size());
  n.attrs = static_cast<uint32_t>(attr_pool_.size());
  n.hash = hash;
  n.where = where;
  append_list(operand_pool_, operands);
  append_list(attr_pool_, attrs);
  move_pool(operand_pool_);
  move_pool(attr_pool_);
  nodes_.push_back(n);
  return {size() - 1};
}

Value Graph::add(Op op, DType dtype, std::span<const int64_t> shape, std::span<const Value> operands,
                 std::span<const int64_t> attrs, Location where) {
  return intern(op, dtype, intern_shape(shape, operands), operands, attrs, where);
}

Value Graph::intern(Op op, DType dtype, uint32_t shape, std::span<const Value> operands, std::span<const int64_t> attrs,
                    Location where) {
  uint64_t h = mix(static_cast<uint64_t>(op) << 8 | static_cast<uint64_t>(dtype), shape);
  for (Value v : operands) h = mix(h, v.id);
  for (int64_t a : attrs) h = mix(h, static_cast<uint64_t>(a));
  const uint32_t hash32 = static_cast<uint32_t>(h ^ (h >> 29));

  if (used_ * 2 >= table_.size()) grow_table();
  const uint32_t mask = static_cast<uint32_t>(table_.size()) - 1;
  uint32_t at = hash32 & mask;
  const bool unique = is_unique(op);
  for (; !unique && table_[at]; at = (at + 1) & mask) {
    if (table_[at] == kTombstone) continue;
    const Node& n = nodes_[table_[at] - 1];
    if (n.hash == hash32 && same(n, op, dtype, shape, operands, attrs)) {
      move_pool(operand_pool_);
      move_pool(attr_pool_);
      return {table_[at] - 1};
    }
  }
  const Value v = push(op, dtype, shape, operands, attrs, hash32, where);
  if (!unique) {
    table_[at] = v.id + 1;
    ++used_;
  }
  if (op == Op::cold_begin) region_start_.push_back(v.id);
  if (op == Op::cold_end && !region_start_.empty()) close_region(v.id);
  return v;
}

/// What the region made must not be found again outside it.
void Graph::close_region(uint32_t end) {
  const uint32_t start = region_start_.back();
  region_start_.pop_back();
  for (uint32_t made = start + 1; made < end; ++made) forget(made);
}

Value Graph::append(Op op, DType dtype, std::span<const int64_t> shape, std::span<const int64_t> attrs,
                    Location where) {
  return append(op, dtype, shape, {}, attrs, where);
}

Value Graph::append(Op op, DType dtype, std::span<const int64_t> shape, std::span<const Value> operands,
                    std::span<const int64_t> attrs, Location where) {
  return push(op, dtype, intern_shape(shape, operands), operands, attrs, kNeverFound, where);
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

void Graph::reserve(uint32_t nodes) {
  nodes_.reserve(nodes);
  operand_pool_.reserve(2 * static_cast<size_t>(nodes));
  attr_pool_.reserve(nodes);
}

void Graph::clear() {
  nodes_.clear();
  operand_pool_.clear();
  attr_pool_.clear();
  shapes_.clear();
  std::fill(shape_table_.begin(), shape_table_.end(), 0);
  std::fill(table_.begin(), table_.end(), 0);
  used_ = 0;
  region_start_.clear();
  outputs.clear();
}

size_t Graph::bytes() const {
  return nodes_.capacity() * sizeof(Node) + operand_pool_.capacity() * sizeof(Value) +
         attr_pool_.capacity() * sizeof(int64_t) + shapes_.bytes() +
         (table_.capacity() + shape_table_.capacity()) * sizeof(uint32_t);
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
