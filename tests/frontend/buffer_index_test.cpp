#include "buffer_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tarry::frontend {
namespace {

const void* address(uintptr_t n) { return reinterpret_cast<const void*>(n); }

TEST(BufferIndex, FindsNothingBeforeThereIsAnything) {
  BufferIndex index;
  EXPECT_EQ(index.find(address(64)), BufferIndex::kNone);
  index.reserve(1);
  EXPECT_EQ(index.find(address(64)), BufferIndex::kNone);
}

// Addresses as a pool gives them, near each other, so that many want one place; as many as there is room for.
TEST(BufferIndex, IsTheMapItReplaces) {
  std::minstd_rand draw(1);
  for (const size_t most : {1, 7, 8, 9, 100, 1000}) {
    BufferIndex index;
    std::map<uintptr_t, uint32_t> map;
    for (uint32_t step = 0; step < 20'000; ++step) {
      const uintptr_t buffer = 64 * (1 + draw() % (2 * most));
      if (map.erase(buffer)) {
        index.remove(address(buffer));
      } else if (map.size() < most) {
        index.reserve(map.size() + 1);
        index.add(address(buffer), step);
        map.emplace(buffer, step);
      }
      const uintptr_t wanted = 64 * (1 + draw() % (2 * most));
      const auto known = map.find(wanted);
      ASSERT_EQ(index.find(address(wanted)), known == map.end() ? BufferIndex::kNone : known->second) << most;
    }
    for (const auto& [buffer, number] : map) ASSERT_EQ(index.find(address(buffer)), number);
  }
}

}  // namespace
}  // namespace tarry::frontend
