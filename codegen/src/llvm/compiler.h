#pragma once
/// From a kernel to its code, on the calling thread.

#include <string>

#include "llvm/library.h"

namespace llvm {
class Module;
}

namespace tarry::codegen {

class PassGate;

/// Holds what is worth keeping between compiles. For one thread.
class Compiler {
 public:
  /// `between_passes` is called on the calling thread before each of LLVM's passes; it need not return.
  explicit Compiler(void (*between_passes)());
  ~Compiler();
  std::string run(const CompileRequest& request);

 private:
  struct State;
  std::string translate(const CompileRequest& request, llvm::Module& module, PassGate& gate);
  State* state_;
  void (*between_passes_)();
};

}  // namespace tarry::codegen
