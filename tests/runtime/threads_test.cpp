#include <gtest/gtest.h>
#include <tarry/runtime/threads.h>

#include <atomic>
#include <cfenv>
#include <chrono>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace tarry::runtime {
namespace {

using Pieces = std::set<std::pair<int64_t, int64_t>>;

Pieces pieces_of(int64_t n, int64_t grain) {
  std::mutex mutex;
  Pieces pieces;
  parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(pieces.emplace(begin, end).second) << "a piece ran twice";
  });
  return pieces;
}

class Threads : public testing::Test {
 protected:
  void SetUp() override { set_num_threads(4); }
  void TearDown() override { set_num_threads(before_); }
  const int before_ = num_threads();
};

TEST_F(Threads, PiecesFollowFromTheGrainAlone) {
  EXPECT_EQ(pieces_of(10, 4), (Pieces{{0, 4}, {4, 10}}));
  EXPECT_EQ(pieces_of(12, 4), (Pieces{{0, 4}, {4, 8}, {8, 12}}));
  EXPECT_EQ(pieces_of(7, 4), (Pieces{{0, 7}}));
  EXPECT_EQ(pieces_of(1, 100), (Pieces{{0, 1}}));
  EXPECT_EQ(pieces_of(3, 0), (Pieces{{0, 1}, {1, 2}, {2, 3}}));
  EXPECT_EQ(pieces_of(0, 4), Pieces{});
  EXPECT_EQ(pieces_of(-5, 4), Pieces{});
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(pieces_of(most, most), (Pieces{{0, most}}));
  EXPECT_EQ(pieces_of(most, most / 2), (Pieces{{0, most / 2}, {most / 2, most}}));
  const Pieces four = pieces_of(1000, 7);
  for (const int threads : {1, 2, 3, 16}) {
    set_num_threads(threads);
    EXPECT_EQ(pieces_of(1000, 7), four);
  }
}

TEST_F(Threads, RunsOfPiecesCoverAllOnce) {
  for (const int threads : {1, 2, 3, 16}) {
    set_num_threads(threads);
    std::mutex mutex;
    std::map<int64_t, int64_t> runs;  // end by begin
    parallel_for(
        1003, 7,
        [&](int64_t begin, int64_t end) {
          const std::lock_guard lock(mutex);
          runs.emplace(begin, end);
        },
        runtime::Pieces::in_runs);
    int64_t next = 0;
    for (const auto& [begin, end] : runs) {
      EXPECT_EQ(begin, next);
      EXPECT_TRUE(end % 7 == 0 || end == 1003) << end;
      next = end;
    }
    EXPECT_EQ(next, 1003);
    EXPECT_TRUE(threads == 1 || runs.size() < 1003u / 7) << runs.size();
  }
}

TEST_F(Threads, EveryElementOnceUnderLoad) {
  for (int round = 0; round < 300; ++round) {
    std::vector<std::atomic<int>> count(997);
    parallel_for(997, 1 + round % 50, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) count[static_cast<size_t>(i)].fetch_add(1, std::memory_order_relaxed);
    });
    for (const auto& c : count) ASSERT_EQ(c.load(), 1);
  }
}

TEST_F(Threads, WritesAreSeenByTheCaller) {
  for (int round = 0; round < 200; ++round) {
    std::vector<int> out(64);
    parallel_for(64, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) out[static_cast<size_t>(i)] = static_cast<int>(i);
    });
    for (int i = 0; i < 64; ++i) ASSERT_EQ(out[static_cast<size_t>(i)], i);
  }
}

TEST_F(Threads, WorkIsSpread) {
  // Pieces that wait for each other end only when two threads run them.
  std::atomic<int> arrived{0};
  parallel_for(2, 1, [&](int64_t, int64_t) {
    ++arrived;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (arrived < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
}

/// The first and the last piece of the caller's share of a call for two threads; the other one waits until it is done.
std::pair<int64_t, int64_t> callers_share() {
  constexpr int64_t kShare = 32;
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int64_t> done{0};
  std::pair<int64_t, int64_t> ends{-1, -1};
  parallel_for(2 * kShare, 1, [&](int64_t piece, int64_t) {
    if (std::this_thread::get_id() != caller) {
      while (done < kShare) std::this_thread::yield();
    } else if (done < kShare) {
      if (done == 0) ends.first = piece;
      ends.second = piece;
      ++done;
    }
  });
  return ends;
}

TEST_F(Threads, ACallBeginsWhereTheOneBeforeEnded) {
  set_num_threads(2);
  auto before = callers_share();
  for (int i = 0; i < 50; ++i) {
    const auto now = callers_share();
    EXPECT_EQ(now.first, before.second);
    EXPECT_EQ(now.second, before.first);
    before = now;
  }
}

TEST_F(Threads, OnePieceAndOneThreadStayWithTheCaller) {
  const auto caller = std::this_thread::get_id();
  parallel_for(100, 60, [&](int64_t, int64_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
  set_num_threads(1);
  int pieces = 0;
  parallel_for(100, 10, [&](int64_t begin, int64_t) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_EQ(begin, 10 * pieces++);
  });
  EXPECT_EQ(pieces, 10);
}

TEST_F(Threads, AThreadThatDoesNotGetWhatItNeedsLeavesTheWorkToTheOthers) {
  const auto caller = std::this_thread::get_id();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> refused{0}, done{0};
    const auto prepare = [&] {
      if (std::this_thread::get_id() == caller) return;
      ++refused;
      throw std::bad_alloc();
    };
    const auto body = [&](int64_t begin, int64_t end) {
      EXPECT_EQ(std::this_thread::get_id(), caller);
      const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (refused == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
      done += static_cast<int>(end - begin);
    };
    parallel_for(50, 1, body, tarry::runtime::Pieces::one_by_one, prepare);
    EXPECT_EQ(done, 50);
    EXPECT_GE(refused, 1);
  }
}

TEST_F(Threads, AThreadThatDoesNotGetWhatItNeedsTakesNobodysPlace) {
  const auto caller = std::this_thread::get_id();
  std::mutex mutex;
  std::thread::id starved;
  const auto prepare = [&] {
    const auto id = std::this_thread::get_id();
    const std::lock_guard lock(mutex);
    if (id != caller && starved == std::thread::id()) starved = id;
    if (id == starved) throw std::bad_alloc();
  };
  std::atomic<bool> helped{false};
  const auto body = [&](int64_t, int64_t) {
    if (std::this_thread::get_id() != caller) helped = true;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!helped && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  };
  parallel_for(4, 1, body, tarry::runtime::Pieces::one_by_one, prepare);
  EXPECT_TRUE(helped);
}

TEST_F(Threads, NothingRunsWhereTheCallerDoesNotGetWhatItNeeds) {
  for (const int64_t n : {1, 50}) {
    const auto body = [](int64_t, int64_t) { FAIL(); };
    EXPECT_THROW(parallel_for(n, 1, body, tarry::runtime::Pieces::one_by_one, [] { throw std::bad_alloc(); }),
                 std::bad_alloc);
  }
}

TEST_F(Threads, MuchScratchIsNotKept) {
  const size_t much = size_t{64} << 20;
  std::memset(thread_scratch(much), 1, much);
  EXPECT_EQ(thread_scratch(much), thread_scratch(16));
  trim_thread_scratch();
  void* const little = thread_scratch(1 << 20);
  std::memset(little, 1, 1 << 20);
  trim_thread_scratch();
  EXPECT_EQ(thread_scratch(1 << 20), little);
}

TEST_F(Threads, NumberIsAtLeastOne) {
  set_num_threads(-3);
  EXPECT_EQ(num_threads(), 1);
  set_num_threads(5);
  EXPECT_EQ(num_threads(), 5);
}

TEST_F(Threads, TheExceptionOfTheLowestPieceComesOut) {
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> running{0};
    std::string text;
    try {
      parallel_for(64, 1, [&](int64_t begin, int64_t) {
        ++running;
        if (begin == 0) throw std::runtime_error("0");
        --running;
      });
    } catch (const std::runtime_error& error) {
      text = error.what();
      EXPECT_EQ(running, 1) << "a piece was still running";
    }
    EXPECT_EQ(text, "0");
  }
  EXPECT_THROW(parallel_for(1, 1, [](int64_t, int64_t) { throw std::logic_error("one piece"); }), std::logic_error);
  EXPECT_THROW(parallel_for(64, 1, [](int64_t, int64_t) { throw 5; }), int);
  EXPECT_EQ(pieces_of(8, 4).size(), 2u);
}

TEST_F(Threads, Nests) {
  std::atomic<int64_t> sum{0};
  parallel_for(8, 1, [&](int64_t i, int64_t) {
    parallel_for(10, 1, [&](int64_t j, int64_t) {
      parallel_for(4, 1, [&](int64_t k, int64_t) { sum += i * 100 + j * 10 + k; });
    });
  });
  EXPECT_EQ(sum, 28 * 100 * 40 + 45 * 10 * 32 + 6 * 80);
  EXPECT_THROW(parallel_for(8, 1,
                            [](int64_t, int64_t) {
                              parallel_for(8, 1, [](int64_t, int64_t) { throw std::runtime_error("inner"); });
                            }),
               std::runtime_error);
}

TEST_F(Threads, AWaitingThreadRunsOnlyItsOwnPieces) {
  // Each outer piece holds a lock that is not recursive while it waits for its inner pieces.
  std::mutex locks[8];
  thread_local bool inside = false;
  std::atomic<int> foreign{0};
  for (int round = 0; round < 50; ++round) {
    parallel_for(8, 1, [&](int64_t i, int64_t) {
      const std::lock_guard lock(locks[i]);
      if (inside) ++foreign;
      inside = true;
      std::atomic<int> count{0};
      parallel_for(16, 1, [&](int64_t, int64_t) { ++count; });
      EXPECT_EQ(count, 16);
      inside = false;
    });
  }
  EXPECT_EQ(foreign, 0);
}

TEST_F(Threads, ManyCallersAtOnce) {
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 6; ++t) {
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        std::atomic<int64_t> sum{0};
        parallel_for(100, 3, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) sum += i;
        });
        wrong += sum != 4950;
      }
    });
  }
  for (auto& t : callers) t.join();
  EXPECT_EQ(wrong, 0);
}

/// 1 + 2^-30 in float32: which way it is rounded shows the mode.
bool rounds_upward() {
  volatile float one = 1, little = 1.0f / (1 << 30);
  volatile float sum = one + little;
  return sum > 1;
}
bool keeps_denormals() {
  volatile float least = std::numeric_limits<float>::min();
  volatile float half = least / 2;
  return half > 0 && half * 2 == least;
}

class Modes : public Threads {
 protected:
  void SetUp() override {
    Threads::SetUp();
    std::fesetround(FE_UPWARD);
#if defined(__x86_64__)
    saved_ = _mm_getcsr();
    _mm_setcsr(saved_ | 0x8040);  // denormals are zero, and flushed to it
#endif
  }
  void TearDown() override {
#if defined(__x86_64__)
    _mm_setcsr(saved_ & ~0x8040u);
#endif
    std::fesetround(FE_TONEAREST);
    Threads::TearDown();
  }
  void expect_own_modes() {
    EXPECT_TRUE(rounds_upward());
#if defined(__x86_64__)
    EXPECT_FALSE(keeps_denormals());
#endif
  }
  unsigned saved_ = 0;
};

TEST_F(Modes, TheCallersModesReachNoBodyAndAreRestored) {
  for (const int64_t n : {1, 64}) {
    for (const int threads : {1, 4}) {
      set_num_threads(threads);
      std::atomic<int> wrong{0};
      parallel_for(n, 1, [&](int64_t, int64_t) {
        wrong += rounds_upward() || !keeps_denormals();
        parallel_for(2, 1, [&](int64_t, int64_t) { wrong += rounds_upward() || !keeps_denormals(); });
        wrong += rounds_upward() || !keeps_denormals();
      });
      EXPECT_EQ(wrong, 0) << n << " on " << threads;
      expect_own_modes();
    }
  }
}

TEST_F(Modes, RestoredAfterAnException) {
  for (const int64_t n : {1, 64}) {
    EXPECT_THROW(parallel_for(n, 1, [](int64_t, int64_t) { throw 1; }), int);
    expect_own_modes();
  }
}

TEST_F(Modes, Scope) {
  {
    const FloatEnvironment scope;
    EXPECT_FALSE(rounds_upward());
    EXPECT_TRUE(keeps_denormals());
  }
  expect_own_modes();
}

TEST(Scratch, IsAlignedAndLongEnough) {
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{1000}, size_t{100}, size_t{1} << 20}) {
    auto* memory = static_cast<unsigned char*>(thread_scratch(bytes));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
    for (size_t i = 0; i < bytes; ++i) memory[i] = 7;
  }
}

TEST(Scratch, IsTheThreadsOwn) {
  void* const mine = thread_scratch(100);
  void* other = nullptr;
  std::thread([&] { other = thread_scratch(100); }).join();
  EXPECT_NE(other, nullptr);
  EXPECT_EQ(thread_scratch(50), mine);
}

}  // namespace
}  // namespace tarry::runtime
