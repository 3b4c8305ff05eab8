#include <algorithm>

#include "llvm/types.h"
#include "llvm/walk.h"

namespace tarry::codegen {

using llvm::Value;

Value* Walk::vector_address(const Path& p) {
  Value* step = p.contiguous || p.two ? b_.getInt64(p.size * p.spread()) : p.step.get(b_);
  return frame_.byte_offset(p.base.get(b_), b_.CreateMul(first_, step));
}

/// Two vectors that overlap in one element, so that nothing behind the last one is touched.
Value* Walk::load_every_second(const Path& p, Value* address) {
  const ir::DType t = frame_.kernel.accesses[p.access].dtype;
  const int n = shape_.lanes;
  llvm::Type* type = memory_type(b_.getContext(), t, n);
  Value* low = b_.CreateAlignedLoad(type, address, llvm::Align(p.size));
  Value* behind = b_.CreateConstGEP1_64(b_.getInt8Ty(), address, static_cast<uint64_t>(n - 1) * p.size);
  Value* high = b_.CreateAlignedLoad(type, behind, llvm::Align(p.size));
  std::vector<int> taken;
  for (int l = 0; l < n; ++l) taken.push_back(2 * l < n ? 2 * l : 2 * l + 1);
  return to_register(b_, b_.CreateShuffleVector(low, high, taken), t);
}

Value* Walk::load_lanes(const Path& p) {
  const ir::DType t = frame_.kernel.accesses[p.access].dtype;
  if (p.constant) {
    Value* scalar = b_.CreateLoad(memory_type(b_.getContext(), t), p.base.get(b_));
    return splat(b_, to_register(b_, scalar, t), shape_.lanes);
  }
  Value* address = vector_address(p);
  if (p.contiguous || shape_.lanes == 1) {
    llvm::Type* type = memory_type(b_.getContext(), t, shape_.lanes);
    return to_register(b_, b_.CreateAlignedLoad(type, address, llvm::Align(p.size)), t);
  }
  if (p.two) return load_every_second(p, address);
  llvm::Type* scalar = memory_type(b_.getContext(), t);
  Value* lanes = llvm::PoisonValue::get(with_lanes(scalar, shape_.lanes));
  for (int l = 0; l < shape_.lanes; ++l) {
    if (l) address = frame_.byte_offset(address, p.step.get(b_));
    lanes = b_.CreateInsertElement(lanes, b_.CreateLoad(scalar, address), b_.getInt64(l));
  }
  return to_register(b_, lanes, t);
}

Value* Walk::load(int access, Value* predicate) {
  Path& p = path(access);
  if (p.guarded) return load_guarded(p, predicate);
  Value* v = load_lanes(p);
  return predicate ? b_.CreateSelect(predicate, v, llvm::Constant::getNullValue(v->getType())) : v;
}

/// Vectors where all lanes hold, which is nearly everywhere inside and outside of a padded array.
Value* Walk::load_guarded(const Path& p, Value* predicate) {
  llvm::BasicBlock* fast = frame_.block("all");
  llvm::BasicBlock* some = frame_.block("some");
  llvm::BasicBlock* slow = frame_.block("mixed");
  llvm::BasicBlock* after = frame_.block("loaded");
  const ir::DType t = frame_.kernel.accesses[p.access].dtype;
  llvm::Constant* none = llvm::Constant::getNullValue(register_type(b_.getContext(), t, shape_.lanes));
  b_.CreateCondBr(b_.CreateAnd(every_lane(b_, predicate), b_.CreateNot(gathering_)), fast, some);
  b_.SetInsertPoint(fast);
  Value* all = load_lanes(p);
  fast = b_.GetInsertBlock();
  b_.CreateBr(after);
  b_.SetInsertPoint(some);
  b_.CreateCondBr(any_lane(b_, predicate), slow, after);
  b_.SetInsertPoint(slow);
  Value* mixed = load_one_by_one(p, predicate);
  slow = b_.GetInsertBlock();
  b_.CreateBr(after);
  b_.SetInsertPoint(after);
  llvm::PHINode* phi = b_.CreatePHI(none->getType(), 3);
  phi->addIncoming(all, fast);
  phi->addIncoming(none, some);
  phi->addIncoming(mixed, slow);
  return phi;
}

Value* Walk::load_one_by_one(const Path& p, Value* predicate) {
  const ir::DType t = frame_.kernel.accesses[p.access].dtype;
  llvm::Type* scalar = memory_type(b_.getContext(), t);
  llvm::Type* byte = b_.getInt8Ty();
  Value* wanted = frame_.stack_array(byte, shape_.lanes);
  Value* found = frame_.stack_array(scalar, shape_.lanes);
  b_.CreateStore(b_.CreateZExt(predicate, with_lanes(byte, shape_.lanes)), wanted);
  b_.CreateStore(llvm::Constant::getNullValue(with_lanes(scalar, shape_.lanes)), found);
  Value* step = p.contiguous ? b_.getInt64(p.size) : p.step.get(b_);
  Value* base = p.base.get(b_);
  // The lanes of a partial group that lie beyond the end repeat predicates, not addresses.
  Value* count =
      b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b_.CreateSub(pass_end_, first_), b_.getInt64(shape_.lanes));
  frame_.for_loop(b_.getInt64(0), count, 1, [&](Value* lane) {
    Value* flag = b_.CreateLoad(byte, b_.CreateGEP(byte, wanted, lane));
    frame_.if_then(b_.CreateICmpNE(flag, b_.getInt8(0)), [&] {
      Value* point = b_.CreateAdd(first_, lane);
      Value* address = frame_.byte_offset(base, b_.CreateMul(point, step));
      if (p.addresses) {
        Value* slot = b_.CreateGEP(b_.getPtrTy(), p.addresses, b_.CreateSub(point, group_first_));
        llvm::BasicBlock* from_list = frame_.block("listed");
        llvm::BasicBlock* chosen = frame_.block("chosen");
        llvm::BasicBlock* computed = b_.GetInsertBlock();
        b_.CreateCondBr(gathering_, from_list, chosen);
        b_.SetInsertPoint(from_list);
        Value* listed = b_.CreateLoad(b_.getPtrTy(), slot);
        b_.CreateBr(chosen);
        b_.SetInsertPoint(chosen);
        llvm::PHINode* phi = b_.CreatePHI(b_.getPtrTy(), 2);
        phi->addIncoming(listed, from_list);
        phi->addIncoming(address, computed);
        address = phi;
      }
      b_.CreateStore(b_.CreateLoad(scalar, address), b_.CreateGEP(scalar, found, lane));
    });
  });
  return to_register(b_, b_.CreateLoad(with_lanes(scalar, shape_.lanes), found), t);
}

Value* Walk::index(int access) {
  Path& p = path(access);
  llvm::Type* type = with_lanes(b_.getInt64Ty(), shape_.lanes);
  Value* step = p.contiguous ? b_.getInt64(1) : p.step.get(b_);
  Value* first = b_.CreateAdd(p.base.get(b_), b_.CreateMul(first_, step));
  Value* along = b_.CreateMul(lane_numbers(b_, shape_.lanes), splat(b_, step, shape_.lanes));
  Value* computed = b_.CreateAdd(splat(b_, first, shape_.lanes), along);
  if (!p.addresses) return computed;
  // The list of values is always there to be read; it means something while gathering.
  Value* place = b_.CreateSelect(gathering_, b_.CreateSub(first_, group_first_), b_.getInt64(0));
  Value* listed = b_.CreateAlignedLoad(type, b_.CreateGEP(b_.getInt64Ty(), p.addresses, place), llvm::Align(8));
  return b_.CreateSelect(gathering_, listed, computed);
}

/// Not before everything of the turn is read: a result may take an operand's place.
void Walk::store(int access, Value* value) {
  Path& p = path(access);
  pending_.push_back({&p, vector_address(p), to_memory(b_, value, frame_.kernel.accesses[access].dtype)});
}

void Walk::store_lanes(const PendingStore& s) {
  Value* address = s.address;
  for (int l = 0; l < shape_.lanes; ++l) {
    if (l) address = frame_.byte_offset(address, s.path->step.get(b_));
    b_.CreateStore(b_.CreateExtractElement(s.value, b_.getInt64(l)), address);
  }
}

void Walk::write_stores(bool streaming) {
  const llvm::DataLayout& layout = frame_.function->getParent()->getDataLayout();
  for (const PendingStore& s : pending_) {
    if (!is_vector(s)) {
      store_lanes(s);
      continue;
    }
    const uint64_t bytes = layout.getTypeStoreSize(s.value->getType());
    const uint64_t element = bytes / lanes_of(s.value->getType());
    const bool aligned = streaming && bytes >= kLeastStreamBytes;
    if (!streaming && shape_.store_ahead_bytes != 0)
      prefetch(frame_.byte_offset(s.address, b_.getInt64(shape_.store_ahead_bytes)), 0, static_cast<int64_t>(element),
               1, 3);
    const uint64_t known = aligned ? std::min<uint64_t>(bytes, kMaxVectorBytes) : element;
    auto* store = b_.CreateAlignedStore(s.value, s.address, llvm::Align(known));
    if (!aligned) continue;
    auto* one = llvm::ConstantAsMetadata::get(b_.getInt32(1));
    store->setMetadata(llvm::LLVMContext::MD_nontemporal, llvm::MDNode::get(b_.getContext(), {one}));
  }
}

/// Around the cache where the launcher asks for it, which knows sizes and alignment.
void Walk::flush_stores() {
  if (std::none_of(pending_.begin(), pending_.end(), [this](const PendingStore& s) { return is_vector(s); })) {
    write_stores(false);
    pending_.clear();
    return;
  }
  llvm::BasicBlock* around = frame_.block("streaming");
  llvm::BasicBlock* through = frame_.block("cached");
  llvm::BasicBlock* after = frame_.block("stored");
  b_.CreateCondBr(around_cache_, around, through);
  b_.SetInsertPoint(around);
  write_stores(true);
  b_.CreateBr(after);
  b_.SetInsertPoint(through);
  write_stores(false);
  b_.CreateBr(after);
  b_.SetInsertPoint(after);
  pending_.clear();
}

}  // namespace tarry::codegen
