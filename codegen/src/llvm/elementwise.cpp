#include "llvm/elementwise.h"

#include <tarry/ir/error.h>
#include <tarry/ir/reduction.h>

#include <llvm/IR/InlineAsm.h>

#include <string>

#include "llvm/types.h"

namespace tarry::codegen {
namespace {

using ir::DType;
using ir::Op;
using llvm::Value;

bool on_gpu(Builder& b) { return b.GetInsertBlock()->getModule()->getTargetTriple().starts_with("nvptx"); }

template <class F>
Value* lane_by_lane(Builder& b, Value* x, Value* y, F f) {
  if (!x->getType()->isVectorTy()) return f(x, y);
  const int lanes = lanes_of(x->getType());
  Value* all = llvm::PoisonValue::get(x->getType());
  for (int l = 0; l < lanes; ++l)
    all = b.CreateInsertElement(all,
                                f(b.CreateExtractElement(x, b.getInt64(static_cast<uint64_t>(l))),
                                  b.CreateExtractElement(y, b.getInt64(static_cast<uint64_t>(l)))),
                                b.getInt64(static_cast<uint64_t>(l)));
  return all;
}

/// For GPUs, whose comparisons take a second condition, which LLVM does not make use of.
Value* float_extremum_on_gpu(Builder& b, bool max, Value* x, Value* y) {
  llvm::Type* type = x->getType();
  const std::string t = type->isDoubleTy() ? "f64" : "f32", r = type->isDoubleTy() ? "d" : "f";
  const std::string text = "{\n\t.reg .pred \t%beyond;\n\tsetp.nan." + t + " \t%beyond, $2, $2;\n\tsetp." +
                           (max ? "gt" : "lt") + ".or." + t + " \t%beyond, $2, $1, %beyond;\n\tselp." + t +
                           " \t$0, $2, $1, %beyond;\n\t}";
  auto* function = llvm::FunctionType::get(type, {type, type}, false);
  return b.CreateCall(llvm::InlineAsm::get(function, text, "=" + r + "," + r + "," + r, false), {x, y});
}

/// a where a ⋈ b or a is NaN, else b; ⋈ is >= for max and <= for min. In the form that the x86
/// instructions have (the second where the first is not strictly beyond it), and for a NaN in b on top.
Value* float_extremum(Builder& b, bool max, Value* x, Value* y) {
  if (on_gpu(b) && (x->getType()->getScalarType()->isFloatTy() || x->getType()->getScalarType()->isDoubleTy()))
    return lane_by_lane(b, x, y, [&](Value* l, Value* r) { return float_extremum_on_gpu(b, max, l, r); });
  Value* beyond = max ? b.CreateFCmpOGT(y, x) : b.CreateFCmpOLT(y, x);
  Value* picked = b.CreateSelect(beyond, y, x);
  return b.CreateSelect(b.CreateFCmpUNO(y, y), y, picked);
}

Value* extremum(Builder& b, bool max, DType t, Value* x, Value* y) {
  if (ir::is_float(t)) return float_extremum(b, max, x, y);
  if (ir::is_bool(t)) return max ? b.CreateOr(x, y) : b.CreateAnd(x, y);
  const auto id = ir::is_signed_int(t) ? (max ? llvm::Intrinsic::smax : llvm::Intrinsic::smin)
                                       : (max ? llvm::Intrinsic::umax : llvm::Intrinsic::umin);
  return b.CreateBinaryIntrinsic(id, x, y);
}

Value* compare(Builder& b, Op op, DType t, Value* x, Value* y) {
  using P = llvm::CmpInst;
  if (ir::is_float(t)) {
    switch (op) {
      case Op::eq: return b.CreateFCmpOEQ(x, y);
      case Op::ne: return b.CreateFCmpUNE(x, y);
      case Op::lt: return b.CreateFCmpOLT(x, y);
      case Op::le: return b.CreateFCmpOLE(x, y);
      case Op::gt: return b.CreateFCmpOGT(x, y);
      default: return b.CreateFCmpOGE(x, y);
    }
  }
  const bool s = ir::is_signed_int(t);
  switch (op) {
    case Op::eq: return b.CreateICmpEQ(x, y);
    case Op::ne: return b.CreateICmpNE(x, y);
    case Op::lt: return b.CreateICmp(s ? P::ICMP_SLT : P::ICMP_ULT, x, y);
    case Op::le: return b.CreateICmp(s ? P::ICMP_SLE : P::ICMP_ULE, x, y);
    case Op::gt: return b.CreateICmp(s ? P::ICMP_SGT : P::ICMP_UGT, x, y);
    default: return b.CreateICmp(s ? P::ICMP_SGE : P::ICMP_UGE, x, y);
  }
}

/// Counts past the width, negative ones too, give 0, or the sign for signed right shifts.
Value* shift(Builder& b, Op op, DType t, Value* x, Value* count) {
  llvm::Type* type = x->getType();
  const unsigned width = type->getScalarSizeInBits();
  if (op == Op::shr && ir::is_signed_int(t))
    return b.CreateAShr(x, b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, count, integer(type, width - 1)));
  Value* shifted = op == Op::shl ? b.CreateShl(x, count) : b.CreateLShr(x, count);
  return b.CreateSelect(b.CreateICmpULT(count, integer(type, width)), shifted, integer(type, 0));
}

/// Rounds to minus infinity; x / 0 is 0 and INT_MIN / -1 wraps, so those divisors become 1 first.
Value* integer_floor_div(Builder& b, DType t, Value* x, Value* y) {
  llvm::Type* type = x->getType();
  Value* zero = integer(type, 0);
  Value* one = integer(type, 1);
  Value* by_zero = b.CreateICmpEQ(y, zero);
  if (ir::is_unsigned_int(t)) return b.CreateSelect(by_zero, zero, b.CreateUDiv(x, b.CreateSelect(by_zero, one, y)));
  Value* by_minus_one = b.CreateICmpEQ(y, integer(type, -1));
  Value* divisor = b.CreateSelect(b.CreateOr(by_zero, by_minus_one), one, y);
  Value* quotient = b.CreateSDiv(x, divisor);
  Value* inexact = b.CreateICmpNE(b.CreateMul(quotient, divisor), x);
  Value* down = b.CreateAnd(inexact, b.CreateICmpSLT(b.CreateXor(x, divisor), zero));
  quotient = b.CreateSelect(down, b.CreateSub(quotient, one), quotient);
  quotient = b.CreateSelect(by_minus_one, b.CreateNeg(x), quotient);
  return b.CreateSelect(by_zero, zero, quotient);
}

Value* arithmetic(Builder& b, Op op, DType t, Value* x, Value* y) {
  const bool f = ir::is_float(t);
  switch (op) {
    case Op::add: return f ? b.CreateFAdd(x, y) : b.CreateAdd(x, y);
    case Op::sub: return f ? b.CreateFSub(x, y) : b.CreateSub(x, y);
    default: return f ? b.CreateFMul(x, y) : b.CreateMul(x, y);
  }
}

Value* absolute(Builder& b, DType t, Value* x) {
  if (ir::is_float(t)) return b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x);
  if (!ir::is_signed_int(t)) return x;
  return b.CreateBinaryIntrinsic(llvm::Intrinsic::abs, x, b.getFalse());
}

Value* population(Builder& b, DType t, Value* x) {
  return b.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, absolute(b, t, x));
}

/// Whether x or y is a NaN is one instruction.
Value* either(Builder& b, Value* x, Value* y) {
  const auto asked_for_nan = [](Value* v) -> Value* {
    auto* c = llvm::dyn_cast<llvm::FCmpInst>(v);
    return c && c->getPredicate() == llvm::CmpInst::FCMP_UNE && c->getOperand(0) == c->getOperand(1) ? c->getOperand(0)
                                                                                                     : nullptr;
  };
  Value *first = asked_for_nan(x), *second = asked_for_nan(y);
  if (first && second && first->getType() == second->getType()) return b.CreateFCmpUNO(first, second);
  return b.CreateOr(x, y);
}

/// The same value, of which LLVM does not know it: so it finds nothing in common between what is made of the two.
Value* copy_of(Builder& b, Value* x) {
  if (on_gpu(b)) return x;
  return b.CreateIntrinsic(llvm::Intrinsic::arithmetic_fence, {x->getType()}, {x});
}

}  // namespace

Value* emit_elementwise(Builder& b, const ir::Graph& g, ir::Value v, std::span<Value* const> x) {
  const Op op = g.op(v);
  const DType t = g.operands(v).empty() ? g.dtype(v) : g.dtype(g.operand(v, 0));
  switch (op) {
    case Op::add:
    case Op::sub:
    case Op::mul: return arithmetic(b, op, t, x[0], x[1]);
    case Op::div: return b.CreateFDiv(x[0], x[1]);
    case Op::floor_div: return integer_floor_div(b, t, x[0], x[1]);
    case Op::max:
    case Op::min: return extremum(b, op == Op::max, t, x[0], x[1]);
    case Op::fma: {
      Value* args[] = {x[0], x[1], x[2]};
      return b.CreateIntrinsic(llvm::Intrinsic::fma, {x[0]->getType()}, args);
    }
    case Op::neg: return ir::is_float(t) ? b.CreateFNeg(x[0]) : b.CreateNeg(x[0]);
    case Op::abs: return absolute(b, t, x[0]);
    case Op::sqrt: return b.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, x[0]);
    case Op::floor: return b.CreateUnaryIntrinsic(llvm::Intrinsic::floor, x[0]);
    case Op::ceil: return b.CreateUnaryIntrinsic(llvm::Intrinsic::ceil, x[0]);
    case Op::trunc: return b.CreateUnaryIntrinsic(llvm::Intrinsic::trunc, x[0]);
    case Op::rint: return b.CreateUnaryIntrinsic(llvm::Intrinsic::roundeven, x[0]);
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge: return compare(b, op, t, x[0], x[1]);
    case Op::and_: return b.CreateAnd(x[0], x[1]);
    case Op::or_: return either(b, x[0], x[1]);
    case Op::xor_: return b.CreateXor(x[0], x[1]);
    case Op::not_: return b.CreateNot(x[0]);
    case Op::shl:
    case Op::shr: return shift(b, op, t, x[0], x[1]);
    case Op::popcount: return population(b, t, x[0]);
    case Op::select: return b.CreateSelect(x[0], x[1], x[2]);
    case Op::cast: return emit_cast(b, x[0], t, g.dtype(v));
    case Op::bits:
      if (g.dtype(v) == t && x[0]->getType()->isFPOrFPVectorTy()) return copy_of(b, x[0]);
      [[fallthrough]];
    case Op::bitcast:
      return b.CreateBitCast(x[0], register_type(b.getContext(), g.dtype(v), lanes_of(x[0]->getType())));
    default: break;
  }
  throw InternalError("no emission for op " + std::string(ir::info(op).name) + " of " + std::string(ir::info(t).text));
}

Value* emit_fold(Builder& b, Op reduce, DType t, Value* older, Value* newer) {
  switch (ir::fold_op(reduce)) {
    case Op::max: return extremum(b, true, t, older, newer);
    case Op::min: return extremum(b, false, t, older, newer);
    case Op::mul: return ir::is_bool(t) ? b.CreateAnd(older, newer) : arithmetic(b, Op::mul, t, older, newer);
    default: return ir::is_bool(t) ? b.CreateOr(older, newer) : arithmetic(b, Op::add, t, older, newer);
  }
}

}  // namespace tarry::codegen
