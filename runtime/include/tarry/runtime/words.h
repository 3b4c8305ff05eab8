#pragma once
/// Lists in text, as environment variables and files of the system hold them.

#include <string_view>

namespace tarry::runtime {

/// What stands ahead of the first `end`, which goes with it; all of the text where there is none.
inline std::string_view take_until(std::string_view& text, char end) {
  const size_t at = text.find(end);
  const std::string_view first = text.substr(0, at);
  text.remove_prefix(at == text.npos ? text.size() : at + 1);
  return first;
}

/// Whether the comma-separated `list` holds `name`.
inline bool lists(std::string_view list, std::string_view name) {
  while (!list.empty())
    if (take_until(list, ',') == name) return true;
  return false;
}

}  // namespace tarry::runtime
