#pragma once
/// Looking at values.

#include "cell.h"

namespace tarry::frontend {

/// Elements of an array on the host, kept while this lives.
struct HostView {
  runtime::Buffer buffer;
  const void* data = nullptr;  // the first element
  DType dtype = DType::float64;
  Shape shape;
  ir::Strides strides;  // elements
};

/// Computes an array and shows where its elements lie.
HostView look(const Array& a, Here here);

/// In C order; copied where they lie otherwise.
struct CompactView {
  runtime::Buffer buffer;
  const void* data = nullptr;
  DType dtype = DType::float64;
  Shape shape;
};
CompactView compact(const Array& a, Here here);

/// A stored array with a fresh buffer, whose content is undefined, in C order.
Array new_array(DType dtype, const Shape& shape);
/// An array over memory that is there already, in C order.
Array array_over(runtime::Buffer buffer, DType dtype, const Shape& shape);

/// numpy.broadcast_to for a shape that is known to fit.
Array broadcast_to(const Arg& a, std::span<const int64_t> shape);

}  // namespace tarry::frontend
