/// Sorting and searching by integers that have the order of the elements.

#include "llvm/elementwise.h"
#include "llvm/types.h"
#include "nvptx/emit.h"
#include "nvptx/pairs.h"

namespace tarry::codegen {

using llvm::Value;

namespace {

/// Of the element of an access at `address`, as i64. NaNs are equal and come last, the two zeros are equal.
Value* key_at(Frame& frame, ir::DType t, Value* address) {
  Builder& b = frame.b;
  Value* x = to_register(b, b.CreateLoad(memory_type(b.getContext(), t), address), t);
  if (ir::is_half(t)) {
    x = emit_cast(b, x, t, ir::DType::float32);
    t = ir::DType::float32;
  }
  if (!ir::is_float(t)) {
    if (!ir::is_signed_int(t)) return b.CreateZExt(x, b.getInt64Ty());
    return b.CreateXor(b.CreateSExt(x, b.getInt64Ty()), b.getInt64(uint64_t{1} << 63));
  }
  llvm::IntegerType* word = b.getIntNTy(static_cast<unsigned>(8 * ir::size_of(t)));
  Value* sign = llvm::ConstantInt::get(word, uint64_t{1} << (word->getBitWidth() - 1));
  Value* zero = b.CreateFCmpOEQ(x, llvm::ConstantFP::getZero(x->getType()));
  Value* bits = b.CreateSelect(zero, llvm::ConstantInt::get(word, 0), b.CreateBitCast(x, word));
  Value* negative = b.CreateICmpSLT(bits, llvm::ConstantInt::get(word, 0));
  Value* key = b.CreateSelect(negative, b.CreateNot(bits), b.CreateOr(bits, sign));
  key = b.CreateSelect(b.CreateFCmpUNO(x, x), llvm::Constant::getAllOnesValue(word), key);
  return b.CreateZExt(key, b.getInt64Ty());
}

/// Visits all points of the outer axes by threads.
class EachPoint {
 public:
  EachPoint(llvm::Module& module, const GpuShape& shape, GpuFunction function, int index_bits)
      : device(module, shape, function, index_bits), frame(device.frame), at(device, 0, frame.kernel.outer_rank) {
    frame.close_prologue();
  }
  void emit(const std::function<void(Value* number)>& visit) {
    device.strided_loop(device.global_thread(), at.points(), device.global_threads(), [&](Value* number) {
      at.set(number);
      visit(number);
    });
    frame.finish();
  }
  Value* address(int access) { return origin_of(device, access, at.offset(access)); }
  Value* key(int access) { return key_at(frame, frame.kernel.accesses[access].dtype, address(access)); }

  Device device;
  Frame& frame;
  Places at;
};

/// For a query how many elements of the sorted row stand before it.
Value* search_row(EachPoint& points, Value* query, bool right) {
  Frame& frame = points.frame;
  Builder& b = frame.b;
  constexpr int kSorted = 0;
  const int along = frame.kernel.outer_rank;
  Value* step = points.device.wide(frame.stride(kSorted, along));
  Variable low = frame.variable(frame.index_type, frame.number(0));
  Variable high = frame.variable(frame.index_type, frame.extent(along));
  frame.while_loop([&] { return b.CreateICmpULT(low.get(b), high.get(b)); },
                   [&] {
                     Value* middle = b.CreateLShr(b.CreateAdd(low.get(b), high.get(b)), 1);
                     Value* place =
                         frame.byte_offset(frame.data(kSorted), b.CreateMul(points.device.wide(middle), step));
                     Value* there = key_at(frame, frame.kernel.accesses[kSorted].dtype, place);
                     Value* before = right ? b.CreateICmpULE(there, query) : b.CreateICmpULT(there, query);
                     low.set(b, b.CreateSelect(before, b.CreateAdd(middle, frame.number(1)), low.get(b)));
                     high.set(b, b.CreateSelect(before, high.get(b), middle));
                   });
  return points.device.wide(low.get(b));
}

}  // namespace

void emit_keys(llvm::Module& module, const GpuShape& shape, int index_bits) {
  EachPoint points(module, shape, GpuFunction::keys, index_bits);
  Pairs pairs(points.device, 0);
  points.emit([&](Value* number) { pairs.store(number, points.key(0), points.at.last()); });
}

void emit_positions(llvm::Module& module, const GpuShape& shape, int index_bits) {
  EachPoint points(module, shape, GpuFunction::positions, index_bits);
  Pairs pairs(points.device, 0);
  points.emit(
      [&](Value* number) { points.frame.b.CreateStore(points.device.wide(pairs.number(number)), points.address(1)); });
}

void emit_elements(llvm::Module& module, const GpuShape& shape, int index_bits) {
  EachPoint points(module, shape, GpuFunction::elements, index_bits);
  Pairs pairs(points.device, 0);
  Builder& b = points.frame.b;
  llvm::Type* type = memory_type(b.getContext(), points.frame.kernel.accesses[0].dtype);
  points.emit([&](Value* number) {
    Value* to = points.address(1);
    points.at.set_last(pairs.number(number));
    b.CreateStore(b.CreateLoad(type, points.address(0)), to);
  });
}

void emit_search(llvm::Module& module, const GpuShape& shape, int index_bits) {
  EachPoint points(module, shape, GpuFunction::search, index_bits);
  points.emit([&](Value*) {
    Value* found = search_row(points, points.key(1), shape.routine == GpuRoutine::search_right);
    points.frame.b.CreateStore(found, points.address(2));
  });
}

}  // namespace tarry::codegen
