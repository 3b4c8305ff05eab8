#pragma once
/// Rearranging arrays. Functions that NumPy answers with a view are views here: writes go through.

#include <tarry/array.h>
#include <tarry/index.h>

#include <utility>
#include <vector>

namespace tarry::numpy {

// ---- views ----
/// A view where NumPy gives one, else a copy. One extent may be -1.
TARRY_API Array reshape(Arg x, const Shape& shape);
/// One axis; a view where the memory allows it.
TARRY_API Array ravel(Arg x);
/// Axes reversed, or in the order given.
TARRY_API Array transpose(Arg x);
TARRY_API Array transpose(Arg x, const Axes& axes);
TARRY_API Array permute_dims(Arg x, const Axes& axes);
/// The last two axes exchanged.
TARRY_API Array matrix_transpose(Arg x);
TARRY_API Array swapaxes(Arg x, Dim first, Dim second);
TARRY_API Array moveaxis(Arg x, Dim source, Dim destination);
TARRY_API Array rollaxis(Arg x, Dim axis, int64_t start = 0);
/// Read-only, as it repeats elements. ValueError when x does not broadcast to the shape.
TARRY_API Array broadcast_to(Arg x, const Shape& shape);
/// New axes of extent 1, counted in the result.
TARRY_API Array expand_dims(Arg x, const Axes& axes);
/// Without the axes of extent 1, or without those given. ValueError if one of these is longer.
TARRY_API Array squeeze(Arg x, const Axes& axes = {});
/// Backwards along some axes, all by default.
TARRY_API Array flip(Arg x, const Axes& axes = {});
TARRY_API Array fliplr(Arg x);
TARRY_API Array flipud(Arg x);
/// By quarter turns, from the first axis towards the second.
TARRY_API Array rot90(Arg x, int64_t turns = 1, Dim axis1 = 0, Dim axis2 = 1);
TARRY_API Array atleast_1d(Arg x);
TARRY_API Array atleast_2d(Arg x);
TARRY_API Array atleast_3d(Arg x);

// ---- copies ----
TARRY_API Array copy(Arg x);
TARRY_API Array astype(Arg x, DType dtype);
/// Joined along an axis that exists; dtypes promote. ValueError when other axes differ.
TARRY_API Array concatenate(const std::vector<Array>& arrays, Dim axis = 0, Here here = {});
TARRY_API Array concat(const std::vector<Array>& arrays, Dim axis = 0, Here here = {});
/// Joined along a new axis. ValueError when shapes differ.
TARRY_API Array stack(const std::vector<Array>& arrays, Dim axis = 0, Here here = {});
TARRY_API Array vstack(const std::vector<Array>& arrays, Here here = {});
TARRY_API Array hstack(const std::vector<Array>& arrays, Here here = {});
/// Shifted by `shift` places, what falls off comes back at the other end; flattened when no axis is given.
TARRY_API Array roll(Arg x, int64_t shift);
TARRY_API Array roll(Arg x, int64_t shift, Dim axis);

/// How pad fills.
enum class PadMode : uint8_t { constant, edge, reflect, symmetric, wrap };
/// {before, after} for each axis; one pair stands for all.
using PadWidth = std::vector<std::pair<int64_t, int64_t>>;
/// reflect does not repeat the edge, symmetric does. Both go back and forth, and wrap goes round, as often as it takes.
TARRY_API Array pad(Arg x, const PadWidth& width, PadMode mode = PadMode::constant, const Array& value = 0);
/// As many before and after each axis.
TARRY_API Array pad(Arg x, int64_t width, PadMode mode = PadMode::constant, const Array& value = 0);

}  // namespace tarry::numpy
