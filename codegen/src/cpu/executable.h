#pragma once
/// A kernel in machine code.

#include <tarry/codegen/backend.h>
#include <tarry/ir/kernel.h>
#include <tarry/runtime/loader.h>

#include <memory>

#include "llvm/call_layout.h"

namespace tarry::codegen {

class CpuExecutable final : public Executable {
 public:
  CpuExecutable(const ir::Kernel& kernel, std::shared_ptr<const runtime::LoadedObject> code);
  using Executable::run;
  void run(const Launch& launch, runtime::Workspace& workspace) const override;

 private:
  friend class CpuLaunch;
  std::shared_ptr<const runtime::LoadedObject> code_;
  KernelFunction* kernel_;
  KernelFunction* finish_ = nullptr;  // split
  ir::Schedule schedule_;
  int outer_rank_, row_rank_;
  bool ordered_;  // points one after the other
  std::vector<ir::Access> accesses_;
  CallLayout layout_;
  std::vector<ScratchObject> objects_;
  std::vector<ir::DType> reductions_;  // accumulators, in order of their nodes
  int64_t cost_;                       // of one point, in additions
  int64_t width_;                      // bytes of the widest type that is read or written
};

/// `llvm_cpu` with vectors of this many bytes, 0 for what suits the machine.
std::shared_ptr<const Executable> compile_for_width(const ir::Kernel& kernel, int vector_bytes);

}  // namespace tarry::codegen
