#include <tarry/ir/location.h>

#include <string_view>

namespace tarry::ir {

std::string Location::text() const {
  if (!file()) return "";
  std::string_view path = file();
  size_t slash = path.rfind('/');
  if (slash != path.npos) path.remove_prefix(slash + 1);
  return std::string(path) + ":" + std::to_string(line());
}

}  // namespace tarry::ir
