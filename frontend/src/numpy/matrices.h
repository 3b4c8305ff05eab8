#pragma once
/// What rules for routines of linalg are written with.

#include <tarry/numpy.h>

namespace tarry::numpy::linalg {

/// The conjugate transpose.
inline Array adjoint(const Array& x) {
  const Array turned = swapaxes(x, -1, -2);
  return iscomplexobj(x) ? conj(turned) : turned;
}
/// The real part, where there is another.
inline Array real_part(const Array& x) { return iscomplexobj(x) ? real(x) : x; }
inline int64_t last_extent(const Array& x) { return x.shape().back(); }
/// Integers count as the floats that LAPACK takes.
inline Array as_float(const Array& x) {
  return ir::is_float(x.dtype()) || iscomplexobj(x) ? x : x.astype(DType::float64);
}
/// A stack of this shape.
inline Array identities(const Shape& shape, DType t) { return broadcast_to(eye(shape.back(), -1, 0, t), shape).copy(); }

}  // namespace tarry::numpy::linalg
