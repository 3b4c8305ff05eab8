#pragma once
/// Shapes, strides and other short lists of int64.

#include <tarry/ir/export.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>

namespace tarry::ir {

/// A list of int64 with room for six in place: shapes, strides, axes and permutations are nearly
/// always that short, and a trace makes one for every call.
class TARRY_API Ints {
 public:
  Ints() = default;
  Ints(std::initializer_list<int64_t> v) { assign(v.begin(), v.size()); }
  explicit Ints(std::span<const int64_t> v) { assign(v.data(), v.size()); }
  Ints(size_t n, int64_t fill) {
    resize(n);
    std::fill(begin(), end(), fill);
  }
  Ints(const Ints& o) { copy(o); }
  Ints(Ints&& o) noexcept : heap_(std::move(o.heap_)), size_(o.size_), capacity_(o.capacity_) {
    std::memcpy(local_, o.local_, sizeof local_);
    o.size_ = 0;
    o.capacity_ = kLocal;
  }
  Ints& operator=(const Ints& o) {
    if (this != &o) copy(o);
    return *this;
  }
  Ints& operator=(Ints&& o) noexcept {
    heap_ = std::move(o.heap_);
    size_ = o.size_;
    capacity_ = o.capacity_;
    std::memcpy(local_, o.local_, sizeof local_);
    o.size_ = 0;
    o.capacity_ = kLocal;
    return *this;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  int64_t* data() { return heap_ ? heap_.get() : local_; }
  const int64_t* data() const { return heap_ ? heap_.get() : local_; }
  int64_t* begin() { return data(); }
  int64_t* end() { return data() + size_; }
  const int64_t* begin() const { return data(); }
  const int64_t* end() const { return data() + size_; }
  int64_t& operator[](size_t i) { return data()[i]; }
  int64_t operator[](size_t i) const { return data()[i]; }
  int64_t back() const { return data()[size_ - 1]; }
  void push_back(int64_t v) {
    resize(size_ + 1);
    data()[size_ - 1] = v;
  }
  void pop_back() { --size_; }
  void insert(size_t at, int64_t v) {
    push_back(v);
    std::rotate(begin() + at, end() - 1, end());
  }
  void erase(size_t at) {
    std::move(begin() + at + 1, end(), begin() + at);
    --size_;
  }
  /// New places are uninitialised.
  void resize(size_t n) {
    if (n > capacity_) grow(n);
    size_ = static_cast<uint32_t>(n);
  }
  void clear() { size_ = 0; }
  operator std::span<const int64_t>() const { return {data(), size()}; }
  /// Lists are a few numbers long: a call of memcmp, which std::equal makes, costs more than the comparison.
  friend bool operator==(const Ints& a, const Ints& b) {
    if (a.size_ != b.size_) return false;
    const int64_t *x = a.data(), *y = b.data();
    for (size_t i = 0; i < a.size_; ++i)
      if (x[i] != y[i]) return false;
    return true;
  }

 private:
  static constexpr uint32_t kLocal = 6;
  void grow(size_t n);
  void assign(const int64_t* p, size_t n) {
    resize(n);
    if (n) std::memmove(data(), p, n * sizeof(int64_t));
  }
  /// A number of bytes that is known when this is compiled is copied in place, unused ones and all.
  void copy(const Ints& o) {
    if (heap_ || o.heap_) return assign(o.data(), o.size());
    std::memcpy(local_, o.local_, sizeof local_);
    size_ = o.size_;
  }
  std::unique_ptr<int64_t[]> heap_;
  uint32_t size_ = 0;
  uint32_t capacity_ = kLocal;
  int64_t local_[kLocal];
};

/// Extents of an array, outermost first. `()` is a 0-d array.
using Shape = Ints;
/// Distances between neighbours along each axis, in elements.
using Strides = Ints;

/// The number of elements. Throws ValueError when the product exceeds int64.
TARRY_API int64_t num_elements(std::span<const int64_t> shape);

/// Strides of a compact array in C order.
TARRY_API Strides c_strides(std::span<const int64_t> shape);

/// NumPy's tuple text: "()", "(3,)", "(2, 3)".
TARRY_API std::string tuple_text(std::span<const int64_t> v);

}  // namespace tarry::ir
