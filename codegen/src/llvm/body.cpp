#include "llvm/body.h"

#include <tarry/ir/error.h>

#include "llvm/elementwise.h"
#include "llvm/types.h"
#include "llvm/within.h"

namespace tarry::codegen {

using ir::Op;
using llvm::Value;

void Surroundings::computed(ir::Value, Value*) {}
void Surroundings::store_at(ir::Value, Value*, Value*) {
  throw DeviceError("writes at computed places need their points in order, which this target does not keep");
}

Value* any_lane(Builder& b, Value* p) { return lanes_of(p->getType()) == 1 ? p : b.CreateOrReduce(p); }
Value* every_lane(Builder& b, Value* p) { return lanes_of(p->getType()) == 1 ? p : b.CreateAndReduce(p); }

std::vector<bool> live_nodes(const ir::Graph& g) {
  std::vector<bool> live(g.size(), false);
  for (uint32_t id = g.size(); id-- > 0;) {
    if (ir::is_store(g.op({id})) || ir::is_reduce(g.op({id}))) live[id] = true;
    if (!live[id]) continue;
    for (ir::Value o : g.operands({id})) live[o.id] = true;
  }
  return live;
}

std::vector<ir::Value> living(const std::vector<ir::Value>& nodes, const std::vector<bool>& live) {
  std::vector<ir::Value> some;
  for (ir::Value v : nodes)
    if (live[v.id]) some.push_back(v);
  return some;
}

bool Body::knows(ir::Value v) const {
  for (const Body* b = this; b; b = b->outer_)
    if (b->has(v)) return true;
  return false;
}

bool Body::is_uniform(ir::Value v) const {
  const Body* root = this;
  while (root->outer_) root = root->outer_;
  return root->has(v);
}

Value* Body::value(ir::Value v) {
  if (values_[v.id]) return values_[v.id];
  if (!outer_) throw InternalError("node %" + std::to_string(v.id) + " of a kernel is used before it is known");
  if (lanes_ == 1) return outer_->value(v);
  if (splats_[v.id]) return splats_[v.id];
  Value* outer = outer_->value(v);
  return lanes_of(outer->getType()) == lanes_ ? outer : splat(frame_.b, outer, lanes_);
}

void Body::prepare(std::span<const ir::Value> nodes) {
  if (lanes_ == 1) return;
  splats_.assign(size(), nullptr);
  std::vector<bool> computed(size(), false);
  for (ir::Value v : nodes) computed[v.id] = true;
  for (ir::Value v : nodes) {
    for (ir::Value o : frame_.kernel.body.operands(v)) {
      if (computed[o.id] || splats_[o.id] || !outer_->knows(o)) continue;
      Value* scalar = outer_->value(o);
      if (lanes_of(scalar->getType()) == lanes_) {
        splats_[o.id] = scalar;
        continue;
      }
      auto spread = [&] { return splat(frame_.b, scalar, lanes_); };
      splats_[o.id] = is_uniform(o) ? frame_.at_prologue(spread) : spread();
    }
  }
}

void Body::emit(std::span<const ir::Value> nodes, Surroundings& around) {
  for (ir::Value v : nodes) emit_node(v, around);
}

void Body::emit_node(ir::Value v, Surroundings& around) {
  const ir::Graph& g = frame_.kernel.body;
  Value* result = nullptr;
  switch (g.op(v)) {
    case Op::constant:
      result = literal(register_type(frame_.b.getContext(), g.dtype(v)), static_cast<uint64_t>(g.attr(v)));
      result = splat(frame_.b, result, lanes_);
      break;
    case Op::scalar: result = splat(frame_.b, scalar(v), lanes_); break;
    case Op::load: {
      Value* predicate = g.operands(v).empty() ? nullptr : value(g.operand(v, 0));
      result = around.load(static_cast<int>(g.attr(v)), predicate);
      break;
    }
    case Op::index: result = around.index(static_cast<int>(g.attr(v))); break;
    case Op::store: return around.store(static_cast<int>(g.attr(v)), value(g.operand(v, 0)));
    case Op::load_at: {
      Value* predicate = g.operands(v).size() < 2 ? nullptr : value(g.operand(v, 1));
      result = around.load_at(static_cast<int>(g.attr(v)), value(g.operand(v, 0)), predicate);
      break;
    }
    case Op::within: result = emit_within(frame_, value(g.operand(v, 0)), value(g.operand(v, 1))); break;
    case Op::store_at:
    case Op::add_at:
    case Op::mul_at:
    case Op::min_at:
    case Op::max_at: return around.store_at(v, value(g.operand(v, 0)), value(g.operand(v, 1)));
    case Op::cold_begin: return begin_region(v);
    case Op::cold_end:
      end_region(v);
      result = values_[v.id];
      break;
    default: {
      if (ir::is_reduce(g.op(v))) return around.reduce(v, value(g.operand(v, 0)));
      if (ir::class_of(g.op(v)) == ir::OpClass::scan) {
        result = around.scan(v, value(g.operand(v, 0)));
        break;
      }
      llvm::SmallVector<Value*, 3> operands;
      for (ir::Value o : g.operands(v)) operands.push_back(value(o));
      result = emit_elementwise(frame_.b, g, v, operands);
    }
  }
  values_[v.id] = result;
  around.computed(v, result);
}

Value* Body::scalar(ir::Value v) {
  Builder& b = frame_.b;
  const ir::DType t = frame_.kernel.body.dtype(v);
  const int index = frame_.layout.scalar(static_cast<int>(frame_.kernel.body.attr(v)));
  llvm::Type* in_memory = memory_type(b.getContext(), t);
  if (frame_.on_gpu() && ir::size_of(t) >= 4 && in_memory == register_type(b.getContext(), t))
    return frame_.load_word(in_memory, index);
  Value* word = frame_.word(index);
  Value* narrow = b.CreateTrunc(word, b.getIntNTy(static_cast<unsigned>(8 * ir::size_of(t))));
  return b.CreateBitCast(to_register(b, narrow, t), register_type(b.getContext(), t));
}

void Body::begin_region(ir::Value v) {
  Builder& b = frame_.b;
  Region region;
  region.predicate = value(frame_.kernel.body.operand(v, 0));
  region.fast_from = b.GetInsertBlock();
  region.after = frame_.block("cold.after");
  llvm::BasicBlock* cold = frame_.block("cold");
  llvm::MDNode* weights = first_way_is_rare(b.getContext());
  b.CreateCondBr(any_lane(b, region.predicate), cold, region.after, weights);
  b.SetInsertPoint(cold);
  regions_.push_back(region);
}

void Body::end_region(ir::Value v) {
  Builder& b = frame_.b;
  const ir::Graph& g = frame_.kernel.body;
  if (regions_.empty()) throw InternalError("a cold region ends at another level than it begins");
  Region region = regions_.back();
  regions_.pop_back();
  Value* fast = value(g.operand(v, 2));
  Value* mixed = b.CreateSelect(region.predicate, value(g.operand(v, 1)), fast);
  llvm::BasicBlock* cold_end = b.GetInsertBlock();
  b.CreateBr(region.after);
  b.SetInsertPoint(region.after);
  llvm::PHINode* phi = b.CreatePHI(fast->getType(), 2);
  phi->addIncoming(mixed, cold_end);
  phi->addIncoming(fast, region.fast_from);
  values_[v.id] = phi;
}

namespace {

/// Uniform nodes touch nothing.
class Nowhere : public Surroundings {
  Value* load(int, Value*) override { refuse(); }
  void store(int, Value*) override { refuse(); }
  Value* index(int) override { refuse(); }
  Value* load_at(int, Value*, Value*) override { refuse(); }
  void reduce(ir::Value, Value*) override { refuse(); }
  Value* scan(ir::Value, Value*) override { refuse(); }
  [[noreturn]] static void refuse() { throw InternalError("a uniform node of a kernel has an effect"); }
};

}  // namespace

void emit_uniforms(Frame& frame, Body& body, std::span<const ir::Level> level, const std::vector<bool>& live) {
  std::vector<ir::Value> nodes;
  for (uint32_t id = 0; id < frame.kernel.body.size(); ++id)
    if (level[id] == ir::Level::uniform && live[id]) nodes.push_back({id});
  Nowhere nowhere;
  body.emit(nodes, nowhere);
  frame.close_prologue();
}

}  // namespace tarry::codegen
