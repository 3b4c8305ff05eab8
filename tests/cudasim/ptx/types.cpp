#include "ptx/types.h"

#include <array>

namespace cudasim {
namespace {

constexpr std::array<std::string_view, 21> kNames = {"none", "pred", "b8",   "b16",   "b32",    "b64", "b128",
                                                     "u8",   "u16",  "u32",  "u64",   "s8",     "s16", "s32",
                                                     "s64",  "f16",  "bf16", "f16x2", "bf16x2", "f32", "f64"};

}  // namespace

Type type_of(std::string_view name) {
  for (size_t i = 1; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Type>(i);
  return Type::none;
}

std::string_view name_of(Type t) { return kNames[static_cast<size_t>(t)]; }

}  // namespace cudasim
