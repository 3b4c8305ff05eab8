#include "repeats.h"

#include <tarry/ir/hash.h>

#include <algorithm>
#include <optional>

namespace tarry::frontend {
namespace {

using ir::Op;
using ir::OpClass;

/// Nodes of a piece, about: enough to make little of a launch and of a pass over memory, and few for a compiler. Few
/// for a processor too: it sees a few hundred instructions at a time, and where a turn waits for the one before it, in
/// longer pieces those are of too few elements.
constexpr uint32_t kPieceNodes = 64;
/// A loop of fewer nodes, or turns, is planned as a whole.
constexpr uint32_t kFewestNodes = 384, kFewestTurns = 3;
/// That many nodes in a row which look like those elsewhere may be another turn of the same loop,
constexpr uint32_t kRow = 32;
/// and so many such places are tried.
constexpr int kTriedPlaces = 8;

/// Turns of a loop: nodes first, …, first + period * turns - 1 of a selection.
struct Loop {
  uint32_t first = 0, period = 0, turns = 0;
};

/// What costs nothing to do again in the next piece.
bool is_free(Op op) {
  const OpClass c = ir::class_of(op);
  return c == OpClass::source || c == OpClass::movement || c == OpClass::transform;
}

/// Whether two nodes do the same in two turns of a loop. An operand is of the same turn or an equally earlier one, or
/// it is the same for all turns.
bool does_the_same(const Trace& t, const Selection& s, uint32_t i, uint32_t j) {
  const ir::Value a = s.nodes[i], b = s.nodes[j];
  const Op op = t.graph.op(a);
  if (t.stored(a) != t.stored(b) || t.failed(a) || t.failed(b) || t.graph.dtype(a) != t.graph.dtype(b) ||
      !(t.graph.shape(a) == t.graph.shape(b)))
    return false;
  if (t.stored(a)) return true;
  if (op != t.graph.op(b)) return false;
  if (op != Op::scalar && !std::ranges::equal(t.graph.attrs(a), t.graph.attrs(b))) return false;
  const std::span<const ir::Value> of_a = t.graph.operands(a), of_b = t.graph.operands(b);
  return std::ranges::equal(of_a, of_b, [&](ir::Value x, ir::Value y) {
    const uint32_t at_x = t.number(x), at_y = t.number(y);
    return at_x == at_y || at_x + (j - i) == at_y;
  });
}

/// The loop around a node whose turns have this length.
Loop loop_around(const Trace& t, const Selection& s, uint32_t node, uint32_t period) {
  const auto size = static_cast<uint32_t>(s.nodes.size());
  uint32_t first = node, end = node;
  while (first > 0 && does_the_same(t, s, first - 1, first - 1 + period)) --first;
  while (end + period < size && does_the_same(t, s, end, end + period)) ++end;
  return {first, period, (end + period - first) / period};
}

/// What a node is without its operands, as a number.
uint64_t kind_of(const Trace& t, ir::Value v) {
  const Op op = t.stored(v) ? Op::parameter : t.graph.op(v);
  uint64_t h =
      ir::mix(static_cast<uint64_t>(op) << 8 | static_cast<uint64_t>(t.graph.dtype(v)), t.graph.shape(v).size());
  for (int64_t extent : t.graph.shape(v)) h = ir::mix(h, static_cast<uint64_t>(extent));
  if (ir::class_of(op) == OpClass::source) return h;
  for (int64_t a : t.graph.attrs(v)) h = ir::mix(h, static_cast<uint64_t>(a));
  return h;
}

/// By node: the kinds of it and of those that follow in a row, as one number, which rolls from node to node.
std::vector<uint64_t> rows_of_kinds(const Trace& t, const Selection& s) {
  constexpr uint64_t kBase = ir::kGolden;
  uint64_t highest = 1;
  for (uint32_t i = 1; i < kRow; ++i) highest *= kBase;
  std::vector<uint64_t> kinds, rows;
  for (ir::Value v : s.nodes) kinds.push_back(kind_of(t, v));
  uint64_t row = 0;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (i >= kRow) row -= kinds[i - kRow] * highest;
    row = row * kBase + kinds[i];
    if (i + 1 >= kRow) rows.push_back(row);
  }
  return rows;
}

std::optional<Loop> find_loop(const Trace& t, const Selection& s) {
  const std::vector<uint64_t> rows = rows_of_kinds(t, s);
  const auto size = static_cast<uint32_t>(rows.size());
  for (const uint32_t node : {size / 2, size / 4, size / 4 * 3}) {
    int tried = 0;
    for (uint32_t other = node + 1; other < size && tried < kTriedPlaces; ++other) {
      if (rows[other] != rows[node] || !does_the_same(t, s, node, other)) continue;
      ++tried;
      const Loop loop = loop_around(t, s, node, other - node);
      if (loop.turns >= kFewestTurns && loop.turns * loop.period >= kFewestNodes) return loop;
    }
  }
  return std::nullopt;
}

/// By node: the last one that reads it, itself or through nodes that are free; 0 where there is none.
std::vector<uint32_t> last_readers(const Trace& t, const Selection& s) {
  std::vector<uint32_t> last(s.nodes.size(), 0);
  for (auto i = static_cast<uint32_t>(s.nodes.size()); i-- > 0;) {
    const ir::Value v = s.nodes[i];
    if (t.stored(v) || t.failed(v)) continue;
    const uint32_t reader = is_free(t.graph.op(v)) ? std::max(last[i], i) : i;
    for (ir::Value o : t.graph.operands(v)) last[t.number(o)] = std::max(last[t.number(o)], reader);
  }
  return last;
}

bool is_computed(const Trace& t, ir::Value v) { return !t.stored(v) && !t.failed(v) && !is_free(t.graph.op(v)); }

/// The node in the first turn before which a cut has the fewest values cross it.
uint32_t best_start(const Trace& t, const Selection& s, const Loop& loop, const std::vector<uint32_t>& last) {
  std::vector<int> change(loop.period + 1, 0);
  for (uint32_t i = 0; i < loop.first + loop.period; ++i) {
    if (!is_computed(t, s.nodes[i]) || last[i] < loop.first) continue;
    // It crosses the cuts before nodes i + 1, …, last[i].
    ++change[i + 1 < loop.first ? 0 : std::min(i + 1 - loop.first, loop.period)];
    --change[std::min(last[i] + 1 - loop.first, loop.period)];
  }
  uint32_t best = 0;
  int crossing = change[0], fewest = crossing;
  for (uint32_t i = 1; i < loop.period; ++i) {
    crossing += change[i];
    if (crossing >= fewest) continue;
    fewest = crossing;
    best = i;
  }
  return loop.first + best;
}

/// By piece how many turns it has; the first one has none when there is something before the loop.
std::vector<uint32_t> turns_of_pieces(const Loop& loop, uint32_t start, Tail tail) {
  uint32_t turns = 1;  // of a piece
  while (2 * turns * loop.period <= kPieceNodes) turns *= 2;
  uint32_t left = (loop.first + loop.turns * loop.period - start) / loop.period;
  std::vector<uint32_t> pieces;
  if (start > 0) pieces.push_back(0);
  for (; turns > 0; turns = tail == Tail::waits ? 0 : turns / 2)
    for (; left >= turns; left -= turns) pieces.push_back(turns);
  return pieces;
}

}  // namespace

Pieces find_pieces(Trace& t, const Selection& s, std::span<const ir::Value> roots, Tail tail) {
  if (s.nodes.size() < kFewestNodes || t.recording()) return {};
  const std::optional<Loop> loop = find_loop(t, s);
  if (!loop) return {};
  const std::vector<uint32_t> last = last_readers(t, s);
  const uint32_t start = best_start(t, s, *loop, last);
  std::vector<bool> is_root(s.nodes.size(), false);
  for (ir::Value r : roots) is_root[t.number(t.unmarked(r))] = true;

  Pieces pieces;
  pieces.turns = turns_of_pieces(*loop, start, tail);
  for (uint32_t i = 0; i < loop->period; ++i)
    if (is_computed(t, s.nodes[start + i])) pieces.turn.push_back(s.nodes[start + i]);
  uint32_t node = 0, cut = start;
  for (const uint32_t turns : pieces.turns) {
    cut += turns * loop->period;
    std::vector<ir::Value>& computed = pieces.roots.emplace_back();
    for (; node < cut; ++node)
      if (!t.stored(s.nodes[node]) && !t.failed(s.nodes[node]) &&
          (is_root[node] || (is_computed(t, s.nodes[node]) && last[node] >= cut)))
        computed.push_back(s.nodes[node]);
  }
  pieces.rest = static_cast<uint32_t>(s.nodes.size()) - node;
  return pieces;
}

}  // namespace tarry::frontend
