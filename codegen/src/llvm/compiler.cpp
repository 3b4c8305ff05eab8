#include "llvm/compiler.h"

#include <tarry/ir/error.h>

#include <map>
#include <memory>
#include <new>
#include <optional>

#include "llvm/machine.h"
#include "llvm/pass_gate.h"
#include "llvm/schedules.h"
#include "nvptx/emit.h"

namespace tarry::codegen {

struct Compiler::State {
  std::optional<Machine> host;
  std::map<std::pair<int, bool>, Machine> gpus;  // by compute capability and whether there are many arguments
};

Compiler::Compiler(void (*between_passes)()) : state_(new State), between_passes_(between_passes) {}
Compiler::~Compiler() { delete state_; }

namespace {

void emit_host(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes) {
  switch (kernel.schedule) {
    case ir::Schedule::map: return emit_map(module, kernel, vector_bytes);
    case ir::Schedule::row: return emit_row(module, kernel, vector_bytes);
    case ir::Schedule::column: return emit_column(module, kernel, vector_bytes);
    case ir::Schedule::split: return emit_split(module, kernel, vector_bytes);
  }
}

/// However its values are ordered. Reductions hold partial results besides.
bool fits_in_registers(const ir::Kernel& kernel) {
  constexpr uint32_t kFewNodes = 24;
  return kernel.schedule == ir::Schedule::map && kernel.body.size() <= kFewNodes;
}

Output output_of(CompilerOutput o) {
  if (o == CompilerOutput::object) return Output::object;
  return o == CompilerOutput::llvm_ir ? Output::llvm_ir : Output::assembly;
}

}  // namespace

std::string Compiler::run(const CompileRequest& request) {
  PassGate gate(between_passes_);
  auto context = std::make_unique<llvm::LLVMContext>();
  context->setOptPassGate(gate);
  const std::string name = request.kernel->name.empty() ? "kernel" : request.kernel->name;
  auto module = std::make_unique<llvm::Module>(name, *context);
  try {
    return translate(request, *module, gate);
  } catch (const std::bad_alloc&) {
    // It came through LLVM, which knows of no exceptions and has left its objects as they were: to take them apart
    // would crash.
    (void)module.release();
    (void)context.release();
    throw;
  }
}

std::string Compiler::translate(const CompileRequest& request, llvm::Module& module, PassGate& gate) {
  if (request.output == CompilerOutput::ptx) {
    const GpuShape shape = shape_of(*request.kernel, request.routine, request.carry ? *request.carry : Carry{});
    const std::pair which{request.sm, GpuLayout(shape).words() > kPlainWords};
    auto gpu = state_->gpus.find(which);
    if (gpu == state_->gpus.end()) gpu = state_->gpus.emplace(which, Machine::nvptx(which.first, which.second)).first;
    gpu->second.prepare(module);
    emit_gpu(module, shape, request.sm, request.index_bits);
    return gpu->second.emit(module, Output::assembly);
  }
  if (!state_->host) state_->host.emplace(Machine::host());
  gate.keep_order(fits_in_registers(*request.kernel));
  state_->host->prepare(module);
  emit_host(module, *request.kernel, request.vector_bytes ? request.vector_bytes : state_->host->vector_bytes());
  return state_->host->emit(module, output_of(request.output));
}

}  // namespace tarry::codegen
