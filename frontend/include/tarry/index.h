#pragma once
/// What stands between the brackets: `x[1]`, `x[{np::slice(1, -1), 2}]`, `x[mask]`.

#include <tarry/array.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

namespace tarry {

/// A bound of a slice: an integer or `none`. One beyond int64 is beyond every array, too.
struct Bound {
  std::optional<int64_t> value;
  Bound(None) {}
  template <Integer T>
  Bound(T v) : value(std::in_range<int64_t>(v) ? static_cast<int64_t>(v) : INT64_MAX) {}
};

/// start:stop:step, each of which may be absent.
struct Slice {
  std::optional<int64_t> start, stop, step;
};

struct NewAxis {};
struct Ellipsis {};

namespace numpy {
using tarry::none;
/// A new axis of extent 1.
inline constexpr NewAxis newaxis;
/// As many whole axes as are left.
inline constexpr Ellipsis ellipsis;
inline Slice slice(Bound stop) { return {{}, stop.value, {}}; }
inline Slice slice(Bound start, Bound stop, Bound step = none) { return {start.value, stop.value, step.value}; }

/// `np::all`: a whole axis inside an index, `numpy.all` where it is called.
struct All {
  /// Whether all elements along the axes are true.
  TARRY_API Array operator()(Arg x, const Axes& axes = {}, KeepDims keep = KeepDims::no) const;
};
inline constexpr All all;
}  // namespace numpy

namespace frontend {
/// An int64 array of these elements.
TARRY_API Array index_list(std::vector<int64_t> elements);
}  // namespace frontend

/// One entry of an index.
class Item {
 public:
  enum class Kind : uint8_t { integer, slice, newaxis, ellipsis, array };
  template <Integer T>
  Item(T i) : kind_(Kind::integer), integer_(detail::position(i)) {}
  Item(const Slice& s) : kind_(Kind::slice), slice_(s) {}
  Item(numpy::All) : kind_(Kind::slice) {}
  Item(NewAxis) : kind_(Kind::newaxis) {}
  Item(None) : kind_(Kind::newaxis) {}
  Item(Ellipsis) : kind_(Kind::ellipsis) {}
  Item(const Array& array) : kind_(Kind::array), array_(array) {}
  /// An index array: `x[std::vector{1, 2, 3}]`.
  template <Integer T>
  Item(const std::vector<T>& list)
      : kind_(Kind::array), array_(frontend::index_list(std::vector<int64_t>(list.begin(), list.end()))) {}

  Kind kind() const { return kind_; }
  int64_t integer() const { return integer_; }
  const Slice& slice() const { return slice_; }
  const Array& array() const { return array_; }

 private:
  Kind kind_;
  int64_t integer_ = 0;
  Slice slice_;
  Array array_;
};

/// A whole index, and where it was written.
class Index {
 public:
  template <class T>
  requires std::convertible_to<const T&, Item> Index(const T& item, const char* file = __builtin_FILE(),
                                                     int line = __builtin_LINE())
      : items_{Item(item)}, here_(file, line) {}
  Index(std::initializer_list<Item> items, const char* file = __builtin_FILE(), int line = __builtin_LINE())
      : items_(items), here_(file, line) {}
  /// For an index whose length is known at run time: `x[Index(items)]`.
  explicit Index(std::vector<Item> items, const char* file = __builtin_FILE(), int line = __builtin_LINE())
      : items_(std::move(items)), here_(file, line) {}
  const std::vector<Item>& items() const { return items_; }
  Here here() const { return here_; }

 private:
  std::vector<Item> items_;
  Here here_;
};

}  // namespace tarry
