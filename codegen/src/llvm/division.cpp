#include "llvm/division.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/IntrinsicsX86.h>

#include <algorithm>
#include <vector>

namespace tarry::codegen {
namespace {

using llvm::Instruction;
using llvm::Value;

/// Then LLVM multiplies.
bool has_exact_inverse(const Value* divisor) {
  const auto* constant = llvm::dyn_cast<llvm::Constant>(divisor);
  const auto* number = constant ? llvm::dyn_cast_or_null<llvm::ConstantFP>(constant->getSplatValue()) : nullptr;
  return number && number->getValueAPF().getExactInverse(nullptr);
}

/// Of one register of floats.
bool is_division(const Instruction& i) {
  const auto* type = llvm::dyn_cast<llvm::FixedVectorType>(i.getType());
  return i.getOpcode() == Instruction::FDiv && type && type->getElementType()->isFloatTy() &&
         (type->getNumElements() == 8 || type->getNumElements() == 16) && !has_exact_inverse(i.getOperand(1));
}

bool is_root(const Instruction& i) {
  const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&i);
  return call && call->getIntrinsicID() == llvm::Intrinsic::sqrt;
}

double bits_of(llvm::Type* type) { return static_cast<double>(type->getPrimitiveSizeInBits().getFixedValue()); }

/// How long the units of a core work for one turn of a loop, in cycles, and for what (uops.info, Ice Lake and later).
struct Load {
  double divider = 0, others = 0;
  double cycles() const { return std::max(divider, others); }
};

double cycles_of_division(llvm::Type* type) {
  return (type->getScalarType()->isDoubleTy() ? 16 : 10) * bits_of(type) / 512;
}
double cycles_of_root(llvm::Type* type) {
  return (type->getScalarType()->isDoubleTy() ? 24 : 12) * bits_of(type) / 512;
}
/// Two units take registers of 64 bytes, and two or three narrower ones.
double cycles_of_others(llvm::Type* type) { return bits_of(type) <= 256 ? 0.4 : bits_of(type) / 512 / 2; }

Load load_of(const llvm::BasicBlock& block) {
  Load load;
  for (const Instruction& i : block) {
    llvm::Type* type = i.getType();
    if (!type->isVectorTy() || i.mayReadOrWriteMemory() || llvm::isa<llvm::PHINode>(i)) continue;
    if (i.getOpcode() == Instruction::FDiv && !has_exact_inverse(i.getOperand(1)))
      load.divider += cycles_of_division(type);
    else if (is_root(i))
      load.divider += cycles_of_root(type);
    else
      load.others += cycles_of_others(type);
  }
  return load;
}

bool goes_around_cache(const llvm::BasicBlock& block) {
  return std::any_of(block.begin(), block.end(), [](const Instruction& i) {
    return llvm::isa<llvm::StoreInst>(i) && i.hasMetadata(llvm::LLVMContext::MD_nontemporal);
  });
}

/// One division of a loop.
struct Division {
  Instruction* instruction;
  bool by_invariant;

  /// Rounding by the instruction, which inverting takes, exists for the widest registers alone.
  bool is_replaceable() const { return by_invariant || bits_of(instruction->getType()) == 512; }
  Load replaced(Load load) const {
    constexpr int kInstructions = 15, kWhenInverted = 8;
    load.divider -= cycles_of_division(instruction->getType());
    load.others += (by_invariant ? kWhenInverted : kInstructions) * cycles_of_others(instruction->getType());
    return load;
  }
};

/// A divisor and what is made of it.
struct Divisor {
  Value *itself, *inverse, *exponent;
};

struct Quotient {
  Value* value;
  /// In some lane the numerator or the divisor is so large or small, or infinite, that a step of this might have left
  /// the range of floats, or rounded a remainder.
  Value* in_doubt;
};

/// Writes what takes the place of divisions of one type.
class Emitter {
 public:
  Emitter(llvm::IRBuilder<>& b, llvm::Type* type) : b_(b), type_(llvm::cast<llvm::FixedVectorType>(type)) {}

  /// By the divider: outside of the loop.
  Divisor invert(Value* divisor) { return {divisor, b_.CreateFDiv(number(1), divisor), exponent(divisor, nullptr)}; }

  /// From an estimate that is off by e < 2^-14: 1 / (1 - e) is 1 + e + e^2 but for 2^-42. Rounding up keeps what is
  /// lost on the side where the last rounding is right. That it is for every divisor is tested: what the estimates are
  /// is part of the instruction's definition.
  Divisor invert_by_multiplications(Value* divisor) {
    Value* estimate = b_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_rcp14_ps_512, {}, {divisor, zero(), every_lane()});
    Value* off = fma_up(b_.CreateFNeg(divisor), estimate, number(1));
    Value* series = fma_up(off, off, off);
    return {divisor, fma(estimate, series, estimate), exponent(divisor, nullptr)};
  }

  Quotient divide(Value* numerator, const Divisor& by) {
    Value* some = b_.CreateFCmpUNE(numerator, zero());
    Value* near = b_.CreateFMul(numerator, by.inverse);
    Value* remainder = fma(b_.CreateFNeg(by.itself), near, numerator);
    Value* quotient = b_.CreateSelect(some, fma(remainder, by.inverse, near), near);  // zeros keep their sign
    constexpr double kSafeExponent = 60;
    Value* beyond = b_.CreateFCmpUGE(larger(exponent(numerator, some), by.exponent), number(kSafeExponent));
    return {quotient, b_.CreateOrReduce(beyond)};
  }

 private:
  using Args = llvm::SmallVector<Value*, 6>;

  bool widest() const { return bits_of(type_) == 512; }
  llvm::Constant* zero() { return llvm::Constant::getNullValue(type_); }
  llvm::Constant* number(double x) { return llvm::ConstantFP::get(type_, x); }
  llvm::IntegerType* mask_type() { return b_.getIntNTy(type_->getNumElements()); }
  Value* every_lane() { return llvm::ConstantInt::getAllOnesValue(mask_type()); }

  Value* fma(Value* x, Value* y, Value* z) { return b_.CreateIntrinsic(llvm::Intrinsic::fma, {type_}, {x, y, z}); }
  /// Rounded up.
  Value* fma_up(Value* x, Value* y, Value* z) {
    constexpr int kUp = 0b1010;
    return b_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_vfmadd_ps_512, {}, {x, y, z, b_.getInt32(kUp)});
  }
  /// floor(log2(|x|)) where `mask` holds, else 0.
  Value* exponent(Value* x, Value* mask) {
    return call(llvm::Intrinsic::x86_avx512_mask_getexp_ps_256, llvm::Intrinsic::x86_avx512_mask_getexp_ps_512,
                {x, zero(), mask ? b_.CreateBitCast(mask, mask_type()) : every_lane()});
  }
  Value* larger(Value* x, Value* y) {
    constexpr int kOfMagnitudes = 0b1011;
    return call(llvm::Intrinsic::x86_avx512_mask_range_ps_256, llvm::Intrinsic::x86_avx512_mask_range_ps_512,
                {x, y, b_.getInt32(kOfMagnitudes), zero(), every_lane()});
  }
  /// For the widest registers the instruction may name a rounding, the last operand.
  Value* call(llvm::Intrinsic::ID narrow, llvm::Intrinsic::ID wide, Args args) {
    constexpr int kAsSet = 4;
    if (widest()) args.push_back(b_.getInt32(kAsSet));
    return b_.CreateIntrinsic(widest() ? wide : narrow, {}, args);
  }

  llvm::IRBuilder<>& b_;
  llvm::FixedVectorType* type_;
};

/// The divisions of an innermost loop that it pays to replace.
class LoopDivisions {
 public:
  LoopDivisions(llvm::Loop& loop, const llvm::DominatorTree& dominators)
      : loop_(loop), preheader_(loop.getLoopPreheader()) {
    const llvm::BasicBlock* latch = loop.getLoopLatch();
    if (!loop.isInnermost() || !latch || !preheader_) return;
    std::vector<llvm::BasicBlock*> every_turn;
    for (llvm::BasicBlock* block : loop.blocks()) {
      if (!around_cache_ && goes_around_cache(*block)) around_cache_ = condition_of(*block);
      if (dominators.dominates(block, latch)) every_turn.push_back(block);
    }
    for (llvm::BasicBlock* block : every_turn) find_divisions(*block);
    for (llvm::BasicBlock* block : every_turn) {
      const Load load = load_of(*block);
      load_.divider += load.divider;
      load_.others += load.others;
    }
    choose();
  }

  /// Splits blocks, of which the loop then does not know.
  void replace() {
    for (const Division& d : chosen_) replace(d);
  }

 private:
  /// Moves what makes their divisors out of the loop, where that is the same for all turns.
  void find_divisions(llvm::BasicBlock& block) {
    for (Instruction& i : block)
      if (is_division(i)) all_.push_back({&i, false});
    for (Division& d : all_) {
      bool moved = false;
      d.by_invariant = loop_.makeLoopInvariant(d.instruction->getOperand(1), moved);
    }
    std::erase_if(all_, [&](const Division& d) { return !loop_.contains(d.instruction); });  // part of a divisor
  }

  void choose() {
    for (const bool by_invariant : {true, false})  // the cheaper first
      for (const Division& d : all_) {
        if (d.by_invariant != by_invariant || !d.is_replaceable()) continue;
        const Load after = d.replaced(load_);
        if (after.cycles() >= load_.cycles()) continue;
        load_ = after;
        chosen_.push_back(d);
      }
  }

  void replace(const Division& d) {
    Instruction* division = d.instruction;
    llvm::Type* type = division->getType();
    Value *numerator = division->getOperand(0), *by = division->getOperand(1);
    llvm::BasicBlock* head = division->getParent();
    llvm::BasicBlock* rest = head->splitBasicBlock(std::next(division->getIterator()));
    llvm::BasicBlock* divider = block_before(rest);
    llvm::BasicBlock* multipliers = around_cache_ ? block_before(divider) : head;
    head->getTerminator()->eraseFromParent();
    division->removeFromParent();

    llvm::IRBuilder<>(divider).Insert(division);
    llvm::IRBuilder<>(divider).CreateBr(rest);
    if (around_cache_) llvm::IRBuilder<>(head).CreateCondBr(around_cache_, divider, multipliers);
    llvm::IRBuilder<> b(multipliers);
    Emitter inside(b, type);
    const Divisor divisor = d.by_invariant ? inverted_ahead(by) : inside.invert_by_multiplications(by);
    const Quotient quotient = inside.divide(numerator, divisor);
    b.CreateCondBr(quotient.in_doubt, divider, rest, first_way_is_rare(b.getContext()));

    b.SetInsertPoint(rest, rest->begin());
    llvm::PHINode* result = b.CreatePHI(type, 2);
    division->replaceAllUsesWith(result);
    result->addIncoming(division, divider);
    result->addIncoming(quotient.value, multipliers);
  }

  Divisor inverted_ahead(Value* divisor) {
    for (const Divisor& d : inverted_)
      if (d.itself == divisor) return d;
    llvm::IRBuilder<> ahead(preheader_->getTerminator());
    return inverted_.emplace_back(Emitter(ahead, divisor->getType()).invert(divisor));
  }

  /// On which the only way into the block is taken; null if it is not fixed for all turns.
  Value* condition_of(const llvm::BasicBlock& block) const {
    const llvm::BasicBlock* from = block.getSinglePredecessor();
    const auto* branch = from ? llvm::dyn_cast<llvm::BranchInst>(from->getTerminator()) : nullptr;
    if (!branch || !branch->isConditional() || branch->getSuccessor(0) != &block) return nullptr;
    return loop_.isLoopInvariant(branch->getCondition()) ? branch->getCondition() : nullptr;
  }

  static llvm::BasicBlock* block_before(llvm::BasicBlock* next) {
    return llvm::BasicBlock::Create(next->getContext(), "", next->getParent(), next);
  }

  llvm::Loop& loop_;
  llvm::BasicBlock* preheader_;
  Load load_;
  std::vector<Division> all_, chosen_;
  std::vector<Divisor> inverted_;  // ahead of the loop
  Value* around_cache_ = nullptr;  // whether its results go there, where that is decided as it runs
};

bool divides(const llvm::Function& function) {
  for (const llvm::BasicBlock& block : function)
    if (std::any_of(block.begin(), block.end(), is_division)) return true;
  return false;
}

}  // namespace

void balance_divisions(llvm::Function& function) {
  if (!divides(function)) return;
  llvm::DominatorTree dominators(function);
  llvm::LoopInfo loops(dominators);
  std::vector<LoopDivisions> chosen;
  for (llvm::Loop* loop : loops.getLoopsInPreorder()) chosen.emplace_back(*loop, dominators);
  for (LoopDivisions& loop : chosen) loop.replace();
}

}  // namespace tarry::codegen
