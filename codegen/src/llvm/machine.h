#pragma once
/// The target machine, the passes over a module, and what comes out at the end.

#include <string>

#include "llvm/division.h"
#include "llvm/ir.h"
#include "llvm/splats.h"

namespace llvm {
class TargetMachine;
}

namespace tarry::codegen {

/// Whether the host's processor itself follows a few long runs through memory, and better than by instructions. Those
/// of Intel start anew with each page, and ask for no more than the few hundred instructions that they see: unless it
/// asks, a sum takes 12 % longer there, and a chain of twelve operations 20 %.
bool follows_long_runs();

class Emission;

/// What a processor is better at than LLVM assumes, or worse.
struct Habits {
  Splats splats = Splats::as_llvm_does;
  Divider divider = Divider::plain;
  bool converts_longs = false;  // vectors of 64-bit integers to float64 and back
};

enum class Output : uint8_t { object, assembly, llvm_ir };

/// A machine to compile for; made once and used for many modules, by one thread at a time.
class Machine {
 public:
  /// The processor this runs on. Throws DeviceError when it lacks what kernels need.
  static Machine host();
  /// A GPU of a compute capability; kernels with many arguments need a newer version of PTX, and so a newer driver.
  static Machine nvptx(int sm, bool many_arguments);
  ~Machine();
  Machine(Machine&&) noexcept;
  Machine& operator=(Machine&&) = delete;

  /// Bytes of the vectors to emit.
  int vector_bytes() const { return vector_bytes_; }
  void prepare(llvm::Module& module) const;
  /// Runs the passes and writes the module out.
  std::string emit(llvm::Module& module, Output output);

 private:
  Machine(std::unique_ptr<llvm::TargetMachine> target, int vector_bytes, Habits habits);
  std::unique_ptr<llvm::TargetMachine> target_;
  std::unique_ptr<Emission> to_object_;  // kept: setting up its passes takes as long as an eighth of a compile
  int vector_bytes_;
  Habits habits_;
};

}  // namespace tarry::codegen
