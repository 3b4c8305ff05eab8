#include "nvptx/places.h"

#include <tarry/ir/error.h>

#include "llvm/types.h"

namespace tarry::codegen {

using llvm::Value;

void Places::set(Value* number, Value* last_extent) {
  Builder& b = device_.frame.b;
  last_scale_ = 1;
  ahead_ = 0;
  for (size_t i = at_.size(); i-- > 0;) {
    const bool last = i + 1 == at_.size();
    Value* extent = last && last_extent ? last_extent : device_.frame.extent(first_ + static_cast<int>(i));
    Value* rest = i > 0 ? b.CreateUDiv(number, extent) : nullptr;
    at_[i] = i > 0 ? b.CreateSub(number, b.CreateMul(rest, extent)) : number;
    number = rest;
  }
}

Value* Places::lines() {
  Value* n = device_.frame.number(1);
  for (size_t i = 0; i + 1 < at_.size(); ++i)
    n = device_.frame.b.CreateMul(n, device_.frame.extent(first_ + static_cast<int>(i)));
  return n;
}

Value* Places::points() {
  return device_.frame.b.CreateMul(lines(), device_.frame.extent(first_ + static_cast<int>(at_.size()) - 1));
}

Value* Places::offset(int access) {
  Builder& b = device_.frame.b;
  const ir::Kernel& k = device_.frame.kernel;
  Value* sum = b.getInt64(0);
  if (first_ >= k.outer_rank && !k.accesses[access].in_row) return sum;
  for (size_t i = 0; i < at_.size(); ++i) {
    Value* step = step_along(device_, access, first_ + static_cast<int>(i));
    if (!step) continue;
    Value* scaled = step;
    if (i + 1 == at_.size()) scaled = b.CreateNSWMul(step, b.getInt64(static_cast<uint64_t>(last_scale_)));
    sum = b.CreateAdd(sum, b.CreateNSWMul(device_.wide(at_[i]), scaled));
    if (i + 1 == at_.size() && ahead_ != 0)
      sum = b.CreateAdd(sum, b.CreateNSWMul(step, b.getInt64(static_cast<uint64_t>(ahead_))));
  }
  return sum;
}

Value* step_along(Device& device, int access, int axis) {
  const ir::Kernel& k = device.frame.kernel;
  const ir::Access& a = k.accesses[access];
  ir::StrideClass known = ir::StrideClass::any;
  if (axis == k.outer_rank - 1) known = a.outer;
  if (axis == k.outer_rank + k.row_rank - 1) known = axis >= k.outer_rank ? a.row : known;
  const int64_t unit = a.kind == ir::Access::Kind::index ? 1 : static_cast<int64_t>(ir::size_of(a.dtype));
  switch (known) {
    case ir::StrideClass::zero: return nullptr;
    case ir::StrideClass::unit: return device.frame.b.getInt64(static_cast<uint64_t>(unit));
    case ir::StrideClass::two: return device.frame.b.getInt64(static_cast<uint64_t>(2 * unit));
    case ir::StrideClass::any: break;
  }
  return device.wide(device.frame.stride(access, axis));
}

namespace {

/// Numbers of one and two bytes travel four bytes at a time.
llvm::Type* travel_type(llvm::LLVMContext& c, ir::DType t, int lanes) {
  const int bytes = static_cast<int>(ir::size_of(t)) * lanes;
  if (ir::size_of(t) >= 4 || bytes < 4) return memory_type(c, t, lanes);
  return with_lanes(llvm::Type::getInt32Ty(c), bytes / 4);
}

llvm::Align whole(ir::DType t, int lanes) {
  return llvm::Align(std::min<uint64_t>(static_cast<uint64_t>(lanes) * ir::size_of(t), kAccessBytes));
}

}  // namespace

Value* load_neighbours(Frame& frame, Value* address, ir::DType t, int lanes) {
  Builder& b = frame.b;
  Value* loaded = b.CreateAlignedLoad(travel_type(b.getContext(), t, lanes), address, whole(t, lanes));
  return b.CreateBitCast(loaded, memory_type(b.getContext(), t, lanes));
}

void store_neighbours(Frame& frame, Value* value, Value* address, ir::DType t) {
  const int lanes = lanes_of(value->getType());
  Value* bits = frame.b.CreateBitCast(value, travel_type(frame.b.getContext(), t, lanes));
  frame.b.CreateAlignedStore(bits, address, whole(t, lanes));
}

Value* origin_of(Device& device, int access, Value* offset) {
  Frame& f = device.frame;
  if (f.kernel.accesses[access].kind == ir::Access::Kind::index)
    return f.b.CreateAdd(f.word(f.layout.base(access)), offset);
  return f.byte_offset(f.data(access), offset);
}

Value* ThreadLanes::address(int access, int lane) {
  Value* first = frame_.byte_offset(origin_(access), along_(access));
  if (lane == 0) return first;
  lane *= gap_;
  Value* step = step_along(device_, access, axis_);
  return step ? frame_.byte_offset(first, frame_.b.CreateNSWMul(frame_.b.getInt64(static_cast<uint64_t>(lane)), step))
              : first;
}

bool ThreadLanes::is_contiguous(int access) const {
  const ir::Access& a = frame_.kernel.accesses[access];
  return gap_ == 1 && (axis_ < frame_.kernel.outer_rank ? a.outer : a.row) == ir::StrideClass::unit;
}

Value* ThreadLanes::element(Value* v, int lane) {
  if (!v || lanes_ == 1) return v;
  return frame_.b.CreateExtractElement(v, frame_.b.getInt64(static_cast<uint64_t>(lane)));
}

Value* ThreadLanes::load(int access, Value* predicate) {
  Builder& b = frame_.b;
  const ir::DType t = frame_.kernel.accesses[access].dtype;
  llvm::Type* type = memory_type(b.getContext(), t);
  if (lanes_ == 1) return to_register(b, frame_.load_if(type, address(access, 0), predicate), t);
  if (!predicate && is_contiguous(access))
    return to_register(b, load_neighbours(frame_, address(access, 0), t, lanes_), t);
  if (!predicate && !step_along(device_, access, axis_))
    return to_register(b, splat(b, b.CreateLoad(type, address(access, 0)), lanes_), t);
  Value* all = llvm::PoisonValue::get(memory_type(b.getContext(), t, lanes_));
  for (int l = 0; l < lanes_; ++l)
    all = b.CreateInsertElement(all, frame_.load_if(type, address(access, l), element(predicate, l)),
                                b.getInt64(static_cast<uint64_t>(l)));
  return to_register(b, all, t);
}

void ThreadLanes::store(int access, Value* value) {
  const ir::DType t = frame_.kernel.accesses[access].dtype;
  auto write = [&] {
    Value* stored = to_memory(frame_.b, value, t);
    if (lanes_ > 1 && is_contiguous(access)) return store_neighbours(frame_, stored, address(access, 0), t);
    for (int l = 0; l < lanes_; ++l) frame_.b.CreateStore(element(stored, l), address(access, l));
  };
  if (guard_)
    frame_.if_then(guard_, write);
  else
    write();
}

Value* ThreadLanes::index(int access) {
  Builder& b = frame_.b;
  Value* first = b.CreateAdd(origin_(access), along_(access));
  Value* step = lanes_ > 1 ? step_along(device_, access, axis_) : nullptr;
  if (step) step = b.CreateMul(step, b.getInt64(static_cast<uint64_t>(gap_)));
  Value* all = splat(b, first, lanes_);
  return step ? b.CreateAdd(all, b.CreateMul(lane_numbers(b, lanes_), splat(b, step, lanes_))) : all;
}

Value* ThreadLanes::load_at(int access, Value* distance, Value* predicate) {
  Builder& b = frame_.b;
  const ir::DType t = frame_.kernel.accesses[access].dtype;
  llvm::Type* type = memory_type(b.getContext(), t);
  auto one = [&](int l) {
    Value* bytes = b.CreateMul(element(distance, l), b.getInt64(ir::size_of(t)));
    return frame_.load_if(type, frame_.byte_offset(address(access, l), bytes), element(predicate, l));
  };
  if (lanes_ == 1) return to_register(b, one(0), t);
  Value* all = llvm::PoisonValue::get(memory_type(b.getContext(), t, lanes_));
  for (int l = 0; l < lanes_; ++l) all = b.CreateInsertElement(all, one(l), b.getInt64(static_cast<uint64_t>(l)));
  return to_register(b, all, t);
}

void ThreadLanes::reduce(ir::Value, Value*) { throw InternalError("a reduction outside of a walk"); }
Value* ThreadLanes::scan(ir::Value, Value*) { throw InternalError("a scan outside of a walk"); }

}  // namespace tarry::codegen
