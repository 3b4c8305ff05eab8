#pragma once
/// NumPy 2's promotion (NEP 50) and the dtypes that ufuncs choose.

#include <tarry/types.h>

#include <span>
#include <string_view>

namespace tarry::frontend {

/// What promotion needs to know of an argument.
struct DTypeClass {
  DType dtype;
  bool weak;  // a C++ scalar, or made of such alone
};

/// numpy.promote_types, extended by bfloat16 (with float16: float32).
DType promote(DType a, DType b);
/// numpy.result_type. Weak arguments lend only their kind, unless all are weak.
DType result_type(std::span<const DTypeClass> classes);

/// Which loops a ufunc has; what its operands are cast to together.
enum class Typing : uint8_t {
  same,        // a loop for every dtype: add, maximum, equal
  number,      // none for bool, in NumPy's words for subtract and negative
  arithmetic,  // bool counts as int8: floor_divide, power, remainder
  floating,  // integers become the float that NumPy takes: bool and 8 bits float16, 16 bits float32, else float64: exp
  real,      // as floating, and none for complex numbers: degrees, heaviside
  division,  // integers become float64: true_divide
  bits,      // bool or integers: bitwise_and
  integer,   // integers, bool counts as int8: left_shift
  whole,     // integers, none for bool: gcd
  boolean,   // everything is tested for being nonzero: logical_and
};

/// The dtype of the loop that ufunc `name` runs. Throws TypeError in NumPy's words when there is none.
DType loop_dtype(std::string_view name, Typing typing, std::span<const DTypeClass> classes);

/// Throws NumPy's TypeError for a ufunc without a loop for its operands.
[[noreturn]] void no_loop(std::string_view name);

/// numpy.can_cast(from, to, "same_kind").
bool can_cast_same_kind(DType from, DType to);
/// Throws TypeError in NumPy's words unless its rule "safe" lets elements of one dtype become those of another.
void check_safe_cast(DType from, DType to, bool is_scalar = false);
/// The dtype that sum and prod accumulate in and return by default: int64 or uint64 for bool and shorter integers.
DType sum_dtype(DType dtype);

}  // namespace tarry::frontend
