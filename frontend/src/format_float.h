#pragma once
/// Decimal text of floating-point numbers, as NumPy's dragon4 functions give it.

#include <tarry/ir/dtype.h>

#include <cstdint>
#include <string>
#include <vector>

#include "format.h"

namespace tarry::frontend {

/// A number as text, in the pieces that columns are aligned by: `whole.fraction` or `whole.fraction` e `exponent`.
struct FloatText {
  std::string whole;     // with its sign
  std::string fraction;  // without the point
  std::string exponent;  // with its sign, at least two digits; empty in positional notation
};

/// What a finite number shows.
struct FloatDigits {
  bool unique = true;       // shortest digits that identify the value in its type, else exact ones
  int precision = -1;       // most fractional digits (unique), or how many there are (exact); -1: no limit
  int min_digits = 0;       // least fractional digits; those past the shortest are the exact ones
  bool keep_zeros = false;  // else trailing zeros are dropped
  bool plus = false;        // '+' before positives
};

/// `value` holds a number of type `dtype` (float16, float32 or float64) exactly.
FloatText positional(ir::DType dtype, double value, const FloatDigits& digits);
FloatText scientific(ir::DType dtype, double value, const FloatDigits& digits);

/// The text of a NumPy scalar: shortest digits, scientific for very large and very small values.
std::string float_scalar_text(ir::DType dtype, double value, const PrintOptions& options);

/// Formats the elements of one array in one common width and notation.
class FloatFormat {
 public:
  /// `values` are those that will be shown.
  FloatFormat(ir::DType dtype, const std::vector<double>& values, const PrintOptions& options);
  std::string operator()(double value) const;

 private:
  void choose_notation(const std::vector<double>& finite);
  void measure(const std::vector<double>& finite);
  FloatText text(double value) const;

  ir::DType dtype_;
  const PrintOptions& options_;
  FloatDigits digits_;
  bool scientific_ = false;
  size_t pad_left_ = 0, pad_right_ = 0, exponent_digits_ = 0;
};

}  // namespace tarry::frontend
