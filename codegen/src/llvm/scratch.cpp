#include "llvm/scratch.h"

#include <tarry/ir/error.h>

namespace tarry::codegen {

llvm::Value* Scratch::word(ir::Value v, ScratchObject::Kind kind) {
  for (size_t i = 0; i < objects_.size(); ++i)
    if (objects_[i].value == v && objects_[i].kind == kind)
      return frame_.word(frame_.layout.scratch(static_cast<int>(i)));
  throw InternalError("a value without the scratch memory it needs");
}

}  // namespace tarry::codegen
