#include "llvm/splats.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include <map>

namespace tarry::codegen {
namespace {

constexpr uint64_t kVectorBits = 256;

/// Whether the instruction can take a vector from memory in place of a register.
bool reads_memory(const llvm::Instruction& i) {
  switch (i.getOpcode()) {
    case llvm::Instruction::FAdd:
    case llvm::Instruction::FSub:
    case llvm::Instruction::FMul:
    case llvm::Instruction::FDiv:
    case llvm::Instruction::FCmp:
    case llvm::Instruction::Add:
    case llvm::Instruction::Sub:
    case llvm::Instruction::And:
    case llvm::Instruction::Or:
    case llvm::Instruction::Xor:
    case llvm::Instruction::Select: return true;
    default: break;
  }
  const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&i);
  return call && call->getIntrinsicID() == llvm::Intrinsic::fma;
}

/// Zeros and ones in all bits are made without memory.
bool is_worthwhile(llvm::Value* v) {
  auto* constant = llvm::dyn_cast<llvm::Constant>(v);
  if (!constant || !constant->getType()->isVectorTy()) return false;
  const uint64_t bits = constant->getType()->getPrimitiveSizeInBits();
  if (bits != kVectorBits && bits != 2 * kVectorBits) return false;
  const llvm::Constant* one = constant->getSplatValue();
  return one && !one->isNullValue() && !one->isAllOnesValue() && !llvm::isa<llvm::UndefValue>(one);
}

}  // namespace

void keep_splats_in_memory(llvm::Function& function) {
  std::map<llvm::Constant*, llvm::GlobalVariable*> places;
  const llvm::Align align(kVectorBits / 8);
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& i : block) {
      if (!reads_memory(i)) continue;
      for (llvm::Use& use : i.operands()) {
        if (!is_worthwhile(use)) continue;
        auto* whole = llvm::cast<llvm::Constant>(use);
        auto* type = llvm::cast<llvm::FixedVectorType>(whole->getType());
        const unsigned lanes = static_cast<unsigned>(kVectorBits / type->getScalarSizeInBits());
        const bool twice = type->getNumElements() > lanes;
        auto* constant = llvm::ConstantVector::getSplat(llvm::ElementCount::getFixed(lanes), whole->getSplatValue());
        llvm::GlobalVariable*& place = places[constant];
        if (!place) {
          place = new llvm::GlobalVariable(*function.getParent(), constant->getType(), true,
                                           llvm::GlobalValue::PrivateLinkage, constant, "splat");
          place->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
          place->setAlignment(align);
        }
        auto* load = new llvm::LoadInst(constant->getType(), place, "", false, align, &i);
        load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(function.getContext(), {}));
        llvm::Value* value = load;
        if (twice) {
          llvm::SmallVector<int, 32> mask;
          for (unsigned k = 0; k < 2 * lanes; ++k) mask.push_back(static_cast<int>(k % lanes));
          value = new llvm::ShuffleVectorInst(load, load, mask, "", &i);
        }
        use.set(value);
      }
    }
  }
}

}  // namespace tarry::codegen
