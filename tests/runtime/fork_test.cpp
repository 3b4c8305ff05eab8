#include "../child.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <tarry/runtime/blas.h>
#include <tarry/runtime/buffer.h>
#include <tarry/runtime/cache.h>
#include <tarry/runtime/fork.h>
#include <tarry/runtime/stats.h>
#include <tarry/runtime/threads.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

// The thread sanitizer ends a child that starts threads after a fork from a process with threads, unless told not to.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }

namespace tarry::runtime {
namespace {

/// Pieces that end only when two threads run them.
bool two_threads_work() {
  std::atomic<int> arrived{0};
  parallel_for(2, 1, [&](int64_t, int64_t) {
    ++arrived;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (arrived < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  });
  return arrived == 2;
}

class Fork : public testing::Test {
 protected:
  void SetUp() override { set_num_threads(3); }
  void TearDown() override { set_num_threads(before_); }
  const int before_ = num_threads();
};

TEST_F(Fork, TheChildHasAPoolOfItsOwn) {
  ASSERT_TRUE(two_threads_work());
  EXPECT_TRUE(
      tarry::test::child_succeeds([] { return two_threads_work() && tarry::test::child_succeeds(two_threads_work); }));
  EXPECT_TRUE(two_threads_work());
}

/// As in any process that is new.
TEST_F(Fork, TheChildStartsThreadsWhenThereIsEnoughForThem) {
  EXPECT_TRUE(tarry::test::child_succeeds(
      [] { return !worth_spreading(6) && !worth_spreading(6) && worth_spreading(6) && worth_spreading(2); }));
  EXPECT_TRUE(tarry::test::child_succeeds([] { return worth_spreading(100) && worth_spreading(2); }));
}

TEST_F(Fork, TheChildAllocatesAndReleases) {
  const Buffer held = Buffer::allocate(size_t{1} << 20);
  EXPECT_TRUE(tarry::test::child_succeeds([&] {
    const uint64_t live = stats().bytes_live;
    { Buffer small = Buffer::allocate(100), large = Buffer::allocate(size_t{8} << 20), copy = held; }
    return stats().bytes_live == live;
  }));
}

TEST_F(Fork, TheChildMultiplies) {
  const auto product = [] {
    std::vector<double> a(200 * 200, 0.5), c(200 * 200);
    Workspace workspace;
    matmul(ir::DType::float64, 200, 200, 200, {a.data(), 200, 1}, {a.data(), 200, 1}, c.data(), 200, workspace);
    return c[0] == 50 && c.back() == 50;
  };
  ASSERT_TRUE(product());
  EXPECT_TRUE(tarry::test::child_succeeds(product));
}

/// The thread sanitizer takes a child's thread for one of the parent's where it got the memory of one that was running
/// ("dup thread with used id"), and ends the process.
#if defined(__SANITIZE_THREAD__)
constexpr bool kChildMayStartThreads = false;
#else
constexpr bool kChildMayStartThreads = true;
#endif

TEST_F(Fork, WhileOtherThreadsAreBusy) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> busy;
  Cache<int, int> cache(16);
  for (int t = 0; t < 3; ++t) {
    busy.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) {
        Buffer::allocate(static_cast<size_t>(100000 + i % 7 * 10000));
        parallel_for(100, 1, [](int64_t, int64_t) {});
        const int key = i % 40;
        cache.find_or_make(
            static_cast<uint64_t>(key), [&](int k) { return k == key; }, [&] { return key; },
            [&] { return std::make_shared<int>(t); });
      }
    });
  }
  for (int round = 0; round < 20; ++round) {
    EXPECT_TRUE(tarry::test::child_succeeds([&] {
      for (int key = 0; key < 40; ++key)
        cache.find_or_make(
            static_cast<uint64_t>(key), [&](int k) { return k == key; }, [&] { return key; },
            [&] { return std::make_shared<int>(7); });
      for (int i = 0; i < 7; ++i) Buffer::allocate(static_cast<size_t>(100000 + i * 10000));
      return kChildMayStartThreads ? two_threads_work() : true;
    })) << round;
  }
  stop = true;
  for (auto& t : busy) t.join();
}

TEST_F(Fork, AValueLeftUnfinishedIsMadeAnew) {
  Cache<int, int> cache(16);
  std::atomic<bool> making{false}, finish{false};
  const auto get = [&](const auto& make) {
    return cache.find_or_make(
        1, [](int k) { return k == 1; }, [] { return 1; }, make);
  };
  std::thread maker([&] {
    get([&] {
      making = true;
      while (!finish) std::this_thread::yield();
      return std::make_shared<int>(5);
    });
  });
  while (!making) std::this_thread::yield();
  EXPECT_TRUE(tarry::test::child_succeeds([&] { return *get([] { return std::make_shared<int>(6); }) == 6; }));
  finish = true;
  maker.join();
  EXPECT_EQ(*get([] { return std::make_shared<int>(7); }), 5);
}

TEST_F(Fork, GenerationsAreCounted) {
  const uint64_t here = fork_generation();
  EXPECT_TRUE(tarry::test::child_succeeds([&] { return fork_generation() == here + 1; }));
  EXPECT_EQ(fork_generation(), here);
}

}  // namespace
}  // namespace tarry::runtime
