#include "llvm/walk.h"

#include <tarry/ir/error.h>

#include <algorithm>

#include "llvm/types.h"

namespace tarry::codegen {

using ir::Op;
using llvm::Value;

std::vector<int> accesses_of(const ir::Kernel& k, std::span<const ir::Value> nodes) {
  std::vector<int> all;
  for (ir::Value v : nodes) {
    const Op op = k.body.op(v);
    if (op == Op::load || op == Op::store || op == Op::index) all.push_back(static_cast<int>(k.body.attr(v)));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Walk::Walk(Frame& frame, Shape shape, std::span<const ir::Value> nodes)
    : frame_(frame), b_(frame.b), shape_(std::move(shape)) {
  const ir::Graph& g = frame_.kernel.body;
  for (ir::Value v : nodes) {
    const Op op = g.op(v);
    if (op == Op::load) add_path(static_cast<int>(g.attr(v)), false, !g.operands(v).empty());
    if (op == Op::index) add_path(static_cast<int>(g.attr(v)), false, true);
    if (op == Op::store) add_path(static_cast<int>(g.attr(v)), true, false);
  }
  if (many_axes()) {
    std::vector<int> outer(shape_.axes.begin(), shape_.axes.end() - 1);
    runs_.emplace(frame_, outer, accesses_of(frame_.kernel, nodes));
    position_ = frame_.variable(b_.getInt64Ty());
  }
  for (Path& p : paths_) {
    llvm::Type* pointer = p.is_index ? b_.getInt64Ty() : static_cast<llvm::Type*>(b_.getPtrTy());
    p.base = frame_.variable(pointer);
    if (!p.contiguous) p.step = frame_.variable(b_.getInt64Ty());
    if (!p.guarded && !p.constant)
      p.gathered =
          frame_.stack_array(memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype), shape_.group);
    if (p.is_store || (many_axes() && p.guarded)) p.addresses = frame_.stack_array(pointer, shape_.group);
  }
  streaming_ = frame_.at_prologue([&] {
    Value* flag = b_.CreateAnd(frame_.word(frame_.layout.flags()), b_.getInt64(kStreamingStores));
    return b_.CreateICmpNE(flag, b_.getInt64(0));
  });
}

void Walk::add_path(int access, bool is_store, bool predicated) {
  for (Path& p : paths_) {
    if (p.access != access) continue;
    p.guarded &= predicated;
    p.constant &= !predicated;
    return;
  }
  const ir::Access& a = frame_.kernel.accesses[access];
  Path p;
  p.access = access;
  p.is_store = is_store;
  p.is_index = a.kind == ir::Access::Kind::index;
  p.guarded = predicated;
  const bool along_row = shape_.axes.back() >= frame_.kernel.outer_rank;
  const ir::StrideClass along = along_row ? a.row : a.outer;
  p.contiguous = along == ir::StrideClass::unit;
  p.constant = along == ir::StrideClass::zero && !many_axes() && !is_store && !predicated;
  p.size = p.is_index ? 1 : static_cast<int>(ir::size_of(a.dtype));
  paths_.push_back(p);
}

Walk::Path& Walk::path(int access) {
  for (Path& p : paths_)
    if (p.access == access) return p;
  throw InternalError("a walk reaches an access that is not on its list");
}

void Walk::place(const std::function<Value*(int)>& offset) {
  for (Path& p : paths_) {
    const int base = frame_.layout.base(p.access);
    p.origin = p.is_index ? b_.CreateAdd(frame_.word(base), offset(p.access))
                          : frame_.byte_offset(frame_.data(p.access), offset(p.access));
    p.stride = p.contiguous ? b_.getInt64(p.size) : frame_.stride(p.access, shape_.axes.back());
  }
}

void Walk::seek(Value* number) {
  if (!many_axes()) return;
  Value* extent = frame_.extent(shape_.axes.back());
  position_.set(b_, b_.CreateURem(number, extent));
  runs_->set(b_.CreateUDiv(number, extent));
}

/// Of the point `position` along the last axis; for an index access its value.
Value* Walk::element_address(const Path& p, Value* position) {
  Value* offset = b_.CreateMul(position, p.stride);
  if (many_axes()) offset = b_.CreateAdd(offset, runs_->offset(p.access));
  return p.is_index ? b_.CreateAdd(p.origin, offset) : frame_.byte_offset(p.origin, offset);
}

void Walk::aim_direct(Value* first) {
  Value* position = many_axes() ? b_.CreateSub(position_.get(b_), first) : b_.getInt64(0);
  for (Path& p : paths_) {
    p.base.set(b_, element_address(p, position));
    if (!p.contiguous) p.step.set(b_, p.stride);
  }
}

void Walk::step_element() {
  Value* next = b_.CreateAdd(position_.get(b_), b_.getInt64(1));
  position_.set(b_, next);
  frame_.if_then(b_.CreateICmpEQ(next, frame_.extent(shape_.axes.back())), [&] {
    position_.set(b_, b_.getInt64(0));
    runs_->advance();
  });
}

void Walk::gather_element(Value* lane, Value* first, Value* last) {
  Value* inside = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, lane, last);
  Value* position = many_axes() ? position_.get(b_) : b_.CreateAdd(first, inside);
  for (Path& p : paths_) {
    if (!p.gathered && !p.addresses) continue;
    Value* from = element_address(p, position);
    if (p.addresses) b_.CreateStore(from, b_.CreateGEP(from->getType(), p.addresses, lane));
    if (!p.gathered || p.is_store) continue;
    llvm::Type* type = memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype);
    b_.CreateStore(b_.CreateLoad(type, from), b_.CreateGEP(type, p.gathered, lane));
  }
  // Lanes beyond the end repeat the last element.
  if (many_axes()) frame_.if_then(b_.CreateICmpSLT(lane, last), [&] { step_element(); });
}

/// Returns the number of elements.
Value* Walk::gather(Value* first, Value* end) {
  const int64_t turn = shape_.lanes * shape_.unroll;
  Value* count = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b_.CreateSub(end, first), b_.getInt64(shape_.group));
  Value* last = b_.CreateSub(count, b_.getInt64(1));
  Value* filled = b_.CreateAnd(b_.CreateAdd(count, b_.getInt64(turn - 1)), b_.getInt64(-turn));
  frame_.for_loop(b_.getInt64(0), filled, 1, [&](Value* lane) { gather_element(lane, first, last); });
  if (many_axes()) step_element();
  for (Path& p : paths_) {
    if (!p.gathered) {
      // Lane by lane, at the element's own place.
      p.base.set(b_, element_address(p, b_.getInt64(0)));
      if (!p.contiguous) p.step.set(b_, p.stride);
      continue;
    }
    Value* size = b_.getInt64(p.size);
    p.base.set(b_, frame_.byte_offset(p.gathered, b_.CreateMul(b_.CreateNeg(first), size)));
    if (!p.contiguous) p.step.set(b_, size);
  }
  return count;
}

void Walk::scatter(Value* count) {
  const bool stores = std::any_of(paths_.begin(), paths_.end(), [](const Path& p) { return p.is_store; });
  if (!stores) return;
  frame_.for_loop(b_.getInt64(0), count, 1, [&](Value* lane) {
    for (Path& p : paths_) {
      if (!p.is_store) continue;
      llvm::Type* type = memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype);
      Value* to = b_.CreateLoad(b_.getPtrTy(), b_.CreateGEP(b_.getPtrTy(), p.addresses, lane));
      b_.CreateStore(b_.CreateLoad(type, b_.CreateGEP(type, p.gathered, lane)), to);
    }
  });
}

void Walk::run(Value* begin, Value* end, const std::function<void(Value*, int)>& body, const Hooks& hooks) {
  llvm::Type* i64 = b_.getInt64Ty();
  Variable at = frame_.variable(i64, begin);
  Variable limit = frame_.variable(i64);
  Variable partial = frame_.variable(i64);
  end_ = end;
  frame_.while_loop([&] { return b_.CreateICmpSLT(at.get(b_), end); },
                    [&] {
                      Value* first = at.get(b_);
                      Value* run = b_.CreateSub(end, first);
                      if (many_axes()) {
                        Value* left = b_.CreateSub(frame_.extent(shape_.axes.back()), position_.get(b_));
                        run = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, run, left);
                      }
                      Value* whole = b_.CreateAnd(run, b_.getInt64(-shape_.group));
                      gathering_ = b_.CreateICmpEQ(whole, b_.getInt64(0));
                      llvm::BasicBlock* direct = frame_.block("direct");
                      llvm::BasicBlock* gathered = frame_.block("gathered");
                      llvm::BasicBlock* aimed = frame_.block("aimed");
                      llvm::BasicBlock* loop = frame_.block("turn");
                      b_.CreateCondBr(gathering_, gathered, direct);

                      b_.SetInsertPoint(direct);
                      aim_direct(first);
                      limit.set(b_, b_.CreateAdd(first, whole));
                      partial.set(b_, whole);
                      b_.CreateBr(aimed);

                      b_.SetInsertPoint(gathered);
                      if (hooks.before_partial) hooks.before_partial();
                      Value* count = gather(first, end);
                      limit.set(b_, b_.CreateAdd(first, count));
                      partial.set(b_, count);
                      b_.CreateBr(aimed);

                      // Apart from the loop's head, so that what is fixed for all its turns is seen to be.
                      b_.SetInsertPoint(aimed);
                      around_cache_ = b_.CreateAnd(streaming_, b_.CreateNot(gathering_));
                      b_.CreateBr(loop);
                      b_.SetInsertPoint(loop);
                      group_first_ = first;
                      Value* i = at.get(b_);
                      turn(i, body);
                      Value* next = b_.CreateAdd(i, b_.getInt64(shape_.lanes * shape_.unroll));
                      at.set(b_, next);
                      llvm::BasicBlock* after = frame_.block("walked");
                      b_.CreateCondBr(b_.CreateICmpSLT(next, limit.get(b_)), loop, after);

                      b_.SetInsertPoint(after);
                      Value* done = partial.get(b_);
                      at.set(b_, b_.CreateAdd(first, done));
                      llvm::BasicBlock* scattering = frame_.block("scatter");
                      llvm::BasicBlock* moved = frame_.block("moved");
                      llvm::BasicBlock* joined = frame_.block("joined");
                      b_.CreateCondBr(gathering_, scattering, moved);
                      b_.SetInsertPoint(scattering);
                      scatter(done);
                      if (hooks.after_partial) hooks.after_partial(done);
                      b_.CreateBr(joined);
                      b_.SetInsertPoint(moved);
                      if (many_axes()) {
                        Value* position = b_.CreateAdd(position_.get(b_), done);
                        position_.set(b_, position);
                        frame_.if_then(b_.CreateICmpEQ(position, frame_.extent(shape_.axes.back())), [&] {
                          position_.set(b_, b_.getInt64(0));
                          runs_->advance();
                        });
                      }
                      b_.CreateBr(joined);
                      b_.SetInsertPoint(joined);
                    });
}

void Walk::turn(Value* at, const std::function<void(Value*, int)>& body) {
  for (int u = 0; u < shape_.unroll; ++u) {
    first_ = b_.CreateAdd(at, b_.getInt64(u * shape_.lanes));
    body(first_, u);
  }
  flush_stores();
}

Value* Walk::vector_address(const Path& p) {
  Value* step = p.contiguous ? b_.getInt64(p.size) : p.step.get(b_);
  return frame_.byte_offset(p.base.get(b_), b_.CreateMul(first_, step));
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
  Value* count = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b_.CreateSub(end_, first_), b_.getInt64(shape_.lanes));
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
    const bool aligned = streaming && bytes >= 16;
    auto* store = b_.CreateAlignedStore(s.value, s.address, llvm::Align(aligned ? bytes : element));
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
