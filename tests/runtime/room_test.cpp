#include <tarry/runtime/room.h>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <numeric>
#include <vector>

namespace {

using tarry::runtime::Room;

bool lies_in(const void* p, const void* object, size_t bytes) {
  const auto at = reinterpret_cast<uintptr_t>(p), start = reinterpret_cast<uintptr_t>(object);
  return start <= at && at < start + bytes;
}

TEST(Room, ShortListsLieInItAndLongOnesOnTheHeap) {
  Room<256> room;
  std::pmr::vector<int> brief(16, 7, &room), wide(1000, &room);
  EXPECT_TRUE(lies_in(brief.data(), &room, sizeof room));
  EXPECT_FALSE(lies_in(wide.data(), &room, sizeof room));
  std::iota(wide.begin(), wide.end(), 0);
  for (int i = 0; i < 100; ++i) brief.push_back(i);  // outgrows the room
  EXPECT_EQ(brief[0], 7);
  EXPECT_EQ(brief[115], 99);
  EXPECT_EQ(wide[999], 999);
}

TEST(Room, EachPieceIsAlignedAndNoTwoMeet) {
  Room<128> room;
  auto* const a = static_cast<char*>(room.allocate(3, 1));
  auto* const b = static_cast<char*>(room.allocate(16, 16));
  auto* const c = static_cast<char*>(room.allocate(8, 8));
  EXPECT_GE(b, a + 3);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b) % 16, 0u);
  EXPECT_GE(c, b + 16);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(c) % 8, 0u);
  void* const far = room.allocate(64, 64);  // more alignment than the room has
  EXPECT_FALSE(lies_in(far, &room, sizeof room));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(far) % 64, 0u);
  room.deallocate(far, 64, 64);
  room.deallocate(a, 3, 1);
}

TEST(Room, TakesAllOfItAndNotAByteMore) {
  Room<64> room;
  EXPECT_TRUE(lies_in(room.allocate(64, 1), &room, sizeof room));
  void* const more = room.allocate(1, 1);
  EXPECT_FALSE(lies_in(more, &room, sizeof room));
  room.deallocate(more, 1, 1);
}

}  // namespace
