#include <tarry/ir/error.h>

#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {
namespace {

using ir::DType;
using llvm::Value;

Value* half_to_float(Builder& b, Value* bits, DType from) {
  const int lanes = lanes_of(bits->getType());
  llvm::Type* f32 = with_lanes(b.getFloatTy(), lanes);
  if (from == DType::float16) return b.CreateFPExt(b.CreateBitCast(bits, with_lanes(b.getHalfTy(), lanes)), f32);
  Value* wide = b.CreateZExt(bits, with_lanes(b.getInt32Ty(), lanes));
  return b.CreateBitCast(b.CreateShl(wide, integer(wide->getType(), 16)), f32);
}

/// To nearest, ties to even; a NaN becomes the positive quiet one.
Value* float_to_half(Builder& b, Value* x, DType to) {
  const int lanes = lanes_of(x->getType());
  llvm::Type* i16 = with_lanes(b.getInt16Ty(), lanes);
  if (to == DType::float16) return b.CreateBitCast(b.CreateFPTrunc(x, with_lanes(b.getHalfTy(), lanes)), i16);
  llvm::Type* i32 = with_lanes(b.getInt32Ty(), lanes);
  Value* bits = b.CreateBitCast(x, i32);
  Value* odd = b.CreateAnd(b.CreateLShr(bits, integer(i32, 16)), integer(i32, 1));
  Value* rounded = b.CreateAdd(b.CreateAdd(bits, integer(i32, 0x7fff)), odd);
  Value* nan = b.CreateFCmpUNO(x, x);
  rounded = b.CreateSelect(nan, integer(i32, 0x7fc00000), rounded);
  return b.CreateTrunc(b.CreateLShr(rounded, integer(i32, 16)), i16);
}

/// Truncates; what is out of range, and NaN, gives the minimum of `width` bits, as x86-64 converts.
Value* float_to_signed(Builder& b, Value* x, unsigned width) {
  llvm::Type* type = with_lanes(b.getIntNTy(width), lanes_of(x->getType()));
  const double limit = width == 32 ? 0x1p31 : 0x1p63;
  // Just below -2^31 a float64 still truncates to the minimum, which is the answer anyway.
  Value* fits = b.CreateAnd(b.CreateFCmpOGE(x, llvm::ConstantFP::get(x->getType(), -limit)),
                            b.CreateFCmpOLT(x, llvm::ConstantFP::get(x->getType(), limit)));
  llvm::Constant* minimum = llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(width));
  return b.CreateSelect(fits, b.CreateFPToSI(x, type), minimum);
}

/// From 2^63 on, the part above it is converted and the top bit set again.
Value* float_to_u64(Builder& b, Value* x) {
  llvm::Constant* top = llvm::ConstantFP::get(x->getType(), 0x1p63);
  Value* high = b.CreateFCmpOGE(x, top);
  Value* low = float_to_signed(b, b.CreateSelect(high, b.CreateFSub(x, top), x), 64);
  llvm::Type* type = low->getType();
  llvm::Constant* bit = llvm::ConstantInt::get(type, llvm::APInt::getSignMask(64));
  return b.CreateXor(low, b.CreateSelect(high, bit, integer(type, 0)));
}

Value* float_to_integer(Builder& b, Value* x, DType to) {
  if (to == DType::uint64) return float_to_u64(b, x);
  const unsigned width = to == DType::int64 || to == DType::uint32 ? 64 : 32;
  llvm::Type* type = register_type(b.getContext(), to, lanes_of(x->getType()));
  return b.CreateTrunc(float_to_signed(b, x, width), type);
}

}  // namespace

Value* emit_cast(Builder& b, Value* x, DType from, DType to) {
  if (from == to) return x;
  llvm::Type* type = register_type(b.getContext(), to, lanes_of(x->getType()));
  if (ir::is_half(to)) return float_to_half(b, emit_cast(b, x, from, DType::float32), to);
  if (ir::is_half(from)) return emit_cast(b, half_to_float(b, x, from), DType::float32, to);
  if (ir::is_bool(to)) {
    llvm::Constant* zero = llvm::Constant::getNullValue(x->getType());
    return ir::is_float(from) ? b.CreateFCmpUNE(x, zero) : b.CreateICmpNE(x, zero);
  }
  if (ir::is_float(from)) return ir::is_float(to) ? b.CreateFPCast(x, type) : float_to_integer(b, x, to);
  const bool is_signed = ir::is_signed_int(from);
  if (ir::is_float(to)) return is_signed ? b.CreateSIToFP(x, type) : b.CreateUIToFP(x, type);
  return b.CreateIntCast(x, type, is_signed);
}

}  // namespace tarry::codegen
