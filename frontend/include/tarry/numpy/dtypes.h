#pragma once
/// What types arrays meet in, and the limits of types.

#include <tarry/array.h>

#include <initializer_list>

namespace tarry::numpy {

/// NumPy 2's promotion of two types, and of arrays, C++ scalars and types together (NEP 50).
TARRY_API DType promote_types(DType a, DType b);
/// One argument of result_type.
struct Typed {
  DType dtype;
  bool weak;
  Typed(DType t) : dtype(t), weak(false) {}
  TARRY_API Typed(const Array& x);
  template <Scalar T>
  Typed(T value) : Typed(Array(value)) {}
};
TARRY_API DType result_type(std::initializer_list<Typed> arguments);
template <class... T>
DType result_type(const T&... arguments) {
  return result_type({Typed(arguments)...});
}

/// What a cast may change: nothing but byte order; no value; no kind (float64 to float32 may); anything.
enum class Casting : uint8_t { no, equiv, safe, same_kind, unsafe };
TARRY_API bool can_cast(DType from, DType to, Casting casting = Casting::safe);
/// The smallest type that holds a number, which is a 0-d array or a C++ scalar: of other arrays their own.
TARRY_API DType min_scalar_type(Arg x);

/// Limits of an integer type. ValueError for another.
struct iinfo {
  int bits;
  int64_t min;
  uint64_t max;
  TARRY_API explicit iinfo(DType t);
};
/// Limits of a floating-point type, or of the parts of a complex one. ValueError for another.
struct finfo {
  int bits;
  double eps;  // from 1 to the next number
  double epsneg, max, min;
  double tiny, smallest_normal, smallest_subnormal;
  double resolution;
  int precision, nmant, nexp, maxexp, minexp;
  TARRY_API explicit finfo(DType t);
};

/// The array itself, or in another type a copy.
TARRY_API Array asarray(Arg x);
TARRY_API Array asarray(Arg x, DType dtype);
TARRY_API const Shape& shape(const Array& x);
TARRY_API int64_t ndim(const Array& x);
TARRY_API int64_t size(const Array& x);

}  // namespace tarry::numpy
