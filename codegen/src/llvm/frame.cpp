#include "llvm/frame.h"

namespace tarry::codegen {

using llvm::BasicBlock;
using llvm::Value;

Frame::Frame(llvm::Module& module, const ir::Kernel& k, const char* symbol)
    : kernel(k), layout(k), b(module.getContext(), llvm::InstSimplifyFolder(module.getDataLayout())) {
  llvm::Type* i64 = b.getInt64Ty();
  llvm::Type* pointer = b.getPtrTy();
  auto* type = llvm::FunctionType::get(b.getVoidTy(), {pointer, i64, i64, i64, i64, pointer}, false);
  function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, symbol, module);
  function->setDoesNotThrow();
  function->addParamAttr(0, llvm::Attribute::NoAlias);
  function->addParamAttr(0, llvm::Attribute::ReadOnly);
  function->addParamAttr(5, llvm::Attribute::NoAlias);
  words = function->getArg(0);
  outer_begin = function->getArg(1);
  outer_end = function->getArg(2);
  inner_begin = function->getArg(3);
  inner_end = function->getArg(4);
  scratch = function->getArg(5);
  index_type = b.getInt64Ty();
  open();
}

Frame::Frame(llvm::Module& module, const ir::Kernel& k, const char* symbol, int num_words, int index_bits)
    : kernel(k), layout(k), b(module.getContext(), llvm::InstSimplifyFolder(module.getDataLayout())) {
  auto* type = llvm::FunctionType::get(b.getVoidTy(), {b.getPtrTy()}, false);
  function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, symbol, module);
  function->setCallingConv(llvm::CallingConv::PTX_Kernel);
  function->setDoesNotThrow();
  llvm::Type* block = llvm::ArrayType::get(b.getInt64Ty(), num_words);
  function->addParamAttr(0, llvm::Attribute::getWithByValType(b.getContext(), block));
  function->addParamAttr(0, llvm::Attribute::getWithAlignment(b.getContext(), llvm::Align(8)));
  words = function->getArg(0);
  index_type = b.getIntNTy(static_cast<unsigned>(index_bits));
  open();
}

void Frame::open() {
  stack_ = block("stack");
  prologue_ = block("prologue");
  b.SetInsertPoint(stack_);
  b.CreateBr(prologue_);
  b.SetInsertPoint(prologue_);
}

void Frame::close_prologue() {
  prologue_ = b.GetInsertBlock();
  BasicBlock* begin = block("begin");
  b.CreateBr(begin);
  b.SetInsertPoint(begin);
}

/// On a GPU at the very beginning: nothing moves reads of words out of loops there.
Value* Frame::load_word(llvm::Type* type, int index) {
  llvm::IRBuilderBase::InsertPointGuard guard(b);
  if (on_gpu()) b.SetInsertPoint(stack_->getTerminator());
  llvm::LoadInst* load = b.CreateLoad(type, b.CreateConstGEP1_64(b.getInt64Ty(), words, index));
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(b.getContext(), {}));
  return load;
}

Value* Frame::data(int access) {
  if (!on_gpu()) return pointer_word(layout.base(access));
  constexpr unsigned kGlobalMemory = 1;
  return b.CreateIntToPtr(word(layout.base(access)), b.getPtrTy(kGlobalMemory));
}

Variable Frame::variable(llvm::Type* type, Value* initial) {
  Variable v;
  {
    llvm::IRBuilderBase::InsertPointGuard guard(b);
    b.SetInsertPoint(stack_, stack_->begin());
    v.place = b.CreateAlloca(type);
  }
  if (initial) v.set(b, initial);
  return v;
}

Value* Frame::stack_array(llvm::Type* element, int count) {
  llvm::IRBuilderBase::InsertPointGuard guard(b);
  b.SetInsertPoint(stack_, stack_->begin());
  auto* place = b.CreateAlloca(llvm::ArrayType::get(element, count));
  place->setAlignment(llvm::Align(kMaxVectorBytes));
  return place;
}

Value* Frame::load_if(llvm::Type* type, Value* address, Value* predicate) {
  if (!predicate) return b.CreateLoad(type, address);
  BasicBlock* from = b.GetInsertBlock();
  BasicBlock* reading = block("reading");
  BasicBlock* after = block("read");
  b.CreateCondBr(predicate, reading, after);
  b.SetInsertPoint(reading);
  Value* loaded = b.CreateLoad(type, address);
  b.CreateBr(after);
  b.SetInsertPoint(after);
  llvm::PHINode* phi = b.CreatePHI(type, 2);
  phi->addIncoming(loaded, reading);
  phi->addIncoming(llvm::Constant::getNullValue(type), from);
  return phi;
}

void Frame::if_then(Value* condition, const std::function<void()>& body, bool likely) {
  BasicBlock* then = block("then");
  BasicBlock* after = block("after");
  llvm::MDNode* weights = likely ? nullptr : first_way_is_rare(b.getContext());
  b.CreateCondBr(condition, then, after, weights);
  b.SetInsertPoint(then);
  body();
  b.CreateBr(after);
  b.SetInsertPoint(after);
}

void Frame::for_loop(Value* begin, Value* end, int64_t step, const std::function<void(Value*)>& body) {
  BasicBlock* loop = block("loop");
  BasicBlock* after = block("after");
  Variable i = variable(begin->getType(), begin);
  b.CreateCondBr(b.CreateICmpSLT(begin, end), loop, after);
  b.SetInsertPoint(loop);
  Value* at = i.get(b);
  body(at);
  Value* next = b.CreateAdd(at, llvm::ConstantInt::getSigned(begin->getType(), step));
  i.set(b, next);
  b.CreateCondBr(b.CreateICmpSLT(next, end), loop, after);
  b.SetInsertPoint(after);
}

void Frame::while_loop(const std::function<Value*()>& condition, const std::function<void()>& body) {
  BasicBlock* head = block("head");
  BasicBlock* then = block("while");
  BasicBlock* after = block("after");
  b.CreateBr(head);
  b.SetInsertPoint(head);
  b.CreateCondBr(condition(), then, after);
  b.SetInsertPoint(then);
  body();
  b.CreateBr(head);
  b.SetInsertPoint(after);
}

Odometer::Odometer(Frame& frame, std::vector<int> axes, std::vector<int> accesses)
    : frame_(frame), axes_(std::move(axes)), accesses_(std::move(accesses)) {
  llvm::Type* i64 = frame_.b.getInt64Ty();
  for (size_t i = 0; i < axes_.size(); ++i) at_.push_back(frame_.variable(i64));
  offsets_.resize(frame_.kernel.accesses.size());
  for (int access : accesses_) offsets_[access] = frame_.variable(i64);
}

/// Known of the innermost axis where nothing varies along it.
Value* Odometer::stride(int access, int axis) const {
  const bool innermost = axis == frame_.kernel.outer_rank - 1;
  const bool same = innermost && frame_.kernel.accesses[access].outer == ir::StrideClass::zero;
  return same ? frame_.b.getInt64(0) : frame_.stride(access, axis);
}

void Odometer::set(Value* number) {
  Builder& b = frame_.b;
  std::vector<Value*> sum(offsets_.size(), b.getInt64(0));
  for (size_t i = axes_.size(); i-- > 0;) {
    Value* extent = frame_.extent(axes_[i]);
    Value* at = i == 0 ? number : b.CreateURem(number, extent);
    if (i > 0) number = b.CreateUDiv(number, extent);
    at_[i].set(b, at);
    for (int access : accesses_) sum[access] = b.CreateAdd(sum[access], b.CreateMul(at, stride(access, axes_[i])));
  }
  for (int access : accesses_) offsets_[access].set(b, sum[access]);
}

void Odometer::advance() {
  if (axes_.empty()) return;
  Builder& b = frame_.b;
  BasicBlock* done = frame_.block("advanced");
  for (size_t i = axes_.size(); i-- > 0;) {
    Value* next = b.CreateAdd(at_[i].get(b), b.getInt64(1));
    at_[i].set(b, next);
    for (int access : accesses_)
      offsets_[access].set(b, b.CreateAdd(offsets_[access].get(b), stride(access, axes_[i])));
    if (i == 0) break;
    Value* extent = frame_.extent(axes_[i]);
    BasicBlock* carry = frame_.block("carry");
    b.CreateCondBr(b.CreateICmpSLT(next, extent), done, carry);
    b.SetInsertPoint(carry);
    at_[i].set(b, b.getInt64(0));
    for (int access : accesses_) {
      Value* whole = b.CreateMul(stride(access, axes_[i]), extent);
      offsets_[access].set(b, b.CreateSub(offsets_[access].get(b), whole));
    }
  }
  b.CreateBr(done);
  b.SetInsertPoint(done);
}

Value* Odometer::offset(int access) const {
  return axes_.empty() ? frame_.b.getInt64(0) : offsets_[access].get(frame_.b);
}

}  // namespace tarry::codegen
