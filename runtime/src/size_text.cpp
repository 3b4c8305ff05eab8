#include <tarry/runtime/size_text.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace tarry::runtime {

std::string size_text(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  size_t unit = bytes < 2 ? 0 : static_cast<size_t>(std::bit_width(bytes) - 1) / 10;
  double n = std::ldexp(static_cast<double>(bytes), -10 * static_cast<int>(unit));
  if (std::rint(n) == 1024 && unit + 1 < std::size(kUnits)) {
    ++unit;
    n /= 1024;
  }
  char text[48];
  const char* form = unit == 0 ? "%.0f %s" : std::rint(n) < 1000 ? "%#.3g %s" : "%#.0f %s";
  std::snprintf(text, sizeof text, form, n, kUnits[unit]);
  return text;
}

}  // namespace tarry::runtime
