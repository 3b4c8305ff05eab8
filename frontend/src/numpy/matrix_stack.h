#pragma once
/// Stacks of matrices as LAPACK reads and fills them: in Fortran order, of T, which is double or complex<double>.

#include "cell.h"
#include "observe.h"

#include <tarry/numpy.h>

#include <complex>
#include <concepts>
#include <vector>

namespace tarry::numpy::linalg {

inline void need_matrix(const Array& x) {
  if (x.ndim() < 2)
    throw ValueError(std::to_string(x.ndim()) + "-dimensional array given. Array must be at least two-dimensional");
}
inline void need_square(int64_t m, int64_t n) {
  if (m != n) throw ValueError("Last 2 dimensions of the array must be square");
}

template <class T>
class MatrixStack {
 public:
  /// Throws TypeError for halves, as NumPy does, and ValueError for fewer than two axes.
  explicit MatrixStack(const Arg& a) {
    const Array x = a.array();
    if (ir::is_half(x.dtype()))
      throw TypeError("array type " + std::string(ir::info(x.dtype()).name) + " is unsupported in linalg");
    need_matrix(x);
    is_single = x.dtype() == DType::float32 || x.dtype() == DType::complex64;
    lead = Shape(std::span<const int64_t>(x.shape().data(), x.shape().size() - 2));
    m = x.shape()[x.shape().size() - 2];
    n = x.shape()[x.shape().size() - 1];
    count = ir::num_elements(lead);
    view_ = frontend::compact(swapaxes(x.astype(dtype_of<T>()), -1, -2), a.here());
  }
  void need_square() const { linalg::need_square(m, n); }
  /// A copy that a routine may overwrite.
  std::vector<T> matrix(int64_t i) const {
    const T* from = static_cast<const T*>(view_.data) + i * m * n;
    return {from, from + m * n};
  }
  /// Of results: the stack's own axes, then these.
  Shape shape(std::initializer_list<int64_t> last) const {
    Shape s = lead;
    for (int64_t e : last) s.push_back(e);
    return s;
  }
  DType real_result() const { return is_single ? DType::float32 : DType::float64; }
  DType result() const {
    if constexpr (std::same_as<T, double>) return real_result();
    return is_single ? DType::complex64 : DType::complex128;
  }

  bool is_single = false;
  Shape lead;
  int64_t m = 0, n = 0, count = 0;

 private:
  frontend::CompactView view_;
};

/// Results of a stack, filled matrix by matrix.
template <class T>
class Filling {
 public:
  explicit Filling(const Shape& shape) : array_(frontend::new_array(dtype_of<T>(), shape)) {}
  T* at(int64_t i, int64_t size) { return static_cast<T*>(frontend::cell_of(array_).buffer.data()) + i * size; }
  /// Matrices that were filled in Fortran order.
  Array transposed(DType t) const { return swapaxes(array_, -1, -2).astype(t).copy(); }
  Array plain(DType t) const { return t == dtype_of<T>() ? array_ : array_.astype(t); }

 private:
  Array array_;
};

}  // namespace tarry::numpy::linalg
