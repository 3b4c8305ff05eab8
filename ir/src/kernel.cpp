#include <tarry/ir/hash.h>
#include <tarry/ir/kernel.h>

#include <algorithm>

namespace tarry::ir {
namespace {

uint64_t packed(const Access& a) {
  return static_cast<uint64_t>(a.kind) | static_cast<uint64_t>(a.dtype) << 8 | static_cast<uint64_t>(a.outer) << 16 |
         static_cast<uint64_t>(a.row) << 24 | static_cast<uint64_t>(a.in_row) << 32;
}

}  // namespace

bool is_ordered(const Kernel& k) {
  return std::ranges::any_of(k.accesses, [](const Access& a) { return a.kind == Access::Kind::scatter; });
}

uint64_t hash(const Kernel& k) {
  uint64_t h = mix(static_cast<uint64_t>(k.schedule), static_cast<uint64_t>(k.outer_rank));
  h = mix(h, static_cast<uint64_t>(k.row_rank));
  h = mix(h, k.accesses.size());
  for (const Access& a : k.accesses) h = mix(h, packed(a));
  for (DType t : k.scalars) h = mix(h, static_cast<uint64_t>(t));
  return mix(h, hash(k.body));
}

bool equal(const Kernel& a, const Kernel& b) {
  return a.schedule == b.schedule && a.outer_rank == b.outer_rank && a.row_rank == b.row_rank &&
         a.accesses == b.accesses && a.scalars == b.scalars && equal(a.body, b.body);
}

}  // namespace tarry::ir
