#include "llvm/types.h"

#include <tarry/ir/error.h>

namespace tarry::codegen {

using llvm::Type;

Type* with_lanes(Type* scalar, int lanes) { return lanes == 1 ? scalar : llvm::FixedVectorType::get(scalar, lanes); }

int lanes_of(Type* t) {
  auto* v = llvm::dyn_cast<llvm::FixedVectorType>(t);
  return v ? static_cast<int>(v->getNumElements()) : 1;
}

namespace {

Type* scalar_type(llvm::LLVMContext& c, ir::DType t) {
  switch (t) {
    case ir::DType::float32: return Type::getFloatTy(c);
    case ir::DType::float64: return Type::getDoubleTy(c);
    case ir::DType::complex64:
    case ir::DType::complex128: throw InternalError("complex values have no kernels");
    default: return Type::getIntNTy(c, static_cast<unsigned>(8 * ir::size_of(t)));
  }
}

}  // namespace

Type* register_type(llvm::LLVMContext& c, ir::DType t, int lanes) {
  return with_lanes(ir::is_bool(t) ? Type::getInt1Ty(c) : scalar_type(c, t), lanes);
}

Type* memory_type(llvm::LLVMContext& c, ir::DType t, int lanes) { return with_lanes(scalar_type(c, t), lanes); }

llvm::Constant* integer(Type* t, int64_t v) { return llvm::ConstantInt::get(t, static_cast<uint64_t>(v), true); }

llvm::Constant* literal(Type* t, uint64_t bits) {
  Type* scalar = t->getScalarType();
  if (scalar->isIntegerTy())
    return llvm::ConstantInt::get(t, llvm::APInt(64, bits).trunc(scalar->getIntegerBitWidth()));
  const llvm::fltSemantics& semantics = scalar->getFltSemantics();
  const llvm::APInt pattern = llvm::APInt(64, bits).trunc(llvm::APFloat::semanticsSizeInBits(semantics));
  return llvm::ConstantFP::get(t, llvm::APFloat(semantics, pattern));
}

llvm::Value* to_register(Builder& b, llvm::Value* v, ir::DType t) {
  return ir::is_bool(t) ? b.CreateICmpNE(v, llvm::Constant::getNullValue(v->getType())) : v;
}

llvm::Value* to_memory(Builder& b, llvm::Value* v, ir::DType t) {
  return ir::is_bool(t) ? b.CreateZExt(v, memory_type(b.getContext(), t, lanes_of(v->getType()))) : v;
}

llvm::Value* splat(Builder& b, llvm::Value* scalar, int lanes) {
  return lanes == 1 ? scalar : b.CreateVectorSplat(lanes, scalar);
}

llvm::Value* lane_numbers(Builder& b, int lanes) {
  if (lanes == 1) return b.getInt64(0);
  llvm::SmallVector<uint64_t, 64> n;
  for (int i = 0; i < lanes; ++i) n.push_back(i);
  return llvm::ConstantDataVector::get(b.getContext(), n);
}

llvm::Value* lanes_below(Builder& b, llvm::Value* count, int start, int lanes) {
  llvm::Value* limit = splat(b, b.CreateTrunc(count, b.getInt32Ty()), lanes);
  if (lanes == 1) return b.CreateICmpSLT(b.getInt32(start), limit);
  llvm::SmallVector<uint32_t, 64> n;
  for (int i = 0; i < lanes; ++i) n.push_back(start + i);
  return b.CreateICmpSLT(llvm::ConstantDataVector::get(b.getContext(), n), limit);
}

}  // namespace tarry::codegen
