#include "llvm/integer_division.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Intrinsics.h>

#include <vector>

namespace tarry::codegen {
namespace {

using llvm::Instruction;
using llvm::Value;

bool is_division(const Instruction& i) {
  const auto* type = llvm::dyn_cast<llvm::FixedVectorType>(i.getType());
  return (i.getOpcode() == Instruction::UDiv || i.getOpcode() == Instruction::SDiv) && type &&
         type->getElementType()->isIntegerTy(64);
}

class Divider {
 public:
  Divider(Instruction& division, const llvm::LoopInfo& loops)
      : division_(division), b_(&division), type_(division.getType()), loop_(loops.getLoopFor(division.getParent())) {
    auto* vector = llvm::cast<llvm::FixedVectorType>(type_);
    wide_ = llvm::FixedVectorType::get(b_.getDoubleTy(), vector->getNumElements());
  }

  void replace() {
    Value *x = division_.getOperand(0), *y = division_.getOperand(1);
    const bool is_signed = division_.getOpcode() == Instruction::SDiv;
    Value* quotient = is_signed ? quotient_of(size_of(x), size_of(y)) : quotient_of(x, y);
    if (is_signed) {
      Value* differ = b_.CreateICmpSLT(b_.CreateXor(x, y), llvm::Constant::getNullValue(type_));
      quotient = b_.CreateSelect(differ, b_.CreateNeg(quotient), quotient);
    }
    division_.replaceAllUsesWith(quotient);
    division_.eraseFromParent();
  }

 private:
  /// As an unsigned number, so that the least one has a size too.
  Value* size_of(Value* x) { return b_.CreateBinaryIntrinsic(llvm::Intrinsic::abs, x, b_.getFalse()); }

  /// Of numbers without sign. All roundings together, of both conversions, the division and two products, change a
  /// quotient by less than 5/8 of one part in 2^50. So with a reciprocal that is smaller by that much, an estimate is
  /// never too large, and too small by at most Q/2^49 + 1: 2^15 + 1 the first time; the second time, of a rest that is
  /// not much more than so many times the divisor, by one at most.
  Value* quotient_of(Value* x, Value* y) {
    Value* inverse = ahead(b_.CreateFMul(b_.CreateFDiv(number(1.0), b_.CreateUIToFP(y, wide_)), number(1 - 0x1p-50)));
    const auto estimate = [&](Value* n) {
      return b_.CreateFPToUI(b_.CreateFMul(b_.CreateUIToFP(n, wide_), inverse), type_);
    };
    Value* first = estimate(x);
    Value* rest = b_.CreateSub(x, b_.CreateMul(first, y));
    Value* second = estimate(rest);
    rest = b_.CreateSub(rest, b_.CreateMul(second, y));
    Value* last = b_.CreateZExt(b_.CreateICmpUGE(rest, y), type_);
    return b_.CreateAdd(b_.CreateAdd(first, second), last);
  }

  /// Out of the loops in which it is always the same.
  Value* ahead(Value* x) {
    bool changed = false;
    for (llvm::Loop* loop = loop_; loop && loop->makeLoopInvariant(x, changed); loop = loop->getParentLoop()) {
    }
    return x;
  }

  Value* number(double x) { return llvm::ConstantFP::get(wide_, x); }

  Instruction& division_;
  llvm::IRBuilder<> b_;
  llvm::Type *type_, *wide_;
  llvm::Loop* loop_;
};

}  // namespace

void divide_vectors(llvm::Function& function) {
  std::vector<Instruction*> divisions;
  for (llvm::BasicBlock& block : function)
    for (Instruction& i : block)
      if (is_division(i)) divisions.push_back(&i);
  if (divisions.empty()) return;
  llvm::DominatorTree dominators(function);
  const llvm::LoopInfo loops(dominators);
  for (Instruction* division : divisions) Divider(*division, loops).replace();
}

}  // namespace tarry::codegen
