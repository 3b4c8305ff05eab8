#pragma once
/// `fmt::print("{}", x)`, where the fmt library is at hand.

#include <tarry/array.h>

#if __has_include(<fmt/format.h>)
#include <fmt/format.h>

#include <string>

template <>
struct fmt::formatter<tarry::Array> : fmt::formatter<std::string> {
  template <class Context>
  auto format(const tarry::Array& array, Context& context) const {
    return fmt::formatter<std::string>::format(tarry::to_string(array), context);
  }
};

template <>
struct fmt::formatter<tarry::Shape> : fmt::formatter<std::string> {
  template <class Context>
  auto format(const tarry::Shape& shape, Context& context) const {
    return fmt::formatter<std::string>::format(tarry::ir::tuple_text(shape), context);
  }
};
#endif
