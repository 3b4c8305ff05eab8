#pragma once
/// Polynomials by their coefficients, the highest first; sliding products; slopes; windows.

#include <tarry/array.h>

#include <utility>
#include <vector>

namespace tarry::numpy {

/// The value at x, by Horner's rule.
TARRY_API Array polyval(Arg coefficients, Arg x);
TARRY_API Array polyadd(Arg a, Arg b);
TARRY_API Array polysub(Arg a, Arg b);
TARRY_API Array polymul(Arg a, Arg b);
/// (quotient, remainder); leading zeros of the remainder are dropped.
TARRY_API std::pair<Array, Array> polydiv(Arg a, Arg b);
/// The m-th derivative, and the m-th integral with these constants: none, one for all, or one for each.
TARRY_API Array polyder(Arg coefficients, int64_t m = 1);
TARRY_API Array polyint(Arg coefficients, int64_t m = 1, const std::vector<double>& constants = {});
/// The monic polynomial with these roots.
TARRY_API Array poly(Arg roots);
/// The polynomial of a degree that is nearest to the points (least squares); y may have columns.
TARRY_API Array polyfit(Arg x, Arg y, int64_t degree);

/// How much of a sliding product is kept: every place where the two overlap, as many as the longer one has elements
/// from the middle of these, or those where the shorter one lies inside.
enum class Overlap : uint8_t { full, same, valid };
TARRY_API Array convolve(Arg a, Arg v, Overlap mode = Overlap::full);
TARRY_API Array correlate(Arg a, Arg v, Overlap mode = Overlap::valid);

/// Slopes along one axis: central differences inside, one-sided ones at both ends. Samples lie `spacing` apart.
TARRY_API Array gradient(Arg f, double spacing, Dim axis);
/// Likewise at coordinates, a vector.
TARRY_API Array gradient(Arg f, const Array& coordinates, Dim axis);
/// Along every axis.
TARRY_API std::vector<Array> gradient(Arg f, double spacing = 1.0);

// ---- windows of m points ----
TARRY_API Array bartlett(int64_t m, Here here = {});
TARRY_API Array blackman(int64_t m, Here here = {});
TARRY_API Array hamming(int64_t m, Here here = {});
TARRY_API Array hanning(int64_t m, Here here = {});
TARRY_API Array kaiser(int64_t m, double beta, Here here = {});
/// The modified Bessel function of the first kind, of order 0.
TARRY_API Array i0(Arg x);

}  // namespace tarry::numpy
