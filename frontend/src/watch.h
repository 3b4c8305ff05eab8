#pragma once
/// Weak references to cells.

#include "cell.h"

#include <tarry/runtime/fork.h>

#include <memory>

namespace tarry::frontend {

/// What weak references to one cell share.
class Watch {
 public:
  explicit Watch(Cell& cell) : cell_(&cell) {}
  /// The cell, unless it is dead or about to die.
  CellPointer get() {
    const std::lock_guard guard(lock_);
    return cell_ ? CellPointer::share_unless_dying(*cell_) : CellPointer();
  }
  /// Called when the cell dies.
  void forget() {
    const std::lock_guard guard(lock_);
    cell_ = nullptr;
  }

 private:
  runtime::ForkMutex lock_;
  Cell* cell_;
};

/// A weak reference to a cell that a handle refers to.
std::shared_ptr<Watch> watch(Cell& cell);

}  // namespace tarry::frontend
