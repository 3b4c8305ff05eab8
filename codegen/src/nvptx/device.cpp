#include "nvptx/device.h"

#include <tarry/ir/error.h>

#include <llvm/IR/IntrinsicsNVPTX.h>

namespace tarry::codegen {
namespace {

constexpr unsigned kGlobalMemory = 1;
constexpr unsigned kSharedMemory = 3;
constexpr int64_t kMostShared = 48 * 1024;
constexpr uint32_t kWholeWarp = 0xffffffffu;

}  // namespace

using llvm::Value;

Device::Device(llvm::Module& module, const ir::Kernel& kernel, const char* symbol, int scratch_objects)
    : layout(kernel, scratch_objects), frame(module, kernel, symbol, layout.words()) {
  // Both spellings: LLVM 19 reads the metadata, later ones the attribute.
  llvm::LLVMContext& c = module.getContext();
  frame.function->addFnAttr("nvvm.maxntid", std::to_string(kBlockThreads));
  auto* limit = llvm::ConstantAsMetadata::get(frame.b.getInt32(kBlockThreads));
  llvm::Metadata* note[] = {llvm::ConstantAsMetadata::get(frame.function), llvm::MDString::get(c, "maxntidx"), limit};
  module.getOrInsertNamedMetadata("nvvm.annotations")->addOperand(llvm::MDNode::get(c, note));
}

Value* Device::index(llvm::Intrinsic::ID id) {
  return frame.b.CreateZExt(frame.b.CreateIntrinsic(id, {}, {}), frame.b.getInt64Ty());
}

Value* Device::thread() { return index(llvm::Intrinsic::nvvm_read_ptx_sreg_tid_x); }
Value* Device::block() { return index(llvm::Intrinsic::nvvm_read_ptx_sreg_ctaid_x); }
Value* Device::blocks() { return index(llvm::Intrinsic::nvvm_read_ptx_sreg_nctaid_x); }

Value* Device::global_thread() {
  return frame.b.CreateAdd(frame.b.CreateMul(block(), frame.b.getInt64(kBlockThreads)), thread());
}

Value* Device::global_threads() { return frame.b.CreateMul(blocks(), frame.b.getInt64(kBlockThreads)); }

void Device::barrier() {
#if LLVM_VERSION_MAJOR >= 21
  frame.b.CreateIntrinsic(llvm::Intrinsic::nvvm_barrier_cta_sync_aligned_all, {}, {frame.b.getInt32(0)});
#else
  frame.b.CreateIntrinsic(llvm::Intrinsic::nvvm_barrier0, {}, {});
#endif
}

/// 32 bits at a time.
Value* Device::shuffle(llvm::Intrinsic::ID id, Value* v, Value* argument) {
  Builder& b = frame.b;
  llvm::Type* type = v->getType();
  const unsigned width = type->getPrimitiveSizeInBits();
  Value* bits = b.CreateBitCast(v, b.getIntNTy(width));
  auto move = [&](Value* word) -> Value* {
    return b.CreateIntrinsic(id, {}, {b.getInt32(kWholeWarp), word, argument, b.getInt32(31)});
  };
  if (width <= 32) {
    Value* moved = move(b.CreateZExt(bits, b.getInt32Ty()));
    return b.CreateBitCast(b.CreateTrunc(moved, b.getIntNTy(width)), type);
  }
  Value* low = move(b.CreateTrunc(bits, b.getInt32Ty()));
  Value* high = move(b.CreateTrunc(b.CreateLShr(bits, frame.b.getInt64(32)), b.getInt32Ty()));
  Value* both = b.CreateOr(b.CreateZExt(low, b.getInt64Ty()),
                           b.CreateShl(b.CreateZExt(high, b.getInt64Ty()), frame.b.getInt64(32)));
  return b.CreateBitCast(both, type);
}

Value* Device::shuffle_down(Value* v, int by) {
  return shuffle(llvm::Intrinsic::nvvm_shfl_sync_down_i32, v, frame.b.getInt32(by));
}

Value* Device::broadcast(Value* v, Value* lane) {
  return shuffle(llvm::Intrinsic::nvvm_shfl_sync_idx_i32, v, frame.b.CreateTrunc(lane, frame.b.getInt32Ty()));
}

void Device::declare_shared(int64_t bytes) {
  if (bytes > kMostShared) throw DeviceError("a kernel with too many reductions at once for a GPU's shared memory");
  llvm::Type* type = llvm::ArrayType::get(frame.b.getInt8Ty(), static_cast<uint64_t>(bytes));
  shared_ = new llvm::GlobalVariable(*frame.function->getParent(), type, false, llvm::GlobalValue::InternalLinkage,
                                     llvm::UndefValue::get(type), frame.function->getName() + "_shared", nullptr,
                                     llvm::GlobalValue::NotThreadLocal, kSharedMemory);
  shared_->setAlignment(llvm::Align(16));
}

Value* Device::shared(int64_t offset) {
  return frame.b.CreateConstGEP1_64(frame.b.getInt8Ty(), shared_, static_cast<uint64_t>(offset));
}

Value* Device::object(int i) {
  return frame.b.CreateIntToPtr(frame.word(frame.layout.scratch(i)), frame.b.getPtrTy(kGlobalMemory));
}

void Device::strided_loop(Value* begin, Value* end, Value* step, const std::function<void(Value*)>& body) {
  Builder& b = frame.b;
  Variable i = frame.variable(b.getInt64Ty(), begin);
  frame.while_loop([&] { return b.CreateICmpSLT(i.get(b), end); },
                   [&] {
                     Value* at = i.get(b);
                     body(at);
                     i.set(b, b.CreateAdd(at, step));
                   });
}

}  // namespace tarry::codegen
