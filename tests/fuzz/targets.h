#pragma once
// What is fuzzed: each takes any bytes, and neither crashes nor throws anything but tarry's errors.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fuzz {

void npy(std::string_view bytes);    // an .npy file
void npz(std::string_view bytes);    // an .npz archive
void ir(std::string_view bytes);     // the text of a program or a kernel
void index(std::string_view bytes);  // views, reads and writes by any index, through the public API

struct Target {
  const char* name;
  void (*run)(std::string_view bytes);
};
inline constexpr Target kTargets[] = {{"npy", npy}, {"npz", npz}, {"ir", ir}, {"index", index}};

}  // namespace fuzz
