#pragma once
/// NumPy's text of an array, character for character, from plain memory.

#include <tarry/ir/dtype.h>

#include <cstdint>
#include <span>
#include <string>

namespace tarry::frontend {

/// How many fractional digits a float shows, relative to PrintOptions::precision.
enum class FloatMode : uint8_t {
  fixed,          // exactly `precision`
  unique,         // as many as tell the value from its neighbours; `precision` is ignored
  maxprec,        // as unique, but at most `precision`
  maxprec_equal,  // as maxprec, and the same number for all elements
};

/// NumPy's print options with NumPy's defaults.
struct PrintOptions {
  int precision = 8;         // fractional digits of floats
  int64_t threshold = 1000;  // arrays with more elements are summarised
  int64_t edgeitems = 3;     // elements shown at each end of a summarised axis; at least 1
  int64_t linewidth = 75;    // characters
  bool suppress = false;     // do not switch to scientific notation for small values
  std::string nanstr = "nan";
  std::string infstr = "inf";
  char sign = '-';  // '-': of negatives; '+': always; ' ': a space before positives
  FloatMode floatmode = FloatMode::maxprec;
};

/// `str(a)` of the array with this shape whose elements lie in C order at `data`.
/// bfloat16 prints as the ml_dtypes package prints it.
std::string array_str(ir::DType dtype, std::span<const int64_t> shape, const void* data,
                      const PrintOptions& options = {});

/// `repr(a)`, likewise.
std::string array_repr(ir::DType dtype, std::span<const int64_t> shape, const void* data,
                       const PrintOptions& options = {});

}  // namespace tarry::frontend
