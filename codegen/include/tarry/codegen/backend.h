#pragma once
/// What an executor of kernels is.

#include <tarry/ir/kernel.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace tarry::runtime {
class Workspace;
}

namespace tarry::codegen {

/// The arguments of one launch. Everything a kernel's identity leaves open.
struct Launch {
  struct Operand {
    /// First element of a read or write access; for an index access the offset itself.
    union {
      void* data;
      int64_t offset;
    };
    /// One stride per axis, outer then row, in elements of the access's dtype.
    const int64_t* strides;
  };
  std::span<const int64_t> extents;   // outer then row; none of the outer ones is 0
  std::span<const Operand> operands;  // one per access
  std::span<const uint64_t> scalars;  // bit patterns, zero-extended
};

/// A kernel ready to run. Immutable; may be run by several threads at once.
class Executable {
 public:
  virtual ~Executable() = default;
  /// Runs to the end before it returns; spreads large work over the pool by itself.
  /// A write access may have the same pointer and strides as a read access of a `map` kernel; other
  /// overlaps are excluded by the caller. A step of `workspace`: throws before it writes anything, or not at all.
  virtual void run(const Launch& launch, runtime::Workspace& workspace) const = 0;
  /// With a workspace of its own.
  void run(const Launch& launch) const;
};

/// A way to execute kernels: a small struct of functions.
struct Backend {
  std::string_view name;  // "interp", "llvm"
  /// Throws tarry::Error when the kernel cannot be compiled here.
  std::shared_ptr<const Executable> (*compile)(const ir::Kernel& kernel);
};

/// The reference: chunked loops built ahead of time. Takes kernels before or after expansion.
const Backend& interpreter();

/// LLVM for the host CPU, from libtarry-llvm.so, which is loaded at the first compile. Throws
/// DeviceError when the library or the CPU's features are missing.
const Backend& llvm_cpu();

/// For every thread that has another one compile for it: the end of the process, when this thread is the main one, then
/// stops the compiler where it is, instead of waiting for the compile or destroying what it works on.
void stop_compiler_at_exit();

/// True when the process may still map what the compiler takes at most, with its threads. Without that much it is not
/// to be asked, nor a thread be made for it: a thread's own heap alone reserves so much that the program's other
/// threads could be refused a few bytes.
bool is_room_for_compiler();

/// PTX text of a kernel for a compute capability (75, 80, 90), from libtarry-llvm.so.
std::string emit_ptx(const ir::Kernel& kernel, int sm);
/// LLVM IR or host assembly of a kernel as text, for people.
enum class HostText { llvm_ir, assembly };
std::string emit_host_text(const ir::Kernel& kernel, HostText what);

}  // namespace tarry::codegen
