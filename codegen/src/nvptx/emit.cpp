#include "nvptx/emit.h"
#include <tarry/ir/error.h>
namespace tarry::codegen {
void emit_nvptx(llvm::Module&, const ir::Kernel&) { throw DeviceError("no PTX yet"); }
}  // namespace tarry::codegen
