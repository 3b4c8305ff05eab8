#include "nvptx/scatter.h"

#include <tarry/ir/error.h>

#include <llvm/ADT/bit.h>

#include <algorithm>

#include "llvm/elementwise.h"
#include "llvm/reduce.h"
#include "llvm/types.h"

namespace tarry::codegen {

using llvm::AtomicRMWInst;
using llvm::Value;

namespace {

constexpr auto kRelaxed = llvm::AtomicOrdering::Monotonic;

}  // namespace

/// The table's entry of a place.
Value* Scatter::entry(ir::Value node, Value* place) {
  Builder& b = frame_.b;
  const auto& objects = device_.shape.objects;
  for (size_t i = 0; i < objects.size(); ++i) {
    if (objects[i].value != node) continue;
    Value* begin = frame_.word(device_.layout.table_begin(static_cast<int>(i)));
    Value* bytes = b.CreateSub(b.CreatePtrToInt(place, b.getInt64Ty()), begin);
    const uint64_t size = ir::size_of(frame_.kernel.accesses[frame_.kernel.body.attr(node)].dtype);
    Value* element = b.CreateLShr(bytes, b.getInt64(static_cast<uint64_t>(llvm::countr_zero(size))));
    return b.CreateGEP(frame_.index_type, device_.object(static_cast<int>(i)), element);
  }
  throw InternalError("a scatter access without a table");
}

bool Scatter::is_ordered(ir::Value node) const {
  const auto& ordered = device_.shape.ordered;
  return std::find(ordered.begin(), ordered.end(), node) != ordered.end();
}

void Scatter::store_at(ir::Value node, Value* value, Value* distance) {
  Builder& b = frame_.b;
  const ir::Graph& g = frame_.kernel.body;
  const int access = static_cast<int>(g.attr(node));
  const ir::DType t = frame_.kernel.accesses[access].dtype;
  Value* place = frame_.byte_offset(address(access, 0), b.CreateMul(distance, b.getInt64(ir::size_of(t))));
  switch (function_.function) {
    case GpuFunction::pairs:
      if (is_own(node)) Pairs(device_, 0).store(number_, b.CreatePtrToInt(place, b.getInt64Ty()), number_);
      return;
    case GpuFunction::fold_points:
      if (is_own(node)) fold_into(b, g.op(node), t, place, value);
      return;
    case GpuFunction::points:
      if (is_ordered(node)) return;
      if (g.op(node) != ir::Op::store_at) return swap_in(node, place, to_memory(b, value, t));
      return write_last(node, place, to_memory(b, value, t));
    default:
      if (g.op(node) == ir::Op::store_at) write_last(node, place, nullptr);
  }
}

void Scatter::write_last(ir::Value node, Value* place, Value* value) {
  Builder& b = frame_.b;
  Value* mark = b.CreateAdd(number_, frame_.number(1));
  Value* winner = entry(node, place);
  const llvm::Align align(frame_.index_type->getBitWidth() / 8);
  if (function_.function == GpuFunction::clear) {
    b.CreateAlignedStore(frame_.number(0), winner, align);
  } else if (function_.function == GpuFunction::claim) {
    b.CreateAtomicRMW(AtomicRMWInst::UMax, winner, mark, align, kRelaxed);
  } else {
    Value* wins = b.CreateICmpEQ(b.CreateAlignedLoad(frame_.index_type, winner, align), mark);
    frame_.if_then(wins, [&] { b.CreateStore(value, place); });
  }
}

/// Compare and swap the whole word that holds the number: it may be as small as a byte.
void Scatter::swap_in(ir::Value node, Value* place, Value* value) {
  Builder& b = frame_.b;
  const ir::Op op = frame_.kernel.body.op(node);
  const ir::DType t = frame_.kernel.accesses[frame_.kernel.body.attr(node)].dtype;
  const auto size = static_cast<int64_t>(ir::size_of(t));
  llvm::IntegerType* word = size == 8 ? b.getInt64Ty() : b.getInt32Ty();
  if (size >= 4 && op == ir::Op::add_at) {
    b.CreateAtomicRMW(AtomicRMWInst::Add, place, value, llvm::Align(static_cast<uint64_t>(size)), kRelaxed);
    return;
  }
  Value* at = b.CreatePtrToInt(place, b.getInt64Ty());
  Value* within = b.CreateAnd(at, b.getInt64(3));
  Value* shift = size < 4 ? b.CreateShl(b.CreateTrunc(within, word), llvm::ConstantInt::get(word, 3))
                          : static_cast<Value*>(llvm::ConstantInt::get(word, 0));
  Value* first = size < 4 ? b.CreateIntToPtr(b.CreateSub(at, within), place->getType()) : place;
  Value* ones = llvm::ConstantInt::get(word, size >= 4 ? UINT64_MAX : (uint64_t{1} << (8 * size)) - 1);
  Value* others = b.CreateNot(b.CreateShl(ones, shift));
  const llvm::Align align(static_cast<uint64_t>(std::max<int64_t>(size, 4)));
  Variable known = frame_.variable(word, b.CreateAlignedLoad(word, first, align));
  llvm::BasicBlock* again = frame_.block("again");
  llvm::BasicBlock* after = frame_.block("after");
  b.CreateBr(again);
  b.SetInsertPoint(again);
  Value* before = known.get(b);
  Value* older = b.CreateTrunc(b.CreateLShr(before, shift), value->getType());
  Value* newer = emit_fold(b, fold_of(op), t, older, value);
  Value* moved = b.CreateShl(b.CreateZExt(newer, word), shift);
  Value* next = size < 4 ? b.CreateOr(b.CreateAnd(before, others), moved) : newer;
  Value* swapped = b.CreateAtomicCmpXchg(first, before, next, align, kRelaxed, kRelaxed);
  known.set(b, b.CreateExtractValue(swapped, 0));
  b.CreateCondBr(b.CreateExtractValue(swapped, 1), after, again);
  b.SetInsertPoint(after);
}

}  // namespace tarry::codegen
