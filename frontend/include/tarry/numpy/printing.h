#pragma once
/// How arrays print: NumPy's print options.

#include <tarry/array.h>

#include <complex>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tarry::numpy {

/// How many fractional digits a float shows, relative to PrintOptions::precision.
enum class FloatMode : uint8_t {
  fixed,          // exactly `precision`
  unique,         // as many as tell the value from its neighbours; `precision` is ignored
  maxprec,        // as unique, but at most `precision`
  maxprec_equal,  // as maxprec, and the same number for all elements
};

/// The text of one element, by kind, where the usual one will not do. What comes out is not aligned.
struct Formatter {
  std::function<std::string(bool)> bool_kind = {};
  std::function<std::string(int64_t)> int_kind = {};
  std::function<std::string(uint64_t)> uint_kind = {};  // if there is none, int_kind takes unsigned ones that fit
  std::function<std::string(double)> float_kind = {};
  std::function<std::string(std::complex<double>)> complex_kind = {};
};

/// Those that are given replace what holds: `np::set_printoptions({.precision = 3, .suppress = true})`.
struct PrintOptions {
  std::optional<int> precision = {};       // fractional digits of floats: 8
  std::optional<int64_t> threshold = {};   // arrays with more elements are summarised: 1000
  std::optional<int64_t> edgeitems = {};   // elements shown at each end of a summarised axis: 3
  std::optional<int64_t> linewidth = {};   // characters: 75
  std::optional<bool> suppress = {};       // do not switch to scientific notation for small values: false
  std::optional<std::string> nanstr = {};  // "nan"
  std::optional<std::string> infstr = {};  // "inf"
  Formatter formatter = {};                // set_printoptions resets what is not given
  std::optional<char> sign = {};           // '-': of negatives, the default; '+': always; ' ': a space before positives
  std::optional<FloatMode> floatmode = {};                      // maxprec
  std::function<std::string(const Array&)> override_repr = {};  // in place of repr; reset likewise
};

/// The options of this thread, which starts with NumPy's defaults. ValueError for a sign that is none of the three and
/// for negative counts.
TARRY_API void set_printoptions(const PrintOptions& options);
/// All that holds now.
TARRY_API PrintOptions get_printoptions();

/// Sets options for a scope: `np::printoptions with({.precision = 3});`
class TARRY_API printoptions {
 public:
  explicit printoptions(const PrintOptions& options);
  ~printoptions();
  printoptions(const printoptions&) = delete;
  printoptions& operator=(const printoptions&) = delete;

 private:
  PrintOptions before_;
};

/// numpy.array2string: the text with other options, another separator, `prefix` characters into the line and with
/// `suffix` behind it, neither of which is part of the text.
TARRY_API std::string array2string(const Array& x, const PrintOptions& options = {}, std::string_view separator = " ",
                                   std::string_view prefix = "", std::string_view suffix = "", Here here = {});

/// The text of a NumPy scalar of this floating-point type: its shortest digits, in scientific notation where it is very
/// large or very small.
TARRY_API std::string scalar_text(DType dtype, double value);

}  // namespace tarry::numpy
