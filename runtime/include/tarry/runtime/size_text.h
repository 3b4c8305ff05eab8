#pragma once

#include <cstdint>
#include <string>

namespace tarry::runtime {

/// A number of bytes as NumPy's MemoryError writes it: three digits and a binary unit.
std::string size_text(uint64_t bytes);

}  // namespace tarry::runtime
