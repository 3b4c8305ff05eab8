#pragma once
/// The graph: append-only, typed SSA, for arrays and for kernels alike.

#include <tarry/ir/dtype.h>
#include <tarry/ir/location.h>
#include <tarry/ir/ops.h>
#include <tarry/ir/shape.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace tarry::ir {

/// A node of one graph. Operands are always older (smaller ids) than their users. Printed `%7`.
struct Value {
  uint32_t id = UINT32_MAX;
  bool valid() const { return id != UINT32_MAX; }
  friend bool operator==(Value, Value) = default;
  friend auto operator<=>(Value, Value) = default;
};

/// Shapes that stay where they are while others are added: what is given to `Graph::add` is often the
/// shape of another of its values.
class ShapeList {
 public:
  ShapeList() = default;
  ShapeList(ShapeList&&) = default;
  ShapeList(const ShapeList& other) {
    for (uint32_t i = 0; i < other.size(); ++i) push_back(other[i]);
  }
  ShapeList& operator=(ShapeList other) {
    chunks_.swap(other.chunks_);
    std::swap(size_, other.size_);
    return *this;
  }

  uint32_t size() const { return size_; }
  const Shape& operator[](uint32_t i) const { return (*chunks_[i / kChunk])[i % kChunk]; }
  void push_back(Shape shape) {
    if (size_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Chunk>());
    (*chunks_[size_ / kChunk])[size_ % kChunk] = std::move(shape);
    ++size_;
  }
  /// Keeps the memory for what comes next.
  void clear() { size_ = 0; }
  size_t bytes() const { return chunks_.size() * sizeof(Chunk); }

 private:
  static constexpr uint32_t kChunk = 8;
  using Chunk = std::array<Shape, kChunk>;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  uint32_t size_ = 0;
};

/// Append-only SSA. Nodes are interned when they are added: the same op, dtype, shape, operands and
/// attributes are the same value. Exceptions: `empty` and stores are always new, and nothing made
/// inside a cold region is found again after it. There is no algebra here: what is added is what
/// the user wrote. Walks go by id in a loop; nothing recurses. A shape stays where it is until
/// `clear`; lists of operands and attributes stay until the next node is added, which they may be
/// arguments of.
class Graph {
 public:
  Graph();

  /// Of one node; and as many attributes.
  static constexpr size_t kMostOperands = UINT16_MAX;

  /// Appends (or finds) a node. Types are not checked here but by `verify`. InternalError for lists longer than that.
  Value add(Op op, DType dtype, std::span<const int64_t> shape, std::span<const Value> operands = {},
            std::span<const int64_t> attrs = {}, Location where = {});
  Value add(Op op, DType dtype, std::span<const int64_t> shape, std::initializer_list<Value> operands,
            std::initializer_list<int64_t> attrs = {}, Location where = {}) {
    return add(op, dtype, shape, std::span(operands.begin(), operands.size()), std::span(attrs.begin(), attrs.size()),
               where);
  }

  /// As add, for an op without attributes on a result of the shape of `like`.
  Value add_like(Op op, DType dtype, Value like, std::span<const Value> operands, Location where) {
    return intern(op, dtype, nodes_[like.id].shape, operands, {}, where);
  }

  /// Appends a node that will never be found again, whatever is added later: for sources whose
  /// attributes differ anyway.
  Value append(Op op, DType dtype, std::span<const int64_t> shape, std::span<const int64_t> attrs, Location where);
  /// The same with operands: as add(), but another node than all others.
  Value append(Op op, DType dtype, std::span<const int64_t> shape, std::span<const Value> operands,
               std::span<const int64_t> attrs, Location where);
  /// Whether add() may find it.
  bool can_be_found(Value v) const { return nodes_[v.id].hash != kNeverFound; }

  /// Whether add() of these would find `v`, without a search.
  bool would_find(Value v, Op op, DType dtype, std::span<const int64_t> shape, std::span<const Value> operands,
                  std::span<const int64_t> attrs) const;
  /// Whether add_like() of these would find `v`, without a search.
  bool would_find_like(Value v, Op op, DType dtype, Value like, std::span<const Value> operands) const {
    if (v.id >= size()) return false;
    const Node& n = nodes_[v.id];
    if (n.op != op || n.dtype != dtype || n.shape != nodes_[like.id].shape || n.num_attrs != 0 ||
        n.num_operands != operands.size())
      return false;
    const Value* known = operand_pool_.data() + n.operands;
    for (size_t i = 0; i < operands.size(); ++i)
      if (known[i] != operands[i]) return false;
    return true;
  }

  uint32_t size() const { return static_cast<uint32_t>(nodes_.size()); }
  Op op(Value v) const { return nodes_[v.id].op; }
  DType dtype(Value v) const { return nodes_[v.id].dtype; }
  const Shape& shape(Value v) const { return shapes_[nodes_[v.id].shape]; }
  bool share_shape(Value a, Value b) const { return nodes_[a.id].shape == nodes_[b.id].shape; }
  std::span<const Value> operands(Value v) const {
    const Node& n = nodes_[v.id];
    return {operand_pool_.data() + n.operands, n.num_operands};
  }
  Value operand(Value v, int i) const { return operand_pool_[nodes_[v.id].operands + i]; }
  std::span<const int64_t> attrs(Value v) const {
    const Node& n = nodes_[v.id];
    return {attr_pool_.data() + n.attrs, n.num_attrs};
  }
  int64_t attr(Value v, int i = 0) const { return attr_pool_[nodes_[v.id].attrs + i]; }
  Location location(Value v) const { return nodes_[v.id].where; }
  /// Room for so many nodes with some operands each.
  void reserve(uint32_t nodes);
  /// Forgets everything and keeps the memory for what comes next.
  void clear();
  /// Bytes this graph holds.
  size_t bytes() const;

  std::vector<Value> outputs;

 private:
  struct Node {
    Op op;
    DType dtype;
    uint16_t num_operands;
    uint16_t num_attrs;
    uint32_t shape;     // in shapes_
    uint32_t operands;  // in operand_pool_
    uint32_t attrs;     // in attr_pool_
    uint32_t hash;
    Location where;
  };
  uint32_t intern_shape(std::span<const int64_t> shape, std::span<const Value> operands);
  uint32_t find_or_add_shape(std::span<const int64_t> shape);
  void grow_shape_table();
  Value intern(Op op, DType dtype, uint32_t shape, std::span<const Value> operands, std::span<const int64_t> attrs,
               Location where);
  bool same(const Node& n, Op op, DType dtype, uint32_t shape, std::span<const Value> operands,
            std::span<const int64_t> attrs) const;
  static constexpr uint32_t kNeverFound = 0;  // the hash of what append() adds
  void forget(uint32_t id);                   // takes a node out of the table
  Value push(Op op, DType dtype, uint32_t shape, std::span<const Value> operands, std::span<const int64_t> attrs,
             uint32_t hash, Location where);
  void close_region(uint32_t end);
  void grow_table();

  std::vector<Node> nodes_;
  std::vector<Value> operand_pool_;
  std::vector<int64_t> attr_pool_;
  ShapeList shapes_;                    // all different
  std::vector<uint32_t> shape_table_;   // open addressing; place in shapes_ + 1, 0 is free
  std::vector<uint32_t> table_;         // open addressing; node id + 1, 0 is free
  uint32_t used_ = 0;                   // slots taken, tombstones included
  std::vector<uint32_t> region_start_;  // node ids of open cold regions
};

/// The dtype of an elementwise op on operands of this dtype; of `select` and `cast` not.
constexpr DType elementwise_dtype(Op op, DType operand) {
  switch (info(op).dtype_rule) {
    case DTypeRule::boolean: return DType::bool_;
    case DTypeRule::complex: return complex_of(operand);
    case DTypeRule::part: return part_of(operand);
    default: return operand;
  }
}

/// Structural hash: ops, dtypes, shapes, attributes, edges and outputs; not locations.
uint64_t hash(const Graph& g);
bool equal(const Graph& a, const Graph& b);

}  // namespace tarry::ir
