/// A stable merge sort: its pairs, runs of a block's threads in shared memory, and merges of two runs.

#include "nvptx/pairs.h"

#include <tarry/ir/error.h>

#include <bit>

#include "llvm/types.h"
#include "nvptx/emit.h"

namespace tarry::codegen {

using llvm::Value;

namespace {

constexpr int kBlockShift = std::countr_zero(static_cast<unsigned>(kBlockThreads));
const llvm::Align kWhole(kPairBytes);
const llvm::Align kHalf(kPairBytes / 2);

llvm::Type* pair_type(Builder& b) { return with_lanes(b.getInt64Ty(), 2); }

}  // namespace

Pairs::Pairs(Device& device, int object) : frame_(device.frame) {
  const auto& objects = device.shape.objects;
  for (size_t i = 0; i < objects.size(); ++i)
    if (objects[i].kind == GpuObject::Kind::pairs && object-- == 0) {
      first_ = device.object(static_cast<int>(i));
      return;
    }
  throw InternalError("a kernel without pairs to sort");
}

Value* Pairs::load(Value* i) {
  Builder& b = frame_.b;
  return b.CreateAlignedLoad(pair_type(b), b.CreateGEP(pair_type(b), first_, i), kWhole);
}

void Pairs::store(Value* i, Value* pair) {
  Builder& b = frame_.b;
  b.CreateAlignedStore(pair, b.CreateGEP(pair_type(b), first_, i), kWhole);
}

void Pairs::store(Value* i, Value* key, Value* number) {
  Builder& b = frame_.b;
  Value* pair = b.CreateInsertElement(llvm::PoisonValue::get(pair_type(b)), key, b.getInt64(0));
  store(i, b.CreateInsertElement(pair, b.CreateSExt(number, b.getInt64Ty()), b.getInt64(1)));
}

Value* Pairs::word(Value* i, int which) {
  Builder& b = frame_.b;
  Value* at = b.CreateGEP(pair_type(b), first_, i);
  if (which) at = frame_.byte_offset(at, b.getInt64(kPairBytes / 2));
  return b.CreateAlignedLoad(b.getInt64Ty(), at, kHalf);
}

Value* Pairs::key(Value* i) { return word(i, 0); }
Value* Pairs::number(Value* i) { return frame_.b.CreateTrunc(word(i, 1), frame_.index_type); }

namespace {

/// Merges neighbouring runs of a row of pairs.
class Merge {
 public:
  /// The row's first pair has the number `origin`; `length` pairs in runs of `width`, a power of two.
  Merge(Frame& frame, Pairs pairs, Value* origin, Value* length, Value* width)
      : frame_(frame), b_(frame.b), pairs_(pairs), origin_(origin), length_(length), width_(width) {}

  /// Where the pair goes that is the row's number `at`: its place in its own run, and behind those of the other run
  /// that come first: the smaller ones, and equal ones if that run is the older.
  Value* target(Value* at, Value* key) {
    Value* run = b_.CreateAnd(at, b_.CreateNeg(width_));
    Value* other = b_.CreateXor(run, width_);
    Value* begin = least(other);
    Value* first = search(begin, least(b_.CreateAdd(other, width_)), key, b_.CreateICmpULT(other, run));
    Value* together = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, run, other);
    return b_.CreateAdd(together, b_.CreateAdd(b_.CreateSub(at, run), b_.CreateSub(first, begin)));
  }

 private:
  /// Two runs may end beyond 2^31, but not beyond 2^32.
  Value* least(Value* at) { return b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, at, length_); }

  /// The first pair in [begin, end) that does not come before `key`.
  Value* search(Value* begin, Value* end, Value* key, Value* equal_too) {
    Variable low = frame_.variable(frame_.index_type, begin);
    Variable high = frame_.variable(frame_.index_type, end);
    frame_.while_loop([&] { return b_.CreateICmpULT(low.get(b_), high.get(b_)); },
                      [&] {
                        Value* middle = b_.CreateLShr(b_.CreateAdd(low.get(b_), high.get(b_)), 1);
                        Value* there = pairs_.key(b_.CreateAdd(origin_, middle));
                        Value* equal = b_.CreateAnd(equal_too, b_.CreateICmpEQ(there, key));
                        Value* before = b_.CreateOr(b_.CreateICmpULT(there, key), equal);
                        low.set(b_, b_.CreateSelect(before, b_.CreateAdd(middle, frame_.number(1)), low.get(b_)));
                        high.set(b_, b_.CreateSelect(before, high.get(b_), middle));
                      });
    return low.get(b_);
  }

  Frame& frame_;
  Builder& b_;
  Pairs pairs_;
  Value *origin_, *length_, *width_;
};

/// The pair that a thread carries from run to run; all threads take part, those that have one hold it.
class BlockSort {
 public:
  explicit BlockSort(Device& device) : device_(device), frame_(device.frame), b_(frame_.b), memory_(device, 0) {
    place_ = frame_.variable(frame_.index_type);
    pair_ = frame_.variable(pair_type(b_));
  }

  /// `count` pairs from number `first` on.
  void emit(Value* first, Value* count) {
    Value* has = b_.CreateICmpULT(device_.thread(), count);
    Value* own = b_.CreateAdd(first, device_.thread());
    place_.set(b_, device_.thread());
    frame_.if_then(has, [&] { pair_.set(b_, memory_.load(own)); });
    for (int shift = 0; shift < kBlockShift; ++shift) {
      // By turns, so that nobody writes what another one still reads.
      Pairs near(frame_,
                 frame_.byte_offset(device_.shared(), frame_.b.getInt64((shift % 2) * kBlockThreads * kPairBytes)));
      static_assert(2 * kBlockThreads * kPairBytes <= kSharedBytes);
      static_assert(kBlockShift % 2 == 0, "the next runs begin in the half that was not read last");
      frame_.if_then(has, [&] { near.store(place_.get(b_), pair_.get(b_)); });
      device_.barrier();
      frame_.if_then(has, [&] {
        Merge merge(frame_, near, frame_.number(0), count, frame_.number(int64_t{1} << shift));
        place_.set(b_, merge.target(place_.get(b_), b_.CreateExtractElement(pair_.get(b_), b_.getInt64(0))));
      });
    }
    frame_.if_then(has, [&] { memory_.store(b_.CreateAdd(first, place_.get(b_)), pair_.get(b_)); });
  }

 private:
  Device& device_;
  Frame& frame_;
  Builder& b_;
  Pairs memory_;
  Variable place_, pair_;
};

}  // namespace

void emit_sort_runs(llvm::Module& module, const GpuShape& shape, int index_bits) {
  Device device(module, shape, GpuFunction::sort_runs, index_bits);
  Frame& frame = device.frame;
  Builder& b = frame.b;
  frame.close_prologue();
  BlockSort sort(device);
  Value* length = frame.index_word(device.layout.sort_length());
  Value* runs = b.CreateLShr(b.CreateAdd(length, frame.number(kBlockThreads - 1)), kBlockShift);
  Value* total = b.CreateMul(runs, frame.index_word(device.layout.sort_rows()));
  device.strided_loop(device.block(), total, device.blocks(), [&](Value* run) {
    Value* row = b.CreateUDiv(run, runs);
    Value* first = b.CreateShl(b.CreateSub(run, b.CreateMul(row, runs)), kBlockShift);
    Value* count =
        b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, b.CreateSub(length, first), frame.number(kBlockThreads));
    sort.emit(b.CreateAdd(b.CreateMul(row, length), first), count);
  });
  frame.finish();
}

void emit_merge_runs(llvm::Module& module, const GpuShape& shape, int index_bits) {
  Device device(module, shape, GpuFunction::merge_runs, index_bits);
  Frame& frame = device.frame;
  Builder& b = frame.b;
  frame.close_prologue();
  Pairs from(device, 0), to(device, 1);
  Value* length = frame.index_word(device.layout.sort_length());
  Value* total = b.CreateMul(length, frame.index_word(device.layout.sort_rows()));
  Value* width = b.CreateShl(frame.number(1), frame.index_word(device.layout.run_shift()));
  device.strided_loop(device.global_thread(), total, device.global_threads(), [&](Value* i) {
    Value* at = b.CreateURem(i, length);
    Value* row = b.CreateSub(i, at);
    Value* pair = from.load(i);
    Merge merge(frame, from, row, length, width);
    to.store(b.CreateAdd(row, merge.target(at, b.CreateExtractElement(pair, b.getInt64(0)))), pair);
  });
  frame.finish();
}

}  // namespace tarry::codegen
