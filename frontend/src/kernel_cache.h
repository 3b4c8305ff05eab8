#pragma once
/// Kernels that were asked for before, and which executor runs them.

#include <tarry/codegen/backend.h>
#include <tarry/ir/kernel.h>
#include <tarry/runtime/fork.h>

#include <atomic>
#include <cstdint>
#include <memory>

namespace tarry::frontend {

/// One kernel and its executables.
class CachedKernel {
 public:
  explicit CachedKernel(std::shared_ptr<const ir::Kernel> kernel) : kernel_(std::move(kernel)) {}
  const ir::Kernel& kernel() const { return *kernel_; }

  /// The executable for a launch over `points` points. By TARRY_TIER: the interpreter; LLVM; or both:
  /// the kernel is requested from LLVM at its first launch, and the request is served once its
  /// launches together were worth a compilation. Where LLVM is not to be had, or fails on this
  /// kernel, the interpreter stays.
  std::shared_ptr<const codegen::Executable> choose(int64_t points);

 private:
  std::shared_ptr<const codegen::Executable> interpreted();
  std::shared_ptr<const codegen::Executable> compiled();

  std::shared_ptr<const ir::Kernel> kernel_;
  std::atomic<uint64_t> work_{0};  // points times ops, of all launches
  runtime::ForkMutex mutex_;
  std::shared_ptr<const codegen::Executable> interpreted_, compiled_;
  bool requested_ = false;  // from LLVM, and counted
  bool refused_ = false;    // by LLVM
};

/// That of the process for kernels equal to this one.
std::shared_ptr<CachedKernel> cached_kernel(const std::shared_ptr<const ir::Kernel>& kernel);

}  // namespace tarry::frontend
