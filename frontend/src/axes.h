#pragma once
/// Axes that the user gave, and how many an array may have.

#include <tarry/types.h>

#include <string_view>

namespace tarry::frontend {

inline constexpr size_t kMostAxes = 64;  // as NumPy

[[noreturn]] void refuse_axes(size_t count);
bool many_axes_allowed();
/// To be asked wherever an array may get more axes than those that it is made of have. Throws ValueError, in NumPy's
/// words, for too many.
inline void check_axes(size_t count) {
  if (count > kMostAxes && !many_axes_allowed()) [[unlikely]]
    refuse_axes(count);
}
/// As check_axes, for what an index shows: IndexError.
void check_indexed_axes(size_t count);

/// For a scope in which a function makes arrays of more axes on the way to its result.
class ManyAxes {
 public:
  ManyAxes();
  ~ManyAxes();
  ManyAxes(const ManyAxes&) = delete;

 private:
  const bool before_;
};

/// 0, 1, … up to that many.
ir::Ints all_axes(size_t ndim);

/// Counted from the front. Throws ValueError in the words of NumPy's AxisError: "axis 2 is out of bounds
/// for array of dimension 2"; the argument's name stands in front where there are several.
int64_t normalize_axis(int64_t axis, int64_t ndim, std::string_view argument = {});
/// Likewise for several, ascending; all of them for `none`. "duplicate value in 'axis'".
ir::Ints normalize_axes(const Axes& axes, int64_t ndim, const char* repeated = "duplicate value in 'axis'");
/// Likewise of a reduction, for which a 0-d array has an axis 0, as in NumPy.
ir::Ints reduced_axes(const Axes& axes, int64_t ndim);

}  // namespace tarry::frontend
