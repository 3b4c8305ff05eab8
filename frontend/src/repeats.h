#pragma once
/// A user's loop in a long trace.
///
/// A trace that repeats a segment is not planned as a whole: it is cut where turns of the loop end, into pieces of one
/// structure. So a piece is planned once and run many times, and the size of the code, and the time it takes to
/// compile, follow the segment and not the count. Where the trace is cut changes no bits.

#include "selection.h"

#include <span>
#include <vector>

namespace tarry::frontend {

struct Pieces {
  /// What to compute one after the other; each needs no more than what those before it computed and its own piece.
  std::vector<std::vector<ir::Value>> roots;
  std::vector<uint32_t> turns;  // of the loop, by piece; none in one before it
  uint32_t rest = 0;            // nodes of the selection after the last piece
  std::vector<ir::Value> turn;  // what the first turn computes, without what costs nothing
};

/// How much is left of a loop after the last of its pieces.
enum class Tail : bool {
  computed,  // less than a turn: pieces become smaller towards the end
  waits,     // less than a piece: more turns are to come
};

/// The pieces of a selection that is long and repeats a segment; none of another one. `roots` are those it was selected
/// for.
Pieces find_pieces(Trace& trace, const Selection& s, std::span<const ir::Value> roots, Tail tail);

}  // namespace tarry::frontend
