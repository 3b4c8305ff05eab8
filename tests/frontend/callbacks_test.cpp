// A user's function that throws takes nothing with it: its exception comes out as it is, nothing is being recorded any
// more, what the function had been given is whole, and the next call works. Likewise after a fork.
#include "../child.h"

#include <tarry/insight.h>
#include <tarry/runtime/threads.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using List = std::vector<double>;

struct Thrown : std::runtime_error {
  Thrown() : std::runtime_error("the user's") {}
};

/// What works when nothing was left behind.
void expect_sound(const Array& x) {
  EXPECT_EQ(x.to_vector<double>(), (List{1, 2, 3}));
  EXPECT_EQ(tarry::grad([](const Array& v) { return np::sum(v * v); })(x).to_vector<double>(), (List{2, 4, 6}));
  EXPECT_EQ(tarry::vmap([](const Array& v) { return v + 1; })(x).to_vector<double>(), (List{2, 3, 4}));
  // Inside a recording a mask is not allowed to select what a derivative follows; outside it is.
  EXPECT_EQ(Array(x[x > 1]).to_vector<double>(), (List{2, 3}));
}

/// Throws at the k-th step, after it has recorded, written and looked.
struct ThrowsAt {
  int step;
  Array operator()(const Array& given) const {
    Array y = np::exp(given);
    if (step == 0) throw Thrown();
    y[0] = 2.0;
    y *= given;
    if (step == 1) throw Thrown();
    if (step == 2 && double(np::sum(y)) > 0) throw Thrown();
    Array kept = y[np::slice(1, np::none)];
    kept += 1;
    if (step == 3) throw Thrown();
    return np::sum(y);
  }
};

template <class Call>
void expect_thrown(const Call& call) {
  const Array x = np::array({1.0, 2.0, 3.0});
  for (int step = 0; step < 4; ++step) {
    EXPECT_THROW(call(ThrowsAt{step}, x), Thrown) << step;
    expect_sound(x);
  }
}

TEST(Callbacks, ThrowInsideGrad) {
  expect_thrown([](auto f, const Array& x) { (void)tarry::grad(f)(x); });
  expect_thrown([](auto f, const Array& x) { (void)tarry::jvp(f, x, x); });
  expect_thrown([](auto f, const Array& x) { (void)tarry::hvp(f, x, x); });
  expect_thrown([](auto f, const Array& x) { (void)tarry::jacobian(f)(x); });
}

TEST(Callbacks, ThrowInsideGradOfGrad) {
  expect_thrown([](auto f, const Array& x) {
    (void)tarry::grad([f](const Array& v) { return np::sum(tarry::grad(f)(v * 2) * v); })(x);
  });
}

TEST(Callbacks, ThrowInsideCheckpoint) {
  expect_thrown([](auto f, const Array& x) { (void)tarry::checkpoint(f)(x); });
  expect_thrown([](auto f, const Array& x) {
    (void)tarry::grad([f](const Array& v) { return np::sum(tarry::checkpoint(f)(v * 2)); })(x);
  });
  // Caught inside: the outer function goes on, and its derivative is right.
  const Array x = np::array({1.0, 2.0, 3.0});
  const auto recovers = [](const Array& v) {
    try {
      return tarry::checkpoint(ThrowsAt{3})(v);
    } catch (const Thrown&) {
      return np::sum(v * v * v);
    }
  };
  EXPECT_EQ(tarry::grad(recovers)(x).to_vector<double>(), (List{3, 12, 27}));
}

TEST(Callbacks, ThrowInsideVmap) {
  const Array x = np::array({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  for (int step : {0, 1, 3}) {
    EXPECT_THROW((void)tarry::vmap(ThrowsAt{step})(x), Thrown);
    EXPECT_THROW((void)tarry::vmap(tarry::grad(ThrowsAt{step}))(x), Thrown);
    expect_sound(x[0] - 0.0);
  }
}

TEST(Callbacks, ThrowInsideRules) {
  const Array x = np::array({1.0, 2.0, 3.0});
  for (int part = 0; part < 3; ++part) {
    const auto check = [part](int here) {
      if (here == part) throw Thrown();
    };
    const auto f = tarry::custom_vjp(
        [&](const Array& v) {
          check(0);
          return v * v;
        },
        [&](const Array& v) {
          check(1);
          return std::pair(v * v, v);
        },
        [&](const Array& v, const Array& ct) {
          const Array given = 2 * v * ct;
          check(2);
          return given;
        });
    const auto sum = [&](const Array& v) { return np::sum(f(v)); };
    if (part == 0) {
      EXPECT_THROW((void)f(x), Thrown);
    } else {
      EXPECT_THROW((void)tarry::grad(sum)(x), Thrown);
    }
    expect_sound(x);
    const auto g = tarry::custom_jvp([](const Array& v) { return v * v; },
                                     [&](const Array&, const Array&) -> std::pair<Array, Array> { throw Thrown(); });
    EXPECT_THROW((void)tarry::jvp(g, x, x), Thrown);
    expect_sound(x);
  }
}

TEST(Callbacks, NothingIsKeptAlive) {
  const Array x = np::array({1.0, 2.0, 3.0});
  const auto large = [](const Array& v) -> Array {
    Array y = np::broadcast_to(v[0], {100000}) * 2;
    tarry::eval(y);
    Array z = np::tanh(y) * y;
    throw Thrown();
  };
  EXPECT_THROW((void)tarry::grad(large)(x), Thrown);
  const uint64_t live = tarry::stats().bytes_live;
  for (int i = 0; i < 20; ++i) EXPECT_THROW((void)tarry::grad(large)(x), Thrown);
  EXPECT_LE(tarry::stats().bytes_live, live + 1000);
}

// ---- forks ----

/// Enough for several threads, and new at each call.
bool computes(int64_t n) {
  const Array x = np::arange(n) * 0.5;
  return double(np::sum(x + 1)) == 0.25 * static_cast<double>(n) * static_cast<double>(n - 1) + static_cast<double>(n);
}

TEST(AfterAFork, ParentAndChildGoOn) {
  const int before = tarry::runtime::num_threads();
  tarry::runtime::set_num_threads(3);
  Array x = np::arange(200000) * 1.0, pending = np::sum(x * 2), view = x[np::slice(0, 4)];
  ASSERT_TRUE(computes(300000));
  EXPECT_TRUE(tarry::test::child_succeeds([&] {
    view += 1;  // the child's alone
    return computes(400000) && double(x[3]) == 4 && double(pending) == 199999.0 * 200000 &&
           tarry::grad([](const Array& v) { return np::sum(v * v); })(view).to_vector<double>() == List{2, 4, 6, 8};
  }));
  EXPECT_TRUE(computes(500000));
  EXPECT_EQ(double(x[3]), 3);
  EXPECT_EQ(double(pending), 199999.0 * 200000);
  tarry::runtime::set_num_threads(before);
}

/// Forks while other threads use for the first time what the process makes at its first use, and evaluate what the
/// thread that forks has recorded.
bool forks_among_beginners() {
  std::atomic<bool> stop{false};
  const Array shared = np::arange(1000) * 1.0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      do {
        if (double(np::sum(shared * 2.0)) != 999000) std::abort();
        if (double(np::dot(shared, shared)) != 332833500) std::abort();
      } while (!stop);
    });
  std::this_thread::yield();
  const bool fine = tarry::test::child_succeeds([&] { return computes(1000) && double(np::max(shared)) == 999; });
  stop = true;
  for (std::thread& t : threads) t.join();
  return fine;
}

TEST(AfterAFork, WhileOthersBegin) {
  // Each child is a process that never computed anything: so is this one.
  for (int i = 0; i < 25; ++i) ASSERT_TRUE(tarry::test::child_succeeds(forks_among_beginners)) << i;
}

TEST(AfterAFork, WhileOthersRecordAndLook) {
  std::atomic<bool> stop{false};
  const Array shared = np::arange(1000) * 1.0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&, t] {
      for (int64_t i = 1; !stop; ++i) (void)double(np::sum(shared * static_cast<double>(i % 7 + t)));
    });
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(tarry::test::child_succeeds(
        [&] { return computes(100000) && double(np::max(np::arange(1000) * 2.0)) == 1998; }));
    EXPECT_TRUE(computes(1000 + i));
  }
  stop = true;
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(double(np::sum(shared)), 499500);
}

}  // namespace
