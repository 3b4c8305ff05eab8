#pragma once
/// LLVM's in-memory IR, and the builder that everything here emits through.

#include <llvm/Analysis/InstSimplifyFolder.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

namespace tarry::codegen {

/// Folds what is constant or trivial while it builds, so that fewer passes have to.
using Builder = llvm::IRBuilder<llvm::InstSimplifyFolder>;

/// For a branch whose first way is hardly ever taken.
inline llvm::MDNode* first_way_is_rare(llvm::LLVMContext& context) {
  return llvm::MDBuilder(context).createBranchWeights(1, 2000);
}

}  // namespace tarry::codegen
