#pragma once
/// The words of the text form that printer and parser share.

#include <tarry/ir/kernel.h>
#include <tarry/ir/program.h>

#include <optional>
#include <span>
#include <string_view>

namespace tarry::ir {

inline constexpr std::string_view kScheduleWords[] = {"map", "row", "column", "split"};
inline constexpr std::string_view kStrideWords[] = {"zero", "unit", "any", "two"};
inline constexpr std::string_view kAccessWords[] = {"read", "write", "index", "gather", "scatter"};

/// The word that introduces the attributes of this kind, "" for those that are written bare.
constexpr std::string_view attr_word(AttrKind kind) {
  switch (kind) {
    case AttrKind::none:
    case AttrKind::slot:
    case AttrKind::literal: return "";
    case AttrKind::axis: return "axis";
    case AttrKind::axes: return "axes";
    case AttrKind::perm: return "perm";
    case AttrKind::slice: return "at";
    case AttrKind::pad: return "by";
    case AttrKind::access: return "access";
  }
  return "";
}

/// How an input lies that has no layout in the text: compact, in C order, alone in a buffer.
/// Nothing when the shape is too big for any buffer.
std::optional<InputLayout> default_layout(uint32_t slot, std::span<const int64_t> shape);

/// The number of scalars of a program whose text does not state it: one more than the highest slot.
uint32_t implied_scalars(const Graph& g);

}  // namespace tarry::ir
