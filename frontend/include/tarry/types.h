#pragma once
/// Element types, shapes and axes as users write them.

#include <tarry/ir/dtype.h>
#include <tarry/ir/error.h>
#include <tarry/ir/export.h>
#include <tarry/ir/shape.h>

#include <complex>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace tarry {

using ir::DType;
inline constexpr DType bool_ = DType::bool_;
inline constexpr DType int8 = DType::int8, int16 = DType::int16, int32 = DType::int32, int64 = DType::int64;
inline constexpr DType uint8 = DType::uint8, uint16 = DType::uint16, uint32 = DType::uint32, uint64 = DType::uint64;
inline constexpr DType float16 = DType::float16, bfloat16 = DType::bfloat16;
inline constexpr DType float32 = DType::float32, float64 = DType::float64;
inline constexpr DType complex64 = DType::complex64, complex128 = DType::complex128;

namespace detail {
template <class T, class... U>
inline constexpr bool is_one_of = (std::is_same_v<T, U> || ...);
}

/// std::complex of float or double.
template <class T>
concept ComplexScalar = detail::is_one_of<T, std::complex<float>, std::complex<double>>;
/// A C++ number: any arithmetic type but the character types, or a complex one. `signed char` and
/// `unsigned char` are int8 and uint8; `long double` is left out, because no element type holds it.
template <class T>
concept Scalar = ComplexScalar<T> ||
    (std::is_arithmetic_v<T> && !detail::is_one_of<T, char, wchar_t, char8_t, char16_t, char32_t, long double>);
/// A Scalar that counts.
template <class T>
concept Integer = Scalar<T> && std::is_integral_v<T> && !std::is_same_v<T, bool>;

/// The element type with the layout of the C++ type T.
template <Scalar T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>)
    return DType::bool_;
  else if constexpr (std::is_same_v<T, float>)
    return DType::float32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::float64;
  else if constexpr (std::is_same_v<T, std::complex<float>>)
    return DType::complex64;
  else if constexpr (std::is_same_v<T, std::complex<double>>)
    return DType::complex128;
  else if constexpr (std::is_signed_v<T>)
    return sizeof(T) == 1 ? DType::int8 : sizeof(T) == 2 ? DType::int16 : sizeof(T) == 4 ? DType::int32 : DType::int64;
  else
    return sizeof(T) == 1   ? DType::uint8
           : sizeof(T) == 2 ? DType::uint16
           : sizeof(T) == 4 ? DType::uint32
                            : DType::uint64;
}

/// The token `none`: an absent bound of a slice, all axes, a new axis of an index.
struct None {};
inline constexpr None none;

namespace detail {
[[noreturn]] TARRY_API void refuse_position();
[[noreturn]] TARRY_API void refuse_extent();

/// An axis or an index out of any integer, an extent likewise. What int64 does not hold, as the size() - 1 of an empty
/// vector, throws ValueError, where a conversion would make it count from the end.
template <Integer T>
constexpr int64_t position(T v) {
  if (!std::in_range<int64_t>(v)) refuse_position();
  return static_cast<int64_t>(v);
}
template <Integer T>
constexpr int64_t extent(T v) {
  if (!std::in_range<int64_t>(v)) refuse_extent();
  return static_cast<int64_t>(v);
}
}  // namespace detail

/// One axis, from any integer type, so that `{v.size(), 3}` does not narrow.
struct Dim {
  int64_t value;
  template <Integer T>
  constexpr Dim(T v) : value(detail::position(v)) {}
};

/// One extent, likewise.
struct Extent {
  int64_t value;
  template <Integer T>
  constexpr Extent(T v) : value(detail::extent(v)) {}
};

/// The extents of an array, outermost first: `Shape{2, 3}`, `Shape{}` for 0-d. Prints as NumPy's tuple.
class TARRY_API Shape : public ir::Ints {
 public:
  Shape() = default;
  Shape(const ir::Ints& extents) : ir::Ints(extents) {}
  Shape(std::span<const int64_t> extents) : ir::Ints(extents) {}
  template <Integer T>
  Shape(T extent) : ir::Ints{detail::extent(extent)} {}
  Shape(std::initializer_list<Extent> extents) {
    for (Extent e : extents) push_back(e.value);
  }
  template <Integer T>
  Shape(const std::vector<T>& extents) {
    for (T e : extents) push_back(detail::extent(e));
  }
};
TARRY_API std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// One axis, several, or all of them (`none`, the default). Negative axes count from the end.
class TARRY_API Axes {
 public:
  Axes() = default;
  Axes(None) {}
  template <Integer T>
  Axes(T axis) : all_(false), list_{detail::position(axis)} {}
  Axes(std::initializer_list<Dim> axes) : all_(false) {
    for (Dim d : axes) list_.push_back(d.value);
  }
  template <Integer T>
  Axes(const std::vector<T>& axes) : all_(false) {
    for (T d : axes) list_.push_back(detail::position(d));
  }
  bool all() const { return all_; }
  const ir::Ints& list() const { return list_; }

 private:
  bool all_ = true;
  ir::Ints list_;
};

/// Whether a reduction keeps its axes, with extent 1: `np::sum(x, 1, tarry::keepdims)`.
enum class KeepDims : bool { no, yes };
inline constexpr KeepDims keepdims = KeepDims::yes;

/// Where a call stands in the user's code; filled in by the compiler.
struct Here {
  struct Caller {};
  uint64_t bits;
  /// The parameter keeps a 0, which as an axis is meant, from being taken for the name of a file.
  Here(Caller = {}, const char* file = __builtin_FILE(), int line = __builtin_LINE()) : Here(file, line) {}
  explicit Here(const char* file, int line)
      : bits(reinterpret_cast<uint64_t>(file) | static_cast<uint64_t>(line < 0xffff ? line : 0xffff) << 48) {}
};

}  // namespace tarry
