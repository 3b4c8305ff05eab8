#pragma once
/// NumPy's values of the ops, from tests/data.

#include "interp_support.h"

#include <optional>

namespace tarry::test {

/// What NumPy gives for every combination of the elements of some lists, the last one running fastest.
struct NumpyValues {
  std::vector<Data> lists;  // one per operand
  Data results;
  uint64_t places = 0;       // in the last place that a result may be off
  bool either_zero = false;  // NumPy's processor decides which of two zeros it is
};

/// Of the elementwise op with this NumPy name. The result has dtype `out`, whatever NumPy's is.
std::optional<NumpyValues> numpy_values(std::string_view numpy_name, DType t, DType out);
std::optional<NumpyValues> numpy_cast_values(DType from, DType to);

/// Places between two results on the number line of a dtype: 0 where they are equal or both NaN, far
/// where a NaN is not one; +0 and -0 are one place apart.
uint64_t places_apart(DType t, uint64_t a, uint64_t b, bool either_zero);

/// A reduction or scan that NumPy made: the elements, repeated to `shape`, and what came out.
struct NumpyReduction {
  std::string what;  // the row's words
  std::string numpy_name;
  Data pattern;
  ir::Shape shape;
  ir::Ints axes;
  bool flattened = false;  // over all axes, which for a scan means a list of all elements
  Data results;
  bool near = false;
};
std::vector<NumpyReduction> numpy_reductions();

}  // namespace tarry::test
