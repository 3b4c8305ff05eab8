#include "linear.h"

#include <algorithm>

namespace tarry::passes {

int64_t LinearForm::coefficient(uint32_t coordinate) const {
  for (auto [c, k] : terms)
    if (c == coordinate) return k;
  return 0;
}

LinearForm add(const LinearForm& a, const LinearForm& b) {
  LinearForm r;
  r.constant = a.constant + b.constant;
  size_t i = 0, j = 0;
  while (i < a.terms.size() || j < b.terms.size()) {
    if (j == b.terms.size() || (i < a.terms.size() && a.terms[i].first < b.terms[j].first)) {
      r.terms.push_back(a.terms[i++]);
    } else if (i == a.terms.size() || b.terms[j].first < a.terms[i].first) {
      r.terms.push_back(b.terms[j++]);
    } else {
      int64_t k = a.terms[i].second + b.terms[j].second;
      if (k) r.terms.push_back({a.terms[i].first, k});
      ++i, ++j;
    }
  }
  return r;
}

LinearForm scale(const LinearForm& a, int64_t factor) {
  LinearForm r;
  if (factor == 0) return r;
  r = a;
  r.constant *= factor;
  for (auto& t : r.terms) t.second *= factor;
  return r;
}

LinearForm offset(LinearForm a, int64_t by) {
  a.constant += by;
  return a;
}

LinearForm substitute(const LinearForm& form, const Split& split) {
  int64_t k = form.coefficient(split.old);
  if (k == 0) return form;
  LinearForm rest{form.constant, {}};
  for (auto t : form.terms)
    if (t.first != split.old) rest.terms.push_back(t);
  rest = add(rest, scale(LinearForm::of(split.first), k * split.inner_extent));
  return add(rest, scale(LinearForm::of(split.second), k));
}

std::pair<int64_t, int64_t> range(const Space& space, const LinearForm& form) {
  int64_t low = form.constant, high = form.constant;
  for (auto [c, k] : form.terms) {
    int64_t reach = k * (space.extent[c] - 1);
    (reach < 0 ? low : high) += reach;
  }
  return {low, high};
}

namespace {

int64_t floor_mod(int64_t a, int64_t m) {
  int64_t r = a % m;
  return r < 0 ? r + m : r;
}

/// form = inner · quotient + remainder with 0 <= remainder < inner everywhere, if that is plain to see.
bool divide(const Space& space, const LinearForm& form, int64_t inner, LinearForm* quotient, LinearForm* remainder) {
  *quotient = {};
  *remainder = {};
  remainder->constant = floor_mod(form.constant, inner);
  quotient->constant = (form.constant - remainder->constant) / inner;
  for (auto [c, k] : form.terms) {
    if (k % inner == 0)
      quotient->terms.push_back({c, k / inner});
    else
      remainder->terms.push_back({c, k});
  }
  auto [low, high] = range(space, *remainder);
  return low >= 0 && high < inner;
}

/// Extents of one group of axes that a reshape keeps together: the products agree.
struct Group {
  size_t from_begin, from_end, to_begin, to_end;
};

std::vector<Group> group_axes(std::span<const int64_t> from, std::span<const int64_t> to) {
  std::vector<Group> groups;
  size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    Group g{i, i, j, j};
    int64_t a = 1, b = 1;
    if (g.from_end < from.size()) a = from[g.from_end++];
    if (g.to_end < to.size()) b = to[g.to_end++];
    while (a != b) {
      if (a < b && g.from_end < from.size())
        a *= from[g.from_end++];
      else if (g.to_end < to.size())
        b *= to[g.to_end++];
      else if (g.from_end < from.size())
        a *= from[g.from_end++];
      else
        break;
    }
    i = g.from_end;
    j = g.to_end;
    groups.push_back(g);
  }
  return groups;
}

}  // namespace

ReshapeResult through_reshape(const Space& space, const IndexMap& map, std::span<const int64_t> from,
                              std::span<const int64_t> to) {
  ReshapeResult result;
  result.map.resize(from.size());
  for (const Group& g : group_axes(from, to)) {
    if (g.from_end - g.from_begin == 1 && g.to_end - g.to_begin == 1) {
      result.map[g.from_begin] = map[g.to_begin];
      continue;
    }
    LinearForm merged;
    int64_t stride = 1;
    for (size_t t = g.to_end; t-- > g.to_begin;) {
      merged = add(merged, scale(map[t], stride));
      stride *= to[t];
    }
    for (size_t f = g.from_end; f-- > g.from_begin;) {
      if (from[f] <= 1) continue;  // index 0, or nothing is ever read
      bool outermost = true;
      for (size_t e = g.from_begin; e < f; ++e) outermost &= from[e] <= 1;
      if (outermost) {
        result.map[f] = merged;
        break;
      }
      LinearForm quotient, remainder;
      if (!divide(space, merged, from[f], &quotient, &remainder)) {
        // A bare coordinate can be split so that the division becomes exact.
        if (merged.constant == 0 && merged.terms.size() == 1 && merged.terms[0].second == 1 &&
            space.extent[merged.terms[0].first] % from[f] == 0) {
          result.kind = ReshapeResult::Kind::split;
          result.coordinate = merged.terms[0].first;
          result.inner_extent = from[f];
        } else {
          result.kind = ReshapeResult::Kind::failed;
        }
        return result;
      }
      result.map[f] = remainder;
      merged = quotient;
    }
  }
  result.kind = ReshapeResult::Kind::done;
  return result;
}

IndexMap through_broadcast(const IndexMap& map, std::span<const int64_t> from, std::span<const int64_t> to) {
  IndexMap result(from.size());
  const size_t lead = to.size() - from.size();
  for (size_t a = 0; a < from.size(); ++a)
    if (from[a] != 1 || to[a + lead] == 1) result[a] = map[a + lead];
  return result;
}

IndexMap through_movement(const ir::Graph& g, ir::Value v, const IndexMap& map, Mask* mask) {
  const ir::Value x = g.operand(v, 0);
  const ir::Shape& from = g.shape(x);
  IndexMap result(from.size());
  switch (g.op(v)) {
    case ir::Op::transpose:
      for (size_t i = 0; i < map.size(); ++i) result[g.attr(v, static_cast<int>(i))] = map[i];
      break;
    case ir::Op::slice:
      for (size_t d = 0; d < map.size(); ++d)
        result[d] = offset(scale(map[d], g.attr(v, static_cast<int>(2 * d) + 1)), g.attr(v, static_cast<int>(2 * d)));
      break;
    case ir::Op::pad:
      for (size_t d = 0; d < map.size(); ++d) {
        const int64_t before = g.attr(v, static_cast<int>(2 * d)), after = g.attr(v, static_cast<int>(2 * d) + 1);
        result[d] = offset(map[d], -before);
        if ((before || after) && std::find(mask->begin(), mask->end(), Bound{result[d], from[d]}) == mask->end())
          mask->push_back({result[d], from[d]});
      }
      break;
    default:  // broadcast; reshape has a function of its own
      result = through_broadcast(map, from, g.shape(v));
  }
  return result;
}

LinearForm address(const IndexMap& map, std::span<const int64_t> strides, int64_t start) {
  LinearForm form{start, {}};
  for (size_t d = 0; d < map.size(); ++d) form = add(form, scale(map[d], strides[d]));
  return form;
}

}  // namespace tarry::passes
