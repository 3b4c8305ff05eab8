#pragma once
/// Which of LLVM's code generation passes are left out.

#include <llvm/IR/OptBisect.h>

#include <string_view>

namespace tarry::codegen {

/// Closes the passes that take a quarter of a compile and find nothing in kernels: their addresses are
/// base + index already, and the processors that run them schedule for themselves. A gate belongs to one
/// LLVM context, so nobody else in the process notices.
class PassGate : public llvm::OptPassGate {
 public:
  /// `between_passes` is called before each pass: there the compiler holds no lock and can be stopped.
  explicit PassGate(void (*between_passes)()) : between_passes_(between_passes) {}
  bool isEnabled() const override { return true; }
  bool shouldRunPass(const llvm::StringRef pass, llvm::StringRef) override {
    between_passes_();
    for (std::string_view closed : kClosed)
      if (std::string_view(pass.data(), pass.size()) == closed) return false;
    return true;
  }

 private:
  static constexpr std::string_view kClosed[] = {
      "Loop Strength Reduction",
      "Canonicalize Freeze Instructions in Loops",
      "Post RA top-down list latency scheduler",
  };
  void (*between_passes_)();
};

}  // namespace tarry::codegen
