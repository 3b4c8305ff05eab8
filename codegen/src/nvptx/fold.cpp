#include "nvptx/fold.h"

#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {

using llvm::Value;

BlockFold::BlockFold(Device& device, ir::Value node, int64_t offset)
    : device_(device),
      node_(node),
      op_(device.frame.kernel.body.op(node)),
      dtype_(ir::accumulator(device.frame.kernel.body.dtype(node))),
      offset_(offset),
      lane_(device.frame.variable(type())) {}

int64_t BlockFold::shared_bytes(const ir::Kernel& kernel, ir::Value node) {
  return (kBlockWarps + kSharedLevels) * Counter::lane_bytes(ir::accumulator(kernel.body.dtype(node)));
}

llvm::Type* BlockFold::type() const { return memory_type(device_.frame.b.getContext(), dtype_); }

Value* BlockFold::fold(Value* older, Value* newer) { return emit_fold(device_.frame.b, op_, dtype_, older, newer); }

/// This thread's element of a row of 32.
Value* BlockFold::slot(Value* row) {
  Builder& b = device_.frame.b;
  Value* element = b.CreateAdd(b.CreateMul(row, b.getInt64(ir::kReduceLanes)), device_.lane());
  return b.CreateGEP(type(), device_.shared(offset_), element);
}

void BlockFold::reset() { lane_.set(device_.frame.b, identity(device_.frame.b, op_, dtype_, 1)); }

void BlockFold::add(Value* operand) {
  Builder& b = device_.frame.b;
  lane_.set(b, fold(lane_.get(b), to_accumulator(b, operand, device_.frame.kernel.body.dtype(node_))));
}

void BlockFold::leave(Value* warp) { device_.frame.b.CreateStore(lane_.get(device_.frame.b), slot(warp)); }

void BlockFold::pair(Value* warp, int by) {
  Builder& b = device_.frame.b;
  Value* newer = b.CreateLoad(type(), slot(b.CreateAdd(warp, b.getInt64(by))));
  Value* place = slot(warp);
  b.CreateStore(fold(b.CreateLoad(type(), place), newer), place);
}

void BlockFold::push(Value* warp, Value* number, int base) {
  Builder& b = device_.frame.b;
  push(b.CreateLoad(type(), slot(warp)), number, b.getInt64(base));
}

void BlockFold::push(Value* lane_value, Value* number, Value* base) {
  Frame& frame = device_.frame;
  Builder& b = frame.b;
  Variable partial = frame.variable(type(), lane_value);
  Variable k = frame.variable(b.getInt64Ty(), b.getInt64(0));
  auto at = [&] { return level(b.CreateAdd(base, k.get(b))); };
  auto bit_set = [&] { return b.CreateTrunc(b.CreateLShr(number, k.get(b)), b.getInt1Ty()); };
  frame.while_loop(bit_set, [&] {
    partial.set(b, fold(b.CreateLoad(type(), at()), partial.get(b)));
    k.set(b, b.CreateAdd(k.get(b), b.getInt64(1)));
  });
  b.CreateStore(partial.get(b), at());
}

Value* BlockFold::fold_levels(Value* count) {
  Builder& b = device_.frame.b;
  return fold_onto(count, b.getFalse(), identity(b, op_, dtype_, 1));
}

Value* BlockFold::fold_levels_onto(Value* count, Value* has_tail, Value* tail) {
  Frame& frame = device_.frame;
  Variable lane = frame.variable(type(), identity(frame.b, op_, dtype_, 1));
  frame.if_then(has_tail, [&] { lane.set(frame.b, frame.b.CreateLoad(type(), tail)); });
  return fold_onto(count, has_tail, lane.get(frame.b));
}

/// From the lowest occupied level to the highest.
Value* BlockFold::fold_onto(Value* count, Value* has_any, Value* lane) {
  Frame& frame = device_.frame;
  Builder& b = frame.b;
  Variable partial = frame.variable(type(), lane);
  Variable begun = frame.variable(b.getInt1Ty(), has_any);
  Variable k = frame.variable(b.getInt64Ty(), b.getInt64(0));
  auto left = [&] { return b.CreateLShr(count, k.get(b)); };
  frame.while_loop([&] { return b.CreateICmpNE(left(), b.getInt64(0)); },
                   [&] {
                     frame.if_then(b.CreateTrunc(left(), b.getInt1Ty()), [&] {
                       Value* older = b.CreateLoad(type(), level(k.get(b)));
                       partial.set(b, b.CreateSelect(begun.get(b), fold(older, partial.get(b)), older));
                       begun.set(b, b.getTrue());
                     });
                     k.set(b, b.CreateAdd(k.get(b), b.getInt64(1)));
                   });
  return partial.get(b);
}

void BlockFold::finish(Value* lanes, Value* empty) {
  Frame& frame = device_.frame;
  Builder& b = frame.b;
  for (int by = ir::kReduceLanes / 2; by > 0; by /= 2) lanes = fold(lanes, device_.shuffle_down(lanes, by));
  Value* value = to_memory(b, finish_reduction(frame, node_, lanes, empty), frame.kernel.body.dtype(node_));
  // Every lane writes; only lane 0 has the fold of all, and only its place is read.
  b.CreateStore(value, result_place(device_.lane()));
}

Value* BlockFold::result_place(Value* lane) {
  Builder& b = device_.frame.b;
  llvm::Type* result = memory_type(b.getContext(), device_.frame.kernel.body.dtype(node_));
  return b.CreateGEP(result, device_.shared(offset_), lane);
}

Value* BlockFold::result() {
  Builder& b = device_.frame.b;
  const ir::DType t = device_.frame.kernel.body.dtype(node_);
  return to_register(b, b.CreateLoad(memory_type(b.getContext(), t), result_place(b.getInt64(0))), t);
}

}  // namespace tarry::codegen
