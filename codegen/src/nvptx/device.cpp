#include "nvptx/device.h"

#include <tarry/ir/error.h>

#include <llvm/IR/IntrinsicsNVPTX.h>

#include "llvm/elementwise.h"
#include "llvm/types.h"

namespace tarry::codegen {
namespace {

constexpr uint32_t kWholeWarp = 0xffffffffu;

}  // namespace

using llvm::Value;

Device::Device(llvm::Module& module, const GpuShape& s, GpuFunctionOf function, int index_bits)
    : shape(s), layout(s), frame(module, s.kernel, function.name().c_str(), layout.words(), index_bits) {
  if (layout.looks_at_indices) frame.outside_word = layout.outside();
  // Both spellings: LLVM 19 reads the metadata, later ones the attribute.
  llvm::LLVMContext& c = module.getContext();
  frame.function->addFnAttr("nvvm.maxntid", std::to_string(kBlockThreads));
  auto* limit = llvm::ConstantAsMetadata::get(frame.b.getInt32(kBlockThreads));
  llvm::Metadata* note[] = {llvm::ConstantAsMetadata::get(frame.function), llvm::MDString::get(c, "maxntidx"), limit};
  module.getOrInsertNamedMetadata("nvvm.annotations")->addOperand(llvm::MDNode::get(c, note));
}

Value* Device::index(llvm::Intrinsic::ID id) {
  return frame.b.CreateZExt(frame.b.CreateIntrinsic(id, {}, {}), frame.index_type);
}

Value* Device::thread() { return index(llvm::Intrinsic::nvvm_read_ptx_sreg_tid_x); }
Value* Device::block() { return index(llvm::Intrinsic::nvvm_read_ptx_sreg_ctaid_x); }
Value* Device::blocks() { return index(llvm::Intrinsic::nvvm_read_ptx_sreg_nctaid_x); }

Value* Device::global_thread() {
  return frame.b.CreateAdd(frame.b.CreateMul(block(), frame.number(kBlockThreads)), thread());
}

Value* Device::global_threads() { return frame.b.CreateMul(blocks(), frame.number(kBlockThreads)); }

bool Device::has_loose(ir::Op op, ir::DType t) const {
  const ir::Op by = ir::fold_op(op);
  return loose_ && t == ir::DType::float32 && (by == ir::Op::max || by == ir::Op::min);
}

Value* Device::fold(ir::Op op, ir::DType t, Value* older, Value* newer) {
  if (!has_loose(op, t)) return emit_fold(frame.b, op, t, older, newer);
  const bool max = ir::fold_op(op) == ir::Op::max;
  return frame.b.CreateBinaryIntrinsic(max ? llvm::Intrinsic::maximum : llvm::Intrinsic::minimum, older, newer);
}

void Device::barrier() {
#if LLVM_VERSION_MAJOR >= 21
  frame.b.CreateIntrinsic(llvm::Intrinsic::nvvm_barrier_cta_sync_aligned_all, {}, {frame.b.getInt32(0)});
#else
  frame.b.CreateIntrinsic(llvm::Intrinsic::nvvm_barrier0, {}, {});
#endif
}

/// 32 bits at a time, whatever they belong to.
Value* Device::shuffle(Shuffle which, Value* v, Value* argument, int clamp) {
  Builder& b = frame.b;
  llvm::Type* type = v->getType();
  const unsigned width = type->getPrimitiveSizeInBits();
  auto move = [&](Value* word) -> Value* {
    return b.CreateIntrinsic(word->getType()->isFloatTy() ? which.of_floats : which.of_integers, {},
                             {b.getInt32(kWholeWarp), word, argument, b.getInt32(static_cast<uint32_t>(clamp))});
  };
  if (type->isFloatTy()) return move(v);
  if (width <= 32) {
    Value* moved = move(b.CreateZExt(b.CreateBitCast(v, b.getIntNTy(width)), b.getInt32Ty()));
    return b.CreateBitCast(b.CreateTrunc(moved, b.getIntNTy(width)), type);
  }
  const int words = static_cast<int>(width / 32);
  llvm::Type* split = with_lanes(b.getInt32Ty(), words);
  Value* bits = b.CreateBitCast(v, split);
  Value* moved = llvm::PoisonValue::get(split);
  for (int w = 0; w < words; ++w)
    moved = b.CreateInsertElement(moved, move(b.CreateExtractElement(bits, b.getInt64(w))), b.getInt64(w));
  return b.CreateBitCast(moved, type);
}

Value* Device::shuffle_down(Value* v, int by) {
  return shuffle({llvm::Intrinsic::nvvm_shfl_sync_down_i32, llvm::Intrinsic::nvvm_shfl_sync_down_f32}, v,
                 frame.b.getInt32(by), kWarpThreads - 1);
}

Value* Device::shuffle_up(Value* v, int by) {
  return shuffle({llvm::Intrinsic::nvvm_shfl_sync_up_i32, llvm::Intrinsic::nvvm_shfl_sync_up_f32}, v,
                 frame.b.getInt32(by), 0);
}

Value* Device::shuffle_from(Value* v, Value* lane) {
  Value* from = frame.b.CreateZExtOrTrunc(lane, frame.b.getInt32Ty());
  return shuffle({llvm::Intrinsic::nvvm_shfl_sync_idx_i32, llvm::Intrinsic::nvvm_shfl_sync_idx_f32}, v, from,
                 kWarpThreads - 1);
}

Value* Device::shuffle_across(Value* v, int by) {
  return shuffle({llvm::Intrinsic::nvvm_shfl_sync_bfly_i32, llvm::Intrinsic::nvvm_shfl_sync_bfly_f32}, v,
                 frame.b.getInt32(by), kWarpThreads - 1);
}

Value* Device::shared() {
  if (shared_) return shared_;
  llvm::Type* type = llvm::ArrayType::get(frame.b.getInt8Ty(), kSharedBytes);
  auto* shared = new llvm::GlobalVariable(*frame.function->getParent(), type, false, llvm::GlobalValue::InternalLinkage,
                                          llvm::UndefValue::get(type), frame.function->getName() + "_shared", nullptr,
                                          llvm::GlobalValue::NotThreadLocal, kSharedMemory);
  shared->setAlignment(llvm::Align(kMostLanesBytes));
  shared_ = shared;
  return shared;
}

Value* Device::dynamic_shared() {
  constexpr const char* kName = "shared_rows";
  llvm::Module& module = *frame.function->getParent();
  if (llvm::GlobalVariable* known = module.getGlobalVariable(kName)) return known;
  llvm::Type* type = llvm::ArrayType::get(frame.b.getInt8Ty(), 0);
  auto* shared = new llvm::GlobalVariable(module, type, false, llvm::GlobalValue::ExternalLinkage, nullptr, kName,
                                          nullptr, llvm::GlobalValue::NotThreadLocal, kSharedMemory);
  shared->setAlignment(llvm::Align(16));
  return shared;
}

Value* Device::object(int i) {
  return frame.b.CreateIntToPtr(frame.word(layout.object(i)), frame.b.getPtrTy(kGlobalMemory));
}

void Device::strided_loop(Value* begin, Value* end, Value* step, const std::function<void(Value*)>& body) {
  loop_where(frame.b.CreateICmpSLT(begin, end), begin, end, step, body);
}

void Device::entered_loop(Value* begin, Value* end, Value* step, const std::function<void(Value*)>& body) {
  loop_where(nullptr, begin, end, step, body);
}

void Device::loop_where(Value* entered, Value* begin, Value* end, Value* step,
                        const std::function<void(Value*)>& body) {
  Builder& b = frame.b;
  llvm::BasicBlock* loop = frame.block("loop");
  llvm::BasicBlock* after = frame.block("after");
  Variable i = frame.variable(begin->getType(), begin);
  if (entered)
    b.CreateCondBr(entered, loop, after);
  else
    b.CreateBr(loop);
  b.SetInsertPoint(loop);
  Value* at = i.get(b);
  body(at);
  Value* next = b.CreateAdd(at, step);
  i.set(b, next);
  b.CreateCondBr(b.CreateICmpSLT(next, end), loop, after)->setMetadata(llvm::LLVMContext::MD_loop, not_unrolled());
  b.SetInsertPoint(after);
}

llvm::MDNode* Device::not_unrolled() {
  llvm::LLVMContext& c = frame.b.getContext();
  llvm::Metadata* disable = llvm::MDNode::get(c, {llvm::MDString::get(c, "llvm.loop.unroll.disable")});
  llvm::MDNode* loop = llvm::MDNode::getDistinct(c, {nullptr, disable});
  loop->replaceOperandWith(0, loop);
  return loop;
}

}  // namespace tarry::codegen
