#include "nvptx/block_walk.h"

#include <algorithm>

#include "llvm/elementwise.h"
#include "llvm/points.h"
#include "llvm/types.h"
#include "llvm/walk.h"

namespace tarry::codegen {
namespace {

using llvm::Value;

std::vector<int> row_axes(const ir::Kernel& k) {
  std::vector<int> axes;
  for (int a = 0; a < k.row_rank; ++a) axes.push_back(k.outer_rank + a);
  return axes;
}

}  // namespace

BlockWalk::BlockWalk(Device& device, const ir::RowPlan& plan, int phase, std::function<Value*(ir::Value)> kept)
    : device_(device),
      frame_(device.frame),
      phase_(plan.phases[phase]),
      kept_(std::move(kept)),
      along_(device.frame, row_axes(device.frame.kernel), accesses_of(device.frame.kernel, phase_.elements)) {
  const ir::Graph& g = frame_.kernel.body;
  int64_t shared = 0;
  for (ir::Value v : phase_.elements) {
    if (ir::is_reduce(g.op(v))) {
      folds_.push_back(std::make_unique<BlockFold>(device, v, shared));
      shared += BlockFold::shared_bytes(frame_.kernel, v);
    }
    if (ir::class_of(g.op(v)) == ir::OpClass::scan)
      scans_.push_back({v, frame_.variable(memory_type(frame_.b.getContext(), ir::accumulator(g.dtype(v))))});
    if (std::find(plan.kept.begin(), plan.kept.end(), v) != plan.kept.end()) keeps_.push_back(v);
  }
}

int64_t BlockWalk::shared_bytes(const ir::Kernel& kernel, const ir::RowPlan& plan) {
  int64_t most = 0;
  for (const ir::RowPlan::Phase& phase : plan.phases) {
    int64_t bytes = 0;
    for (ir::Value v : phase.elements)
      if (ir::is_reduce(kernel.body.op(v))) bytes += BlockFold::shared_bytes(kernel, v);
    most = std::max(most, bytes);
  }
  return most;
}

void BlockWalk::start(Body& body, Offset offset, Value* length) {
  row_offset_ = std::move(offset);
  length_ = length;
  body.start_group();
  body.prepare(phase_.elements);
  for (auto& [node, state] : scans_) {
    const ir::DType t = ir::accumulator(frame_.kernel.body.dtype(node));
    state.set(frame_.b, identity(frame_.b, frame_.kernel.body.op(node), t, 1));
  }
}

Value* BlockWalk::offset(int access) { return frame_.b.CreateAdd(row_offset_(access), along_.offset(access)); }

Value* BlockWalk::kept_address(ir::Value v) {
  return frame_.b.CreateGEP(memory_type(frame_.b.getContext(), frame_.kernel.body.dtype(v)), kept_(v), element_);
}

void BlockWalk::evaluate(Body& body, Value* element) {
  Builder& b = frame_.b;
  element_ = element;
  along_.set(element);
  body.start_group();
  for (ir::Value v : phase_.restored) {
    const ir::DType t = frame_.kernel.body.dtype(v);
    body.bind(v, to_register(b, b.CreateLoad(memory_type(b.getContext(), t), kept_address(v)), t));
  }
  body.emit(phase_.elements, *this);
}

void BlockWalk::run_free(Body& body) {
  device_.strided_loop(device_.thread(), length_, frame_.b.getInt64(kBlockThreads), [&](Value* element) {
    inside_ = nullptr;
    evaluate(body, element);
  });
}

/// A scan passes from lane to lane, so that all lanes walk on, those beyond the end repeating the last element.
void BlockWalk::evaluate_in_order(Body& body, Value* base) {
  Builder& b = frame_.b;
  Value* element = b.CreateAdd(base, device_.lane());
  inside_ = b.CreateICmpSLT(element, length_);
  Value* last = b.CreateSub(length_, b.getInt64(1));
  evaluate(body, b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, element, last));
  inside_ = nullptr;
}

/// By one warp.
void BlockWalk::fold_block(Body& body, Value* block) {
  Builder& b = frame_.b;
  for (auto& f : folds_) f->reset();
  Value* begin = b.CreateMul(block, b.getInt64(ir::kReduceBlock));
  Value* end = b.CreateAdd(begin, b.getInt64(ir::kReduceBlock));
  end = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, end, length_);
  if (in_order()) {
    frame_.for_loop(begin, end, kWarpThreads, [&](Value* base) { evaluate_in_order(body, base); });
    return;
  }
  inside_ = nullptr;
  frame_.for_loop(b.CreateAdd(begin, device_.lane()), end, kWarpThreads, [&](Value* e) { evaluate(body, e); });
}

void BlockWalk::run_blocks(Body& body, Value* first, Value* end) {
  Builder& b = frame_.b;
  Value* warp = device_.warp();
  Value* one_warp = b.CreateICmpEQ(warp, b.getInt64(0));
  if (in_order()) {
    frame_.if_then(one_warp, [&] {
      frame_.for_loop(first, end, 1, [&](Value* block) {
        fold_block(body, block);
        for (auto& f : folds_) {
          f->leave(warp);
          f->push(warp, b.CreateSub(block, first), 0);
        }
      });
    });
    device_.barrier();
    return;
  }
  // As many blocks at once as there are warps; a whole batch is one entry of the counter, levels up.
  frame_.for_loop(first, end, kBlockWarps, [&](Value* batch) {
    Value* block = b.CreateAdd(batch, warp);
    frame_.if_then(b.CreateICmpSLT(block, end), [&] {
      fold_block(body, block);
      for (auto& f : folds_) f->leave(warp);
    });
    device_.barrier();
    Value* present = b.CreateSub(end, batch);
    llvm::BasicBlock* whole = frame_.block("batch");
    llvm::BasicBlock* part = frame_.block("rest");
    llvm::BasicBlock* after = frame_.block("folded");
    b.CreateCondBr(b.CreateICmpSGE(present, b.getInt64(kBlockWarps)), whole, part);
    b.SetInsertPoint(whole);
    int level = 0;
    for (int by = 1; by < kBlockWarps; by *= 2, ++level) {
      Value* leads = b.CreateICmpEQ(b.CreateAnd(warp, b.getInt64(2 * by - 1)), b.getInt64(0));
      frame_.if_then(leads, [&] {
        for (auto& f : folds_) f->pair(warp, by);
      });
      device_.barrier();
    }
    frame_.if_then(one_warp, [&] {
      Value* number = b.CreateLShr(b.CreateSub(batch, first), b.getInt64(level));
      for (auto& f : folds_) f->push(warp, number, level);
    });
    b.CreateBr(after);
    b.SetInsertPoint(part);
    frame_.if_then(one_warp, [&] {
      frame_.for_loop(b.getInt64(0), present, 1, [&](Value* w) {
        for (auto& f : folds_) f->push(w, w, 0);
      });
    });
    b.CreateBr(after);
    b.SetInsertPoint(after);
    device_.barrier();
  });
}

Value* BlockWalk::load(int access, Value* predicate) {
  return Point(frame_, [this](int a) { return offset(a); }).load(access, predicate);
}

void BlockWalk::store(int access, Value* value) {
  Point here(frame_, [this](int a) { return offset(a); });
  if (!inside_) return here.store(access, value);
  frame_.if_then(inside_, [&] { here.store(access, value); });
}

Value* BlockWalk::index(int access) {
  return Point(frame_, [this](int a) { return offset(a); }).index(access);
}

Value* BlockWalk::load_at(int access, Value* distance, Value* predicate) {
  return Point(frame_, [this](int a) { return offset(a); }).load_at(access, distance, predicate);
}

void BlockWalk::reduce(ir::Value node, Value* x) {
  for (auto& f : folds_) {
    if (f->node() != node) continue;
    if (inside_)
      frame_.if_then(inside_, [&] { f->add(x); });
    else
      f->add(x);
  }
}

/// Each lane takes the state on from the one before.
Value* BlockWalk::scan(ir::Value node, Value* x) {
  Builder& b = frame_.b;
  const ir::Graph& g = frame_.kernel.body;
  const ir::DType t = g.dtype(node);
  Variable* state = nullptr;
  for (auto& [scan, variable] : scans_)
    if (scan == node) state = &variable;
  Value* mine = to_accumulator(b, x, t);
  Variable result = frame_.variable(mine->getType(), mine);
  frame_.for_loop(b.getInt64(0), b.getInt64(kWarpThreads), 1, [&](Value* lane) {
    Value* next = emit_fold(b, g.op(node), ir::accumulator(t), state->get(b), device_.broadcast(mine, lane));
    state->set(b, next);
    Value* is_mine = b.CreateICmpEQ(lane, device_.lane());
    result.set(b, b.CreateSelect(is_mine, next, result.get(b)));
  });
  return from_accumulator(b, result.get(b), t);
}

void BlockWalk::computed(ir::Value node, Value* value) {
  if (std::find(keeps_.begin(), keeps_.end(), node) == keeps_.end()) return;
  frame_.b.CreateStore(to_memory(frame_.b, value, frame_.kernel.body.dtype(node)), kept_address(node));
}

}  // namespace tarry::codegen
