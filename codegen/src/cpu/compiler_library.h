#pragma once
/// The way to libtarry-llvm.so.

#include <string>

#include "llvm/library.h"

namespace tarry::codegen {

/// What the compiler makes of a kernel in primitives. Loads the library at the first call: the file
/// that TARRY_LLVM_LIBRARY names, else libtarry-llvm.so beside the binary that contains this function,
/// where the linker looks, or in the build tree. Throws DeviceError when there is none or this machine
/// will not do, InternalError when the kernel is the reason.
std::string run_compiler(const CompileRequest& request);

/// What stands for the compiler in the key of a kernel on disk: tarry's and LLVM's versions and the
/// file that would be loaded, which is not loaded for this.
std::string compiler_identity();

}  // namespace tarry::codegen
