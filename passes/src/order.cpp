// The order of groups, and which updates write in place.

#include "fuse.h"

#include <algorithm>
#include <queue>
#include <utility>
#include <vector>

namespace tarry::passes {
namespace {

constexpr int kWalkBudget = 4096;

/// Groups that must run before a group.
template <typename F>
void for_each_dependency(const Fusion& f, uint32_t group, F&& visit) {
  const Group& g = f.groups[group];
  for (uint32_t s : g.reads)
    if (f.storages[s].writer != UINT32_MAX) visit(f.storages[s].writer);
  if (g.base != UINT32_MAX && f.storages[g.base].writer != UINT32_MAX) visit(f.storages[g.base].writer);
  for (uint32_t b : g.before) visit(b);
}

/// Asks which groups wait for which; the memory of one walk serves the next.
class Waiting {
 public:
  explicit Waiting(const Fusion& f) : f_(f), seen_(f.groups.size(), 0) {}

  /// Whether `from` has to wait for `target`; true also when the walk gets too long to tell.
  bool on(uint32_t from, uint32_t target) {
    ++walk_;
    stack_.assign(1, from);
    seen_[from] = walk_;
    for (int walked = 0; !stack_.empty(); ++walked) {
      if (walked > kWalkBudget) return true;
      const uint32_t g = stack_.back();
      stack_.pop_back();
      if (g == target) return true;
      for_each_dependency(f_, g, [&](uint32_t d) {
        if (std::exchange(seen_[d], walk_) != walk_) stack_.push_back(d);
      });
    }
    return false;
  }

 private:
  const Fusion& f_;
  std::vector<uint32_t> stack_;
  std::vector<uint32_t> seen_;  // by group: the last walk that came by
  uint32_t walk_ = 0;
};

/// Everything that reads the memory of a storage: its own readers, and those of inputs in the same buffer.
std::vector<uint32_t> readers_of_memory(const Program& p, const Fusion& f, uint32_t storage) {
  const Storage& s = f.storages[storage];
  std::vector<uint32_t> readers = s.readers;
  if (!s.is_input) return readers;
  const uint32_t buffer = p.inputs[p.graph.attr(s.value)].buffer;
  for (uint32_t o = 0; o < f.storages.size(); ++o) {
    const Storage& other = f.storages[o];
    if (o == storage || !other.is_input || p.inputs[p.graph.attr(other.value)].buffer != buffer) continue;
    readers.insert(readers.end(), other.readers.begin(), other.readers.end());
  }
  return readers;
}

/// An update writes in place when nobody needs the old version afterwards: it is no output, the
/// buffer is ours to overwrite, and all that reads it can run first.
void decide_update(const Program& p, Fusion* f, Waiting& waits, uint32_t group) {
  Group& g = f->groups[group];
  const Storage& base = f->storages[g.base];
  g.copy_base = true;
  if (base.is_output || g.roots.size() != 1 || g.reads_base) return;
  if (base.is_input && !p.inputs[p.graph.attr(base.value)].donated) return;
  std::vector<uint32_t> others;
  for (uint32_t r : readers_of_memory(p, *f, g.base)) {
    if (r == group) {
      // Its own reads of another input in the same buffer may overlap what it writes.
      if (base.is_input)
        for (uint32_t s : g.reads)
          if (s != g.base && f->storages[s].is_input &&
              p.inputs[p.graph.attr(f->storages[s].value)].buffer == p.inputs[p.graph.attr(base.value)].buffer)
            return;
      continue;
    }
    if (f->groups[r].base == g.base && f->groups[r].kind == Group::Kind::update && !f->groups[r].copy_base) return;
    if (waits.on(r, group)) return;
    others.push_back(r);
  }
  Storage& target = f->storages[g.roots[0].storage];
  const ir::Shape& shape = p.graph.shape(target.value);
  const bool same_shape = p.graph.shape(base.value) == shape;
  const ir::Strides strides = same_shape ? base.strides : ir::c_strides(shape);
  if (target.in_c_order && !(strides == ir::c_strides(shape))) return;
  target.strides = strides;
  target.offset = base.offset;
  g.copy_base = false;
  for (uint32_t r : others)
    if (std::find(g.before.begin(), g.before.end(), r) == g.before.end()) g.before.push_back(r);
}

}  // namespace

bool order_groups(const Program& program, Fusion* f) {
  // Groups were formed from the newest value to the oldest.
  for (uint32_t g = static_cast<uint32_t>(f->groups.size()); g-- > 0;)
    if (f->groups[g].kind == Group::Kind::update) f->groups[g].copy_base = true;
  Waiting waits(*f);
  for (uint32_t g = static_cast<uint32_t>(f->groups.size()); g-- > 0;)
    if (f->groups[g].kind == Group::Kind::update) decide_update(program, f, waits, g);

  const size_t n = f->groups.size();
  std::vector<std::vector<uint32_t>> next(n);
  std::vector<uint32_t> waiting(n, 0);
  for (uint32_t g = 0; g < n; ++g)
    for_each_dependency(*f, g, [&](uint32_t d) {
      if (d == g) return;
      next[d].push_back(g);
      ++waiting[g];
    });
  std::priority_queue<uint32_t> ready;  // the last formed is the first in program order
  for (uint32_t g = 0; g < n; ++g)
    if (!waiting[g]) ready.push(g);
  f->order.clear();
  while (!ready.empty()) {
    const uint32_t g = ready.top();
    ready.pop();
    f->order.push_back(g);
    for (uint32_t u : next[g])
      if (--waiting[u] == 0) ready.push(u);
  }
  return f->order.size() == n;
}

}  // namespace tarry::passes
