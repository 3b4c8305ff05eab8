#include "copy.h"

#include <cstring>
#include <type_traits>

namespace tarry::frontend {
namespace {

template <class Element>
void copy_as(std::span<const int64_t> shape, const Element* source, std::span<const int64_t> source_strides,
             Element* target, std::span<const int64_t> target_strides) {
  const size_t ndim = shape.size();
  if (ndim == 0) {
    *target = *source;
    return;
  }
  const int64_t length = shape[ndim - 1], from = source_strides[ndim - 1], to = target_strides[ndim - 1];
  ir::Ints index(ndim, 0);
  while (true) {
    if (from == 1 && to == 1)
      std::memcpy(target, source, static_cast<size_t>(length) * sizeof(Element));
    else
      for (int64_t i = 0; i < length; ++i) target[i * to] = source[i * from];
    // The next row, counting like an odometer.
    size_t axis = ndim - 1;
    while (axis-- > 0) {
      source += source_strides[axis];
      target += target_strides[axis];
      if (++index[axis] < shape[axis]) break;
      source -= source_strides[axis] * shape[axis];
      target -= target_strides[axis] * shape[axis];
      index[axis] = 0;
    }
    if (axis == SIZE_MAX) return;
  }
}

}  // namespace

void copy_strided(DType dtype, std::span<const int64_t> shape, const void* source, int64_t source_offset,
                  std::span<const int64_t> source_strides, void* target, int64_t target_offset,
                  std::span<const int64_t> target_strides) {
  if (ir::num_elements(shape) == 0) return;
  auto run = [&]<class Element>(std::type_identity<Element>) {
    copy_as(shape, static_cast<const Element*>(source) + source_offset, source_strides,
            static_cast<Element*>(target) + target_offset, target_strides);
  };
  switch (ir::size_of(dtype)) {
    case 1: return run(std::type_identity<uint8_t>{});
    case 2: return run(std::type_identity<uint16_t>{});
    case 4: return run(std::type_identity<uint32_t>{});
    case 8: return run(std::type_identity<uint64_t>{});
    default: {
      struct Pair {
        uint64_t low, high;
      };
      return run(std::type_identity<Pair>{});
    }
  }
}

}  // namespace tarry::frontend
