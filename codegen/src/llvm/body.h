#pragma once
/// Evaluates nodes of a kernel's body for a group of lanes.

#include <tarry/ir/kernel.h>

#include <span>
#include <vector>

#include "llvm/frame.h"

namespace tarry::codegen {

/// What nodes do beyond computing: where the lanes of the group stand in memory, and what collects
/// their results. Values are in register form; a predicate is null where every lane holds.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual llvm::Value* load(int access, llvm::Value* predicate) = 0;
  virtual void store(int access, llvm::Value* value) = 0;
  virtual llvm::Value* index(int access) = 0;
  /// `distance`: elements behind the lane's place.
  virtual llvm::Value* load_at(int access, llvm::Value* distance, llvm::Value* predicate) = 0;
  /// `node` says how the value meets what is there. Refused where points are not visited in order.
  virtual void store_at(ir::Value node, llvm::Value* value, llvm::Value* distance);
  virtual void reduce(ir::Value node, llvm::Value* x) = 0;
  virtual llvm::Value* scan(ir::Value node, llvm::Value* x) = 0;
  /// Called after each node that has a value.
  virtual void computed(ir::Value node, llvm::Value* value);
};

class Body {
 public:
  /// What is not computed here comes from `outer`, a body of one lane, and is spread over the lanes; or of as many.
  Body(Frame& frame, int lanes, Body* outer = nullptr)
      : frame_(frame), lanes_(lanes), outer_(outer), values_(size()), splats_(size()) {}

  /// Spreads what `nodes` need from the outer body at the present place, so that a loop over `emit` need not.
  void prepare(std::span<const ir::Value> nodes);
  /// Forgets the values of the last group.
  void start_group() { values_.assign(size(), nullptr); }
  /// Evaluates nodes in order; cold regions whole.
  void emit(std::span<const ir::Value> nodes, Surroundings& around);
  /// Gives a node its value from elsewhere.
  void bind(ir::Value v, llvm::Value* value) { values_[v.id] = value; }
  llvm::Value* value(ir::Value v);
  /// Whether it or a body around it has computed this node.
  bool knows(ir::Value v) const;
  int lanes() const { return lanes_; }

 private:
  struct Region {
    llvm::Value* predicate;
    llvm::BasicBlock* fast_from;  // where control comes from if the region is skipped
    llvm::BasicBlock* after;
  };
  size_t size() const { return frame_.kernel.body.size(); }
  void emit_node(ir::Value v, Surroundings& around);
  llvm::Value* scalar(ir::Value v);
  void begin_region(ir::Value v);
  void end_region(ir::Value v);
  bool has(ir::Value v) const { return values_[v.id] != nullptr; }
  bool is_uniform(ir::Value v) const;

  Frame& frame_;
  int lanes_;
  Body* outer_;
  std::vector<llvm::Value*> values_;
  std::vector<llvm::Value*> splats_;
  std::vector<Region> regions_;
};

/// Evaluates scalars, constants and all that follows from them alone, once, in the prologue of the
/// function, and closes it.
void emit_uniforms(Frame& frame, Body& body, std::span<const ir::Level> level, const std::vector<bool>& live);

/// Nodes that stores and reductions need, and they themselves.
std::vector<bool> live_nodes(const ir::Graph& g);
/// Those of these nodes.
std::vector<ir::Value> living(const std::vector<ir::Value>& nodes, const std::vector<bool>& live);

/// Whether the predicate holds in some lane, in each lane.
llvm::Value* any_lane(Builder& b, llvm::Value* predicate);
llvm::Value* every_lane(Builder& b, llvm::Value* predicate);

}  // namespace tarry::codegen
