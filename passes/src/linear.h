#pragma once
// Affine index maps: where in an array a point of an iteration space reads.

#include <tarry/ir/graph.h>

#include <optional>
#include <utility>
#include <vector>

namespace tarry::passes {

/// constant + Σ coefficient · coordinate, sorted by coordinate id, no zero coefficients.
struct LinearForm {
  int64_t constant = 0;
  std::vector<std::pair<uint32_t, int64_t>> terms;

  static LinearForm of(uint32_t coordinate) { return {0, {{coordinate, 1}}}; }
  /// The coordinate when the form is just that.
  std::optional<uint32_t> single() const {
    if (constant == 0 && terms.size() == 1 && terms[0].second == 1) return terms[0].first;
    return std::nullopt;
  }
  int64_t coefficient(uint32_t coordinate) const;
  friend bool operator==(const LinearForm&, const LinearForm&) = default;
};

LinearForm add(const LinearForm& a, const LinearForm& b);
LinearForm scale(const LinearForm& a, int64_t factor);
LinearForm offset(LinearForm a, int64_t by);

/// One form for each axis of a value.
using IndexMap = std::vector<LinearForm>;

/// 0 <= form < extent, where a padded value is really read.
struct Bound {
  LinearForm form;
  int64_t extent;
  friend bool operator==(const Bound&, const Bound&) = default;
};
using Mask = std::vector<Bound>;

/// The coordinates of a kernel: extents by coordinate id, and the order in which they nest.
struct Space {
  std::vector<int64_t> extent;  // by id; ids are never reused
  std::vector<uint32_t> outer;  // parallel coordinates, outermost first
  std::vector<uint32_t> row;    // row coordinates in C order of the reduction
  uint32_t add(int64_t e) {
    extent.push_back(e);
    return static_cast<uint32_t>(extent.size() - 1);
  }
};

/// A coordinate replaced by two: old = inner_extent · first + second.
struct Split {
  uint32_t old, first, second;
  int64_t inner_extent;
};
LinearForm substitute(const LinearForm& form, const Split& split);

/// What pushing an index map through a reshape needs.
struct ReshapeResult {
  enum class Kind {
    done,    // `map` holds the operand's forms
    split,   // split coordinate `coordinate` at `inner_extent`, then try again
    failed,  // no affine map
  } kind = Kind::failed;
  IndexMap map;
  uint32_t coordinate = 0;
  int64_t inner_extent = 0;
};
ReshapeResult through_reshape(const Space& space, const IndexMap& map, std::span<const int64_t> from,
                              std::span<const int64_t> to);

/// The operand's index map under a movement op other than reshape; pad adds its bounds to `mask`.
IndexMap through_movement(const ir::Graph& g, ir::Value v, const IndexMap& map, Mask* mask);

/// The map of an operand with shape `from` read by an op with shape `to` that broadcasts it.
IndexMap through_broadcast(const IndexMap& map, std::span<const int64_t> from, std::span<const int64_t> to);

/// Σ strides · map: the address form of an element.
LinearForm address(const IndexMap& map, std::span<const int64_t> strides, int64_t offset);

/// The smallest and largest value of a form over a space without empty extents.
std::pair<int64_t, int64_t> range(const Space& space, const LinearForm& form);

}  // namespace tarry::passes
