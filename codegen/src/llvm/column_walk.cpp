#include "llvm/column_walk.h"

#include <algorithm>

#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {

using Kind = ScratchObject::Kind;
using llvm::Value;

ColumnWalk::ColumnWalk(Frame& frame, Strip& strip, Body& uniform, std::span<const ir::Value> nodes,
                       std::span<const ir::Value> restored)
    : Walk(frame, {{frame.kernel.outer_rank - 1}, strip.lanes(), 1, strip.lanes()}, nodes),
      column_frame_(frame),
      strip_(strip),
      nodes_(nodes),
      restored_(restored),
      body_(frame, strip.lanes(), &uniform) {
  const ir::Graph& g = frame.kernel.body;
  std::vector<bool> here(g.size(), false);
  for (ir::Value v : nodes) here[v.id] = true;
  for (ir::Value v : nodes) {
    if (ir::is_reduce(g.op(v))) reductions_.push_back(v);
    if (ir::class_of(g.op(v)) == ir::OpClass::scan) scans_.push_back(v);
    for (ir::Value o : g.operands(v)) {
      // A reduction is not known in its own walk.
      const bool of_row = strip.plan().level[o.id] == ir::Level::row && g.op(o) != ir::Op::cold_begin;
      if (of_row && (!here[o.id] || ir::is_reduce(g.op(o)))) needed_.push_back(o);
    }
  }
  std::sort(needed_.begin(), needed_.end());
  needed_.erase(std::unique(needed_.begin(), needed_.end()), needed_.end());
}

void ColumnWalk::start(const std::function<Value*(int)>& offset) { place(offset); }

Value* ColumnWalk::read_back(ir::Value v, Kind kind, Value* row) {
  Builder& b = column_frame_.b;
  const ir::DType t = column_frame_.kernel.body.dtype(v);
  Value* address = strip_.element(v, kind, row, column_, scratch_bytes(t));
  llvm::Type* type = memory_type(b.getContext(), t, strip_.lanes());
  return to_register(b, b.CreateAlignedLoad(type, address, llvm::Align(scratch_bytes(t))), t);
}

void ColumnWalk::write(ir::Value v, Value* value, Kind kind, Value* row) {
  Builder& b = column_frame_.b;
  const ir::DType t = column_frame_.kernel.body.dtype(v);
  Value* address = strip_.element(v, kind, row, column_, scratch_bytes(t));
  b.CreateAlignedStore(to_memory(b, value, t), address, llvm::Align(scratch_bytes(t)));
}

void ColumnWalk::run_strip(Value* row) {
  Builder& b = column_frame_.b;
  row_ = row;
  body_.start_group();
  body_.prepare(nodes_);
  run(column_frame_.inner_begin, column_frame_.inner_end, [&](Value* first, int) {
    column_ = b.CreateSub(first, column_frame_.inner_begin);
    body_.start_group();
    for (ir::Value v : needed_) body_.bind(v, read_back(v, Kind::per_row, nullptr));
    for (ir::Value v : restored_) body_.bind(v, read_back(v, Kind::kept, row_));
    body_.emit(nodes_, *this);
  });
}

/// The first element of a lane in a block is its value; -0 + x is x, and so with the other identities.
void ColumnWalk::reduce(ir::Value node, Value* x) {
  Builder& b = column_frame_.b;
  const ir::Graph& g = column_frame_.kernel.body;
  const ir::DType t = ir::accumulator(g.dtype(node));
  const int bytes = scratch_bytes(t);
  Value* lane = b.CreateAnd(row_, b.getInt64(ir::kReduceLanes - 1));
  Value* first = b.CreateICmpSLT(b.CreateAnd(row_, b.getInt64(ir::kReduceBlock - 1)), b.getInt64(ir::kReduceLanes));
  Value* address = strip_.element(node, Kind::lanes, lane, column_, bytes);
  Value* operand = to_accumulator(b, x, g.dtype(node));
  Value* older = b.CreateAlignedLoad(operand->getType(), address, llvm::Align(bytes));
  Value* sum = b.CreateSelect(first, operand, emit_fold(b, g.op(node), t, older, operand));
  b.CreateAlignedStore(sum, address, llvm::Align(bytes));
}

Value* ColumnWalk::scan(ir::Value node, Value* x) {
  Builder& b = column_frame_.b;
  const ir::Graph& g = column_frame_.kernel.body;
  const ir::DType t = ir::accumulator(g.dtype(node));
  Value* state = strip_.element(node, Kind::per_row, nullptr, column_, scratch_bytes(t));
  Value* operand = to_accumulator(b, x, g.dtype(node));
  Value* so_far = b.CreateAlignedLoad(operand->getType(), state, llvm::Align(scratch_bytes(t)));
  Value* next = emit_fold(b, g.op(node), t, so_far, operand);
  b.CreateAlignedStore(next, state, llvm::Align(scratch_bytes(t)));
  return from_accumulator(b, next, g.dtype(node));
}

void ColumnWalk::computed(ir::Value node, Value* value) {
  const ir::Op op = column_frame_.kernel.body.op(node);
  if (row_) {
    if (strip_.keeps(node) && std::find(restored_.begin(), restored_.end(), node) == restored_.end())
      write(node, value, Kind::kept, row_);
  } else if (op != ir::Op::cold_begin) {
    write(node, value, Kind::per_row, nullptr);
  }
}

}  // namespace tarry::codegen
