#pragma once
/// Making arrays.

#include <tarry/array.h>

#include <initializer_list>
#include <span>
#include <vector>

namespace tarry::numpy {

/// A nested list of scalars and arrays, as `np::array` takes it. The element type is that of NumPy
/// for the like list: bool, int64 or float64, and promotion among arrays.
class TARRY_API Nested {
 public:
  template <Scalar T>
  Nested(T value) : leaf_(value), is_list_(false) {}
  Nested(const Array& array) : leaf_(array), is_list_(false) {}
  Nested(std::initializer_list<Nested> list) : list_(list) {}
  bool is_list() const { return is_list_; }
  const Array& leaf() const { return leaf_; }
  const std::vector<Nested>& list() const { return list_; }

 private:
  Array leaf_;
  std::vector<Nested> list_;
  bool is_list_ = true;
};

/// numpy.array of a nested list, a number (0-d, not weak) or an array (a copy). Throws ValueError when the list is
/// ragged.
TARRY_API Array array(const Nested& values, Here here = {});
TARRY_API Array array(const Nested& values, DType dtype, Here here = {});
/// A copy of memory, in its own element type: `std::vector<int>` gives int32.
TARRY_API Array array_from_memory(const void* data, DType dtype, const Shape& shape, Here here = {});
template <Scalar T>
Array array(const std::vector<T>& values, Here here = {}) {
  if constexpr (std::is_same_v<T, bool>) {
    std::vector<uint8_t> bytes(values.begin(), values.end());
    return array_from_memory(bytes.data(), DType::bool_, Shape{bytes.size()}, here);
  } else {
    return array_from_memory(values.data(), dtype_of<T>(), Shape{values.size()}, here);
  }
}
/// ValueError when the shape has another number of elements than the span.
TARRY_API void check_span_size(size_t elements, const Shape& shape);
template <class T>
Array array(std::span<T> values, const Shape& shape, Here here = {}) requires Scalar<std::remove_cv_t<T>> {
  check_span_size(values.size(), shape);
  return array_from_memory(values.data(), dtype_of<std::remove_cv_t<T>>(), shape, here);
}
template <class T>
Array array(std::span<T> values, Here here = {}) requires Scalar<std::remove_cv_t<T>> {
  return array_from_memory(values.data(), dtype_of<std::remove_cv_t<T>>(), Shape{values.size()}, here);
}
/// No copy: the array and the caller share the memory, which outlives the array. Ops on it run at the call. Over
/// constant memory the array is read-only.
TARRY_API Array frombuffer(void* data, DType dtype, const Shape& shape);
TARRY_API Array frombuffer(const void* data, DType dtype, const Shape& shape);
template <Scalar T>
Array frombuffer(T* data, const Shape& shape) {
  return frombuffer(static_cast<void*>(data), dtype_of<T>(), shape);
}
template <Scalar T>
Array frombuffer(const T* data, const Shape& shape) {
  return frombuffer(static_cast<const void*>(data), dtype_of<T>(), shape);
}

TARRY_API Array zeros(const Shape& shape, DType dtype = DType::float64, Here here = {});
TARRY_API Array ones(const Shape& shape, DType dtype = DType::float64, Here here = {});

}  // namespace tarry::numpy
