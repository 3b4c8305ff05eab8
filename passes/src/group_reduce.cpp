// Reductions in a group: whether one is computed here, and what then is a row.

#include "group_builder.h"

#include <algorithm>

namespace tarry::passes {

using ir::Op;
using ir::Value;

namespace {

/// Elements of a row that one thread walks while others would still be woken.

}  // namespace

void GroupBuilder::process_reduce(Value v) {
  const bool stored = is_root(v) || !c_.storages_of[v.id].empty();
  const bool head = is_root(v);
  if (!head && group_.is_scan) return read(v, "a reduction under a scan");
  if (ir::is_scatter(g_.op(head_))) return read(v, "a scatter visits its points in order");
  if (!stored && needed_elsewhere(v)) return read(v, "another kernel needs the reduction as well");
  const std::vector<uint32_t> nodes = nodes_of(v);
  if (nodes.size() > 1) return read(v, "the reduction is read through several index maps");
  if (stored && !head) {
    const uint32_t target[] = {v.id};
    if (!c_.pending.count(v.id) || !c_.allow_merging || group_.kind == Group::Kind::update ||
        (!group_.reads.empty() && c_.reaches(group_.reads, target, kReachBudget)))
      return read(v, "");
  }
  if (!reduce_here(nodes[0])) return read(v, "the reduction runs over another space");
  if (head) {
    make_root(nodes[0]);
  } else if (stored) {
    c_.lowest_merged = std::min(c_.lowest_merged, v.id);
    roots_.push_back(v.id);
    make_root(nodes[0]);
  }
}

std::vector<uint32_t> GroupBuilder::wide(std::span<const uint32_t> coordinates) const {
  std::vector<uint32_t> result;
  for (uint32_t c : coordinates)
    if (group_.space.extent[c] != 1) result.push_back(c);
  return result;
}

ir::Shape GroupBuilder::extents_of(std::span<const uint32_t> coordinates) const {
  ir::Shape result;
  for (uint32_t c : coordinates) result.push_back(group_.space.extent[c]);
  return result;
}

std::optional<std::vector<uint32_t>> GroupBuilder::bijective(uint32_t map, Value v) const {
  std::vector<uint32_t> used;
  const ir::Shape& shape = g_.shape(v);
  for (size_t a = 0; a < shape.size(); ++a) {
    if (shape[a] == 1) continue;
    // An axis may be several coordinates where one was split: k0·(inner extent) + k1.
    const LinearForm& form = group_.maps[map][a];
    if (form.constant != 0 || form.terms.empty()) return std::nullopt;
    std::vector<std::pair<int64_t, uint32_t>> parts;
    for (auto [c, k] : form.terms) parts.push_back({k, c});
    std::sort(parts.begin(), parts.end());
    int64_t stride = 1;
    for (auto [k, c] : parts) {
      if (k != stride || std::find(used.begin(), used.end(), c) != used.end()) return std::nullopt;
      used.push_back(c);
      stride *= group_.space.extent[c];
    }
    if (stride != shape[a]) return std::nullopt;
  }
  return used;
}

/// Whether a node is computed once for each point of the space, or once for each row.
bool GroupBuilder::covers_space(uint32_t node) const {
  if (group_.nodes[node].mask != 0) return false;
  auto used = bijective(group_.nodes[node].map, group_.nodes[node].value);
  if (!used) return false;
  std::vector<uint32_t> have = wide(*used), outer = wide(group_.space.outer), all = outer;
  for (uint32_t c : wide(group_.space.row)) all.push_back(c);
  std::sort(have.begin(), have.end());
  std::sort(outer.begin(), outer.end());
  std::sort(all.begin(), all.end());
  return have == all || (group_.has_rows && have == outer);
}

/// Finds forms of the row coordinates `rows` for reduced axes with these extents. Splits coordinates
/// (in `rows` too) only when it succeeds.
bool GroupBuilder::match_rows(std::vector<uint32_t>* rows, std::span<const int64_t> extents, IndexMap* forms) {
  if (ir::num_elements(extents) == 0) return false;
  if (std::ranges::equal(extents_of(*rows), extents)) {
    for (uint32_t c : *rows) forms->push_back(LinearForm::of(c));
    return true;
  }
  Space trial = group_.space;
  trial.outer.clear();
  trial.row = *rows;
  std::vector<std::pair<uint32_t, int64_t>> splits;
  for (;;) {
    IndexMap map;
    ir::Shape row_extents;
    for (uint32_t c : trial.row) {
      map.push_back(LinearForm::of(c));
      row_extents.push_back(trial.extent[c]);
    }
    if (ir::num_elements(row_extents) != ir::num_elements(extents)) return false;
    ReshapeResult r = through_reshape(trial, map, extents, row_extents);
    if (r.kind == ReshapeResult::Kind::failed) return false;
    if (r.kind == ReshapeResult::Kind::done) {
      *forms = std::move(r.map);
      break;
    }
    splits.push_back({r.coordinate, r.inner_extent});
    const uint32_t first = trial.add(trial.extent[r.coordinate] / r.inner_extent), second = trial.add(r.inner_extent);
    auto at = std::find(trial.row.begin(), trial.row.end(), r.coordinate);
    *at = first;
    trial.row.insert(at + 1, second);
  }
  // The ids that splitting the group's own space gives are those of the trial.
  for (auto [coordinate, inner] : splits) split_coordinate(coordinate, inner);
  *rows = trial.row;
  return true;
}

/// The outer coordinates that a reduction of `length` elements does not vary along, which make its row; none where the
/// row is new. One of extent 1, which is longer another time, counts by whether the index map names it, and only where
/// something else does: else it is an axis that the reduction gave back.
std::vector<uint32_t> GroupBuilder::unread(uint32_t node, int64_t length) const {
  std::vector<uint32_t> rest;
  for (uint32_t c : group_.space.outer)
    if (!names(node, c)) rest.push_back(c);
  if (!wide(rest).empty()) return rest;
  const Value v = group_.nodes[node].value;
  const auto is_read_along = [&](uint32_t c) {
    for (uint32_t n = 0; n < group_.nodes.size(); ++n)
      if (names(n, c) && (group_.nodes[n].leaf || group_.nodes[n].value.id < v.id)) return true;
    return false;
  };
  if (length != 1 || std::ranges::none_of(rest, is_read_along)) rest.clear();
  return rest;
}

/// Whether a node's index map has the coordinate.
bool GroupBuilder::names(uint32_t node, uint32_t coordinate) const {
  return std::ranges::any_of(group_.maps[group_.nodes[node].map],
                             [&](const LinearForm& form) { return form.coefficient(coordinate) != 0; });
}

/// Whether a reduction gives a single value, and not only one row of an array that might have several: then threads
/// have to share the row. One of several is short.
bool GroupBuilder::is_one_row(Value v) const {
  if (ir::num_elements(g_.shape(v)) != 1) return false;
  return g_.shape(v).empty() || ir::num_elements(g_.shape(g_.operand(v, 0))) > kShortRow;
}

/// Makes the row of a group that has none yet: of the coordinates `rest`, or of new ones with these extents. `rows`
/// become its forms.
bool GroupBuilder::make_rows(const std::vector<uint32_t>& rest, std::span<const int64_t> extents, IndexMap* rows) {
  group_.has_rows = true;
  if (rest.empty()) {
    for (int64_t e : extents) {
      group_.space.row.push_back(group_.space.add(e));
      rows->push_back(LinearForm::of(group_.space.row.back()));
    }
    return true;
  }
  std::vector<uint32_t> row = std::ranges::equal(extents_of(rest), extents) ? rest : wide(rest);
  if (row.empty()) row = rest;
  group_.has_rows = match_rows(&row, extents, rows);
  if (!group_.has_rows) return false;
  const auto is_in = [](uint32_t c, const std::vector<uint32_t>& list) {
    return std::ranges::find(list, c) != list.end();
  };
  std::erase_if(group_.space.outer, [&](uint32_t c) { return is_in(c, rest) || is_in(c, row); });
  group_.space.row = row;
  return true;
}

bool GroupBuilder::reduce_here(uint32_t node) {
  const Value v = group_.nodes[node].value, x = g_.operand(v, 0);
  if (group_.nodes[node].mask != 0) return false;
  auto used = bijective(group_.nodes[node].map, v);
  if (!used) return false;
  std::vector<uint32_t> have = wide(*used), outer = wide(group_.space.outer);
  std::sort(have.begin(), have.end());
  std::sort(outer.begin(), outer.end());
  ir::Shape extents;
  for (int64_t axis : g_.attrs(v)) extents.push_back(g_.shape(x)[axis]);

  IndexMap rows;
  if (group_.has_rows) {
    if (have != outer || (group_.few_rows && group_.nodes[node].element)) return false;
    std::vector<uint32_t> row = group_.space.row;
    if (!match_rows(&row, extents, &rows)) return false;
  } else {
    if (!std::includes(outer.begin(), outer.end(), have.begin(), have.end())) return false;
    const std::vector<uint32_t> rest = unread(node, ir::num_elements(extents));
    const bool one_row = is_one_row(v);
    if ((one_row && !rest.empty()) || !make_rows(rest, extents, &rows)) return false;
    group_.few_rows = one_row;
  }

  IndexMap map(g_.shape(x).size());
  const IndexMap& kept = group_.maps[group_.nodes[node].map];
  size_t next_kept = 0, next_row = 0;
  for (size_t a = 0; a < map.size(); ++a) {
    const bool reduced = std::ranges::find(g_.attrs(v), static_cast<int64_t>(a)) != g_.attrs(v).end();
    map[a] = reduced ? rows[next_row++] : kept[next_kept++];
  }
  ++computed_;
  const uint32_t operand = demand(x, intern_map(std::move(map)), 0, true);
  node_operands_[node] = {operand};
  return true;
}

}  // namespace tarry::passes
