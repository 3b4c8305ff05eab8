#include "interp/space.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <cstdlib>

namespace tarry::codegen::interp {

AxisGroup::AxisGroup(const Launch& launch, int begin, int end, runtime::Workspace& workspace) {
  accesses_ = launch.operands.size();
  for (int axis = begin; axis < end; ++axis) {
    points_ *= launch.extents[axis];
    kept_ += launch.extents[axis] != 1;
  }
  if (kept_ > kMaxAxes) throw InternalError("interpreter: more axes than memory can hold");
  strides_ = workspace.take_list<int64_t>(accesses_ * kept_);
  for (int axis = end; axis-- > begin;) {
    if (launch.extents[axis] == 1) continue;
    bool merges = rank_ > 0;
    for (size_t a = 0; a < accesses_ && merges; ++a)
      merges = launch.operands[a].strides[axis] == strides_[a * kept_ + rank_ - 1] * extents_[rank_ - 1];
    if (merges) {
      extents_[rank_ - 1] *= launch.extents[axis];
      continue;
    }
    for (size_t a = 0; a < accesses_; ++a) strides_[a * kept_ + rank_] = launch.operands[a].strides[axis];
    extents_[rank_++] = launch.extents[axis];
  }
}

void set_box(Box& box, const AxisGroup& group, int64_t begin, int64_t end, int64_t limit) {
  box.rank = 0;
  box.points = 1;
  const int rank = group.rank();
  if (rank == 0) return;
  int64_t rest = begin;
  for (int a = 0; a < rank - 1; ++a) {
    box.coordinates[a] = rest % group.extent(a);
    rest /= group.extent(a);
  }
  box.coordinates[rank - 1] = rest;

  const int64_t room = std::min(limit, end - begin);
  int axis = 0;
  while (axis < rank - 1 && box.coordinates[axis] == 0 && box.points * group.extent(axis) <= room) {
    box.extents[axis] = group.extent(axis);
    box.points *= group.extent(axis++);
  }
  box.extents[axis] = std::min(group.extent(axis) - box.coordinates[axis], room / box.points);
  box.points *= box.extents[axis];
  box.rank = axis + 1;
}

void Tiling::cut(const AxisGroup& group, int axis, int64_t limit) {
  const int64_t extent = group.extent(axis);
  const int64_t room = std::clamp<int64_t>(limit / points_, 1, extent);
  // Pieces of about the same size, whole lines of memory where they are long.
  const int64_t pieces = (extent + room - 1) / room;
  int64_t size = (extent + pieces - 1) / pieces;
  if (size > 64) size = std::min((size + 15) / 16 * 16, room);
  sizes_[axis] = size;
  pieces_[axis] = (extent + size - 1) / size;
  points_ *= size;
  tiles_ *= pieces_[axis];
  if (size > 1) spanned_ = std::max(spanned_, axis + 1);
}

Tiling::Tiling(const AxisGroup& group, int64_t limit, bool blocks) {
  constexpr int64_t kBlockWidth = 128;  // points along the innermost axis of a block
  constexpr int64_t kFarApart = 64;     // elements: more than a line of memory
  int other = 0;
  for (int a = 1; a < group.rank() && blocks; ++a)
    for (size_t access = 0; access < group.accesses(); ++access)
      if (std::abs(group.stride(access, a)) == 1 && std::abs(group.stride(access, 0)) >= kFarApart) other = a;
  if (other && group.extent(0) >= kBlockWidth && group.extent(other) >= 16) {
    cut(group, 0, kBlockWidth);
    cut(group, other, limit);
    for (int a = 1; a < group.rank(); ++a)
      if (a != other) cut(group, a, 1);
    return;
  }
  for (int a = 0; a < group.rank(); ++a) cut(group, a, points_ < limit ? limit : 1);
}

void Tiling::set_box(Box& box, const AxisGroup& group, int64_t tile) const {
  box.rank = spanned_;
  box.points = 1;
  for (int a = 0; a < group.rank(); ++a) {
    box.coordinates[a] = tile % pieces_[a] * sizes_[a];
    tile /= pieces_[a];
    box.extents[a] = std::min(sizes_[a], group.extent(a) - box.coordinates[a]);
    box.points *= box.extents[a];
  }
}

int64_t offset_of(const AxisGroup& group, const Box& box, size_t access) {
  int64_t offset = 0;
  for (int a = 0; a < group.rank(); ++a) offset += box.coordinates[a] * group.stride(access, a);
  return offset;
}

void Pattern::append(const AxisGroup& group, const Box& box, size_t access) {
  for (int a = 0; a < box.rank; ++a) {
    if (box.extents[a] == 1) continue;
    extents[rank] = box.extents[a];
    strides[rank++] = group.stride(access, a);
  }
}

void Pattern::classify() {
  bool compact = true, splat = true;
  int64_t step = 1;
  for (int a = 0; a < rank; ++a) {
    compact &= strides[a] == step;
    splat &= strides[a] == 0;
    step *= extents[a];
  }
  kind = compact ? Kind::compact : splat ? Kind::splat : Kind::strided;
}

}  // namespace tarry::codegen::interp
