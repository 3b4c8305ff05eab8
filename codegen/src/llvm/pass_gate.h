#pragma once
/// What happens between LLVM's passes, and what is left out of the compile of a small kernel.

#include <llvm/IR/OptBisect.h>

#include <string_view>

namespace tarry::codegen {

/// A gate belongs to one LLVM context, so nobody else in the process notices.
class PassGate : public llvm::OptPassGate {
 public:
  /// `between_passes` is called before each pass: there the compiler holds no lock and can be stopped.
  explicit PassGate(void (*between_passes)()) : between_passes_(between_passes) {}

  /// Whether instructions keep the order in which they were selected. A processor that looks hundreds of them ahead
  /// chooses for itself; a scheduler is for kernels that need more registers than there are.
  void keep_order(bool yes) { keep_order_ = yes; }

  bool isEnabled() const override { return true; }
  bool shouldRunPass(const llvm::StringRef pass, llvm::StringRef) override {
    between_passes_();
    return !keep_order_ || std::string_view(pass.data(), pass.size()) != "Machine Instruction Scheduler";
  }

 private:
  void (*between_passes_)();
  bool keep_order_ = false;
};

}  // namespace tarry::codegen
