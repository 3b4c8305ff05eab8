#pragma once
/// The world around nodes of one lane: values that hold for a whole walk, read at its origin.

#include <functional>

#include "llvm/body.h"
#include "llvm/frame.h"

namespace tarry::codegen {

class Point : public Surroundings {
 public:
  /// `offset(access)`: in bytes, units for an index access.
  Point(Frame& frame, std::function<llvm::Value*(int)> offset) : frame_(frame), offset_(std::move(offset)) {}

  llvm::Value* load(int access, llvm::Value* predicate) override;
  void store(int access, llvm::Value* value) override;
  llvm::Value* index(int access) override;
  llvm::Value* load_at(int access, llvm::Value* distance, llvm::Value* predicate) override;
  void reduce(ir::Value node, llvm::Value* x) override;
  llvm::Value* scan(ir::Value node, llvm::Value* x) override;

 private:
  llvm::Value* address(int access);
  llvm::Value* read(int access, llvm::Value* address, llvm::Value* predicate);
  Frame& frame_;
  std::function<llvm::Value*(int)> offset_;
};

}  // namespace tarry::codegen
