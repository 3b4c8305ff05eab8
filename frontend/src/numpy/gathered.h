#pragma once
/// What order statistics work on: the axes that are folded, at the end and as one.

#include "axes.h"

#include <tarry/numpy.h>

#include <algorithm>
#include <vector>

namespace tarry::numpy::gathered {

/// The dtype that means have.
inline DType mean_dtype(DType t) { return ir::is_float(t) || ir::is_complex(t) ? t : DType::float64; }

/// The axes at the end, as one.
struct Gathered {
  Array x;
  Shape kept;  // the shape with the axes of extent 1
};
inline Gathered axes_at_end(const Array& x, const Axes& list) {
  const ir::Ints axes = frontend::normalize_axes(list, x.ndim());
  Gathered g;
  ir::Ints order;
  Shape rest;
  for (int64_t a = 0; a < x.ndim(); ++a) {
    const bool folded = std::find(axes.begin(), axes.end(), a) != axes.end();
    g.kept.push_back(folded ? 1 : x.shape()[static_cast<size_t>(a)]);
    if (folded) continue;
    order.push_back(a);
    rest.push_back(x.shape()[static_cast<size_t>(a)]);
  }
  for (int64_t a : axes) order.push_back(a);
  Shape flat = rest;
  int64_t n = 1;
  for (int64_t a : axes) n *= x.shape()[static_cast<size_t>(a)];
  flat.push_back(n);
  g.x = transpose(x, Axes(std::vector<int64_t>(order.begin(), order.end()))).reshape(flat);
  return g;
}

inline Array shaped(const Array& result, const Shape& kept, KeepDims keep) {
  return keep == KeepDims::yes ? result.reshape(kept) : result;
}

}  // namespace tarry::numpy::gathered
