#include <tarry/ir/error.h>
#include <tarry/runtime/buffer.h>
#include <tarry/runtime/stats.h>
#include <tarry/runtime/workspace.h>

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

namespace {

using namespace tarry::runtime;

bool is_aligned(const void* p) { return reinterpret_cast<uintptr_t>(p) % 64 == 0; }

TEST(Workspace, PiecesAreAlignedAndDoNotMeet) {
  Workspace workspace;
  workspace.begin();
  std::byte* pieces[6];
  const size_t sizes[] = {1, 64, 100, 0, 5000, 1000000};
  for (int i = 0; i < 6; ++i) {
    pieces[i] = i % 2 ? workspace.take(sizes[i]) : workspace.take_array<std::byte>(sizes[i]);
    EXPECT_TRUE(is_aligned(pieces[i]));
    std::memset(pieces[i], i, sizes[i]);
  }
  for (int i = 0; i < 6; ++i)
    for (size_t at = 0; at < sizes[i]; ++at) ASSERT_EQ(pieces[i][at], static_cast<std::byte>(i));
  EXPECT_EQ(workspace.take_list<int64_t>(7).size(), 7u);
}

TEST(Workspace, WhatAStepTookServesTheNext) {
  Workspace workspace;
  const uint64_t live = bytes_live();
  workspace.begin();
  std::byte* const first = workspace.take(256);
  workspace.take(100000);
  EXPECT_EQ(bytes_live(), live);
  workspace.take_array<float>(25000);
  EXPECT_GE(bytes_live(), live + 100000);
  workspace.begin();
  EXPECT_EQ(bytes_live(), live);
  EXPECT_EQ(workspace.take(256), first);
}

/// What two steps take, the larger one first.
void take_twice(Workspace& workspace, std::set<std::byte*>* seen = nullptr) {
  for (const size_t bytes : {40000, 300}) {
    workspace.begin();
    for (int i = 0; i < 5; ++i) {
      for (std::byte* piece : {workspace.take(bytes), workspace.take_array<std::byte>(bytes)}) {
        EXPECT_TRUE(is_aligned(piece));
        if (!workspace.rehearses()) std::memset(piece, i, bytes);
        if (seen) seen->insert(piece);
      }
    }
  }
}

TEST(Workspace, WhatWasRehearsedAsksForNothing) {
  Workspace workspace;
  workspace.begin_rehearsal();
  EXPECT_TRUE(workspace.rehearses());
  take_twice(workspace);
  workspace.end_rehearsal();
  EXPECT_FALSE(workspace.rehearses());
  fail_allocation(1);
  std::set<std::byte*> seen;
  EXPECT_NO_THROW(take_twice(workspace, &seen));
  workspace.begin();
  EXPECT_THROW(workspace.take_array<std::byte>(1000000), tarry::MemoryError) << "the failure was not due";
  fail_allocation(0);
  EXPECT_GE(seen.size(), 18u);
}

TEST(Workspace, TheLastSmallPieceWasRehearsedToo) {
  const auto take = [](Workspace& workspace) {
    workspace.begin();
    std::vector<std::byte*> pieces;
    for (const size_t bytes : {2304, 1024, 64}) pieces.push_back(workspace.take(bytes));
    return pieces;
  };
  Workspace workspace;
  workspace.begin_rehearsal();
  take(workspace);
  workspace.end_rehearsal();
  const std::vector<std::byte*> pieces = take(workspace);
  EXPECT_EQ(pieces[1] - pieces[0], 2304);
  EXPECT_EQ(pieces[2] - pieces[0], 2304 + 1024) << "a block of its own";
}

TEST(Workspace, MoreThanThereIsOfAddressesIsRefused) {
  Workspace workspace;
  EXPECT_THROW(workspace.take_array<int64_t>(size_t{1} << 61), tarry::MemoryError);
  EXPECT_THROW(workspace.take_list<int64_t>(SIZE_MAX / 8), tarry::MemoryError);
  EXPECT_THROW(workspace.take(SIZE_MAX), tarry::MemoryError);
}

TEST(Workspace, ARehearsalThatIsRefusedKeepsNothing) {
  const uint64_t live = bytes_live();
  for (uint64_t n = 1; n <= 6; ++n) {
    Workspace workspace;
    workspace.begin_rehearsal();
    fail_allocation(n);
    EXPECT_THROW(
        {
          take_twice(workspace);
          workspace.end_rehearsal();
        },
        tarry::MemoryError);
    fail_allocation(0);
  }
  EXPECT_EQ(bytes_live(), live);
}

}  // namespace
