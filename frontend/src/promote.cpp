#include "promote.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <string>

namespace tarry::frontend {
namespace {

using ir::DTypeKind;

DType signed_of_size(size_t bytes) {
  switch (bytes) {
    case 1: return DType::int8;
    case 2: return DType::int16;
    case 4: return DType::int32;
    case 8: return DType::int64;
    default: return DType::float64;  // int64 with uint64
  }
}

DType promote_ints(DType a, DType b) {
  const size_t size_a = ir::size_of(a), size_b = ir::size_of(b);
  if (ir::is_signed_int(a) == ir::is_signed_int(b)) return size_a >= size_b ? a : b;
  if (ir::is_unsigned_int(a)) return promote_ints(b, a);
  return size_b < size_a ? a : signed_of_size(size_b * 2);
}

DType promote_floats(DType a, DType b) {
  if (a == b) return a;
  if (ir::is_half(a) && ir::is_half(b)) return DType::float32;
  return ir::size_of(a) >= ir::size_of(b) ? a : b;
}

/// The smallest float that holds an integer type, given the float it meets.
DType float_for(DType integer, DType floating) {
  switch (ir::size_of(integer)) {
    case 1: return ir::is_half(floating) ? floating : DType::float16;
    case 2: return DType::float32;
    default: return DType::float64;
  }
}

DType complex_for(DType t) {
  if (ir::is_complex(t)) return t;
  const bool fits = t == DType::float32 || ir::is_half(t) || (!ir::is_float(t) && ir::size_of(t) <= 2);
  return fits ? DType::complex64 : DType::complex128;
}

/// A weak argument met by a type of its own or of a higher kind leaves that as it is.
DType promote_weak(DType strong, DType weak) {
  if (ir::kind_of(weak) == DTypeKind::complex) {
    if (!ir::is_float(strong) && !ir::is_complex(strong)) return DType::complex128;
    return complex_for(strong);
  }
  if (ir::is_float(weak)) return ir::is_float(strong) || ir::is_complex(strong) ? strong : DType::float64;
  if (ir::is_int(weak)) return ir::is_bool(strong) ? DType::int64 : strong;
  return strong;
}

/// The float whose loop NumPy runs for integers of this type alone.
DType float_loop_for(DType t) {
  if (ir::is_float(t) || ir::is_complex(t)) return t;
  return ir::size_of(t) == 1 ? DType::float16 : ir::size_of(t) == 2 ? DType::float32 : DType::float64;
}

/// NumPy casts each argument to the loop, so int8 with uint8 needs no more than either alone.
DType float_loop(std::span<const DTypeClass> classes) {
  DType loop = float_loop_for(classes[0].dtype);
  for (const DTypeClass& c : classes) {
    if (c.weak) return float_loop_for(result_type(classes));
    loop = promote(loop, float_loop_for(c.dtype));
  }
  return loop;
}

/// Weak arguments among themselves: the higher kind wins, within a kind the larger type.
DType promote_two_weak(DType a, DType b) {
  const bool float_a = ir::is_float(a), float_b = ir::is_float(b);
  if (float_a != float_b && !ir::is_complex(a) && !ir::is_complex(b)) return float_a ? a : b;
  return promote(a, b);
}

[[noreturn]] void no_bool_loop(std::string_view name) {
  if (name == "subtract")
    throw TypeError(
        "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the "
        "logical_xor function instead.");
  if (name == "negative")
    throw TypeError(
        "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the logical_not "
        "function instead.");
  no_loop(name);
}

}  // namespace

void no_loop(std::string_view name) {
  throw TypeError("ufunc '" + std::string(name) +
                  "' not supported for the input types, and the inputs could not be safely coerced to any supported "
                  "types according to the casting rule ''safe''");
}

DType promote(DType a, DType b) {
  if (a == b) return a;
  if (ir::is_bool(a)) return b;
  if (ir::is_bool(b)) return a;
  if (ir::is_complex(a) || ir::is_complex(b)) return std::max(complex_for(a), complex_for(b));
  if (ir::is_int(a) && ir::is_int(b)) return promote_ints(a, b);
  if (ir::is_int(a)) return promote_floats(float_for(a, b), b);
  if (ir::is_int(b)) return promote_floats(a, float_for(b, a));
  return promote_floats(a, b);
}

DType result_type(std::span<const DTypeClass> classes) {
  bool any_strong = false, any_weak = false;
  DType strong{}, weak{};
  for (const DTypeClass& c : classes) {
    if (c.weak) {
      weak = any_weak ? promote_two_weak(weak, c.dtype) : c.dtype;
      any_weak = true;
    } else {
      strong = any_strong ? promote(strong, c.dtype) : c.dtype;
      any_strong = true;
    }
  }
  if (!any_strong) return weak;
  return any_weak ? promote_weak(strong, weak) : strong;
}

DType loop_dtype(std::string_view name, Typing typing, std::span<const DTypeClass> classes) {
  const DType t = result_type(classes);
  switch (typing) {
    case Typing::same: return t;
    case Typing::number:
      if (ir::is_bool(t)) no_bool_loop(name);
      return t;
    case Typing::arithmetic: return ir::is_bool(t) ? DType::int8 : t;
    case Typing::floating: return float_loop(classes);
    case Typing::real:
      if (ir::is_complex(t)) no_loop(name);
      return float_loop(classes);
    case Typing::division: return ir::is_float(t) || ir::is_complex(t) ? t : DType::float64;
    case Typing::bits:
      if (!ir::is_bool(t) && !ir::is_int(t)) no_loop(name);
      return t;
    case Typing::integer:
      if (ir::is_bool(t)) return DType::int8;
      if (!ir::is_int(t)) no_loop(name);
      return t;
    case Typing::whole:
      if (!ir::is_int(t))
        throw TypeError("ufunc '" + std::string(name) + "' did not contain a loop with signature matching types");
      return t;
    case Typing::boolean: return DType::bool_;
  }
  return t;
}

bool can_cast_same_kind(DType from, DType to) {
  auto rank = [](DType t) {
    switch (ir::kind_of(t)) {
      case DTypeKind::boolean: return 0;
      case DTypeKind::unsigned_int: return 1;
      case DTypeKind::signed_int: return 2;
      case DTypeKind::floating: return 3;
      case DTypeKind::complex: return 4;
    }
    return 4;
  };
  return rank(from) <= rank(to);
}

void check_safe_cast(DType from, DType to, bool is_scalar) {
  if (promote(from, to) == to) return;
  throw TypeError("Cannot cast " + std::string(is_scalar ? "scalar" : "array data") + " from dtype('" +
                  std::string(ir::info(from).name) + "') to dtype('" + std::string(ir::info(to).name) +
                  "') according to the rule 'safe'");
}

DType sum_dtype(DType t) {
  if (ir::is_unsigned_int(t)) return DType::uint64;
  if (ir::is_bool(t) || ir::is_signed_int(t)) return DType::int64;
  return t;
}

}  // namespace tarry::frontend
