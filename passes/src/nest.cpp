#include "nest.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace tarry::passes {

using ir::Access;
using ir::Schedule;
using ir::StrideClass;

namespace {

/// A walk along so many elements costs as much for each as one along more.
constexpr int64_t kLongWalk = 1024;
/// Walks that cost less than a launch.
constexpr int64_t kFewWalks = 32;
/// Axes of extent 1 of which all choices are tried.
constexpr size_t kMostOnes = 4;

using Coordinates = std::vector<uint32_t>;

/// Whether axes of extent 1 count as longer ones.
enum class Ones : uint8_t { plain, longer };

class Nester {
 public:
  Nester(const Group& group, const std::vector<AccessForm>& accesses)
      : group_(group), accesses_(accesses), is_read_along_(group.space.extent.size(), false) {
    for (const AccessForm& a : accesses)
      if (a.kind != Access::Kind::write)
        for (auto [c, k] : a.form.terms) is_read_along_[c] = true;
  }

  /// The loops without those over `dropped` coordinates, unless there would be none.
  Nest nest(Ones ones, const Coordinates& dropped = {}) const {
    Nest result{loops(group_.space.outer, ones, dropped), loops(group_.space.row, ones, dropped)};
    // The order of scattered points is that of the writes; rows keep their C order.
    if (group_.indices.empty()) order(&result.outer);
    collapse(&result.outer);
    collapse(&result.row);
    if (!group_.has_rows) walk_along_points(&result.outer);
    if (result.outer.empty()) result.outer.push_back({1, 0, {}});
    result.schedule = schedule(result);
    return result;
  }

  /// The loop along which vectors lie.
  static const Loop& walk(const Nest& nest) {
    return nest.schedule == Schedule::column ? nest.outer.back() : nest.row.back();
  }

  /// Whether the loops of a nest that counts axes of extent 1 as longer ones cost no more than those without them.
  bool as_fast(const Nest& general, const Nest& own) const {
    if (general.schedule != own.schedule) return false;
    if (length(general.outer) * length(general.row) > kFewWalks * walk(general).extent) {
      // Down columns, each step along the rows is one for many columns.
      const bool one_walk = own.schedule == Schedule::column || walk(general).extent == length(general.row);
      if (!one_walk && general.row.size() != own.row.size()) return false;
      if (walk(general).extent < std::min(walk(own).extent, kLongWalk)) return false;
    }
    for (size_t a = 0; a < accesses_.size(); ++a)
      if (stride_class(stride_along(walk(general), a)) != stride_class(stride_along(walk(own), a))) return false;
    return true;
  }

  static int64_t length(const std::vector<Loop>& loops) {
    int64_t n = 1;
    for (const Loop& l : loops) n *= l.extent;
    return n;
  }

  /// Coordinates of extent 1; those that count as longer ones, or all.
  Coordinates ones(bool all) const {
    Coordinates result;
    for (const auto* list : {&group_.space.outer, &group_.space.row})
      for (uint32_t c : *list)
        if (group_.space.extent[c] == 1 && (all || is_read_along_[c])) result.push_back(c);
    return result;
  }

 private:
  /// Whether coordinate `a` of an access lies within `b`, as far as one can tell where one of them has extent 1.
  static bool lies_within(const AccessForm& access, uint32_t a, uint32_t b) {
    const int64_t x = std::abs(access.form.coefficient(a)), y = std::abs(access.form.coefficient(b));
    if (x != y) return x < y;
    const auto place = [&](uint32_t c) { return std::ranges::find(access.nesting, c); };
    return place(a) > place(b);
  }

  Stride stride(const AccessForm& access, uint32_t coordinate, Ones ones, const Coordinates& dropped) const {
    Stride result{access.form.coefficient(coordinate), 0};
    if (result.step == 0 || ones != Ones::longer) return result;
    for (auto [c, k] : access.form.terms)
      if (c != coordinate && group_.space.extent[c] == 1 && is_read_along_[c] && !contains(dropped, c))
        result.inside += lies_within(access, c, coordinate);
    return result;
  }

  static bool contains(const Coordinates& list, uint32_t c) { return std::ranges::find(list, c) != list.end(); }

  std::vector<Loop> loops(const Coordinates& coordinates, Ones ones, const Coordinates& dropped) const {
    std::vector<Loop> result;
    const auto add = [&](uint32_t c) {
      const int64_t extent = group_.space.extent[c];
      Loop& loop = result.emplace_back(Loop{extent, ones == Ones::longer && extent == 1, {}});
      for (const AccessForm& a : accesses_) loop.strides.push_back(stride(a, c, ones, dropped));
    };
    for (uint32_t c : coordinates)
      if (!contains(dropped, c) && (ones == Ones::plain || is_read_along_[c] || group_.space.extent[c] != 1)) add(c);
    if (!result.empty() || coordinates.empty()) return result;
    const auto first = std::ranges::find_if(coordinates, [&](uint32_t c) { return is_read_along_[c]; });
    add(first == coordinates.end() ? coordinates.front() : *first);
    return result;
  }

  /// As the stores lie in memory, the fastest innermost, then as the loads do.
  void order(std::vector<Loop>* loops) const {
    std::vector<size_t> keys;
    for (Access::Kind kind : {Access::Kind::write, Access::Kind::read})
      for (size_t a = 0; a < accesses_.size(); ++a)
        if (accesses_[a].kind == kind) keys.push_back(a);
    std::ranges::stable_sort(*loops, [&](const Loop& a, const Loop& b) {
      for (size_t k : keys) {
        const std::pair x{std::abs(a.strides[k].step), a.strides[k].inside};
        const std::pair y{std::abs(b.strides[k].step), b.strides[k].inside};
        if (x != y && x.first && y.first) return x > y;
      }
      return false;
    });
  }

  /// Whether the next turn of the outer loop goes on where an inner loop ends.
  static bool goes_on(const Loop& outer, const Loop& inner, size_t access) {
    const Stride to = outer.strides[access], from = inner.strides[access];
    return to.step == from.step * inner.extent && (to.step == 0 || to.inside == from.inside + inner.ones);
  }

  static void collapse(std::vector<Loop>* loops) {
    for (size_t i = loops->size(); i-- > 1;) {
      Loop& outer = (*loops)[i - 1];
      const Loop& inner = (*loops)[i];
      bool merges = true;
      for (size_t a = 0; a < inner.strides.size(); ++a) merges &= goes_on(outer, inner, a);
      if (!merges) continue;
      outer.extent *= inner.extent;
      outer.ones += inner.ones;
      outer.strides = inner.strides;
      loops->erase(loops->begin() + static_cast<long>(i));
    }
  }

  /// The innermost loop is one with points to walk along. In a space of one point it is the first, as the last may be
  /// the one that operands are broadcast along.
  static void walk_along_points(std::vector<Loop>* loops) {
    const auto is_short = [](const Loop& l) { return l.extent == 1; };
    if (std::ranges::all_of(*loops, is_short))
      std::ranges::reverse(*loops);
    else
      std::ranges::stable_partition(*loops, is_short);
  }

  /// Along what most of the arrays lie that vary both along rows and from one to the next: of the others, either
  /// schedule reads a line or the same element again.
  Schedule schedule(const Nest& nest) const {
    if (nest.row.empty()) return Schedule::map;
    if (group_.few_rows && !group_.is_scan) return Schedule::split;
    int along_rows = 0, across = 0;
    for (size_t a = 0; a < accesses_.size(); ++a) {
      const auto varies = [&](const Loop& l) { return stride_along(l, a).step != 0; };
      if (accesses_[a].kind == Access::Kind::index || std::ranges::none_of(nest.row, varies)) continue;
      if (!varies(nest.outer.back())) continue;
      const bool unit = stride_class(stride_along(nest.row.back(), a)) == StrideClass::unit;
      along_rows += unit;
      across += !unit && stride_class(stride_along(nest.outer.back(), a)) == StrideClass::unit;
    }
    return across > along_rows ? Schedule::column : Schedule::row;
  }

  const Group& group_;
  const std::vector<AccessForm>& accesses_;
  std::vector<bool> is_read_along_;  // by coordinate; one of extent 1 that is not was given back by a reduction, say
};

Coordinates chosen(const Coordinates& from, uint32_t set) {
  Coordinates result;
  for (size_t i = 0; i < from.size(); ++i)
    if (set >> i & 1) result.push_back(from[i]);
  return result;
}

}  // namespace

StrideClass stride_class(Stride stride) {
  if (stride.step == 0) return StrideClass::zero;
  return stride.step == 1 && stride.inside == 0 ? StrideClass::unit : StrideClass::any;
}

Nest nest_of(const Group& group, const std::vector<AccessForm>& accesses) {
  const Nester nester(group, accesses);
  // Where points are all there is: where the strides of axes of extent 1 do not let them merge, those of longer ones
  // mostly did not either.
  if (!group.has_rows) return nester.nest(Ones::plain);
  Nest general = nester.nest(Ones::longer);
  const Coordinates ones = nester.ones(false);
  if (ones.empty()) return general;
  // Nothing is walked along an axis of extent 1, or a short one, for the sake of a kernel less. As few axes as possible
  // are dropped.
  Nest own = nester.nest(Ones::plain, nester.ones(true));
  if (nester.as_fast(general, own)) return general;
  if (ones.size() > kMostOnes) return own;
  for (int count = 1; count < static_cast<int>(ones.size()); ++count)
    for (uint32_t set = 1; set < 1u << ones.size(); ++set) {
      if (std::popcount(set) != count) continue;
      general = nester.nest(Ones::longer, chosen(ones, set));
      if (nester.as_fast(general, own)) return general;
    }
  return own;
}

}  // namespace tarry::passes
