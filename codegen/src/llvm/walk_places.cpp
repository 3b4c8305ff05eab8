/// Memory at computed places.

#include <llvm/Analysis/VectorUtils.h>

#include "llvm/elementwise.h"
#include "llvm/reduce.h"
#include "llvm/types.h"
#include "llvm/walk.h"

#include <tarry/ir/error.h>

namespace tarry::codegen {

using ir::Op;
using llvm::Value;

/// The addresses of a vector's lanes, `distance` elements behind their own.
Value* Walk::lane_places(const Path& p, Value* distance) {
  Value* bytes = b_.CreateMul(distance, splat(b_, b_.getInt64(p.size), shape_.lanes));
  Value* step = p.contiguous ? b_.getInt64(p.size) : p.step.get(b_);
  Value* along = b_.CreateMul(lane_numbers(b_, shape_.lanes), splat(b_, step, shape_.lanes));
  Value* own = b_.CreateGEP(b_.getInt8Ty(), vector_address(p), along);
  if (p.addresses) {
    // The list is always there to be read; it means something while gathering.
    llvm::Type* type = with_lanes(b_.getPtrTy(), shape_.lanes);
    Value* place = b_.CreateSelect(gathering_, b_.CreateSub(first_, group_first_), b_.getInt64(0));
    Value* listed = b_.CreateAlignedLoad(type, b_.CreateGEP(b_.getPtrTy(), p.addresses, place), llvm::Align(8));
    own = b_.CreateSelect(gathering_, listed, own);
  }
  return b_.CreateGEP(b_.getInt8Ty(), own, bytes);
}

Value* Walk::load_places(const Path& p, Value* places, Value* mask) {
  llvm::Type* type = memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype, shape_.lanes);
  if (shape_.lanes > 1)
    return b_.CreateMaskedGather(type, places, llvm::Align(p.size), mask, llvm::Constant::getNullValue(type));
  return frame_.load_if(type, places, mask);
}

/// Lanes at one distance from places that lie side by side.
Value* Walk::load_neighbours(const Path& p, Value* distance) {
  llvm::Type* type = memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype, shape_.lanes);
  Value* address = frame_.byte_offset(vector_address(p), b_.CreateMul(distance, b_.getInt64(p.size)));
  return b_.CreateAlignedLoad(type, address, llvm::Align(p.size));
}

/// Whole vectors where they are whole; at the end of a walk only the lanes before it.
Value* Walk::load_at(int access, Value* distance, Value* predicate) {
  const Path& p = path(access);
  const ir::DType t = frame_.kernel.accesses[access].dtype;
  Value* places = lane_places(p, distance);
  llvm::Constant* all = llvm::Constant::getAllOnesValue(with_lanes(b_.getInt1Ty(), shape_.lanes));
  Value* lanes = b_.CreateAdd(splat(b_, first_, shape_.lanes), lane_numbers(b_, shape_.lanes));
  llvm::BasicBlock* whole = frame_.block("whole");
  llvm::BasicBlock* partial = frame_.block("partial");
  llvm::BasicBlock* after = frame_.block("fetched");
  b_.CreateCondBr(gathering_, partial, whole);
  b_.SetInsertPoint(whole);
  Value* same = p.contiguous && !predicate ? llvm::getSplatValue(distance) : nullptr;
  Value* fetched = same ? load_neighbours(p, same) : load_places(p, places, predicate ? predicate : all);
  whole = b_.GetInsertBlock();
  b_.CreateBr(after);
  b_.SetInsertPoint(partial);
  Value* mask = b_.CreateICmpSLT(lanes, splat(b_, pass_end_, shape_.lanes));
  Value* some = load_places(p, places, predicate ? b_.CreateAnd(mask, predicate) : mask);
  partial = b_.GetInsertBlock();
  b_.CreateBr(after);
  b_.SetInsertPoint(after);
  llvm::PHINode* phi = b_.CreatePHI(fetched->getType(), 2);
  phi->addIncoming(fetched, whole);
  phi->addIncoming(some, partial);
  return to_register(b_, phi, t);
}

/// A kernel that does this has one lane, so that its points come in order.
void Walk::store_at(ir::Value node, Value* value, Value* distance) {
  if (turn_elements() != 1) throw InternalError("a vector of writes at computed places");
  const ir::Graph& g = frame_.kernel.body;
  const Path& p = path(static_cast<int>(g.attr(node)));
  const ir::DType t = frame_.kernel.accesses[p.access].dtype;
  Value* place = lane_places(p, distance);
  if (g.op(node) != Op::store_at) return fold_into(b_, g.op(node), t, place, value);
  b_.CreateStore(to_memory(b_, value, t), place);
}

}  // namespace tarry::codegen
