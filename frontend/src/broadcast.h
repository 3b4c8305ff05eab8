#pragma once
/// Shapes that meet.

#include <tarry/types.h>

#include <span>
#include <string>

namespace tarry::frontend {

/// Extends `shape` to what it and `other` broadcast to. False when they do not.
bool broadcast_into(ir::Shape& shape, std::span<const int64_t> other);

/// Whether `shape` broadcasts to `target`.
bool broadcasts_to(std::span<const int64_t> shape, std::span<const int64_t> target);

/// NumPy's text of a shape inside ufunc messages: "(2,3)", "(3,)", "()"; NumPy shows an unknown extent as "newaxis".
std::string dense_text(std::span<const int64_t> shape);

/// Extents read from the user: ValueError for negative ones and for products beyond int64.
void check_extents(std::span<const int64_t> shape);

}  // namespace tarry::frontend
