// What is left over of a walk: groups that are not whole, by way of the stack.

#include <algorithm>

#include "llvm/types.h"
#include "llvm/walk.h"

namespace tarry::codegen {

using llvm::Value;

/// Neighbours, of a size that all processors copy under a mask.
bool Walk::copied_by_vectors(const Path& p) const {
  return p.contiguous && !p.guarded && !p.is_index && !many_axes() && shape_.lanes > 1 && (p.size == 4 || p.size == 8);
}

/// Calls body for each vector of a group: where it lies, where its elements are kept, and which are below `count`.
void Walk::for_vectors_of_group(const Path& p, Value* first, Value* count,
                                const std::function<void(Value*, Value*, Value*)>& body) {
  llvm::Type* element = memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype);
  Value* lane_zero = element_address(p, first);
  for (int at = 0; at < shape_.group; at += shape_.lanes) {
    Value* below = lanes_below(b_, count, at, shape_.lanes);
    const auto start = static_cast<uint64_t>(at);
    body(b_.CreateConstGEP1_64(element, lane_zero, start), b_.CreateConstGEP1_64(element, p.gathered, start), below);
  }
}

/// Lanes beyond the end repeat the last element.
void Walk::gather_vectors(const Path& p, Value* first, Value* count) {
  const ir::DType t = frame_.kernel.accesses[p.access].dtype;
  llvm::Type* type = memory_type(b_.getContext(), t, shape_.lanes);
  Value* last = element_address(p, b_.CreateSub(b_.CreateAdd(first, count), b_.getInt64(1)));
  Value* beyond = splat(b_, b_.CreateLoad(memory_type(b_.getContext(), t), last), shape_.lanes);
  for_vectors_of_group(p, first, count, [&](Value* from, Value* to, Value* below) {
    Value* read = b_.CreateMaskedLoad(type, from, llvm::Align(p.size), below, beyond);
    b_.CreateAlignedStore(read, to, llvm::Align(p.size));
  });
}

void Walk::scatter_vectors(const Path& p, Value* first, Value* count) {
  llvm::Type* type = memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype, shape_.lanes);
  for_vectors_of_group(p, first, count, [&](Value* to, Value* from, Value* below) {
    b_.CreateMaskedStore(b_.CreateAlignedLoad(type, from, llvm::Align(p.size)), to, llvm::Align(p.size), below);
  });
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
    if (copied_by_vectors(p) || (!p.gathered && !p.addresses)) continue;
    Value* from = element_address(p, position);
    if (p.addresses) b_.CreateStore(from, b_.CreateGEP(from->getType(), p.addresses, lane));
    if (!p.gathered || p.is_store) continue;
    llvm::Type* type = memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype);
    Value* place = p.two ? b_.CreateMul(lane, b_.getInt64(p.spread())) : lane;
    b_.CreateStore(b_.CreateLoad(type, from), b_.CreateGEP(type, p.gathered, place));
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
  const auto one_by_one = [this](const Path& p) { return !copied_by_vectors(p) && (p.gathered || p.addresses); };
  if (many_axes() || std::any_of(paths_.begin(), paths_.end(), one_by_one))
    frame_.for_loop(b_.getInt64(0), filled, 1, [&](Value* lane) { gather_element(lane, first, last); });
  if (many_axes()) step_element();
  for (const Path& p : paths_)
    if (copied_by_vectors(p) && !p.is_store) gather_vectors(p, first, count);
  for (Path& p : paths_) {
    if (!p.gathered) {
      // Lane by lane, at the element's own place.
      p.base.set(b_, element_address(p, b_.getInt64(0)));
      if (!p.contiguous) p.step.set(b_, p.stride);
      continue;
    }
    Value* size = b_.getInt64(p.size * p.spread());
    p.base.set(b_, frame_.byte_offset(p.gathered, b_.CreateMul(b_.CreateNeg(first), size)));
    if (!p.contiguous) p.step.set(b_, size);
  }
  return count;
}

void Walk::scatter(Value* first, Value* count) {
  bool one_by_one = false;
  for (const Path& p : paths_) {
    if (!p.is_store) continue;
    if (copied_by_vectors(p))
      scatter_vectors(p, first, count);
    else
      one_by_one = true;
  }
  if (!one_by_one) return;
  frame_.for_loop(b_.getInt64(0), count, 1, [&](Value* lane) {
    for (Path& p : paths_) {
      if (!p.is_store || copied_by_vectors(p)) continue;
      llvm::Type* type = memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype);
      Value* to = b_.CreateLoad(b_.getPtrTy(), b_.CreateGEP(b_.getPtrTy(), p.addresses, lane));
      b_.CreateStore(b_.CreateLoad(type, b_.CreateGEP(type, p.gathered, lane)), to);
    }
  });
}

}  // namespace tarry::codegen
