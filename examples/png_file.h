#pragma once
// Grey pictures as PNG files.

#include <tarry/array.h>

#include <string>

namespace example {

/// Writes a uint8 array of shape (height, width). Throws tarry::IOError or tarry::ValueError.
void write_png(const std::string& path, const tarry::Array& grey);

}  // namespace example
