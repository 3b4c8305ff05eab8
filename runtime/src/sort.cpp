#include <tarry/runtime/sort.h>

#include <tarry/ir/error.h>
#include <tarry/ir/half.h>
#include <tarry/ir/shape.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

namespace tarry::runtime {
namespace {

using ir::DType;

constexpr int64_t kPiece = 1 << 14;  // elements worth another thread

/// Unsigned numbers in the order of the elements: Key is wide enough for them.
template <class Key, class Float>
Key float_key(Float x) {
  if (std::isnan(x)) return std::numeric_limits<Key>::max();
  using Bits = std::conditional_t<sizeof(Float) == 4, uint32_t, uint64_t>;
  const auto bits = std::bit_cast<Bits>(x + Float{0});  // -0 becomes +0
  const Bits sign = Bits{1} << (8 * sizeof(Bits) - 1);
  return static_cast<Key>(bits & sign ? ~bits : bits | sign);
}

template <class T>
T element(const std::byte* at) {
  T x;
  std::memcpy(&x, at, sizeof x);
  return x;
}

template <class Key, class T>
Key int_key(const std::byte* at) {
  const T x = element<T>(at);
  if constexpr (std::is_signed_v<T>)
    return static_cast<Key>(static_cast<Key>(x) + (Key{1} << (8 * sizeof(Key) - 1)));
  else
    return static_cast<Key>(x);
}

template <class Key>
Key key_of(DType t, const std::byte* at) {
  switch (t) {
    case DType::bool_: return static_cast<Key>(element<uint8_t>(at) != 0);
    case DType::int8: return int_key<Key, int8_t>(at);
    case DType::int16: return int_key<Key, int16_t>(at);
    case DType::int32: return int_key<Key, int32_t>(at);
    case DType::int64: return int_key<Key, int64_t>(at);
    case DType::uint8: return int_key<Key, uint8_t>(at);
    case DType::uint16: return int_key<Key, uint16_t>(at);
    case DType::uint32: return int_key<Key, uint32_t>(at);
    case DType::uint64: return int_key<Key, uint64_t>(at);
    case DType::float16: return float_key<Key>(ir::from_float16(element<uint16_t>(at)));
    case DType::bfloat16: return float_key<Key>(ir::from_bfloat16(element<uint16_t>(at)));
    case DType::float32: return float_key<Key>(element<float>(at));
    case DType::float64: return float_key<Key>(element<double>(at));
    case DType::complex64:
    case DType::complex128: break;
  }
  throw TypeError("complex numbers have no order here");
}

template <class Key>
struct Place {
  Key key;
  int64_t index;
  bool operator<(const Place& o) const { return key != o.key ? key < o.key : index < o.index; }
};

/// What lies at number `i` of the points of a shape, axis `skip` left out.
int64_t offset_of(const ArrayRef& x, int64_t i, int64_t skip) {
  int64_t offset = 0;
  for (size_t a = x.shape.size(); a-- > 0;) {
    if (static_cast<int64_t>(a) == skip) continue;
    offset += i % x.shape[a] * x.strides[a];
    i /= x.shape[a];
  }
  return offset;
}

template <class Key>
void sort_rows(DType t, const ArrayRef& x, int64_t axis, const ArrayRef& result, const Workspace& workspace) {
  const auto along = static_cast<size_t>(axis);
  const int64_t n = x.shape[along], size = static_cast<int64_t>(ir::size_of(t));
  if (n == 0) return;
  const int64_t rows = ir::num_elements(x.shape) / n;
  const auto scratch = [n] {
    return static_cast<Place<Key>*>(thread_scratch(static_cast<size_t>(n) * sizeof(Place<Key>)));
  };
  if (workspace.rehearses()) return void(scratch());
  const auto sort = [&](int64_t begin, int64_t end) {
    Place<Key>* const places = scratch();
    for (int64_t row = begin; row < end; ++row) {
      const std::byte* from = x.data + offset_of(x, row, axis) * size;
      for (int64_t i = 0; i < n; ++i)
        new (places + i) Place<Key>{key_of<Key>(t, from + i * x.strides[along] * size), i};
      std::sort(places, places + n);
      int64_t* to = reinterpret_cast<int64_t*>(result.data) + offset_of(result, row, axis);
      for (int64_t i = 0; i < n; ++i) to[i * result.strides[along]] = places[i].index;
    }
  };
  parallel_for(rows, std::max<int64_t>(kPiece / n, 1), sort, Pieces::one_by_one, [&] { scratch(); });
}

}  // namespace

void argsort(DType t, const ArrayRef& x, int64_t axis, const ArrayRef& result, Workspace& workspace) {
  if (ir::num_elements(x.shape) == 0) return;
  if (ir::size_of(t) <= 4)
    sort_rows<uint32_t>(t, x, axis, result, workspace);
  else
    sort_rows<uint64_t>(t, x, axis, result, workspace);
}

void search(DType t, const ArrayRef& sorted, const ArrayRef& values, bool right, const ArrayRef& result,
            Workspace& workspace) {
  const int64_t n = sorted.shape[0], size = static_cast<int64_t>(ir::size_of(t));
  uint64_t* const keys = workspace.take_array<uint64_t>(static_cast<size_t>(n));
  if (workspace.rehearses()) return;
  auto key = [&](const std::byte* at) {
    return size <= 4 ? static_cast<uint64_t>(key_of<uint32_t>(t, at)) : key_of<uint64_t>(t, at);
  };
  for (int64_t i = 0; i < n; ++i) keys[i] = key(sorted.data + i * sorted.strides[0] * size);
  const uint64_t *begin = keys, *end = begin + n;
  parallel_for(ir::num_elements(values.shape), kPiece / 16, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      const uint64_t x = key(values.data + offset_of(values, i, -1) * size);
      const uint64_t* at = right ? std::upper_bound(begin, end, x) : std::lower_bound(begin, end, x);
      reinterpret_cast<int64_t*>(result.data)[offset_of(result, i, -1)] = at - begin;
    }
  });
}

}  // namespace tarry::runtime
