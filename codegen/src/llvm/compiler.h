#pragma once
/// From a kernel to its code, on the calling thread.

#include <string>

#include "llvm/library.h"

namespace tarry::codegen {

/// Holds what is worth keeping between compiles. For one thread.
class Compiler {
 public:
  Compiler();
  ~Compiler();
  std::string run(const CompileRequest& request);

 private:
  struct State;
  State* state_;
};

}  // namespace tarry::codegen
