#include "ptx/flow.h"

#include <algorithm>

#include "ptx/fault.h"

namespace cudasim {
namespace {

using Numbers = std::vector<uint32_t>;

std::vector<Numbers> successors_of(const std::vector<Block>& blocks) {
  std::vector<Numbers> all(blocks.size());
  for (size_t b = 0; b < blocks.size(); ++b) {
    const Block& block = blocks[b];
    switch (block.end) {
      case Block::End::next:
      case Block::End::barrier:
      case Block::End::converge: all[b] = {block.next}; break;
      case Block::End::jump: all[b] = {block.target}; break;
      case Block::End::branch: all[b] = {block.target, block.next}; break;
      case Block::End::table: all[b] = block.table; break;
      case Block::End::exit:
        if (block.closing.guard != kNoSlot) all[b] = {block.next};
    }
  }
  return all;
}

/// Strongly connected components (Tarjan's), the ways back to a loop's head cut, the rest of the loop likewise in turn.
class Order {
 public:
  explicit Order(std::vector<Numbers> successors)
      : next_(std::move(successors)),
        region_(next_.size(), 0),
        index_(next_.size()),
        low_(next_.size()),
        on_stack_(next_.size()) {}

  Numbers run() {
    order({0}, ~uint32_t{0});
    return std::move(result_);
  }

 private:
  /// Blocks that are reached from `from` within their region, edges to `cut` left out.
  void order(const Numbers& from, uint32_t cut) {
    const uint32_t region = region_[from[0]];
    std::vector<Numbers> components;
    for (uint32_t b : from) index_[b] = 0;
    uint32_t counter = 0;
    Numbers stack;
    for (uint32_t b : from)
      if (index_[b] == 0) visit(b, region, cut, counter, stack, components);
    // Tarjan's finds a component after all that it leads to.
    std::reverse(components.begin(), components.end());
    for (Numbers& c : components) {
      std::reverse(c.begin(), c.end());  // its head first
      if (c.size() == 1) {
        result_.push_back(c[0]);
        continue;
      }
      const uint32_t inner = ++regions_;
      for (uint32_t b : c) region_[b] = inner;
      order(c, c[0]);
    }
  }

  struct Frame {
    uint32_t block;
    size_t edge;
  };

  void visit(uint32_t root, uint32_t region, uint32_t cut, uint32_t& counter, Numbers& stack,
             std::vector<Numbers>& components) {
    std::vector<Frame> frames{{root, 0}};
    const auto enter = [&](uint32_t b) {
      index_[b] = low_[b] = ++counter;
      stack.push_back(b);
      on_stack_[b] = true;
    };
    enter(root);
    while (!frames.empty()) {
      Frame& f = frames.back();
      if (f.edge < next_[f.block].size()) {
        const uint32_t to = next_[f.block][f.edge++];
        if (to == cut || region_[to] != region) continue;
        if (index_[to] == 0) {
          enter(to);
          frames.push_back({to, 0});
        } else if (on_stack_[to]) {
          low_[f.block] = std::min(low_[f.block], index_[to]);
        }
        continue;
      }
      const uint32_t done = f.block;
      frames.pop_back();
      if (!frames.empty()) low_[frames.back().block] = std::min(low_[frames.back().block], low_[done]);
      if (low_[done] != index_[done]) continue;
      Numbers component;
      uint32_t b;
      do {
        b = stack.back();
        stack.pop_back();
        on_stack_[b] = false;
        component.push_back(b);
      } while (b != done);
      components.push_back(std::move(component));
    }
  }

  std::vector<Numbers> next_;
  Numbers region_, index_, low_;
  std::vector<bool> on_stack_;
  Numbers result_;
  uint32_t regions_ = 0;
};

class Cutter {
 public:
  Cutter(Program& program, std::vector<Flat>& code, const std::vector<int>& labels)
      : program_(program), code_(code), labels_(labels) {}

  void run() {
    find_leaders();
    std::vector<Block> blocks;
    for (size_t at = 0; at < code_.size();) blocks.push_back(block(at));
    for (const Block& b : blocks)
      if (std::max({b.target, b.table.empty() ? 0 : *std::max_element(b.table.begin(), b.table.end())}) >=
          blocks.size())
        throw PtxError(program_.statements[b.closing.statement].number, "a jump behind the last instruction");
    const Numbers order = Order(successors_of(blocks)).run();
    Numbers place(blocks.size(), 0);
    for (size_t k = 0; k < order.size(); ++k) place[order[k]] = static_cast<uint32_t>(k);
    for (uint32_t b : order) {
      Block moved = blocks[b];
      moved.next = moved.next < blocks.size() ? place[moved.next] : 0;
      moved.target = place[moved.target];
      for (uint32_t& t : moved.table) t = place[t];
      program_.blocks.push_back(std::move(moved));
    }
  }

 private:
  void find_leaders() {
    std::vector<bool> leads(code_.size() + 1, false);
    leads[0] = true;
    for (size_t i = 0; i < code_.size(); ++i) {
      if (code_[i].kind != Flat::Kind::plain) leads[i + 1] = true;
      if (code_[i].target >= 0) leads[labels_[code_[i].target]] = true;
      for (int t : code_[i].table) leads[labels_[t]] = true;
    }
    number_.resize(code_.size() + 1);
    uint32_t n = 0;
    for (size_t i = 0; i <= code_.size(); ++i) {
      n += leads[i];
      number_[i] = n - 1;
    }
  }

  Block block(size_t& at) {
    Block b;
    const uint32_t me = number_[at];
    b.first = static_cast<uint32_t>(program_.instrs.size());
    while (at < code_.size() && number_[at] == me && code_[at].kind == Flat::Kind::plain)
      program_.instrs.push_back(code_[at++].instr);
    b.last = static_cast<uint32_t>(program_.instrs.size());
    b.count = b.last - b.first;
    if (b.last > b.first) b.closing.statement = program_.instrs.back().statement;
    if (at < code_.size() && number_[at] == me) {
      close(b, code_[at]);
      ++at;
    }
    b.next = me + 1;
    const bool goes_on = b.end != Block::End::jump && b.end != Block::End::table &&
                         (b.end != Block::End::exit || b.closing.guard != kNoSlot);
    if (goes_on && at >= code_.size())
      throw PtxError(program_.statements[b.closing.statement].number, "the end of a function without 'ret'");
    return b;
  }

  void close(Block& b, const Flat& f) {
    b.closing = f.instr;
    ++b.count;
    switch (f.kind) {
      case Flat::Kind::plain: break;
      case Flat::Kind::jump:
        b.end = f.instr.guard == kNoSlot ? Block::End::jump : Block::End::branch;
        b.target = number_[labels_[f.target]];
        break;
      case Flat::Kind::table:
        b.end = Block::End::table;
        for (int t : f.table) b.table.push_back(number_[labels_[t]]);
        break;
      case Flat::Kind::exit: b.end = Block::End::exit; break;
      case Flat::Kind::barrier: b.end = Block::End::barrier; break;
      case Flat::Kind::converge: b.end = Block::End::converge; break;
    }
  }

  Program& program_;
  std::vector<Flat>& code_;
  const std::vector<int>& labels_;
  Numbers number_;  // of the block that each instruction lies in
};

}  // namespace

void arrange(Program& program, std::vector<Flat>& code, const std::vector<int>& labels) {
  Cutter(program, code, labels).run();
}

}  // namespace cudasim
