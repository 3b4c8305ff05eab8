#include "llvm/strip.h"

#include <algorithm>

#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {

using Kind = ScratchObject::Kind;
using llvm::Value;

void Strip::open(Value* row_length) {
  Builder& b = frame_.b;
  length_ = row_length;
  Value* width = b.CreateSub(frame_.inner_end, frame_.inner_begin);
  pitch_ = b.CreateAnd(b.CreateAdd(width, b.getInt64(kPitchUnit - 1)), b.getInt64(-kPitchUnit));
  active_ = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, length_, b.getInt64(ir::kReduceLanes));
}

bool Strip::keeps(ir::Value v) const { return std::find(plan_.kept.begin(), plan_.kept.end(), v) != plan_.kept.end(); }

Value* Strip::element(ir::Value v, Kind kind, Value* row, Value* column, int bytes) {
  Builder& b = frame_.b;
  Value* index = row ? b.CreateAdd(b.CreateMul(row, pitch_), column) : column;
  return frame_.byte_offset(scratch_.address(v, kind), b.CreateMul(index, b.getInt64(bytes)));
}

Value* Strip::level(ir::Value v, Value* k) {
  Builder& b = frame_.b;
  Value* elements = b.CreateMul(b.CreateMul(k, active_), pitch_);
  return frame_.byte_offset(scratch_.address(v, Kind::levels),
                            b.CreateMul(elements, b.getInt64(scratch_bytes(accumulator(v)))));
}

void Strip::over(Value* count, int bytes, const std::function<void(Value*)>& body) {
  Builder& b = frame_.b;
  frame_.for_loop(b.getInt64(0), count, lanes_, [&](Value* i) { body(b.CreateMul(i, b.getInt64(bytes))); });
}

Value* Strip::load(ir::DType t, Value* address) {
  llvm::Type* type = memory_type(frame_.b.getContext(), t, lanes_);
  return frame_.b.CreateAlignedLoad(type, address, llvm::Align(scratch_bytes(t)));
}

void Strip::store(ir::DType t, Value* value, Value* address) {
  frame_.b.CreateAlignedStore(value, address, llvm::Align(scratch_bytes(t)));
}

void Strip::fold_all(ir::Value v, Value* older, Value* newer, Value* to) {
  const ir::DType t = accumulator(v);
  over(frame_.b.CreateMul(active_, pitch_), scratch_bytes(t), [&](Value* at) {
    Value* a = load(t, frame_.byte_offset(older, at));
    Value* c = load(t, frame_.byte_offset(newer, at));
    store(t, emit_fold(frame_.b, frame_.kernel.body.op(v), t, a, c), frame_.byte_offset(to, at));
  });
}

void Strip::copy_all(ir::Value v, Value* from, Value* to) {
  const ir::DType t = accumulator(v);
  over(frame_.b.CreateMul(active_, pitch_), scratch_bytes(t),
       [&](Value* at) { store(t, load(t, frame_.byte_offset(from, at)), frame_.byte_offset(to, at)); });
}

void Strip::fill(ir::Value v, Value* to, Value* count) {
  const ir::DType t = accumulator(v);
  llvm::Constant* none = identity(frame_.b, frame_.kernel.body.op(v), t, lanes_);
  over(count, scratch_bytes(t), [&](Value* at) { store(t, none, frame_.byte_offset(to, at)); });
}

void Strip::fill_scan(ir::Value scan) { fill(scan, scratch_.address(scan, Kind::per_row), pitch_); }

void Strip::fill_missing_lanes(ir::Value v, Value* rows) {
  Builder& b = frame_.b;
  frame_.if_then(b.CreateICmpSLT(rows, active_), [&] {
    Value* first = element(v, Kind::lanes, rows, b.getInt64(0), scratch_bytes(accumulator(v)));
    fill(v, first, b.CreateMul(b.CreateSub(active_, rows), pitch_));
  });
}

void Strip::push_block(ir::Value v, Value* number) {
  Builder& b = frame_.b;
  frame_.if_then(b.CreateICmpSGT(length_, b.getInt64(ir::kReduceBlock)), [&] {
    Variable k = frame_.variable(b.getInt64Ty(), b.getInt64(0));
    auto bit_set = [&] { return b.CreateTrunc(b.CreateLShr(number, k.get(b)), b.getInt1Ty()); };
    frame_.while_loop(bit_set, [&] {
      fold_all(v, level(v, k.get(b)), lanes_array(v), lanes_array(v));
      k.set(b, b.CreateAdd(k.get(b), b.getInt64(1)));
    });
    copy_all(v, lanes_array(v), level(v, k.get(b)));
  });
}

void Strip::finish(ir::Value v, Value* blocks) {
  Builder& b = frame_.b;
  frame_.if_then(b.CreateICmpSGT(blocks, b.getInt64(1)), [&] {
    Variable k = frame_.variable(b.getInt64Ty(), b.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, blocks, b.getTrue()));
    copy_all(v, level(v, k.get(b)), lanes_array(v));
    k.set(b, b.CreateAdd(k.get(b), b.getInt64(1)));
    auto left = [&] { return b.CreateLShr(blocks, k.get(b)); };
    frame_.while_loop([&] { return b.CreateICmpNE(left(), b.getInt64(0)); },
                      [&] {
                        frame_.if_then(b.CreateTrunc(left(), b.getInt1Ty()),
                                       [&] { fold_all(v, level(v, k.get(b)), lanes_array(v), lanes_array(v)); });
                        k.set(b, b.CreateAdd(k.get(b), b.getInt64(1)));
                      });
  });
  fold_lanes_of(v);
}

/// By 16, 8, 4, 2, 1; a lane that no row reaches is the identity and changes nothing.
void Strip::fold_lanes_of(ir::Value v) {
  Builder& b = frame_.b;
  const ir::DType t = accumulator(v);
  const int bytes = scratch_bytes(t);
  Variable step = frame_.variable(b.getInt64Ty(), b.getInt64(ir::kReduceLanes / 2));
  auto more = [&] { return b.CreateICmpSGT(step.get(b), b.getInt64(0)); };
  frame_.while_loop(more, [&] {
    Value* by = step.get(b);
    Value* pairs = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, by, b.CreateSub(active_, by));
    Value* upper = element(v, Kind::lanes, by, b.getInt64(0), bytes);
    over(b.CreateMul(pairs, pitch_), bytes, [&](Value* at) {
      Value* low = frame_.byte_offset(lanes_array(v), at);
      Value* sum = emit_fold(b, frame_.kernel.body.op(v), t, load(t, low), load(t, frame_.byte_offset(upper, at)));
      store(t, sum, low);
    });
    step.set(b, b.CreateLShr(by, b.getInt64(1)));
  });
  const ir::DType result = frame_.kernel.body.dtype(v);
  Value* empty = b.CreateICmpEQ(length_, b.getInt64(0));
  frame_.if_then(empty, [&] { fill(v, lanes_array(v), pitch_); });
  frame_.for_loop(b.getInt64(0), pitch_, lanes_, [&](Value* column) {
    Value* folded = load(t, element(v, Kind::lanes, nullptr, column, bytes));
    Value* value = finish_reduction(frame_, v, folded, empty);
    store(result, to_memory(b, value, result), element(v, Kind::per_row, nullptr, column, scratch_bytes(result)));
  });
}

}  // namespace tarry::codegen
