#pragma once
/// Indexing by a boolean array. How many elements that selects only the data can tell, so the result
/// is *masked*, and counted at its first use. Assigning to it unnamed writes to the source.

#include "cell.h"
#include "record.h"
#include "ufunc.h"

#include <optional>

namespace tarry::frontend {

struct MaskedInfo {
  CellPointer source;                  // the array indexed
  CellPointer mask;                    // of the source's leading axes, as it was then
  Here here;                           // of the indexing
  uint8_t place;                       // of the source
  std::optional<uint64_t> counted_in;  // the fork generation of the thread that counts it now
};

/// `source[mask]`. Throws IndexError where the shapes do not fit.
Array masked(const Array& source, const Array& mask, Here here);

/// Whether a cell still waits to be counted.
inline bool is_masked(const Cell& cell) { return cell.state.load(std::memory_order_acquire) == CellState::masked; }

/// Where the source of a masked cell is; nothing when another thread has just counted it.
std::optional<uint8_t> place_of_selected(const Cell& cell);

/// Copies what the mask selects; from now on the cell is stored. Changes nothing where it is not masked.
void resolve_masked(Trace& own, Cell& cell);

/// Before `base` changes: resolves what was selected from it and nobody used yet.
void resolve_masked_of(Trace& own, Cell& base);

/// `source[mask] = value`, and `f(source[mask], value, out=source[mask])`.
void write_masked(Cell& cell, const Arg& value);
void call_in_place_masked(const Ufunc& f, Cell& cell, const Arg& value);

/// Called when a masked cell dies.
void forget_masked(Cell& cell) noexcept;

}  // namespace tarry::frontend
