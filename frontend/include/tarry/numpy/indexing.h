#pragma once
/// Reading and writing at places that arrays say. Indices that lie outside throw IndexError: at the call where
/// they are known, else when the result is looked at. See index.h for `x[...]` itself.

#include <tarry/array.h>
#include <tarry/index.h>

#include <vector>

namespace tarry::numpy {

/// What take, put and choose do with indices outside: throw, count them round the axis, or take the nearest.
enum class IndexMode : uint8_t { raise, wrap, clip };

/// The elements at the indices: along one axis, whose place their shape takes, or of the flattened array.
TARRY_API Array take(Arg x, Arg indices, IndexMode mode = IndexMode::raise);
TARRY_API Array take(Arg x, Arg indices, Dim axis, IndexMode mode = IndexMode::raise);
/// Writes to the places of the flattened array; values are repeated as needed, and the last one at a place wins.
TARRY_API void put(const Array& x, Arg indices, Arg values, IndexMode mode = IndexMode::raise);
/// The elements at indices of their own for each place of the other axes, which broadcast; as argsort gives them.
TARRY_API Array take_along_axis(Arg x, Arg indices, Dim axis);
TARRY_API Array take_along_axis(Arg x, Arg indices, None);
TARRY_API void put_along_axis(const Array& x, Arg indices, Arg values, Dim axis);
/// Elements of the choices, each from the one that `which` says; all broadcast together. With `raise` the indices are
/// looked at, and ValueError thrown, at the call.
TARRY_API Array choose(Arg which, const std::vector<Array>& choices, IndexMode mode = IndexMode::raise);
/// What a one-dimensional condition, perhaps shorter than the axis, leaves of it, or of the flattened array.
TARRY_API Array compress(Arg condition, Arg x);
TARRY_API Array compress(Arg condition, Arg x, Dim axis);
/// The elements of the flattened array where the condition holds.
TARRY_API Array extract(Arg condition, Arg x);

/// Where elements are not zero, looked at now: an index array for each axis. ValueError for a 0-d array.
TARRY_API std::vector<Array> nonzero(Arg x);
/// numpy.where of a condition alone.
TARRY_API std::vector<Array> where(Arg condition);
/// The same as one array: a row for each place.
TARRY_API Array argwhere(Arg x);
/// In the flattened array.
TARRY_API Array flatnonzero(Arg x);
/// Index arrays of one axis each that broadcast to a grid: `x[ix_({rows, columns})]` as an index.
TARRY_API Index ix_(const std::vector<Array>& axes);

/// x[index] = x[index] + values with every repeated place counted, in order: numpy.add.at. TypeError where the values
/// may not be cast to the array's dtype.
TARRY_API void add_at(const Array& x, const Index& index, Arg values);
TARRY_API void subtract_at(const Array& x, const Index& index, Arg values);
TARRY_API void multiply_at(const Array& x, const Index& index, Arg values);
TARRY_API void maximum_at(const Array& x, const Index& index, Arg values);
TARRY_API void minimum_at(const Array& x, const Index& index, Arg values);

}  // namespace tarry::numpy
