#include "broadcast.h"

#include "axes.h"

#include <tarry/ir/error.h>

namespace tarry::frontend {

bool broadcast_into(ir::Shape& shape, std::span<const int64_t> other) {
  while (shape.size() < other.size()) shape.insert(0, 1);
  const size_t missing = shape.size() - other.size();
  for (size_t i = 0; i < other.size(); ++i) {
    int64_t& extent = shape[missing + i];
    if (extent == other[i] || other[i] == 1) continue;
    if (extent != 1) return false;
    extent = other[i];
  }
  return true;
}

bool broadcasts_to(std::span<const int64_t> shape, std::span<const int64_t> target) {
  if (shape.size() > target.size()) return false;
  const size_t missing = target.size() - shape.size();
  for (size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != 1 && shape[i] != target[missing + i]) return false;
  return true;
}

std::string dense_text(std::span<const int64_t> shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i) text += ",";
    text += shape[i] < 0 ? "newaxis" : std::to_string(shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

void check_extents(std::span<const int64_t> shape) {
  check_axes(shape.size());
  for (int64_t extent : shape)
    if (extent < 0) throw ValueError("negative dimensions are not allowed");
  ir::num_elements(shape);
}

}  // namespace tarry::frontend
