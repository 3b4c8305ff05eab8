#include <tarry/ir/dtype.h>
#include <tarry/ir/ops.h>

#include <algorithm>
#include <array>

namespace tarry::ir {
namespace {

constexpr auto kByName = [] {
  std::array<Op, kNumOps> ops{};
  for (int i = 0; i < kNumOps; ++i) ops[i] = static_cast<Op>(i);
  std::ranges::sort(ops, {}, [](Op op) { return info(op).name; });
  return ops;
}();

constexpr bool names_differ() {
  for (int i = 1; i < kNumOps; ++i)
    if (info(kByName[i - 1]).name == info(kByName[i]).name) return false;
  return true;
}
static_assert(names_differ(), "two ops have one name in text");

std::optional<DType> find_dtype(std::string_view text, std::string_view DTypeInfo::*field) {
  for (int i = 0; i < kNumDTypes; ++i)
    if (kDTypes[i].*field == text) return static_cast<DType>(i);
  return {};
}

}  // namespace

std::optional<Op> op_from_text(std::string_view name) {
  auto at = std::ranges::lower_bound(kByName, name, {}, [](Op op) { return info(op).name; });
  if (at == kByName.end() || info(*at).name != name) return {};
  return *at;
}

std::optional<DType> dtype_from_text(std::string_view text) { return find_dtype(text, &DTypeInfo::text); }
std::optional<DType> dtype_from_name(std::string_view name) { return find_dtype(name, &DTypeInfo::name); }

}  // namespace tarry::ir
