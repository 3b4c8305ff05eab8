#pragma once
/// Pairs of 64-bit words that are sorted: what by, and the number of a point.

#include "nvptx/places.h"

namespace tarry::codegen {

class Pairs {
 public:
  /// Scratch object `object`.
  Pairs(Device& device, int object);
  /// Wherever `first` points to.
  Pairs(Frame& frame, llvm::Value* first) : frame_(frame), first_(first) {}

  /// Both words of pair `i`, as one vector.
  llvm::Value* load(llvm::Value* i);
  void store(llvm::Value* i, llvm::Value* pair);
  /// A number in the index type.
  void store(llvm::Value* i, llvm::Value* key, llvm::Value* number);
  llvm::Value* key(llvm::Value* i);
  /// In the index type.
  llvm::Value* number(llvm::Value* i);

 private:
  llvm::Value* word(llvm::Value* i, int which);
  Frame& frame_;
  llvm::Value* first_;
};

}  // namespace tarry::codegen
