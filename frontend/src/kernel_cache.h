#pragma once
/// Kernels that were asked for before, and which executor runs them.

#include <tarry/codegen/backend.h>
#include <tarry/ir/kernel.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace tarry::frontend {

/// One kernel of the process and its executables. Never freed.
class CachedKernel {
 public:
  explicit CachedKernel(std::shared_ptr<const ir::Kernel> kernel) : kernel_(std::move(kernel)) {}
  const ir::Kernel& kernel() const { return *kernel_; }

  /// The executable for a launch over `points` points. By TARRY_TIER: the interpreter; LLVM; or the
  /// interpreter until the kernel's launches together were worth a compilation. Where LLVM is not to
  /// be had, or fails on this kernel, the interpreter stays.
  std::shared_ptr<const codegen::Executable> choose(int64_t points);

 private:
  std::shared_ptr<const codegen::Executable> interpreted();
  std::shared_ptr<const codegen::Executable> compiled();

  std::shared_ptr<const ir::Kernel> kernel_;
  std::atomic<uint64_t> work_{0};  // points times ops, of all launches
  std::mutex mutex_;
  std::shared_ptr<const codegen::Executable> interpreted_, compiled_;
  bool refused_ = false;  // by LLVM
};

/// The entry of a kernel that is equal to this one.
CachedKernel& cached_kernel(const std::shared_ptr<const ir::Kernel>& kernel);

}  // namespace tarry::frontend
