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

/// The number in all lanes of a vector; null where there is none. Zeros and ones in all bits are made without memory.
llvm::Constant* splat_of(llvm::Value* v) {
  auto* constant = llvm::dyn_cast<llvm::Constant>(v);
  if (!constant || !constant->getType()->isVectorTy()) return nullptr;
  llvm::Constant* one = constant->getSplatValue();
  return one && !one->isNullValue() && !one->isAllOnesValue() && !llvm::isa<llvm::UndefValue>(one) ? one : nullptr;
}

/// Two registers side by side take one constant.
bool is_worthwhile(llvm::Value* v) {
  if (!splat_of(v)) return false;
  const uint64_t bits = v->getType()->getPrimitiveSizeInBits();
  return bits == kVectorBits || bits == 2 * kVectorBits;
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

void keep_whole(llvm::Function& function) {
  SplatMemory memory(*function.getParent());
  for (llvm::BasicBlock& block : function)
    for (llvm::Instruction& i : block)
      if (reads_memory(i))
        for (llvm::Use& use : i.operands())
          if (is_worthwhile(use)) use.set(memory.load(llvm::cast<llvm::Constant>(use), &i));
}

/// How often each constant is read.
std::map<llvm::Constant*, int> count_splats(llvm::Function& function) {
  std::map<llvm::Constant*, int> reads;
  for (llvm::BasicBlock& block : function)
    for (llvm::Instruction& i : block)
      for (llvm::Use& use : i.operands())
        if (splat_of(use)) ++reads[llvm::cast<llvm::Constant>(use)];
  return reads;
}

/// The one operand that an instruction of AVX-512 can take from memory while it overwrites another.
llvm::Use* operand_from_memory(llvm::Instruction& i) {
  const auto takes = [&](unsigned k) {
    return splat_of(i.getOperand(k)) && i.getType()->getPrimitiveSizeInBits() == 512;
  };
  switch (i.getOpcode()) {
    case llvm::Instruction::FAdd:
    case llvm::Instruction::FMul:
    case llvm::Instruction::FSub:
    case llvm::Instruction::FDiv: return takes(1) ? &i.getOperandUse(1) : nullptr;
    default: break;
  }
  const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&i);
  if (!call || call->getIntrinsicID() != llvm::Intrinsic::fma || splat_of(i.getOperand(0))) return nullptr;
  return takes(2) ? &i.getOperandUse(2) : takes(1) ? &i.getOperandUse(1) : nullptr;
}

/// The number of its own that `user` reads: one that others read too would be broadcast into a register.
llvm::Value* own_number(llvm::Constant* splat, llvm::Instruction& user) {
  llvm::Module& module = *user.getModule();
  llvm::Constant* one = splat->getSplatValue();
  auto* place = new llvm::GlobalVariable(module, one->getType(), true, llvm::GlobalValue::PrivateLinkage, one, "splat");
  auto* load = new llvm::LoadInst(one->getType(), place, "", false,
                                  llvm::Align(one->getType()->getPrimitiveSizeInBits() / 8), &user);
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(module.getContext(), {}));
  auto* type = llvm::cast<llvm::FixedVectorType>(splat->getType());
  auto* first = llvm::InsertElementInst::Create(llvm::PoisonValue::get(type), load,
                                                llvm::ConstantInt::get(llvm::Type::getInt32Ty(module.getContext()), 0),
                                                "", &user);
  const llvm::SmallVector<int, 64> all_first(type->getNumElements(), 0);
  return new llvm::ShuffleVectorInst(first, llvm::PoisonValue::get(type), all_first, "", &user);
}

void keep_numbers(llvm::Function& function) {
  constexpr size_t kRegisters = 24;  // that may hold constants, of 32
  const std::map<llvm::Constant*, int> reads = count_splats(function);
  if (reads.size() <= kRegisters) return;
  for (llvm::BasicBlock& block : function)
    for (llvm::Instruction& i : block)
      if (llvm::Use* use = operand_from_memory(i)) {
        auto* splat = llvm::cast<llvm::Constant>(*use);
        if (reads.at(splat) > 1) use->set(own_number(splat, i));
      }
}

}  // namespace

void keep_splats_in_memory(llvm::Function& function, Splats how) {
  switch (how) {
    case Splats::as_llvm_does: break;
    case Splats::whole: keep_whole(function); break;
    case Splats::one_number: keep_numbers(function); break;
  }
}

}  // namespace tarry::codegen
