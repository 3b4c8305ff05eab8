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

/// Zeros and ones in all bits are made without memory. Two registers side by side take one constant.
bool is_worthwhile(llvm::Value* v) {
  auto* constant = llvm::dyn_cast<llvm::Constant>(v);
  if (!constant || !constant->getType()->isVectorTy()) return false;
  const uint64_t bits = constant->getType()->getPrimitiveSizeInBits();
  if (bits != kVectorBits && bits != 2 * kVectorBits) return false;
  const llvm::Constant* one = constant->getSplatValue();
  return one && !one->isNullValue() && !one->isAllOnesValue() && !llvm::isa<llvm::UndefValue>(one);
}

/// The constants of one function.
class SplatMemory {
 public:
  explicit SplatMemory(llvm::Module& module) : module_(module) {}

  /// The splat, read in front of `user`.
  llvm::Value* load(llvm::Constant* splat, llvm::Instruction* user) {
    auto* type = llvm::cast<llvm::FixedVectorType>(splat->getType());
    const auto lanes = static_cast<unsigned>(kVectorBits / type->getScalarSizeInBits());
    auto* constant = llvm::ConstantVector::getSplat(llvm::ElementCount::getFixed(lanes), splat->getSplatValue());
    auto* load = new llvm::LoadInst(constant->getType(), place_of(constant), "", false, kAlign, user);
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(module_.getContext(), {}));
    if (type->getNumElements() == lanes) return load;
    llvm::SmallVector<int, 64> both;
    for (unsigned k = 0; k < 2 * lanes; ++k) both.push_back(static_cast<int>(k % lanes));
    return new llvm::ShuffleVectorInst(load, load, both, "", user);
  }

 private:
  static constexpr llvm::Align kAlign = llvm::Align::Constant<kVectorBits / 8>();

  llvm::GlobalVariable* place_of(llvm::Constant* constant) {
    llvm::GlobalVariable*& place = places_[constant];
    if (!place) {
      place = new llvm::GlobalVariable(module_, constant->getType(), true, llvm::GlobalValue::PrivateLinkage, constant,
                                       "splat");
      place->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
      place->setAlignment(kAlign);
    }
    return place;
  }

  llvm::Module& module_;
  std::map<llvm::Constant*, llvm::GlobalVariable*> places_;
};

}  // namespace

void keep_splats_in_memory(llvm::Function& function) {
  SplatMemory memory(*function.getParent());
  for (llvm::BasicBlock& block : function)
    for (llvm::Instruction& i : block)
      if (reads_memory(i))
        for (llvm::Use& use : i.operands())
          if (is_worthwhile(use)) use.set(memory.load(llvm::cast<llvm::Constant>(use), &i));
}

}  // namespace tarry::codegen
