// Arrays on GPUs, on the stand-in for libcuda.
#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/buffer.h>
#include <tarry/runtime/cuda/device.h>
#include <tarry/tarry.h>

#include <cstring>
#include <functional>
#include <thread>

#include "../child.h"
#include "stand_in.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::Context;
using tarry::cpu;
using tarry::gpu;
using List = std::vector<double>;

List list(const Array& x) { return x.to_vector<double>(); }

/// The message of what `f` throws.
template <class Error, class F>
std::string words(const F& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  } catch (const std::exception& e) {
    return std::string("another exception: ") + e.what();
  }
  return "nothing was thrown";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Nothing that the library asks of the driver breaks the driver's rules.
class Devices : public testing::Test {
  void TearDown() override { EXPECT_EQ(tarry::test::stand_in_violations(), ""); }
};

TEST_F(Devices, ArraysLiveWhereTheyAreMade) {
  EXPECT_EQ(tarry::num_gpus(), 2);
  const Array on_host = np::arange(4);
  {
    tarry::ContextScope with(gpu(0));
    for (const Array& x : {np::zeros({3}), np::array({1.0, 2.0}), np::arange(4), np::linspace(0, 1, 5), np::eye(3),
                           np::random::uniform(0, 1, {4})})
      EXPECT_EQ(x.context(), gpu(0));
    EXPECT_EQ(np::arange(4).context(), gpu(0)) << "the host has the same";
    EXPECT_EQ((on_host + 1).context(), cpu());
    EXPECT_EQ(np::zeros_like(on_host).context(), cpu());
    EXPECT_EQ(on_host.context(), cpu());
  }
  EXPECT_EQ(np::arange(4).context(), cpu());
  EXPECT_EQ(list(on_host + 1), (List{1, 2, 3, 4}));
}

TEST_F(Devices, ResultsLiveWhereTheirArgumentsDo) {
  const Array x = np::array({3.0, 1.0, 2.0}).to(gpu(0));
  EXPECT_EQ(x.context(), gpu(0));
  for (const Array& y :
       {x * 2, np::exp(x), x[0], x[{np::slice(0, 2)}], x[x > 1.5], np::sum(x), np::sort(x), x.reshape({3, 1}),
        np::zeros_like(x), np::concatenate({x, x}), x.copy(), np::where(x > 1.0, x, 0.0)})
    EXPECT_EQ(y.context(), gpu(0));
  EXPECT_EQ(list(np::sort(x)), (List{1, 2, 3}));
  EXPECT_EQ(list(x[x > 1.5]), (List{3, 2}));
  EXPECT_EQ(x.to(cpu()).context(), cpu());
  EXPECT_EQ(list(x.to(cpu()) + np::ones({3})), (List{4, 2, 3}));
}

TEST_F(Devices, FunctionsMakeWhatTheyNeedWhereTheirArgumentsLive) {
  const Array host = np::array({{2.0, 1.0, 3.0}, {1.0, 2.0, 2.0}, {0.0, 1.0, 1.0}}), counts = np::array({2, 0, 2, 1});
  using Program = std::function<Array(const Array& x, const Array& n)>;
  const std::vector<Program> programs{
      [](const Array& x, const Array&) { return np::imag(x); },
      [](const Array& x, const Array&) { return np::tril(x); },
      [](const Array& x, const Array&) { return np::vander(x[0], 3); },
      [](const Array& x, const Array&) {
        return np::repeat(x, std::vector<int64_t>{1, 0, 2}, 0);
      },
      [](const Array& x, const Array&) { return np::unique(x); },
      [](const Array& x, const Array&) { return np::isin(x, x[0]); },
      [](const Array&, const Array& n) { return np::bincount(n); },
      [](const Array& x, const Array&) { return np::histogram(x, 4, {}).first; },
      [](const Array& x, const Array&) { return np::argwhere(x > 1.0); },
      [](const Array& x, const Array&) { return np::linalg::matrix_power(x, 0); },
      [](const Array& x, const Array&) { return np::linalg::eigvalsh(x); },
      [](const Array& x, const Array&) { return np::median(x, 1); },
      [](const Array& x, const Array&) { return np::percentile(x, 30); },
      [](const Array& x, const Array&) {
        return np::einsum("ij,kj->ik", {x, x});
      },
      [](const Array& x, const Array& n) { return np::take(x, n, 0); },
      [](const Array& x, const Array&) { return np::roll(x, 1, 0) + np::diff(x, 1, 0).sum(); },
      [](const Array& x, const Array&) {
        return np::pad(x, {{1, 1}, {0, 2}});
      },
      [](const Array& x, const Array&) {
        return tarry::hessian([](const Array& v) { return np::sum(np::exp(v) * v * v); })(x[0]);
      },
      [](const Array& x, const Array&) { return tarry::vmap([](const Array& r) { return np::sum(r * r); })(x); },
  };
  for (size_t i = 0; i < programs.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_NO_THROW({
      const Array there = programs[i](host.to(gpu(0)), counts.to(gpu(0)));
      EXPECT_EQ(there.context(), gpu(0));
      EXPECT_EQ(list(there), list(programs[i](host, counts)));
    });
    tarry::ContextScope with(gpu(1));
    EXPECT_NO_THROW({
      const Array here = programs[i](host, counts);
      EXPECT_EQ(here.context(), cpu());
    });
  }
}

TEST_F(Devices, MixingIsRefusedAndSaysWhich) {
  const Array here = np::ones({2}), there = here.to(gpu(0)), beyond = here.to(gpu(1));
  for (const bool looked : {false, true}) {
    if (looked) tarry::eval(here, there, beyond);
    std::string why = words<tarry::ValueError>([&] { np::add(here, there); });
    EXPECT_TRUE(contains(why, "add: one array lives on cpu, another on gpu(0)")) << why;
    EXPECT_TRUE(contains(why, "to(tarry::cpu())")) << why;
    why = words<tarry::ValueError>([&] { (void)(there * beyond); });
    EXPECT_TRUE(contains(why, "gpu(0)") && contains(why, "gpu(1)")) << why;
    Array target = there.copy();
    why = words<tarry::ValueError>([&] { target[np::slice(0, 2)] = here; });
    EXPECT_TRUE(contains(why, "gpu(0)") && contains(why, "cpu")) << why;
    EXPECT_EQ(list(target), (List{1, 1}));
    why = words<tarry::ValueError>([&] { np::concatenate({here, there}); });
    EXPECT_TRUE(contains(why, "concatenate")) << why;
  }
}

TEST_F(Devices, NumbersOfTheHostGoWithAny) {
  const Array x = np::array({1.0, 2.0}).to(gpu(0));
  const Array strong = np::array(3.0), computed = np::sum(np::array({1.0, 4.0}));
  EXPECT_EQ(list(2.0 * x + strong), (List{5, 7}));
  EXPECT_EQ(list(x + computed), (List{6, 7}));
  EXPECT_EQ((computed * x).context(), gpu(0));
  Array y = x.copy();
  y[0] = computed;
  y[1] = 9;
  EXPECT_EQ(list(y), (List{5, 9}));
  EXPECT_EQ(y.context(), gpu(0));
  tarry::ContextScope with(gpu(0));
  Array zeros = np::zeros({2});
  zeros[0] = computed;
  EXPECT_EQ(zeros.context(), gpu(0));
  EXPECT_EQ(list(zeros), (List{5, 0}));
  EXPECT_EQ(list(np::full({2}, np::array(2.5))), (List{2.5, 2.5}));
}

TEST_F(Devices, ScopesNestAndComeBackFromExceptions) {
  try {
    tarry::ContextScope outer(gpu(0));
    {
      tarry::ContextScope inner(gpu(1));
      EXPECT_EQ(tarry::current_context(), gpu(1));
      EXPECT_EQ(np::ones({2}).context(), gpu(1));
    }
    EXPECT_EQ(tarry::current_context(), gpu(0));
    (void)np::matmul(np::ones({2}), np::ones({3}));
    ADD_FAILURE() << "shapes that do not fit";
  } catch (const tarry::ValueError&) {
  }
  EXPECT_EQ(tarry::current_context(), cpu());
  EXPECT_TRUE(contains(words<tarry::DeviceError>([] { gpu(2); }), "gpu(2)"));
  EXPECT_THROW(gpu(-1), tarry::DeviceError);
}

TEST_F(Devices, ViewsWriteThrough) {
  tarry::ContextScope with(gpu(0));
  Array x = np::arange(12.0).reshape({3, 4});
  Array row = x[1], reversed = x[{np::slice(np::none, np::none, -1), 0}];
  row += 100;
  reversed[0] = -1.0;
  x[x > 103.5] = 0.0;
  EXPECT_EQ(list(x), (List{0, 1, 2, 3, 0, 0, 0, 0, -1, 9, 10, 11}));
  EXPECT_EQ(list(row), (List{0, 0, 0, 0}));
  EXPECT_EQ(list(reversed), (List{-1, 0, 0}));
  x[np::array({0, 0, 2})] = 7.0;
  np::add_at(x, np::array({1, 1}), 2.0);
  EXPECT_EQ(list(x), (List{7, 7, 7, 7, 4, 4, 4, 4, 7, 7, 7, 7}));
}

TEST_F(Devices, DerivativesFlowThroughCopies) {
  const auto f = [](const Array& w) { return np::sum((np::sin(w.to(gpu(0))) * w.to(gpu(0))).to(cpu()) * w); };
  const auto plain = [](const Array& w) { return np::sum(np::sin(w) * w * w); };
  const Array w = np::array({0.5, -1.0, 2.0});
  const Array g = tarry::grad(f)(w);
  EXPECT_EQ(g.context(), cpu());
  const List expected = list(tarry::grad(plain)(w)), got = list(g);
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-15);
  const Array there = tarry::grad(plain)(w.to(gpu(1)));
  EXPECT_EQ(there.context(), gpu(1));
  EXPECT_EQ(list(there), list(tarry::grad(plain)(w)));
}

/// Runs where there is no cuBLAS.
using WithoutCublas = Devices;

Array square_of(const Array& x) { return np::matmul(x, x); }

TEST_F(WithoutCublas, WhatHasNoKernelRunsOnTheHostAndIsCounted) {
  const Array x = np::array({3.0, 1.0, 2.0}).to(gpu(0));
  const Array square = (np::arange(4.0)).reshape({2, 2}).to(gpu(0));
  tarry::eval(x, square);
  tarry::reset_stats();
  EXPECT_EQ(list(square_of(square)), (List{2, 3, 6, 11}));
  EXPECT_EQ(tarry::stats().fallbacks, 1u);
  const Array m = np::array({{2.0, 1.0}, {1.0, 3.0}}).to(gpu(0));
  const Array inverse = np::linalg::inv(m);
  EXPECT_EQ(inverse.context(), gpu(0));
  EXPECT_EQ(tarry::stats().fallbacks, 2u);
  {
    tarry::PolicyScope strict(tarry::Policy::device_only);
    std::string why = words<tarry::DeviceError>([&] { list(square_of(square)); });
    EXPECT_TRUE(contains(why, "matmul") && contains(why, "devices_test.cpp:") && contains(why, "device_only")) << why;
    why = words<tarry::DeviceError>([&] { np::linalg::inv(m); });
    EXPECT_TRUE(contains(why, "inv") && contains(why, "devices_test.cpp:")) << why;
    EXPECT_EQ(list(x + 1), (List{4, 2, 3}));
  }
  EXPECT_EQ(tarry::stats().fallbacks, 2u);
  tarry::PolicyScope on_host(tarry::Policy::host_only);
  const uint64_t before = tarry::test::stand_in_counters().launches;
  EXPECT_EQ(list(np::exp(x) * 0.0 + x), (List{3, 1, 2}));
  EXPECT_EQ(tarry::test::stand_in_counters().launches, before);
  EXPECT_EQ(tarry::stats().fallbacks, 2u);
}

/// Its first step writes over an array that dies, the next one asks for memory.
Array steps_on(const Context& where) {
  Array a = (np::arange(150000) * 0.125).to(where);
  tarry::eval(a);
  a += 1;
  return np::dot(a, a[np::slice(np::none, np::none, -1)]) * 2;
}

TEST_F(Devices, AStepOnTheHostThatIsRefusedMemoryChangesNothing) {
  const List expected = list(steps_on(cpu()));
  tarry::PolicyScope on_host(tarry::Policy::host_only);
  uint64_t n = 1;
  for (bool failed = true; failed; ++n) {
    const Array made = steps_on(gpu(0));
    failed = false;
    tarry::runtime::fail_allocation(n);
    try {
      (void)list(made);
    } catch (const tarry::MemoryError&) {
      failed = true;
    }
    tarry::runtime::fail_allocation(0);
    ASSERT_EQ(list(made), expected) << "allocation " << n;
  }
  EXPECT_GT(n, 2u);
}

TEST_F(Devices, ExplainNamesWhatRunsThere) {
  tarry::ContextScope with(gpu(0));
  const Array x = np::arange(12.0).reshape({3, 4}), n = np::arange(12).reshape({3, 4});
  tarry::eval(x, n);
  const auto scaled = [&] { return np::exp(x * 0.125) + 3.5; };
  const auto says = [](const Array& y, const char* what) {
    const std::string text = tarry::explain(y);
    return contains(text, what) && !contains(text, "interpreter") ? "" : text;
  };
  EXPECT_EQ(says(scaled(), "    will be compiled before it runs on gpu(0)\n"), "");
  tarry::eval(scaled());
  EXPECT_EQ(says(scaled(), "    runs on gpu(0)\n"), "");
  EXPECT_EQ(says(scaled().to(cpu()), "    runs on gpu(0)\n"), "");
  EXPECT_EQ(says(np::matmul(x, x.T()), "    runs on gpu(0), in cuBLAS\n"), "");
  EXPECT_EQ(says(np::matmul(n, n.T()), "    runs on gpu(0)\n"), "");
  EXPECT_EQ(says(np::argsort(x, 1), "    runs on gpu(0)\n"), "");
  tarry::PolicyScope on_host(tarry::Policy::host_only);
  EXPECT_EQ(says(scaled(), "    runs on the host, copied there and back, as the policy host_only says\n"), "");
}

TEST_F(WithoutCublas, ExplainSaysWhyItRunsOnTheHost) {
  const Array x = np::arange(16.0).reshape({4, 4}).to(gpu(0));
  tarry::eval(x);
  const auto says = [&](const char* what) {
    const std::string text = tarry::explain(square_of(x));
    return contains(text, what) ? "" : text;
  };
  EXPECT_EQ(says("    runs on the host, copied there and back: "), "");
  tarry::PolicyScope strict(tarry::Policy::device_only);
  EXPECT_EQ(says("    refused, as the policy device_only says; gpu(0) has no kernel: "), "");
}

TEST_F(Devices, TheUsersMemoryIsTheHosts) {
  double memory[] = {1, 2, 3};
  tarry::ContextScope with(gpu(0));
  Array shared = np::frombuffer(memory, {3});
  EXPECT_EQ(shared.context(), cpu());
  shared[np::slice(0, 2)] = 5.0;
  EXPECT_EQ(memory[1], 5.0);
  const Array copy = shared.to(gpu(0));
  memory[0] = 8;
  EXPECT_EQ(list(copy), (List{5, 5, 3}));
  const std::string why = words<tarry::ValueError>([&] { copy.data<double>(); });
  EXPECT_TRUE(contains(why, "gpu(0)") && contains(why, "to(tarry::cpu())")) << why;
}

TEST_F(Devices, IndexErrorsAreToldAndNothingIsLost) {
  tarry::ContextScope with(gpu(0));
  Array x = np::arange(5.0);
  const Array bad = np::arange(3) * 3;
  const Array read = x[bad + 0];
  const std::string why = words<tarry::IndexError>([&] { list(read); });
  EXPECT_TRUE(contains(why, "index 6 is out of bounds for axis 0 with size 5")) << why;
  EXPECT_EQ(list(x), (List{0, 1, 2, 3, 4}));
}

TEST_F(Devices, RangesOfIndicesAreFoundOnTheGpu) {
  const int64_t n = 50000;
  tarry::ContextScope with(gpu(0));
  Array x = np::arange(n) * 2;
  const Array turned = n - 1 - np::arange(n), negative = turned - n;
  tarry::eval(x, turned, negative);
  const auto copied = [](const auto& f) {
    const uint64_t before = tarry::test::stand_in_counters().bytes_to_host;
    f();
    return tarry::test::stand_in_counters().bytes_to_host - before;
  };
  // Indices that were computed before, that are computed for this, of few bytes each, backwards, and those of writes.
  EXPECT_LT(copied([&] { tarry::eval(x[turned]); }), 100u);
  EXPECT_LT(copied([&] { tarry::eval(x[(turned * 3 + 1) % n]); }), 100u);
  EXPECT_LT(copied([&] { tarry::eval(x[(turned % 30000).astype(tarry::uint16)]); }), 100u);
  EXPECT_LT(copied([&] { tarry::eval(x[negative[{np::slice(np::none, np::none, -2)}]]); }), 100u);
  EXPECT_LT(copied([&] {
              x[turned] = np::arange(n);
              tarry::eval(x);
            }),
            100u);
  EXPECT_EQ(double(np::sum(np::abs(x - turned))), 0);
  EXPECT_EQ(double(np::sum(np::abs(x[negative] - np::arange(n)))), 0);
}

TEST_F(Devices, OneBadIndexAmongManyFailsWhatNeedsIt) {
  const int64_t n = 50000;
  tarry::ContextScope with(gpu(0));
  Array x = np::arange(double(n));
  for (const int64_t bad : {n, -n - 1}) {
    Array index = np::arange(n);
    index[n / 2] = bad;
    const Array other = x + 1, read = x[index * 1], after = read + other;
    const std::string expected = "index " + std::to_string(bad) + " is out of bounds for axis 0 with size 50000";
    // Told when somebody looks, as often as that is; the rest is computed.
    for (int i = 0; i < 2; ++i) {
      const std::string why = words<tarry::IndexError>([&] { tarry::eval(after); });
      EXPECT_TRUE(contains(why, expected) && contains(why, "devices_test.cpp:")) << why;
    }
    EXPECT_EQ(double(other[n - 1]), double(n));
    Array y = x.copy();
    y[index * 1] = -1.0;
    EXPECT_TRUE(contains(words<tarry::IndexError>([&] { tarry::eval(y); }), expected));
    EXPECT_EQ(double(np::sum(x)), double(n) * double(n - 1) / 2);
    // A write looks before it writes.
    tarry::eval(index);
    EXPECT_EQ(words<tarry::IndexError>([&] { x[index] = -1.0; }), expected);
    EXPECT_EQ(double(np::sum(x)), double(n) * double(n - 1) / 2);
  }
}

TEST_F(Devices, OtherThreadsSeeThem) {
  const Array x = np::arange(6.0).to(gpu(0)) * 2;
  List seen;
  Context where;
  std::thread([&] {
    EXPECT_EQ(tarry::current_context(), cpu());
    const Array y = x + 1;
    where = y.context();
    seen = list(y);
  }).join();
  EXPECT_EQ(where, gpu(0));
  EXPECT_EQ(seen, (List{1, 3, 5, 7, 9, 11}));
}

TEST_F(Devices, TheSameBitsAsTheHost) {
  const auto program = [](Context context) {
    tarry::ContextScope with(context);
    np::random::seed(7);
    Array x = np::random::standard_normal({37, 53}), w = np::random::uniform(-1, 1, {53});
    Array h = np::tanh(x * w) + np::log1p(np::exp(-np::abs(x)));
    Array p = np::exp(h - np::max(h, 1, tarry::keepdims));
    p = p / np::sum(p, 1, tarry::keepdims);
    Array stencil = p[{np::all, np::slice(1, np::none)}] - p[{np::all, np::slice(np::none, -1)}];
    p[{np::slice(0, 5)}] = 0.25;
    List all;
    for (const Array& y : {p, stencil, np::cumsum(x, 0), np::var(x, 0), np::sum(x), np::prod(w),
                           (x * 1000).astype(tarry::int16).astype(tarry::float64), x.T()[np::array({3, 1, 3})],
                           x.astype(tarry::float16).astype(tarry::float64)}) {
      const List one = list(y);
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  };
  const List host = program(cpu()), device = program(gpu(0));
  ASSERT_EQ(host.size(), device.size());
  EXPECT_EQ(std::memcmp(host.data(), device.data(), host.size() * sizeof(double)), 0);
}

TEST_F(Devices, ASteadyLoopMakesNothingTwice) {
  tarry::ContextScope with(gpu(0));
  Array x = np::ones({1000});
  const auto step = [&] {
    x = x * 0.999 + np::sin(x);
    return double(np::sum(x));
  };
  for (int i = 0; i < 3; ++i) step();
  tarry::reset_stats();
  const uint64_t live = tarry::stats().device_bytes_live, allocations = tarry::test::stand_in_counters().allocations;
  for (int i = 0; i < 50; ++i) step();
  EXPECT_EQ(tarry::stats().plans_made, 0u);
  EXPECT_EQ(tarry::stats().kernels_compiled, 0u);
  EXPECT_EQ(tarry::stats().device_bytes_live, live);
  EXPECT_EQ(tarry::test::stand_in_counters().allocations, allocations);
}

TEST_F(Devices, NothingLeaks) {
  {
    tarry::ContextScope with(gpu(0));
    const Array x = np::arange(100000.0), y = x.to(gpu(1)) * 2;
    tarry::eval(x, y);
    EXPECT_EQ(list(y[np::slice(0, 3)]), (List{0, 2, 4}));
    EXPECT_THROW(list(x[np::array({100000})]), tarry::IndexError);
    EXPECT_GT(tarry::stats().device_bytes_live, 0u);
  }
  EXPECT_EQ(double(np::sum(np::ones({3}))), 3);  // the trace forgets what is dead
  tarry::runtime::cuda::trim_pools();
  EXPECT_EQ(tarry::stats().device_bytes_live, 0u);
  const cudasimCounters c = tarry::test::stand_in_counters();
  EXPECT_EQ(c.live_allocations, 0u);
  EXPECT_EQ(c.live_host_allocations, 0u);
  EXPECT_EQ(c.live_events, 0u);
}

TEST_F(Devices, AForkedChildIsToldAndCountsOnTheHost) {
  const Array x = np::arange(3.0).to(gpu(0));
  tarry::eval(x);
  EXPECT_TRUE(tarry::test::child_succeeds([&] {
    const std::string why = words<tarry::DeviceError>([&] { list(x); });
    const std::string again = words<tarry::DeviceError>([] { gpu(0); });
    return contains(why, "forked") && contains(again, "forked") && tarry::num_gpus() == 0 &&
           list(np::arange(3.0) + 1) == List{1, 2, 3};
  }));
  EXPECT_EQ(list(x), (List{0, 1, 2}));
}

}  // namespace
