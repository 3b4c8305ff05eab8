#include "llvm/reduce.h"

#include "llvm/body.h"
#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {

using ir::kReduceLanes;
using llvm::Value;

llvm::Constant* identity(Builder& b, ir::Op reduce, ir::DType t, int lanes) {
  return literal(memory_type(b.getContext(), t, lanes), ir::identity_bits(reduce, t));
}

Value* to_accumulator(Builder& b, Value* x, ir::DType t) {
  return ir::is_half(t) ? emit_cast(b, x, t, ir::DType::float32) : to_memory(b, x, t);
}

Value* from_accumulator(Builder& b, Value* x, ir::DType t) {
  return ir::is_half(t) ? emit_cast(b, x, ir::DType::float32, t) : to_register(b, x, t);
}

Value* Fold::operator()(Builder& b, Value* older, Value* newer) const {
  if (!nan_apart) return emit_fold(b, reduce, dtype, older, newer);
  Value* beyond = ir::fold_op(reduce) == ir::Op::max ? b.CreateFCmpOGT(newer, older) : b.CreateFCmpOLT(newer, older);
  return b.CreateSelect(beyond, newer, older);
}

Accumulator::Accumulator(Frame& frame, ir::Value node, int lanes, int unroll, bool copies_last)
    : frame_(frame),
      node_(node),
      fold_{frame.kernel.body.op(node), ir::accumulator(frame.kernel.body.dtype(node))},
      lanes_(lanes) {
  const int vectors = kReduceLanes / lanes;
  if (unroll == vectors) {
    for (int i = 0; i < vectors; ++i) registers_.push_back(frame_.variable(type()));
  } else {
    memory_ = frame_.stack_array(type()->getScalarType(), kReduceLanes);
  }
  for (int i = 0; i < vectors; ++i) saved_.push_back(frame_.variable(type()));
  const ir::Op met_by = ir::fold_op(fold_.reduce);
  const bool extremum = (met_by == ir::Op::max || met_by == ir::Op::min) && type()->isFPOrFPVectorTy();
  fold_.nan_apart = extremum && copies_last && !memory_ && vectors % 2 == 0;
  if (!fold_.nan_apart) return;
  llvm::Type* flag = frame_.b.getIntNTy(type()->getScalarSizeInBits());
  nan_ = frame_.variable(with_lanes(flag, lanes_));
}

llvm::Type* Accumulator::type() const { return memory_type(frame_.b.getContext(), fold_.dtype, lanes_); }

void Accumulator::start() {
  if (fold_.nan_apart) nan_.set(frame_.b, llvm::Constant::getNullValue(nan_.type()));
}

/// Two vectors at a time: one comparison tells whether either is NaN.
void Accumulator::notice_nan(Value* x, int u) {
  Builder& b = frame_.b;
  if (u % 2 == 0) {
    unnoticed_ = x;
    return;
  }
  Value* some = b.CreateFCmpUNO(unnoticed_, x);
  nan_.set(b, b.CreateSelect(some, llvm::Constant::getAllOnesValue(nan_.type()), nan_.get(b)));
}

Value* Accumulator::with_nan(Value* folded) {
  if (!fold_.nan_apart) return folded;
  Builder& b = frame_.b;
  Value* any = any_lane(b, b.CreateICmpNE(nan_.get(b), llvm::Constant::getNullValue(nan_.type())));
  return b.CreateSelect(any, llvm::ConstantFP::getNaN(folded->getType()), folded);
}

Value* Accumulator::place(int vector) {
  if (!memory_) return registers_[vector].place;
  return frame_.b.CreateConstGEP1_64(type(), memory_, vector);
}

void Accumulator::reset() {
  llvm::Constant* none = identity(frame_.b, fold_.reduce, fold_.dtype, lanes_);
  for (int i = 0; i < kReduceLanes / lanes_; ++i) frame_.b.CreateStore(none, place(i));
}

void Accumulator::add(Value* operand, int u, Value* first) {
  Builder& b = frame_.b;
  Value* x = to_accumulator(b, operand, frame_.kernel.body.dtype(node_));
  Value* at = memory_ ? b.CreateGEP(type()->getScalarType(), memory_, b.CreateAnd(first, b.getInt64(kReduceLanes - 1)))
                      : place(u);
  b.CreateStore(fold_(b, b.CreateLoad(type(), at), x), at);
  if (fold_.nan_apart) notice_nan(x, u);
}

void Accumulator::save() {
  for (int i = 0; i < kReduceLanes / lanes_; ++i) saved_[i].set(frame_.b, frame_.b.CreateLoad(type(), place(i)));
}

void Accumulator::keep_lanes_below(Value* count) {
  Builder& b = frame_.b;
  for (int i = 0; i < kReduceLanes / lanes_; ++i) {
    Value* below = lanes_below(b, count, i * lanes_, lanes_);
    Value* mixed = b.CreateSelect(below, b.CreateLoad(type(), place(i)), saved_[i].get(b));
    b.CreateStore(mixed, place(i));
  }
}

LaneVectors Accumulator::read() {
  LaneVectors lanes;
  for (int i = 0; i < kReduceLanes / lanes_; ++i) lanes.push_back(frame_.b.CreateLoad(type(), place(i)));
  return lanes;
}

Value* Counter::level(Value* levels, Value* k) {
  return frame_.byte_offset(levels, frame_.b.CreateMul(k, frame_.b.getInt64(lane_bytes(fold_.dtype))));
}

LaneVectors Counter::load(Value* address) {
  LaneVectors lanes;
  llvm::Type* type = memory_type(frame_.b.getContext(), fold_.dtype, lanes_);
  for (int i = 0; i < kReduceLanes / lanes_; ++i) {
    Value* at = frame_.b.CreateConstGEP1_64(type, address, i);
    lanes.push_back(frame_.b.CreateAlignedLoad(type, at, llvm::Align(scratch_bytes(fold_.dtype))));
  }
  return lanes;
}

void Counter::store(Value* address, const LaneVectors& lanes) {
  llvm::Type* type = memory_type(frame_.b.getContext(), fold_.dtype, lanes_);
  for (size_t i = 0; i < lanes.size(); ++i) {
    Value* at = frame_.b.CreateConstGEP1_64(type, address, i);
    frame_.b.CreateAlignedStore(lanes[i], at, llvm::Align(scratch_bytes(fold_.dtype)));
  }
}

Counter::Group Counter::join(Value* levels, Value* number, const LaneVectors& block, int from) {
  Builder& b = frame_.b;
  std::vector<Variable> partial;
  for (Value* v : block) partial.push_back(frame_.variable(v->getType(), v));
  Variable k = frame_.variable(b.getInt64Ty(), b.getInt64(from));
  auto bit_set = [&] { return b.CreateTrunc(b.CreateLShr(number, k.get(b)), b.getInt1Ty()); };
  frame_.while_loop(bit_set, [&] {
    const LaneVectors older = load(level(levels, k.get(b)));
    for (size_t i = 0; i < older.size(); ++i) partial[i].set(b, fold_(b, older[i], partial[i].get(b)));
    k.set(b, b.CreateAdd(k.get(b), b.getInt64(1)));
  });
  Group group;
  for (const Variable& v : partial) group.lanes.push_back(v.get(b));
  group.level = k.get(b);
  return group;
}

LaneVectors Counter::fold(Value* levels, Value* occupied, const LaneVectors* tail, Value* has_tail) {
  Builder& b = frame_.b;
  llvm::Constant* none = identity(b, fold_.reduce, fold_.dtype, lanes_);
  std::vector<Variable> partial;
  for (int i = 0; i < kReduceLanes / lanes_; ++i)
    partial.push_back(frame_.variable(none->getType(), tail ? b.CreateSelect(has_tail, (*tail)[i], none) : none));
  Variable begun = frame_.variable(b.getInt1Ty(), has_tail ? has_tail : b.getFalse());
  Variable k = frame_.variable(b.getInt64Ty(), b.getInt64(0));
  auto left = [&] { return b.CreateLShr(occupied, k.get(b)); };
  frame_.while_loop([&] { return b.CreateICmpNE(left(), b.getInt64(0)); },
                    [&] {
                      frame_.if_then(b.CreateTrunc(left(), b.getInt1Ty()), [&] {
                        const LaneVectors older = load(level(levels, k.get(b)));
                        for (size_t i = 0; i < older.size(); ++i) {
                          Value* folded = fold_(b, older[i], partial[i].get(b));
                          partial[i].set(b, b.CreateSelect(begun.get(b), folded, older[i]));
                        }
                        begun.set(b, b.getTrue());
                      });
                      k.set(b, b.CreateAdd(k.get(b), b.getInt64(1)));
                    });
  LaneVectors result;
  for (const Variable& v : partial) result.push_back(v.get(b));
  return result;
}

Value* fold_lanes(Builder& b, const Fold& fold, LaneVectors lanes) {
  while (lanes.size() > 1) {
    const size_t half = lanes.size() / 2;
    for (size_t i = 0; i < half; ++i) lanes[i] = fold(b, lanes[i], lanes[i + half]);
    lanes.resize(half);
  }
  Value* all = lanes[0];
  for (int n = lanes_of(all->getType()); n > 1; n /= 2) {
    llvm::SmallVector<int, 32> low, high;
    for (int i = 0; i < n / 2; ++i) {
      low.push_back(i);
      high.push_back(i + n / 2);
    }
    all = fold(b, b.CreateShuffleVector(all, low), b.CreateShuffleVector(all, high));
  }
  return all->getType()->isVectorTy() ? b.CreateExtractElement(all, b.getInt64(0)) : all;
}

Value* finish_reduction(Frame& frame, ir::Value node, Value* folded, Value* empty) {
  Builder& b = frame.b;
  // The identity of a sum is -0, but nothing sums to +0.
  if (frame.kernel.body.op(node) == ir::Op::reduce_sum && folded->getType()->isFPOrFPVectorTy())
    folded = b.CreateSelect(empty, llvm::Constant::getNullValue(folded->getType()), folded);
  return from_accumulator(b, folded, frame.kernel.body.dtype(node));
}

ir::Op fold_of(ir::Op update) {
  switch (update) {
    case ir::Op::mul_at: return ir::Op::reduce_prod;
    case ir::Op::min_at: return ir::Op::reduce_min;
    case ir::Op::max_at: return ir::Op::reduce_max;
    default: return ir::Op::reduce_sum;
  }
}

void fold_into(Builder& b, ir::Op update, ir::DType t, Value* place, Value* value) {
  Value* there = to_register(b, b.CreateLoad(memory_type(b.getContext(), t), place), t);
  Value* folded =
      emit_fold(b, fold_of(update), ir::accumulator(t), to_accumulator(b, there, t), to_accumulator(b, value, t));
  b.CreateStore(to_memory(b, from_accumulator(b, folded, t), t), place);
}

}  // namespace tarry::codegen
