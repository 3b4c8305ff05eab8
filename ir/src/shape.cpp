#include <tarry/ir/shape.h>

#include <tarry/ir/error.h>

namespace tarry::ir {

void Ints::grow(size_t n) {
  size_t grown = std::max<size_t>(n, capacity_ * 2);
  std::unique_ptr<int64_t[]> bigger(new int64_t[grown]);
  std::memcpy(bigger.get(), data(), size_ * sizeof(int64_t));
  heap_ = std::move(bigger);
  capacity_ = static_cast<uint32_t>(grown);
}

int64_t num_elements(std::span<const int64_t> shape) {
  // As NumPy, an extent of 0 does not excuse the others: their product is what strides are made of.
  int64_t n = 1;
  bool overflow = false, none = false;
  for (int64_t extent : shape) {
    if (extent == 0)
      none = true;
    else
      overflow |= __builtin_mul_overflow(n, extent, &n);
  }
  if (overflow)
    throw ValueError("array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.");
  return none ? 0 : n;
}

Strides c_strides(std::span<const int64_t> shape) {
  Strides strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * std::max<int64_t>(shape[i], 1);
  return strides;
}

std::string tuple_text(std::span<const int64_t> v) {
  std::string text = "(";
  for (size_t i = 0; i < v.size(); ++i) {
    if (i) text += ", ";
    text += std::to_string(v[i]);
  }
  return text + (v.size() == 1 ? ",)" : ")");
}

}  // namespace tarry::ir
