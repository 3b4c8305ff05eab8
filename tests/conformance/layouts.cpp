#include "layouts.h"

#include <algorithm>

namespace tarry::test {

using ir::Shape;
using ir::Strides;

namespace {

/// Sizes around the widths of vectors, from two elements of 8 bytes to 64 of 1.
constexpr int64_t kOddSizes[] = {2, 3, 5, 7, 9, 15, 17, 31, 33, 63, 65, 127, 129};
/// More than one thread's worth.
constexpr int64_t kLarge = (1 << 17) + 19;

Strides fortran_strides(const Shape& shape) {
  Strides strides(shape.size(), 1);
  for (size_t axis = 1; axis < shape.size(); ++axis)
    strides[axis] = strides[axis - 1] * std::max<int64_t>(shape[axis - 1], 1);
  return strides;
}

}  // namespace

std::vector<Layout> elementwise_layouts(int64_t n, int64_t rows, int64_t columns) {
  const int64_t r = 7, c = (n + r - 1) / r;
  const Shape flat{n}, plane{r, c}, cube{2, r, c};
  std::vector<Layout> all = {
      {"contiguous", flat, {{1}}},
      {"strided", flat, {{3}}},
      {"reversed", flat, {{-1}}},
      {"strided and reversed", flat, {{-2}, {1}}},
      {"transposed", plane, {{1, r}}},
      {"transposed, one of them", plane, {{c, 1}, {1, r}}},
      {"rows apart", plane, {{c + 5, 1}}},
      {"slices of three axes", cube, {{r * c * 4, -2 * c, 1}}},
      {"broadcast", {rows, columns}, {{1, 0}, {0, 1}}, true},
      {"broadcast in a slice", {rows, columns}, {{-2, 0}, {0, 3}}, true},
      {"scalars against rows", {1, n}, {{0, 1}}},
      {"empty", {0}, {{1}}},
      {"empty along an axis", {3, 0}, {{1, 1}}},
      {"0-d", {}, {{}}},
      {"one element", {1}, {{1}}},
      {"one element of many axes", {1, 1, 1}, {{5, 3, 0}}},
      {"large", {kLarge}, {{1}}},
  };
  for (int64_t size : kOddSizes) all.push_back({"of " + std::to_string(size), {size}, {{1}}});
  return all;
}

std::vector<Laid> layouts_of(const Shape& shape) {
  const Strides plain = ir::c_strides(shape);
  std::vector<Laid> all = {{"contiguous", plain}};
  if (shape.empty()) return all;
  Strides apart = plain, reversed = plain, broadcast = plain;
  for (int64_t& stride : apart) stride *= 2;
  for (int64_t& stride : reversed) stride = -stride;
  broadcast[0] = 0;
  all.push_back({"strided", apart});
  all.push_back({"reversed", reversed});
  if (shape.size() > 1) all.push_back({"transposed", fortran_strides(shape)});
  all.push_back({"broadcast", broadcast});
  return all;
}

}  // namespace tarry::test
