#pragma once
// Forms one group: the demand-driven walk behind fuse.h.

#include "fuse.h"

#include <algorithm>
#include <queue>
#include <set>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace tarry::passes {

/// What all groups of a program share while they are formed.
struct Context {
  Context(const Program& program, bool allow_merging);

  const Program& program;
  const ir::Graph& g;
  const bool allow_merging;
  Fusion fusion;
  std::set<uint32_t> pending;  // values with a storage that no group writes yet
  std::vector<std::vector<uint32_t>> storages_of;
  std::vector<bool> needed;
  std::vector<bool> over_reduction;  // computed elementwise from a reduction: may become once per row
  std::vector<int> tree_cost;        // of a value from materialised ones, shared parts counted each time
  std::vector<uint32_t> first_user, users;
  /// Of a gather that does nothing but put its operand in order: the argsort, which nobody else needs.
  std::vector<ir::Value> order_of;
  uint32_t lowest_merged = UINT32_MAX;  // oldest value that joined a group of a younger one

  /// The value whose elements in C order are v's.
  ir::Value peel(ir::Value v) const;
  uint32_t add_storage(ir::Value v, ir::Strides strides, int64_t offset);
  /// A storage of v, made and put on the list of what must be computed if there is none.
  uint32_t request(ir::Value v, bool c_order);
  /// Whether computing any of the storages needs any of the targets. May say yes when it is not sure.
  bool reaches(std::span<const uint32_t> from_storages, std::span<const uint32_t> target_values, int budget) const;
  std::span<const uint32_t> users_of(ir::Value v) const {
    return std::span(users).subspan(first_user[v.id], first_user[v.id + 1] - first_user[v.id]);
  }

 private:
  int cost_of(ir::Value v) const;
  void find_sorts();

  /// Memory of reaches(), which is asked often.
  struct Walk {
    std::vector<uint32_t> stack;
    std::vector<uint32_t> seen;  // by value: the last walk that came by
    uint32_t number = 0;
  };
  mutable Walk walk_;
};

class GroupBuilder {
 public:
  explicit GroupBuilder(Context* context) : c_(*context), g_(context->g) {}
  /// Forms the group that writes v's storages and appends it.
  void build(ir::Value v);

 private:
  static constexpr int kReachBudget = 512;  // values looked at to see whether a group would wait for itself

  void start_kernel(ir::Value v);
  void start_update(ir::Value v);
  void start_scatter(ir::Value v);
  bool reads_base(const Node& node) const;
  bool retry_through_temporaries();
  void build_matmul(ir::Value v);
  void build_sort(ir::Value v);
  bool is_library(ir::Value v) const {
    return ir::class_of(g_.op(v)) == ir::OpClass::library || c_.order_of[v.id].valid();
  }
  Group::Matrix matmul_operand(ir::Value v, const IndexMap& map, uint32_t row, uint32_t column);
  /// The storage behind movement ops that an index map goes through, or the value itself; `map` becomes its map.
  ir::Value behind_views(ir::Value v, IndexMap* map) const;
  /// A storage of v and what `map` becomes on it.
  uint32_t place_of(ir::Value v, IndexMap* map, const char* why);
  void process_gather(ir::Value v);
  std::optional<LinearForm> linear_index(ir::Value v, IndexMap map, int depth) const;
  std::optional<IndexMap> linear_places(ir::Value gather, const IndexMap& map) const;
  void add_siblings(ir::Value v);
  bool shares_leaf(const std::unordered_set<uint32_t>& leaves, ir::Value v) const;
  std::unordered_set<uint32_t> near_leaves(ir::Value v) const;

  uint32_t demand(ir::Value v, uint32_t map, uint32_t mask, bool element);
  void drain();
  void process(ir::Value v);
  bool process_as_root(ir::Value v);
  void process_movement(ir::Value v);
  void process_elementwise(ir::Value v);
  void process_reduce(ir::Value v);
  void read(ir::Value v, const char* why, bool c_order = false);
  void read_node(uint32_t node, const char* why, bool c_order);
  bool push_reshape(uint32_t node);
  bool gives_back_axes(ir::Value v) const;
  bool reduce_here(uint32_t node);
  std::vector<uint32_t> unread(uint32_t node, int64_t length) const;
  bool names(uint32_t node, uint32_t coordinate) const;
  bool is_one_row(ir::Value v) const;
  bool make_rows(const std::vector<uint32_t>& rest, std::span<const int64_t> extents, IndexMap* rows);
  bool match_rows(std::vector<uint32_t>* rows, std::span<const int64_t> extents, IndexMap* forms);
  void split_coordinate(uint32_t coordinate, int64_t inner_extent);
  const char* reason_to_store(ir::Value v);
  void count_computed(ir::Value v);
  bool is_full();
  bool needed_elsewhere(ir::Value v) const;
  bool covers_space(uint32_t node) const;
  /// The coordinates a map uses, if each axis (of extent > 1) is one of its own; else nothing.
  std::optional<std::vector<uint32_t>> bijective(uint32_t map, ir::Value v) const;
  std::vector<uint32_t> wide(std::span<const uint32_t> coordinates) const;
  ir::Shape extents_of(std::span<const uint32_t> coordinates) const;
  bool is_root(ir::Value v) const { return std::find(roots_.begin(), roots_.end(), v.id) != roots_.end(); }
  void make_root(uint32_t node);
  void write_one_version();
  void finish();

  uint32_t intern_map(IndexMap map);
  uint32_t intern_mask(Mask mask);
  uint32_t identity_map(std::span<const uint32_t> coordinates);
  std::vector<uint32_t>& nodes_of(ir::Value v) { return by_value_[v.id]; }

  Context& c_;
  const ir::Graph& g_;
  Group group_;
  ir::Value head_;
  int computed_ = 0, primitives_ = 0;  // ops, and what they expand to
  std::vector<ir::Value> uncounted_;   // ops that primitives_ lacks
  std::priority_queue<uint32_t> queue_;
  std::unordered_map<uint32_t, std::vector<uint32_t>> by_value_;
  std::vector<std::vector<uint32_t>> node_operands_;
  std::vector<uint32_t> roots_;  // values
};

}  // namespace tarry::passes
