#include "stretches.h"

#include "repeats.h"
#include "selection_parts.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tarry::frontend {
namespace {

using ir::Op;

std::string counted(size_t n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

/// The programs of pieces, of which each takes what those before it computed as inputs.
class PieceWriter {
 public:
  PieceWriter(const Trace& trace, const Selection& s, const std::vector<std::vector<ir::Value>>& roots)
      : t_(trace),
        s_(s),
        roots_(roots),
        made_(s.nodes.size(), kNowhere),
        last_reader_(s.nodes.size(), 0),
        walks_(s.nodes.size(), 0),
        renamed_(s.nodes.size()) {
    for (size_t i = 0, input = 0; i < s.nodes.size(); ++i) input_of_.push_back(t_.stored(s.nodes[i]) ? input++ : 0);
    for (uint32_t p = 0; p < roots.size(); ++p) {
      for (ir::Value v : roots[p]) made_[t_.number(v)] = p;
      for (uint32_t node : nodes_of(p))
        if (is_given(node, p)) last_reader_[node] = p;
    }
  }

  ir::Program program(uint32_t piece) {
    ir::Program p;
    buffers_.clear();
    for (uint32_t node : nodes_of(piece)) renamed_[node] = write(node, piece, p);
    for (ir::Value v : roots_[piece]) {
      p.graph.outputs.push_back(renamed_[t_.number(v)]);
      p.output_order.push_back(order_of(t_, v));
    }
    return p;
  }

 private:
  static constexpr uint32_t kNowhere = UINT32_MAX;

  bool is_given(uint32_t node, uint32_t piece) const { return t_.stored(s_.nodes[node]) || made_[node] < piece; }

  /// What a piece takes, operands first.
  std::vector<uint32_t> nodes_of(uint32_t piece) {
    std::vector<uint32_t> nodes, waiting;
    ++walk_;
    const auto need = [&](ir::Value v) {
      const uint32_t node = t_.number(v);
      if (std::exchange(walks_[node], walk_) != walk_) waiting.push_back(node);
    };
    for (ir::Value v : roots_[piece]) need(v);
    while (!waiting.empty()) {
      nodes.push_back(waiting.back());
      waiting.pop_back();
      const ir::Value v = s_.nodes[nodes.back()];
      if (is_given(nodes.back(), piece) || t_.failed(v)) continue;
      for (ir::Value o : t_.graph.operands(v)) need(o);
    }
    std::ranges::sort(nodes);
    return nodes;
  }

  /// As it lies, or as it will: compact in C order.
  ir::InputLayout layout(uint32_t node, uint32_t piece) {
    const ir::Value v = s_.nodes[node];
    ir::InputLayout layout;
    uint32_t buffer = kNowhere - node;
    if (t_.stored(v)) {
      const size_t input = input_of_[node];
      const Input& in = t_.input(v);
      const BufferWindow& window = s_.buffers[s_.buffer_of[input]];
      buffer = s_.buffer_of[input];
      layout = {in.offset - window.start, in.strides, 0, s_.donated[input], elements_seen(t_, window, v)};
    } else {
      layout.strides = ir::c_strides(t_.graph.shape(v));
      layout.buffer_elements = ir::num_elements(t_.graph.shape(v));
      layout.donated = !t_.cells(v);
    }
    layout.donated = layout.donated && last_reader_[node] == piece;
    layout.buffer = static_cast<uint32_t>(std::ranges::find(buffers_, buffer) - buffers_.begin());
    if (layout.buffer == buffers_.size()) buffers_.push_back(buffer);
    return layout;
  }

  ir::Value write(uint32_t node, uint32_t piece, ir::Program& p) {
    const ir::Value v = s_.nodes[node];
    Op op = t_.graph.op(v);
    if (op == Op::mark && !t_.stored(v)) return renamed_[t_.number(t_.graph.operand(v, 0))];
    int64_t slot = 0;
    std::span<const int64_t> attrs(&slot, 1);
    std::vector<ir::Value> operands;
    if (is_given(node, piece)) {
      op = Op::parameter;
      slot = static_cast<int64_t>(p.inputs.size());
      p.inputs.push_back(layout(node, piece));
    } else if (t_.failed(v)) {
      op = Op::empty;
      attrs = {};
    } else if (op == Op::scalar) {
      slot = p.num_scalars++;
    } else {
      attrs = t_.graph.attrs(v);
      for (ir::Value o : t_.graph.operands(v)) operands.push_back(renamed_[t_.number(o)]);
    }
    return p.graph.add(op, t_.graph.dtype(v), t_.graph.shape(v), operands, attrs, t_.graph.location(v));
  }

  const Trace& t_;
  const Selection& s_;
  const std::vector<std::vector<ir::Value>>& roots_;
  std::vector<uint32_t> made_, last_reader_;  // by node: the piece that computes it, and the last that reads it
  std::vector<uint32_t> walks_;               // by node: the last walk that came by
  std::vector<ir::Value> renamed_;            // by node, in the program of a piece
  std::vector<size_t> input_of_;              // by node that is stored
  uint32_t walk_ = 0;
  std::vector<uint32_t> buffers_;  // of a piece's program
};

std::string summary(const Trace& t, const Pieces& pieces) {
  const uint32_t turns = std::accumulate(pieces.turns.begin(), pieces.turns.end(), 0u);
  const std::string where = t.graph.location(pieces.turn[0]).text();
  return "a loop: a segment of " + counted(pieces.turn.size(), "operation") +
         (where.empty() ? "" : " (" + where + ")") + " repeats " + counted(turns, "time") + "; it is run in pieces\n";
}

std::string title(const Pieces& pieces, size_t piece, size_t count) {
  if (piece >= pieces.turns.size()) return "after it:\n";
  if (pieces.turns[piece] == 0) return "before it:\n";
  return counted(pieces.turns[piece], "turn") + " of it, " + counted(count, "time") + ":\n";
}

}  // namespace

std::vector<Stretch> stretches_of(Trace& t, ir::Value v) {
  const std::span<const ir::Value> root(&v, 1);
  Selection s;
  select(t, root, false, s);
  Pieces pieces = find_pieces(t, s, root, Tail::computed);
  std::vector<Stretch> stretches;
  if (pieces.roots.empty() || pieces.turn.empty()) {
    stretches.push_back({"", make_program(t, s), s.place});
    return stretches;
  }
  std::vector<std::vector<ir::Value>> roots = pieces.roots;
  if (pieces.rest > 0) roots.push_back({v});
  PieceWriter writer(t, s, roots);
  std::vector<std::pair<size_t, size_t>> runs;  // a piece, and how many are equal to it in a row
  for (size_t p = 0; p < roots.size(); ++p) {
    if (roots[p].empty()) continue;
    ir::Program program = writer.program(static_cast<uint32_t>(p));
    const bool again =
        !stretches.empty() && pieces.turns[runs.back().first] != 0 && ir::equal(stretches.back().program, program);
    if (again) {
      ++runs.back().second;
      continue;
    }
    stretches.push_back({"", std::move(program), s.place});
    runs.push_back({p, 1});
  }
  for (size_t i = 0; i < stretches.size(); ++i) stretches[i].title = title(pieces, runs[i].first, runs[i].second);
  if (!stretches.empty()) stretches[0].title = summary(t, pieces) + stretches[0].title;
  return stretches;
}

}  // namespace tarry::frontend
