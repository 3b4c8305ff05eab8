#include "nvptx/team.h"

#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {

using llvm::Value;

namespace {

constexpr int kWarpShift = 5, kBlockShift = 8;
static_assert(kWarpThreads == 1 << kWarpShift && kBlockThreads == 1 << kBlockShift);

int log2_of(int n) { return 31 - __builtin_clz(static_cast<unsigned>(n)); }

}  // namespace

Team::Team(Device& device, int lanes, int fixed_shift)
    : device_(device), frame_(device.frame), b_(frame_.b), lanes_(lanes), fixed_shift_(fixed_shift) {
  Value* shift =
      fixed_shift < 0 ? frame_.index_word(device.layout.team_shift()) : static_cast<Value*>(frame_.number(fixed_shift));
  Value* one = frame_.number(1);
  size_ = b_.CreateShl(one, shift);
  rank_ = b_.CreateAnd(device.thread(), b_.CreateSub(size_, one));
  number_ = b_.CreateLShr(device.thread(), shift);
  per_block_ = b_.CreateLShr(frame_.number(kBlockThreads), shift);
  leads_ = b_.CreateICmpEQ(rank_, frame_.number(0));
  const int block_shift = log2_of(threads_of_block());
  runs_shift_ = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, b_.CreateSub(shift, frame_.number(block_shift)),
                                         frame_.number(0));
  run_ = b_.CreateLShr(rank_, frame_.number(block_shift));
  first_lane_ = b_.CreateMul(b_.CreateAnd(rank_, frame_.number(threads_of_block() - 1)), frame_.number(lanes));
  for (int by = threads_of_block(); by < kWarpThreads; by *= 2) is_upper_.push_back(has_bit(by));
}

Value* Team::has_bit(int bit) {
  return b_.CreateICmpNE(b_.CreateAnd(device_.lane(), frame_.number(bit)), frame_.number(0));
}

Value* Team::has_more_than(int threads) { return b_.CreateICmpSGT(size_, frame_.number(threads)); }

Value* Team::fold(ir::Op op, ir::DType t, Value* partial) {
  if (fixed_shift_ == kWarpShift) return fold_whole_warp(op, t, partial);
  if (fixed_shift_ == kBlockShift) return fold_warps(op, t, fold_in_warp(op, t, partial));
  Variable result = frame_.variable(partial->getType()->getScalarType());
  llvm::BasicBlock* warp = frame_.block("warp");
  llvm::BasicBlock* other = frame_.block("no.warp");
  llvm::BasicBlock* several = frame_.block("warps");
  llvm::BasicBlock* few = frame_.block("few");
  llvm::BasicBlock* after = frame_.block("folded");
  b_.CreateCondBr(is_warp(), warp, other);
  b_.SetInsertPoint(warp);
  result.set(b_, fold_whole_warp(op, t, partial));
  b_.CreateBr(after);
  b_.SetInsertPoint(other);
  Value* in_warp = fold_in_warp(op, t, partial);
  b_.CreateCondBr(has_more_than(kWarpThreads), several, few);
  b_.SetInsertPoint(several);
  result.set(b_, fold_warps(op, t, in_warp));
  b_.CreateBr(after);
  b_.SetInsertPoint(few);
  result.set(b_, fold_lanes_of(op, t, in_warp));
  b_.CreateBr(after);
  b_.SetInsertPoint(after);
  return result.get(b_);
}

Value* Team::fold_runs(ir::Op op, ir::DType t, Value* partial) {
  return fold_across_warps(op, t, fold_in_warp(op, t, partial));
}

/// Of a thread's own value and another one's: the one whose thread has the lower number is the older.
Value* Team::meet(ir::Op op, ir::DType t, Value* mine, Value* other, Value* is_upper) {
  const ir::Op by = ir::fold_op(op);
  if ((by != ir::Op::max && by != ir::Op::min) || !ir::is_float(t) || device_.has_loose(op, t))
    return device_.fold(op, t, mine, other);
  return emit_fold(b_, op, t, b_.CreateSelect(is_upper, other, mine), b_.CreateSelect(is_upper, mine, other));
}

/// Where a team is a warp. As many runs meet as a thread has lanes; whenever two threads meet, each goes on with half
/// of their lanes, so that each has one in the end.
Value* Team::fold_whole_warp(ir::Op op, ir::DType t, Value* partial) {
  llvm::SmallVector<Value*, ir::kReduceLanes> lanes{partial};
  if (lanes_ > 1) {
    lanes.clear();
    for (int l = 0; l < lanes_; ++l)
      lanes.push_back(b_.CreateExtractElement(partial, b_.getInt64(static_cast<uint64_t>(l))));
  }
  int by = threads_of_block();
  for (Value* upper : is_upper_) {
    const size_t half = lanes.size() / 2;
    for (size_t i = 0; i < half; ++i) {
      Value* kept = b_.CreateSelect(upper, lanes[i + half], lanes[i]);
      Value* sent = b_.CreateSelect(upper, lanes[i], lanes[i + half]);
      lanes[i] = meet(op, t, kept, device_.shuffle_across(sent, by), upper);
    }
    lanes.truncate(half);
    by *= 2;
  }
  Value* one = lanes[0];
  auto across = [&](int bit) { one = meet(op, t, one, device_.shuffle_across(one, bit), has_bit(bit)); };
  for (int bit = threads_of_block() / 2; bit > 0; bit /= 2) across(bit);
  for (int bit = threads_of_block(); bit < kWarpThreads; bit *= 2) across(bit);
  return one;
}

/// The threads of the first run in each warp get it.
Value* Team::fold_in_warp(ir::Op op, ir::DType t, Value* partial) {
  for (int by = threads_of_block(); by < kWarpThreads; by *= 2) {
    Value* folded = emit_fold(b_, op, t, partial, device_.shuffle_down(partial, by));
    partial = b_.CreateSelect(has_more_than(by), folded, partial);
  }
  return partial;
}

Value* Team::fold_warps(ir::Op op, ir::DType t, Value* in_warp) {
  Value* lane = fold_across_warps(op, t, in_warp);
  for (int by = kWarpThreads / 2; by > 0; by /= 2) lane = emit_fold(b_, op, t, lane, device_.shuffle_down(lane, by));
  return device_.shuffle_from(lane, b_.getInt32(0));
}

/// Each warp leaves its 32 lanes in shared memory, where every thread folds one of them over all warps.
Value* Team::fold_across_warps(ir::Op op, ir::DType t, Value* partial) {
  static_assert(kBlockWarps * ir::kReduceLanes * 8 <= kSharedBytes && ir::kReduceLanes == kWarpThreads);
  llvm::Type* element = partial->getType()->getScalarType();
  const llvm::Align align(static_cast<uint64_t>(std::min(kAccessBytes, lanes_ * scratch_bytes(t))));
  auto place = [&](Value* warp, Value* lane) {
    Value* row = b_.CreateMul(warp, frame_.number(ir::kReduceLanes));
    return b_.CreateGEP(element, device_.shared(), b_.CreateAdd(row, lane));
  };
  Value* warp = device_.warp();
  frame_.if_then(b_.CreateICmpSLT(device_.lane(), frame_.number(threads_of_block())), [&] {
    Value* own = b_.CreateMul(device_.lane(), frame_.number(lanes_));
    b_.CreateAlignedStore(partial, place(warp, own), align);
  });
  device_.barrier();
  Value* warps = b_.CreateLShr(size_, frame_.number(5));
  Value* first = b_.CreateAnd(warp, b_.CreateSub(frame_.number(0), warps));
  llvm::SmallVector<Value*, kBlockWarps> all;
  for (int w = 0; w < kBlockWarps; ++w) {
    // A smaller team reads its own warps again, and takes nothing from them.
    Value* there = b_.CreateICmpSGT(warps, frame_.number(w));
    Value* of = b_.CreateSelect(there, b_.CreateAdd(first, frame_.number(w)), first);
    Value* lane = b_.CreateLoad(element, place(of, device_.lane()));
    all.push_back(b_.CreateSelect(there, lane, identity(b_, op, t, 1)));
  }
  for (size_t n = all.size(); n > 1; n /= 2)
    for (size_t i = 0; i < n / 2; ++i) all[i] = emit_fold(b_, op, t, all[2 * i], all[2 * i + 1]);
  device_.barrier();
  return all[0];
}

Value* Team::fold_lanes_of(ir::Op op, ir::DType t, Value* partial) {
  for (int by = threads_of_block() / 2; by > 0; by /= 2) {
    Value* folded = emit_fold(b_, op, t, partial, device_.shuffle_down(partial, by));
    // A smaller team has no such lanes: they are the identity.
    partial = b_.CreateSelect(has_more_than(by), folded, partial);
  }
  Value* folded = fold_lanes(b_, Fold{op, t}, {partial});
  Value* first_of_team = b_.CreateAnd(device_.lane(), b_.CreateSub(frame_.number(0), size_));
  return device_.shuffle_from(folded, first_of_team);
}

LaneCounter::LaneCounter(Frame& frame, ir::Op op, ir::DType accumulator, int lanes)
    : frame_(frame),
      op_(op),
      dtype_(accumulator),
      type_(memory_type(frame.b.getContext(), accumulator, lanes)),
      lanes_(lanes) {
  // Rows of up to 2^31 elements, or 2^47: nothing longer has memory.
  const int count = frame.index_type->getBitWidth() == 32 ? 23 : 39;
  llvm::IRBuilderBase::InsertPointGuard guard(frame.b);
  levels_ = frame.stack_array(type_, count);
}

Value* LaneCounter::level(Value* k) { return frame_.b.CreateGEP(type_, levels_, k); }

void LaneCounter::push(Value* lanes, Value* number) {
  Builder& b = frame_.b;
  Variable partial = frame_.variable(type_, lanes);
  Variable k = frame_.variable(number->getType(), frame_.number(0));
  auto bit_set = [&] { return b.CreateTrunc(b.CreateLShr(number, k.get(b)), b.getInt1Ty()); };
  frame_.while_loop(bit_set, [&] {
    partial.set(b, emit_fold(b, op_, dtype_, b.CreateLoad(type_, level(k.get(b))), partial.get(b)));
    k.set(b, b.CreateAdd(k.get(b), frame_.number(1)));
  });
  b.CreateStore(partial.get(b), level(k.get(b)));
}

Value* LaneCounter::fold(Value* count) {
  Builder& b = frame_.b;
  Variable partial = frame_.variable(type_, identity(b, op_, dtype_, lanes_));
  Variable begun = frame_.variable(b.getInt1Ty(), b.getFalse());
  Variable k = frame_.variable(count->getType(), frame_.number(0));
  auto left = [&] { return b.CreateLShr(count, k.get(b)); };
  frame_.while_loop([&] { return b.CreateICmpNE(left(), frame_.number(0)); },
                    [&] {
                      frame_.if_then(b.CreateTrunc(left(), b.getInt1Ty()), [&] {
                        Value* older = b.CreateLoad(type_, level(k.get(b)));
                        Value* folded = emit_fold(b, op_, dtype_, older, partial.get(b));
                        partial.set(b, b.CreateSelect(begun.get(b), folded, older));
                        begun.set(b, b.getTrue());
                      });
                      k.set(b, b.CreateAdd(k.get(b), frame_.number(1)));
                    });
  return partial.get(b);
}

}  // namespace tarry::codegen
