#include "llvm/within.h"

#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {
namespace {

using llvm::Value;

Value* from_end(Builder& b, Value* index, Value* size) {
  Value* is_negative = b.CreateICmpSLT(index, integer(index->getType(), 0));
  return b.CreateSelect(is_negative, b.CreateAdd(index, size), index);
}

/// The same in two instructions, but that what lies further than `size` before the beginning stays as it is: without a
/// sign a negative number is larger than any place, and so is its sum with the size unless that is one.
Value* from_end_on_gpu(Builder& b, Value* index, Value* size) {
  return b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, index, b.CreateAdd(index, size));
}

Value* keep_within(Builder& b, Value* index, Value* size) {
  llvm::Type* type = index->getType();
  Value* not_below = b.CreateBinaryIntrinsic(llvm::Intrinsic::smax, index, integer(type, 0));
  return b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, not_below, b.CreateAdd(size, integer(type, -1)));
}

Value* lane_of(Builder& b, Value* v, int lane) {
  return lanes_of(v->getType()) == 1 ? v : b.CreateExtractElement(v, b.getInt64(static_cast<uint64_t>(lane)));
}

/// Whether it is so for some lane: one comparison for all, negative numbers being the largest without a sign.
Value* lies_outside(Builder& b, Value* index, Value* size) {
  Value* farthest = lane_of(b, index, 0);
  for (int l = 1; l < lanes_of(index->getType()); ++l)
    farthest = b.CreateBinaryIntrinsic(llvm::Intrinsic::umax, farthest, lane_of(b, index, l));
  return b.CreateICmpUGE(farthest, lane_of(b, size, 0));
}

}  // namespace

Value* emit_within(Frame& frame, Value* index, Value* size) {
  Builder& b = frame.b;
  if (!frame.outside_word) return keep_within(b, from_end(b, index, size), size);
  Value* place = from_end_on_gpu(b, index, size);
  llvm::BasicBlock* from = b.GetInsertBlock();
  llvm::BasicBlock* outside = frame.block("outside");
  llvm::BasicBlock* after = frame.block("within");
  llvm::MDNode* weights = first_way_is_rare(b.getContext());
  b.CreateCondBr(lies_outside(b, place, size), outside, after, weights);
  b.SetInsertPoint(outside);
  Value* kept = keep_within(b, place, size);
  Value* told = frame.word(*frame.outside_word);
  frame.if_then(b.CreateICmpNE(told, b.getInt64(0)), [&] {
    constexpr unsigned kGlobalMemory = 1;
    b.CreateStore(b.getInt32(1), b.CreateIntToPtr(told, b.getPtrTy(kGlobalMemory)));
  });
  llvm::BasicBlock* outside_end = b.GetInsertBlock();
  b.CreateBr(after);
  b.SetInsertPoint(after);
  llvm::PHINode* phi = b.CreatePHI(place->getType(), 2);
  phi->addIncoming(place, from);
  phi->addIncoming(kept, outside_end);
  return phi;
}

}  // namespace tarry::codegen
