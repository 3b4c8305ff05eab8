#pragma once
/// The universal functions: elementwise, broadcasting, with NumPy 2's promotion.

#include <tarry/array.h>

namespace tarry::numpy {

TARRY_API Array add(Arg a, Arg b);
TARRY_API Array multiply(Arg a, Arg b);
TARRY_API Array exp(Arg x);

}  // namespace tarry::numpy
