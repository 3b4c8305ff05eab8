/// Which reads meet again what others read. Knows no LLVM.

#include <tarry/codegen/gpu_carry.h>
#include <tarry/passes/expand.h>

#include <algorithm>
#include <set>

#include "nvptx/shape.h"

namespace tarry::codegen {
namespace {

/// Addresses of more would take too many registers.
constexpr size_t kMostAccesses = 32;
/// Reads in a row beyond which their order says little.
constexpr size_t kMostGuessed = 3;

bool is_read(const ir::Access& a) { return a.kind == ir::Access::Kind::read; }

bool may_carry(const ir::Kernel& k) {
  if (k.row_rank != 0 || k.accesses.size() > kMostAccesses) return false;
  auto is_computed = [](const ir::Access& a) {
    return a.kind == ir::Access::Kind::gather || a.kind == ir::Access::Kind::scatter;
  };
  return std::none_of(k.accesses.begin(), k.accesses.end(), is_computed) &&
         std::count_if(k.accesses.begin(), k.accesses.end(), is_read) >= 2;
}

/// By access: whether its element is read at every point, and by one node. What a cold region reads is not, nor what
/// nobody needs.
std::vector<bool> read_everywhere(const ir::Kernel& k) {
  const ir::Graph& g = k.body;
  std::vector<bool> needed(g.size(), false), everywhere(k.accesses.size(), false);
  std::vector<int> nodes(k.accesses.size(), 0);
  int depth = 0;
  for (uint32_t id = g.size(); id-- > 0;) {
    const ir::Value v{id};
    if (g.op(v) == ir::Op::cold_end) ++depth;
    if (ir::is_store(g.op(v))) needed[id] = true;
    if (needed[id]) {
      for (ir::Value o : g.operands(v)) needed[o.id] = true;
      if (g.op(v) == ir::Op::load)
        everywhere[g.attr(v)] = ++nodes[g.attr(v)] == 1 && g.operands(v).empty() && depth == 0;
    }
    if (g.op(v) == ir::Op::cold_begin) --depth;
  }
  return everywhere;
}

/// The views of one launch.
class Views {
 public:
  Views(const ir::Kernel& kernel, const Launch& launch, std::span<const int> sharing)
      : kernel_(kernel), launch_(launch), sharing_(sharing), everywhere_(read_everywhere(kernel)) {}

  /// The largest number of reads that are carried; short steps come first.
  Carry best() const {
    Carry best;
    int64_t most = 0;
    for (int axis = 0; axis < std::max(kernel_.outer_rank - 1, 1); ++axis)
      for (int64_t step : steps(axis)) {
        Carry c = carried([&](int a, int b) { return ahead(a, b, axis) == step; });
        const int64_t links = std::count_if(c.from.begin(), c.from.end(), [](int from) { return from >= 0; });
        if (links <= most) continue;
        most = links;
        best = std::move(c);
      }
    return best;
  }

  /// That few reads of a buffer are in the order in which they lie, or the other way round.
  Carry guess() const {
    std::vector<int> row;
    for (int a = 0; a < count(); ++a)
      if (sharing_[a] >= 0 && everywhere_[a] && (row.empty() || are_alike(row[0], a))) row.push_back(a);
    if (kernel_.outer_rank < 2 || row.size() < 2 || row.size() > kMostGuessed) return {};
    return carried([&](int a, int b) {
      const auto at = std::find(row.begin(), row.end(), a);
      return at != row.end() && at + 1 != row.end() && at[1] == b;
    });
  }

 private:
  int count() const { return static_cast<int>(kernel_.accesses.size()); }
  int64_t stride(int access, int axis) const { return launch_.operands[access].strides[axis]; }
  bool are_alike(int a, int b) const {
    return sharing_[a] == sharing_[b] && kernel_.accesses[a].dtype == kernel_.accesses[b].dtype;
  }

  /// How many places along the axis `b` lies ahead of `a`: its elements are `a`'s, moved so far; 0 where they are not.
  int64_t ahead(int a, int b, int axis) const {
    if (a == b || sharing_[a] < 0 || !are_alike(a, b) || !everywhere_[a] || !everywhere_[b]) return 0;
    for (int i = 0; i < kernel_.outer_rank; ++i)
      if (stride(a, i) != stride(b, i) && (i == axis || launch_.extents[i] > 1)) return 0;
    const int64_t bytes = stride(a, axis) * static_cast<int64_t>(ir::size_of(kernel_.accesses[a].dtype));
    const auto distance = static_cast<int64_t>(reinterpret_cast<uint64_t>(launch_.operands[b].data) -
                                               reinterpret_cast<uint64_t>(launch_.operands[a].data));
    return bytes == 0 || distance % bytes != 0 ? 0 : distance / bytes;
  }

  /// Threads stand along the last axis: a step along that one takes them all past each other.
  std::set<int64_t> steps(int axis) const {
    const int64_t least = axis + 1 == kernel_.outer_rank ? kWarpThreads : 1;
    std::set<int64_t> all;
    for (int a = 0; a < count(); ++a)
      for (int b = 0; b < count(); ++b)
        if (const int64_t n = ahead(a, b, axis); n >= least && n < launch_.extents[axis]) all.insert(n);
    return all;
  }

  template <class Meets>
  Carry carried(const Meets& meets) const {
    Carry c{std::vector<int>(sharing_.size(), -1), std::vector<bool>(sharing_.size(), false)};
    std::set<int> buffers;
    for (int a = 0; a < count(); ++a)
      for (int b = 0; b < count() && c.from[a] < 0; ++b)
        if (meets(a, b)) {
          c.from[a] = b;
          buffers.insert(sharing_[a]);
        }
    for (int a = 0; a < count(); ++a) c.apart[a] = buffers.contains(sharing_[a]);
    return c;
  }

  const ir::Kernel& kernel_;
  const Launch& launch_;
  const std::span<const int> sharing_;
  const std::vector<bool> everywhere_;
};

}  // namespace

std::string Carry::text() const {
  if (empty()) return "nothing carried";
  std::string s = "carried:";
  for (size_t a = 0; a < from.size(); ++a)
    s.append(1, ' ').append(std::to_string(from[a])).append(apart[a] ? " apart" : " any");
  return s;
}

std::vector<int> sharing_of(const ir::Kernel& kernel, std::span<const uint64_t> buffers) {
  if (!may_carry(kernel)) return {};
  std::vector<int> sharing(buffers.size(), -1);
  bool some = false;
  for (size_t a = 0; a < buffers.size(); ++a)
    for (size_t b = 0; b < a && sharing[a] < 0; ++b)
      if (buffers[a] == buffers[b] && is_read(kernel.accesses[a]) && is_read(kernel.accesses[b])) {
        sharing[a] = sharing[b] = static_cast<int>(b);
        some = true;
      }
  return some ? sharing : std::vector<int>();
}

Carry find_carry(const ir::Kernel& kernel, const Launch& launch, std::span<const int> sharing) {
  if (sharing.empty()) return {};
  const ir::Kernel primitive = passes::expand(kernel);
  if (evaluations(primitive) > kMostEvaluations) return {};
  const Views views(primitive, launch, sharing);
  Carry best = views.best();
  return best.empty() ? views.guess() : best;
}

}  // namespace tarry::codegen
