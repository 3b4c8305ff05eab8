#pragma once
/// Arrays with parts left out, put in or chosen by masks.

#include <tarry/array.h>
#include <tarry/index.h>

#include <string_view>
#include <vector>

namespace tarry::numpy {

/// numpy.delete, whose name is a word of C++: a copy without what an integer, a slice, an array of integers or a mask
/// says, along an axis or of the flattened array.
TARRY_API Array delete_(Arg x, const Item& what);
TARRY_API Array delete_(Arg x, const Item& what, Dim axis);
/// A copy with values put in before the places that an integer, a slice, an array of integers or a mask says; they are
/// cast to the array's dtype.
TARRY_API Array insert(Arg x, const Item& where, Arg values);
TARRY_API Array insert(Arg x, const Item& where, Arg values, Dim axis);
/// The flattened elements over and over, as many as the shape takes.
TARRY_API Array resize(Arg x, const Shape& shape);
/// A vector without the zeros in front ("f"), at its back ("b") or both: a view.
TARRY_API Array trim_zeros(Arg x, std::string_view trim = "fb");

/// Elements of the first of several arrays whose condition holds, else `otherwise`; all broadcast. TypeError for
/// conditions that are not bool.
TARRY_API Array select(const std::vector<Array>& conditions, const std::vector<Array>& choices,
                       const Array& otherwise = 0, Here here = {});
/// x[mask] = the first values, repeated where there are fewer. TypeError where NumPy's rule "safe" refuses the cast.
TARRY_API void place(const Array& x, Arg mask, Arg values);
/// x[i] = values[i] where the mask holds, of the flattened arrays; fewer values are repeated. TypeError as for place.
TARRY_API void putmask(const Array& x, Arg mask, Arg values);
/// target[...] = source, where the condition holds. TypeError where NumPy's rule same_kind refuses the cast.
TARRY_API void copyto(const Array& target, Arg source, Arg where = true);
/// The main diagonal of an array of two axes, or of more with one extent, becomes this value or these, repeated.
/// `wrap`: of a tall matrix it begins anew after each square.
TARRY_API void fill_diagonal(const Array& x, Arg values, bool wrap = false);

/// Read-only views of one shape, and that shape.
TARRY_API std::vector<Array> broadcast_arrays(const std::vector<Array>& arrays, Here here = {});
TARRY_API Shape broadcast_shapes(const std::vector<Shape>& shapes);
/// Views along the first axis, or another.
TARRY_API std::vector<Array> unstack(Arg x, Dim axis = 0);

// ---- indices ----

/// The index in the flattened array of indices along each axis. ValueError for indices outside, which are looked at.
TARRY_API Array ravel_multi_index(const std::vector<Array>& indices, const Shape& shape, Here here = {});
/// The indices along each axis of indices in the flattened array.
TARRY_API std::vector<Array> unravel_index(Arg indices, const Shape& shape);
TARRY_API std::vector<Array> diag_indices(int64_t n, int64_t ndim = 2, Here here = {});
/// Places of the lower (upper) triangle of an n by m matrix, a negative m meaning square.
TARRY_API std::vector<Array> tril_indices(int64_t n, int64_t k = 0, int64_t m = -1, Here here = {});
TARRY_API std::vector<Array> triu_indices(int64_t n, int64_t k = 0, int64_t m = -1, Here here = {});

/// The bits of bytes, the highest first, along the last axis of the flattened array; and back, zeros filling it up.
TARRY_API Array unpackbits(Arg x);
TARRY_API Array packbits(Arg x);

}  // namespace tarry::numpy
