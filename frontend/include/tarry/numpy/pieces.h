#pragma once
/// Arrays taken to pieces and made of pieces.

#include <tarry/array.h>

#include <vector>

namespace tarry::numpy {

/// Views of equal parts along an axis. ValueError when they cannot be equal; array_split makes the first ones longer.
TARRY_API std::vector<Array> split(Arg x, int64_t parts, Dim axis = 0);
TARRY_API std::vector<Array> array_split(Arg x, int64_t parts, Dim axis = 0);
/// Views between the places given.
TARRY_API std::vector<Array> split(Arg x, const std::vector<int64_t>& places, Dim axis = 0);
TARRY_API std::vector<Array> hsplit(Arg x, int64_t parts);
TARRY_API std::vector<Array> vsplit(Arg x, int64_t parts);
/// The whole repeated; shorter counts are completed by ones in front.
TARRY_API Array tile(Arg x, const Shape& counts);
/// Each element repeated, along an axis or of the flattened array.
TARRY_API Array repeat(Arg x, int64_t count);
TARRY_API Array repeat(Arg x, int64_t count, Dim axis);
TARRY_API Array repeat(Arg x, const std::vector<int64_t>& counts, Dim axis);
TARRY_API Array append(Arg x, Arg values);
TARRY_API Array append(Arg x, Arg values, Dim axis);
TARRY_API Array column_stack(const std::vector<Array>& arrays, Here here = {});
TARRY_API Array dstack(const std::vector<Array>& arrays, Here here = {});

}  // namespace tarry::numpy
