#include "nvptx/grid_walk.h"

#include <tarry/ir/error.h>

#include <algorithm>

#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {

using llvm::Value;
using Kind = GpuObject::Kind;

ColumnGrid::ColumnGrid(Device& device, int neighbours) : lanes(neighbours) {
  Builder& b = device.frame.b;
  Frame& f = device.frame;
  column_shift = f.index_word(device.layout.column_shift());
  columns = b.CreateShl(f.number(1), column_shift);
  rank_shift = b.CreateSub(f.number(8), column_shift);
  static_assert(kBlockThreads == 1 << 8);
  ranks = b.CreateShl(f.number(1), rank_shift);
  column = b.CreateAnd(device.thread(), b.CreateSub(columns, f.number(1)));
  rank = b.CreateLShr(device.thread(), column_shift);
  lanes_shift = b.CreateSub(f.index_word(device.layout.lane_shift()), rank_shift);
  lanes_each = b.CreateShl(f.number(1), lanes_shift);
}

GridWalk::GridWalk(Device& device, ColumnGrid& grid, const ir::RowPlan& plan, int phase, ByAccess column)
    : ThreadLanes(device, grid.lanes, device.frame.kernel.outer_rank - 1, std::move(column),
                  [this](int access) { return along_.offset(access); }),
      grid_(grid),
      phase_(plan.phases[phase]),
      along_(device, device.frame.kernel.outer_rank, device.frame.kernel.outer_rank + device.frame.kernel.row_rank) {
  const ir::Graph& g = frame_.kernel.body;
  for (ir::Value v : phase_.elements) {
    if (ir::is_reduce(g.op(v))) {
      reductions_.push_back(v);
      folds_[v.id] = {frame_.variable(type(v)), frame_.variable(type(v)),
                      std::make_unique<LaneCounter>(frame_, g.op(v), accumulator(v), grid.lanes),
                      std::make_unique<LaneCounter>(frame_, g.op(v), accumulator(v), grid.lanes)};
    }
    if (std::find(plan.kept.begin(), plan.kept.end(), v) != plan.kept.end()) keeps_.push_back(v);
  }
}

llvm::Type* GridWalk::type(ir::Value v) const {
  return memory_type(frame_.b.getContext(), accumulator(v), grid_.lanes);
}

/// Lanes whose numbers, read backwards, count up: then pairs, pairs of pairs and so on are what folds by 16, 8, …
void GridWalk::over_lanes(const std::function<void(Value*)>& walk_lane) {
  Builder& b = frame_.b;
  const unsigned width = frame_.index_type->getBitWidth();
  frame_.for_loop(frame_.number(0), grid_.lanes_each, 1, [&](Value* turn) {
    Value* backwards = b.CreateUnaryIntrinsic(llvm::Intrinsic::bitreverse, turn);
    // By a whole width where there is one lane; its number is 0.
    Value* shift = b.CreateSub(frame_.number(width), grid_.lanes_shift);
    Value* one = b.CreateICmpEQ(grid_.lanes_shift, frame_.number(0));
    Value* mine = b.CreateLShr(backwards, b.CreateSelect(one, frame_.number(0), shift));
    Value* lane = b.CreateAdd(grid_.rank, b.CreateShl(mine, grid_.rank_shift));
    walk_lane(lane);
    for (ir::Value v : reductions_) {
      Fold& f = folds_.at(v.id);
      Value* value = f.lane.get(b);
      if (leaves_)
        frame_.if_then(leaves_, [&] {
          const int bytes = std::min(kAccessBytes, grid_.lanes * scratch_bytes(accumulator(v)));
          b.CreateAlignedStore(value, chunk_lane(v, chunk_, lane), llvm::Align(static_cast<uint64_t>(bytes)));
        });
      f.tree->push(value, turn);
    }
  });
}

void GridWalk::run_lanes(Body& body, Value* first, Value* end, Value* length) {
  Builder& b = frame_.b;
  body.prepare(phase_.elements);
  Value* count = b.CreateSub(end, first);
  Value* several = b.CreateICmpSGT(count, frame_.number(1));
  over_lanes([&](Value* lane) {
    for (ir::Value v : reductions_)
      folds_.at(v.id).lane.set(b, identity(b, frame_.kernel.body.op(v), accumulator(v), grid_.lanes));
    frame_.for_loop(first, end, 1, [&](Value* block) {
      run_block(body, block, lane, length);
      for (ir::Value v : reductions_) {
        Fold& f = folds_.at(v.id);
        Value* folded = f.block.get(b);
        f.lane.set(b, folded);
        frame_.if_then(several, [&] { f.counter->push(folded, b.CreateSub(block, first)); });
      }
    });
    frame_.if_then(several, [&] {
      for (ir::Value v : reductions_) folds_.at(v.id).lane.set(b, folds_.at(v.id).counter->fold(count));
    });
  });
}

void GridWalk::run_block(Body& body, Value* block, Value* lane, Value* length) {
  Builder& b = frame_.b;
  for (ir::Value v : reductions_)
    folds_.at(v.id).block.set(b, identity(b, frame_.kernel.body.op(v), accumulator(v), grid_.lanes));
  Value* begin = b.CreateMul(block, frame_.number(ir::kReduceBlock));
  Value* end = b.CreateAdd(begin, frame_.number(ir::kReduceBlock));
  end = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, end, length);
  frame_.for_loop(b.CreateAdd(begin, lane), end, ir::kReduceLanes, [&](Value* element) { evaluate(body, element); });
}

void GridWalk::run_chunks(Value* chunks) {
  Builder& b = frame_.b;
  over_lanes([&](Value* lane) {
    frame_.for_loop(frame_.number(0), chunks, 1, [&](Value* chunk) {
      for (ir::Value v : reductions_)
        folds_.at(v.id).counter->push(b.CreateLoad(type(v), chunk_lane(v, chunk, lane)), chunk);
    });
    for (ir::Value v : reductions_) folds_.at(v.id).lane.set(b, folds_.at(v.id).counter->fold(chunks));
  });
}

void GridWalk::run_free(Body& body, Value* length) {
  body.prepare(phase_.elements);
  device_.strided_loop(grid_.rank, length, grid_.ranks, [&](Value* element) { evaluate(body, element); });
}

void GridWalk::evaluate(Body& body, Value* element) {
  Builder& b = frame_.b;
  element_ = element;
  along_.set(element);
  body.start_group();
  for (ir::Value v : phase_.restored) {
    const ir::DType t = frame_.kernel.body.dtype(v);
    body.bind(v, to_register(b, load_neighbours(frame_, scratch(v, Kind::kept, t, element_), t, grid_.lanes), t));
  }
  body.emit(phase_.elements, *this);
}

void GridWalk::computed(ir::Value node, Value* value) {
  if (std::find(keeps_.begin(), keeps_.end(), node) == keeps_.end()) return;
  const ir::DType t = frame_.kernel.body.dtype(node);
  store_neighbours(frame_, to_memory(frame_.b, value, t), scratch(node, Kind::kept, t, element_), t);
}

void GridWalk::reduce(ir::Value node, Value* x) {
  Builder& b = frame_.b;
  Fold& f = folds_.at(node.id);
  Value* operand = to_accumulator(b, x, frame_.kernel.body.dtype(node));
  f.block.set(b, emit_fold(b, frame_.kernel.body.op(node), accumulator(node), f.block.get(b), operand));
}

/// The column's element in row `row` of an object whose rows have one element for each column.
Value* GridWalk::scratch(ir::Value v, Kind kind, ir::DType t, Value* row) {
  Builder& b = frame_.b;
  const auto& objects = device_.shape.objects;
  for (size_t i = 0; i < objects.size(); ++i) {
    if (objects[i].value != v || objects[i].kind != kind) continue;
    Value* pitch = device_.wide(frame_.index_word(device_.layout.pitch()));
    Value* place = b.CreateAdd(b.CreateMul(device_.wide(row), pitch), device_.wide(grid_.number));
    return b.CreateGEP(memory_type(b.getContext(), t), device_.object(static_cast<int>(i)), place);
  }
  throw InternalError("a value without the scratch memory it needs");
}

Value* GridWalk::chunk_lane(ir::Value v, Value* chunk, Value* lane) {
  Value* row = frame_.b.CreateAdd(frame_.b.CreateMul(chunk, frame_.number(ir::kReduceLanes)), lane);
  return scratch(v, Kind::lanes, accumulator(v), row);
}

/// Ranks meet in shared memory.
Value* GridWalk::result(ir::Value v) {
  Builder& b = frame_.b;
  const ir::Op op = frame_.kernel.body.op(v);
  Variable all = frame_.variable(type(v), folds_.at(v.id).tree->fold(grid_.lanes_each));
  frame_.if_then(b.CreateICmpSGT(grid_.ranks, frame_.number(1)), [&] {
    Value* shared = device_.shared();
    auto place = [&](Value* thread) { return b.CreateGEP(type(v), shared, thread); };
    b.CreateStore(all.get(b), place(device_.thread()));
    device_.barrier();
    Variable by = frame_.variable(frame_.index_type, b.CreateLShr(grid_.ranks, frame_.number(1)));
    frame_.while_loop([&] { return b.CreateICmpSGT(by.get(b), frame_.number(0)); },
                      [&] {
                        frame_.if_then(b.CreateICmpSLT(grid_.rank, by.get(b)), [&] {
                          Value* other = b.CreateAdd(device_.thread(), b.CreateShl(by.get(b), grid_.column_shift));
                          Value* older = b.CreateLoad(type(v), place(device_.thread()));
                          Value* newer = b.CreateLoad(type(v), place(other));
                          b.CreateStore(emit_fold(b, op, accumulator(v), older, newer), place(device_.thread()));
                        });
                        device_.barrier();
                        by.set(b, b.CreateLShr(by.get(b), frame_.number(1)));
                      });
    all.set(b, b.CreateLoad(type(v), place(grid_.column)));
    device_.barrier();
  });
  return all.get(b);
}

}  // namespace tarry::codegen
