#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/buffer.h>
#include <tarry/runtime/stats.h>

#include <atomic>
#include <cstring>
#include <limits>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "pool.h"

namespace tarry::runtime {
namespace {

constexpr size_t kMega = size_t{1} << 20;
/// Around every boundary between size classes, and between the heap and pages.
const size_t kSizes[] = {0,
                         1,
                         63,
                         64,
                         65,
                         4095,
                         4096,
                         4097,
                         5120,
                         5121,
                         64 << 10,
                         (64 << 10) + 1,
                         100000,
                         kMega,
                         3 * kMega + 1,
                         4 * kMega + 5};

uintptr_t address(const Buffer& b) { return reinterpret_cast<uintptr_t>(b.data()); }

TEST(Buffer, IsAlignedWritableAndAsLongAsAsked) {
  for (const size_t size : kSizes) {
    const Buffer b = Buffer::allocate(size);
    ASSERT_TRUE(b);
    EXPECT_EQ(b.bytes(), size);
    ASSERT_NE(b.data(), nullptr);
    EXPECT_EQ(address(b) % 64, 0u);
    std::memset(b.data(), 0x5A, size);
    EXPECT_FALSE(b.is_external());
  }
}

TEST(Buffer, LargeOnesAreAlignedForHugePages) {
  EXPECT_EQ(address(Buffer::allocate(4 * kMega)) % (2 * kMega), 0u);
  EXPECT_EQ(address(Buffer::allocate(9 * kMega + 12345)) % (2 * kMega), 0u);
}

TEST(Buffer, HandlesShareAndTheLastReleases) {
  const uint64_t live = stats().bytes_live;
  Buffer a = Buffer::allocate(1000);
  EXPECT_TRUE(a.unique());
  Buffer b = a;
  EXPECT_FALSE(a.unique());
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.identity(), b.identity());
  a = Buffer();
  EXPECT_FALSE(a);
  EXPECT_TRUE(b.unique());
  EXPECT_EQ(stats().bytes_live, live + 1000);
  Buffer c = std::move(b);
  EXPECT_FALSE(b);
  EXPECT_EQ(stats().bytes_live, live + 1000);
  const Buffer& itself = c;
  c = itself;
  EXPECT_EQ(c.bytes(), 1000u);
  c = Buffer();
  EXPECT_EQ(stats().bytes_live, live);
}

TEST(Buffer, CountsTheBytesAskedForAndTheirHeight) {
  reset_stats();
  const uint64_t live = stats().bytes_live;
  uint64_t sum = 0;
  {
    std::vector<Buffer> held;
    for (const size_t size : kSizes) {
      held.push_back(Buffer::allocate(size));
      sum += size;
      EXPECT_EQ(stats().bytes_live, live + sum);
    }
  }
  EXPECT_EQ(stats().bytes_live, live);
  EXPECT_EQ(stats().bytes_peak, live + sum);
  const Buffer again = Buffer::allocate(10);
  EXPECT_EQ(stats().bytes_peak, live + sum);
  reset_stats();
  EXPECT_EQ(stats().bytes_peak, live + 10);
}

TEST(Buffer, ReleasedMemoryIsUsedAgain) {
  trim_pool();
  for (const size_t size : {size_t{100}, size_t{60000}, size_t{70000}, 64 * kMega}) {
    Buffer first = Buffer::allocate(size);
    void* const data = first.data();
    first = Buffer();
    EXPECT_EQ(Buffer::allocate(size).data(), data) << size;
  }
}

TEST(Buffer, ALargerBlockIsReusedOnlyWhenLittleIsLost) {
  trim_pool();
  Buffer first = Buffer::allocate(64 * kMega);
  void* const data = first.data();
  first = Buffer();
  EXPECT_EQ(Buffer::allocate(64 * kMega - 100 * 1024).data(), data);
  EXPECT_NE(Buffer::allocate(60 * kMega).data(), data);
}

TEST(Buffer, KeptBlocksDoNotMakeTheProgramLarger) {
  trim_pool();
  const size_t before = large_bytes_held();
  // A program of stages, each with arrays of another size: never more than 64 MiB in use.
  for (size_t size : {32, 28, 24, 20, 17}) {
    const Buffer a = Buffer::allocate(size * kMega), b = Buffer::allocate(size * kMega);
    EXPECT_LE(large_bytes_held() - before, 64 * kMega);
  }
}

TEST(Buffer, ALoopOverSeveralSizesSettles) {
  trim_pool();
  std::vector<const void*> seen;
  for (int round = 0; round < 12; ++round) {
    for (const size_t size : {8, 12, 16, 24}) {
      const Buffer b = Buffer::allocate(size * kMega);
      if (round >= 10) seen.push_back(b.data());
    }
  }
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(seen[i], seen[i + 4]);
}

TEST(Buffer, TrimmingGivesMemoryBack) {
  trim_pool();
  const size_t before = large_bytes_held();
  Buffer::allocate(64 * kMega);
  EXPECT_EQ(large_bytes_held(), before + 64 * kMega);
  trim_pool();
  EXPECT_EQ(large_bytes_held(), before);
}

TEST(Buffer, ExternalMemoryIsTheUsers) {
  int memory[4] = {1, 2, 3, 4};
  const uint64_t live = stats().bytes_live;
  Buffer b = Buffer::external(memory, sizeof memory);
  EXPECT_TRUE(b.is_external());
  EXPECT_EQ(b.data(), memory);
  EXPECT_EQ(b.bytes(), sizeof memory);
  EXPECT_EQ(stats().bytes_live, live);
  b = Buffer();
  EXPECT_EQ(memory[3], 4);
}

std::string refusal(size_t bytes) {
  try {
    Buffer::allocate(bytes);
  } catch (const MemoryError& error) {
    return error.what();
  }
  return "";
}

class Limit : public testing::Test {
 protected:
  void TearDown() override {
    set_memory_limit(0);
    fail_allocation(0);
  }
};

TEST_F(Limit, RefusesWithTheNumbersAndChangesNothing) {
  const Buffer held = Buffer::allocate(600);
  std::memset(held.data(), 1, 600);
  const Stats before = stats();
  set_memory_limit(before.bytes_live + 1000);
  const std::string text = refusal(1001);
  EXPECT_NE(text.find("1001 bytes"), std::string::npos) << text;
  EXPECT_NE(text.find(std::to_string(before.bytes_live) + " bytes"), std::string::npos) << text;
  EXPECT_NE(text.find(std::to_string(before.bytes_live + 1000) + " bytes"), std::string::npos) << text;
  EXPECT_EQ(stats().bytes_live, before.bytes_live);
  EXPECT_EQ(stats().bytes_peak, before.bytes_peak);
  EXPECT_TRUE(Buffer::allocate(1000));
  EXPECT_EQ(static_cast<const char*>(held.data())[599], 1);
}

TEST_F(Limit, ComesFromTheMachineByDefault) {
  EXPECT_GE(memory_limit(), uint64_t{64} << 20);
  EXPECT_LT(memory_limit(), uint64_t{1} << 50);
}

TEST_F(Limit, AbsurdRequestsAreRefused) {
  for (const size_t bytes :
       {size_t{10} << 40, size_t{1} << 62, std::numeric_limits<size_t>::max() - 5, std::numeric_limits<size_t>::max()})
    EXPECT_NE(refusal(bytes), "") << bytes;
  set_memory_limit(std::numeric_limits<uint64_t>::max());
  for (const size_t bytes : {size_t{1} << 60, std::numeric_limits<size_t>::max() - 5})
    EXPECT_NE(refusal(bytes), "") << bytes;
  EXPECT_TRUE(Buffer::allocate(100));
}

TEST_F(Limit, InjectedFailureHitsTheNthAllocationOnce) {
  fail_allocation(3);
  EXPECT_TRUE(Buffer::allocate(1));
  EXPECT_TRUE(Buffer::allocate(100000));
  EXPECT_NE(refusal(1), "");
  EXPECT_TRUE(Buffer::allocate(1));
  fail_allocation(1);
  fail_allocation(0);
  EXPECT_TRUE(Buffer::allocate(1));
}

TEST(BufferThreads, AllocateAndReleaseAcrossThreads) {
  const uint64_t live = stats().bytes_live;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<Buffer> shared;
  std::atomic<int> spoilt{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int round = 0; round < 3000; ++round) {
        Buffer b = Buffer::allocate(kSizes[random() % 13]);
        const auto mark = static_cast<unsigned char>(t * 50 + round % 50);
        if (b.bytes()) std::memset(b.data(), mark, std::min<size_t>(b.bytes(), 256));
        const std::lock_guard lock(mutex);
        if (b.bytes() && *static_cast<unsigned char*>(b.data()) != mark) ++spoilt;
        shared.push_back(std::move(b));
        if (shared.size() > 50) shared.erase(shared.begin() + static_cast<ptrdiff_t>(random() % 50));
      }
    });
  }
  for (auto& t : threads) t.join();
  shared.clear();
  EXPECT_EQ(spoilt, 0);
  EXPECT_EQ(stats().bytes_live, live);
}

TEST(BufferThreads, TheLimitHoldsWhenManyAskAtOnce) {
  const uint64_t live = stats().bytes_live;
  set_memory_limit(live + 10000);
  std::atomic<uint64_t> most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 2000; ++round) {
        try {
          const Buffer b = Buffer::allocate(4000);
          uint64_t now = stats().bytes_live, seen = most;
          while (seen < now && !most.compare_exchange_weak(seen, now)) {
          }
        } catch (const MemoryError&) {
        }
      }
    });
  }
  for (auto& t : threads) t.join();
  set_memory_limit(0);
  EXPECT_LE(most, live + 10000);
  EXPECT_EQ(stats().bytes_live, live);
}

// Threads that do nothing together must not wait for each other's cache lines.
TEST(BufferThreads, WhatAThreadReleasesItTakesAgainWithoutWritingWhatAllCountIn) {
  const uint64_t live = stats().bytes_live;
  { const Buffer first = Buffer::allocate(1000); }
  const uint64_t counted = memory_counters().bytes_live;
  for (int i = 0; i < 100; ++i) {
    const Buffer b = Buffer::allocate(1000 - i);
    ASSERT_EQ(memory_counters().bytes_live, counted);
    ASSERT_EQ(stats().bytes_live, live + b.bytes());
  }
  EXPECT_EQ(stats().bytes_live, live);
}

TEST(BufferThreads, WhatAnotherThreadHoldsSpareCanBeAllocated) {
  std::atomic<int> step{0};
  std::thread other([&] {
    { const Buffer b = Buffer::allocate(50'000); }
    step = 1;
    step.notify_all();
    step.wait(1);
  });
  step.wait(0);
  const uint64_t live = stats().bytes_live;
  set_memory_limit(live + 60'000);
  EXPECT_TRUE(Buffer::allocate(60'000));
  EXPECT_THROW(Buffer::allocate(60'001), MemoryError);
  set_memory_limit(0);
  EXPECT_EQ(stats().bytes_live, live);
  step = 2;
  step.notify_all();
  other.join();
  EXPECT_EQ(stats().bytes_live, live);
  reset_stats();
  { const Buffer b = Buffer::allocate(10); }
  EXPECT_EQ(stats().bytes_peak, live + 10);  // threads that have ended hold nothing spare
}

// Released by the static destructors, after the thread-local ones: the process must end as if nothing had been.
Buffer released_at_exit = Buffer::allocate(100);
Buffer large_released_at_exit = Buffer::allocate(kMega);
TEST(Buffer, MayOutliveMain) { EXPECT_TRUE(released_at_exit && large_released_at_exit); }

}  // namespace
}  // namespace tarry::runtime
