#pragma once
/// Addresses of what a kernel keeps in scratch memory.

#include "llvm/frame.h"

namespace tarry::codegen {

class Scratch {
 public:
  Scratch(Frame& frame, const ir::RowPlan& plan) : frame_(frame), objects_(scratch_objects(frame.kernel, plan)) {}
  llvm::Value* address(ir::Value v, ScratchObject::Kind kind) {
    return frame_.byte_offset(frame_.scratch, word(v, kind));
  }
  /// The object's argument word: its offset, or whatever else the schedule puts there.
  llvm::Value* word(ir::Value v, ScratchObject::Kind kind);

 private:
  Frame& frame_;
  std::vector<ScratchObject> objects_;
};

}  // namespace tarry::codegen
