#pragma once
/// Arrays made from a shape or a range alone.

#include <tarry/array.h>

#include <optional>
#include <type_traits>
#include <utility>

namespace tarry::numpy {

/// Undefined content.
TARRY_API Array empty(const Shape& shape, DType dtype = DType::float64, Here here = {});
/// The value's own dtype, or the one given. Throws OverflowError's words as ValueError for integers that do not fit.
TARRY_API Array full(const Shape& shape, Arg value);
TARRY_API Array full(const Shape& shape, Arg value, DType dtype);
/// Like the argument in shape, dtype and order of axes.
TARRY_API Array empty_like(Arg x);
TARRY_API Array zeros_like(Arg x);
TARRY_API Array ones_like(Arg x);
TARRY_API Array full_like(Arg x, Arg value);
TARRY_API Array empty_like(Arg x, DType dtype);
TARRY_API Array zeros_like(Arg x, DType dtype);
TARRY_API Array ones_like(Arg x, DType dtype);

/// A bound of a range: any number, and whether it counts (then the range is int64). ValueError for an integer that
/// int64 does not hold.
struct Number {
  double value;
  int64_t integer = 0;
  bool is_integer;
  template <Scalar T>
  requires(!ComplexScalar<T>) constexpr Number(T v) : value(static_cast<double>(v)), is_integer(std::is_integral_v<T>) {
    if constexpr (std::is_same_v<T, bool>)
      integer = v;
    else if constexpr (std::is_integral_v<T>)
      integer = std::in_range<int64_t>(v) ? static_cast<int64_t>(v) : refuse();
  }

 private:
  [[noreturn]] TARRY_API static int64_t refuse();
};
/// start, start + step, … below stop; int64 if all are integers, else float64. ValueError for a step of 0.
TARRY_API Array arange(Number stop, std::optional<DType> dtype = {}, Here here = {});
TARRY_API Array arange(Number start, Number stop, Number step = 1, std::optional<DType> dtype = {}, Here here = {});
/// `num` values from start to stop; the last is exactly stop when `endpoint`.
TARRY_API Array linspace(double start, double stop, int64_t num = 50, bool endpoint = true,
                         DType dtype = DType::float64, Here here = {});
/// Ones on the k-th diagonal, above the main one for k > 0. A negative m means square.
TARRY_API Array eye(int64_t n, int64_t m = -1, int64_t k = 0, DType dtype = DType::float64, Here here = {});
TARRY_API Array identity(int64_t n, DType dtype = DType::float64, Here here = {});

}  // namespace tarry::numpy
