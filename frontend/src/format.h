#pragma once
/// NumPy's text of an array, character for character, from plain memory.

#include <tarry/ir/dtype.h>
#include <tarry/numpy/printing.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace tarry::frontend {

using numpy::FloatMode;

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
  numpy::Formatter formatter;
  std::function<std::string(const Array&)> override_repr;
};

/// Those of this thread; see numpy/printing.h.
const PrintOptions& current_print_options();

/// `str(a)` of the array with this shape whose elements lie in C order at `data`.
/// bfloat16 prints as the ml_dtypes package prints it.
std::string array_str(ir::DType dtype, std::span<const int64_t> shape, const void* data,
                      const PrintOptions& options = {});

/// `repr(a)`, likewise.
std::string array_repr(ir::DType dtype, std::span<const int64_t> shape, const void* data,
                       const PrintOptions& options = {});

/// The elements with their brackets, `prefix` characters into the line.
std::string array_body(ir::DType dtype, std::span<const int64_t> shape, const void* data, std::string_view separator,
                       size_t prefix, const PrintOptions& options);

}  // namespace tarry::frontend
