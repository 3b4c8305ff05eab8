#pragma once
/// Complex numbers: their parts, and what tells them from real ones.

#include <tarry/array.h>

namespace tarry::numpy {

/// The real parts: a view of a complex array, through which it can be written; a real array itself.
TARRY_API Array real(Arg x);
/// The imaginary parts: a view of a complex array; zeros, read-only, of a real one.
TARRY_API Array imag(Arg x);
TARRY_API Array conjugate(Arg x);
TARRY_API Array conj(Arg x);
/// arctan2(imag, real), in degrees on request.
TARRY_API Array angle(Arg x, bool deg = false);
/// Elementwise: whether the imaginary part is (not) 0.
TARRY_API Array iscomplex(Arg x);
TARRY_API Array isreal(Arg x);
/// Whether the elements have a complex type.
TARRY_API bool iscomplexobj(Arg x);
TARRY_API bool isrealobj(Arg x);
/// The real parts if all imaginary ones are nearly 0 (below tol·eps, or below tol where that is at most 1), else x.
/// Looks at the elements.
TARRY_API Array real_if_close(Arg x, double tol = 100);

}  // namespace tarry::numpy
