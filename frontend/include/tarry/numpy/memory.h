#pragma once
/// Where elements lie: who shares them, and in which order.

#include <tarry/array.h>

namespace tarry::numpy {

/// Whether a byte belongs to both, through views or through memory of the user's. Two arrays that merely happen to be
/// computed into one place do not share it: a write to one is never seen in the other. Exact, and in rare cases slow.
TARRY_API bool shares_memory(const Array& a, const Array& b);
/// Whether the stretches from the first to the last byte overlap: quick, and sometimes true where nothing is shared.
TARRY_API bool may_share_memory(const Array& a, const Array& b);

/// The array itself when it lies in C order, else a copy; of a 0-d array a view with one axis.
TARRY_API Array ascontiguousarray(Arg x);
/// The array itself when it lies in Fortran order, else a copy that does.
TARRY_API Array asfortranarray(Arg x);
/// Whether it lies in Fortran order and not in C order.
TARRY_API bool isfortran(const Array& x);

}  // namespace tarry::numpy
