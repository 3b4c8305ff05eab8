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
    Cell* cell = cell_;
    if (cell) {
      uint32_t references = cell->references.load(std::memory_order_relaxed);
      while (references != 0 && !cell->references.compare_exchange_weak(references, references + 1)) {
      }
      if (references == 0) cell = nullptr;
    }
    return CellPointer::adopt(cell);
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
