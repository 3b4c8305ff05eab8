#pragma once
/// The iteration space of one launch: axes merged where every access allows it, and walked in boxes.

#include <tarry/codegen/backend.h>
#include <tarry/runtime/workspace.h>

#include <array>
#include <cstdint>
#include <span>

namespace tarry::codegen::interp {

/// More than the axes of extent 2 and up that fit into the address space.
inline constexpr int kMaxAxes = 48;

/// A group of axes, all outer ones or all row ones, innermost first, with every access's strides.
/// Neighbouring axes that all accesses walk as one are one; axes of extent 1 are gone.
class AxisGroup {
 public:
  /// The axes [begin, end) of a launch.
  AxisGroup(const Launch& launch, int begin, int end, runtime::Workspace& workspace);

  int rank() const { return rank_; }
  int64_t points() const { return points_; }
  int64_t extent(int axis) const { return extents_[axis]; }
  size_t accesses() const { return accesses_; }
  int64_t stride(size_t access, int axis) const { return strides_[access * kept_ + axis]; }

 private:
  int rank_ = 0;
  int kept_ = 0;  // axes with storage in strides_
  size_t accesses_ = 0;
  int64_t points_ = 1;
  std::array<int64_t, kMaxAxes> extents_;
  std::span<int64_t> strides_;
};

/// A box of points of a group.
struct Box {
  Box() = default;
  Box(const Box&) = delete;  // mostly unused space
  int rank = 0;              // axes from here on have extent 1
  int64_t points = 1;
  std::array<int64_t, kMaxAxes> extents;
  std::array<int64_t, kMaxAxes> coordinates;  // of the first point, on all axes of the group
};

/// Makes `box` the largest one of at most `limit` consecutive points that starts at point `begin` and
/// ends by `end`: whole inner axes, then a part of one axis.
void set_box(Box& box, const AxisGroup& group, int64_t begin, int64_t end, int64_t limit);

/// A group cut into a grid of boxes, for points whose order does not matter.
class Tiling {
 public:
  /// Boxes of about `limit` points at most, compact under most accesses: whole inner axes, then a
  /// part of one axis. With `blocks`, and where an access is compact along another axis than the
  /// innermost, they extend along both, so that lines of memory are used whole.
  Tiling(const AxisGroup& group, int64_t limit, bool blocks);

  int64_t tiles() const { return tiles_; }
  int64_t points() const { return points_; }  // of the largest box
  void set_box(Box& box, const AxisGroup& group, int64_t tile) const;

 private:
  void cut(const AxisGroup& group, int axis, int64_t limit);
  std::array<int64_t, kMaxAxes> sizes_;   // of a box, by axis
  std::array<int64_t, kMaxAxes> pieces_;  // boxes along each axis
  int spanned_ = 0;                       // axes that a box may span
  int64_t tiles_ = 1;
  int64_t points_ = 1;
};

/// Where an access finds the first point of a box, in elements from its own start.
int64_t offset_of(const AxisGroup& group, const Box& box, size_t access);

/// How an access lies under the lanes of a chunk, whose axes are given innermost first.
struct Pattern {
  enum class Kind : uint8_t { compact, splat, strided } kind = Kind::compact;
  int rank = 0;
  std::array<int64_t, 2 * kMaxAxes> extents;
  std::array<int64_t, 2 * kMaxAxes> strides;

  /// Adds the axes of a box; call for the outer box first.
  void append(const AxisGroup& group, const Box& box, size_t access);
  /// Decides the kind, once all axes are in.
  void classify();
};

/// The axis, of the two innermost, along which runs of lanes are copied: one where memory is compact,
/// else the longer one.
inline int run_axis(const Pattern& p) {
  if (p.rank < 2) return 0;
  const auto compact = [&](int a) { return (p.strides[a] == 1 || p.strides[a] == -1) && p.extents[a] >= 16; };
  if (compact(0) != compact(1)) return compact(1);
  return p.extents[0] < 16 && p.extents[1] > p.extents[0];
}

/// Calls run(lane, lane_stride, offset, stride, count) for runs of lanes along axis 0 or 1 that cover the
/// pattern: lanes lane + i*lane_stride lie at offset + i*stride. Along axis 0 lanes come in their order.
template <class Run>
void for_runs_along(const Pattern& p, int along, Run run) {
  if (p.rank == 0) return run(int64_t{0}, int64_t{1}, int64_t{0}, int64_t{1}, int64_t{1});
  const int64_t lane_stride = along ? p.extents[0] : 1;
  std::array<int64_t, 2 * kMaxAxes> at;
  int64_t lanes = 1;
  for (int a = 0; a < p.rank; ++a) {
    at[a] = 0;
    lanes *= p.extents[a];
  }
  const int64_t count = p.extents[along];
  for (int64_t left = lanes / count; left > 0; --left) {
    int64_t lane = 0, offset = 0, step = 1;
    for (int a = 0; a < p.rank; ++a) {
      lane += at[a] * step;
      offset += at[a] * p.strides[a];
      step *= p.extents[a];
    }
    run(lane, lane_stride, offset, p.strides[along], count);
    for (int a = 0; a < p.rank; ++a) {
      if (a == along) continue;
      if (++at[a] < p.extents[a]) break;
      at[a] = 0;
    }
  }
}

/// Likewise along the better one of the two.
template <class Run>
void for_runs(const Pattern& p, Run run) {
  for_runs_along(p, run_axis(p), run);
}

}  // namespace tarry::codegen::interp
