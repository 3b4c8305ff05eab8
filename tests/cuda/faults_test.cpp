// A fault of the driver at each of its calls: a typed error, and the host goes on.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/cuda/device.h>
#include <tarry/tarry.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>
#include <thread>

#include "../child.h"
#include "cuda/driver.h"
#include "stand_in.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using List = std::vector<double>;

/// Loss and gradient of a small network, and one step. On a GPU the data come from another one, the label of each row
/// is found by cuBLAS (in small integers, exactly), and one array ends within a word.
List training_step(tarry::Context context) {
  tarry::ContextScope with(context);
  np::random::seed(3);
  Array x = np::random::standard_normal({15, 8});
  if (context.is_gpu()) {
    const Array elsewhere = x.to(tarry::gpu(1));
    tarry::eval(elsewhere);
    x = elsewhere.to(context);
  }
  List given(60);
  for (size_t i = 0; i < given.size(); ++i) given[i] = double(i * 37 % 11);
  const Array votes = np::array(std::span(given), {15, 4});
  const Array target = np::argmax(np::matmul(votes, np::eye(4) * 2.0), 1) * 0.25;
  Array w = np::random::standard_normal({8}) * 0.1;
  const auto loss = [&](const Array& p) {
    const Array y = 1.0 / (1.0 + np::exp(-np::sum(x * p, 1)));
    return np::mean((y - target) * (y - target));
  };
  const auto [value, gradient] = tarry::value_and_grad(loss)(w);
  w -= 0.5 * gradient;
  w[w > 1.0] = 1.0;
  const Array above = np::sum(x * w, 1) > 0.0;
  tarry::eval(above);
  List result = w.to_vector<double>(), signs = above.to_vector<double>();
  result.insert(result.end(), signs.begin(), signs.end());
  result.push_back(double(value));
  return result;
}

enum Outcome { right = 10, refused, wrong_answer, wrong_exception, host_broken, not_again, leaked };
constexpr int kNothingFailed = 100;  // is added where the driver failed nowhere

Outcome step_on_gpu(const std::string& fault, const List& expected) {
  try {
    return training_step(tarry::gpu(0)) == expected ? right : wrong_answer;
  } catch (const tarry::DeviceError& e) {
    return *e.what() ? refused : wrong_exception;
  } catch (const tarry::MemoryError& e) {
    return *e.what() ? refused : wrong_exception;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", fault.c_str(), e.what());
    return wrong_exception;
  }
}

/// Whether the driver has something yet that no array, and no pool, keeps.
bool anything_is_left() {
  (void)double(np::sum(np::ones({3})));  // the trace forgets what is dead
  tarry::runtime::cuda::trim_pools();
  const cudasimCounters c = tarry::test::stand_in_counters();
  return tarry::stats().device_bytes_live || c.live_allocations || c.live_host_allocations || c.live_events;
}

/// A process in which the driver fails as `fault` says, once or from then on.
int outcome(const std::string& fault, const List& expected, bool once) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    setenv("CUDASIM_FAIL", fault.c_str(), 1);
    setenv("CUDASIM_LOG", "/dev/null", 1);
    int result = step_on_gpu(fault, expected);
    try {
      const bool failed = tarry::test::stand_in_counters().faults != 0;
      if (tarry::current_context() != tarry::cpu() || training_step(tarry::cpu()) != expected) result = host_broken;
      // The fault was one only: a new session works.
      if (once && result == refused && training_step(tarry::gpu(0)) != expected) result = not_again;
      if (once && failed && (result == refused || result == right) && anything_is_left()) result = leaked;
      if (!failed) result += kNothingFailed;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s: %s\n", fault.c_str(), e.what());
      result = host_broken;
    }
    _exit(result);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// What follows of the failures of one kind.
struct Kind {
  const char* name;
  enum { refuses, does_without, not_in_a_step } effect = refuses;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class Faults : public testing::TestWithParam<Kind> {};

TEST_P(Faults, EachIsATypedErrorAndTheHostGoesOn) {
  const List expected = training_step(tarry::cpu());
  const std::string kind = GetParam().name;
  const bool once = kind != "lost" && kind != "cuEventDestroy_v2";  // what is not destroyed is left
  int happened = 0, refusals = 0;
  for (int n = 1;; ++n) {
    const int result = outcome(kind + "@" + std::to_string(n), expected, once);
    if (result == right + kNothingFailed) break;  // there is no n-th such call
    ASSERT_TRUE(result == refused || result == right) << kind << "@" << n << ": " << result;
    ++happened;
    refusals += result == refused;
  }
  EXPECT_EQ(happened > 0, GetParam().effect != Kind::not_in_a_step);
  EXPECT_EQ(refusals > 0, GetParam().effect == Kind::refuses && kind != "alloc");  // is asked for again
  if (happened == 0) return;
  EXPECT_EQ(outcome(kind + "@1+", expected, false), GetParam().effect == Kind::refuses ? refused : right);
}

/// By what breaks, then by call: one row of the driver's table each.
INSTANTIATE_TEST_SUITE_P(Kinds, Faults,
                         testing::Values(Kind{"alloc"}, Kind{"host", Kind::does_without}, Kind{"copy"}, Kind{"memset"},
                                         Kind{"launch"}, Kind{"refuse"}, Kind{"sync"}, Kind{"stream"}, Kind{"event"},
                                         Kind{"module"}, Kind{"blas"}, Kind{"lost"}),
                         [](const auto& p) { return std::string(p.param.name); });

/// Calls that undo something, say why something failed, or make it faster.
constexpr const char* kConveniences[] = {"cuGetErrorName",   "cuGetErrorString",      "cuDeviceCanAccessPeer",
                                         "cuMemHostAlloc",   "cuCtxEnablePeerAccess", "cuCtxPopCurrent_v2",
                                         "cuEventDestroy_v2"};
/// Of trouble, of giving memory back, of copies without pinned memory or within one GPU.
constexpr const char* kElsewhere[] = {"cuGetErrorName",  "cuGetErrorString",    "cuDevicePrimaryCtxReset_v2",
                                      "cuMemFree_v2",    "cuMemFreeHost",       "cuModuleUnload",
                                      "cuMemGetInfo_v2", "cuStreamSynchronize", "cuMemcpyDtoDAsync_v2"};

std::vector<Kind> every_call() {
  std::vector<Kind> all;
#define TARRY_KIND(name, symbol, parameters) all.push_back({#symbol});
  TARRY_CUDA_CALLS(TARRY_KIND)
#undef TARRY_KIND
  for (Kind& kind : all) {
    const auto is = [&](const char* name) { return std::string_view(name) == kind.name; };
    if (std::ranges::any_of(kConveniences, is)) kind.effect = Kind::does_without;
    if (std::ranges::any_of(kElsewhere, is)) kind.effect = Kind::not_in_a_step;
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Calls, Faults, testing::ValuesIn(every_call()),
                         [](const auto& p) { return std::string(p.param.name); });

/// Copies then wait for the stream.
TEST(FaultsWithoutPinnedMemory, AreTypedErrorsToo) {
  const List expected = training_step(tarry::cpu());
  int refusals = 0, result = refused;
  for (; result == refused; ++refusals)
    result = outcome("cuMemHostAlloc@1+,cuStreamSynchronize@" + std::to_string(refusals + 1), expected, true);
  EXPECT_EQ(result, right);
  EXPECT_GT(refusals, 3);
}

TEST(FaultMessages, NameTheCallTheKernelAndTheLine) {
  EXPECT_TRUE(tarry::test::child_succeeds([] {
    setenv("CUDASIM_FAIL", "launch@2", 1);
    setenv("CUDASIM_LOG", "/dev/null", 1);
    const Array x = np::arange(4.0).to(tarry::gpu(0));
    tarry::eval(x);
    std::string first, second;
    try {
      (np::exp(x) * 2.0).to_vector<double>();
    } catch (const tarry::DeviceError& e) {
      first = e.what();
    }
    try {
      (x + 1.0).to_vector<double>();
    } catch (const tarry::DeviceError& e) {
      second = e.what();
    }
    const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
    const bool good = has(first, "gpu(0): cu") && has(first, "CUDA_ERROR_") && has(first, "faults_test.cpp:") &&
                      has(second, "was lost by an earlier error");
    if (!good) std::fprintf(stderr, "%s\n%s\n", first.c_str(), second.c_str());
    return good;
  }));
}

/// A page that a thread stops at, until it is let go on.
struct Stop {
  size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* page = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::atomic<bool> reached{false}, open{false};
};
Stop* stop_at = nullptr;

void wait_at_page(int, siginfo_t* info, void*) {
  const auto at = reinterpret_cast<uintptr_t>(info->si_addr) - reinterpret_cast<uintptr_t>(stop_at->page);
  if (at >= stop_at->bytes) _exit(3);
  stop_at->reached = true;
  while (!stop_at->open) usleep(100);
  mprotect(stop_at->page, stop_at->bytes, PROT_READ);
}

/// What a copy goes through is the context's: it stays until who is at it is done.
TEST(FaultsInThreads, AContextStaysWhileAnotherThreadCopies) {
  EXPECT_TRUE(tarry::test::child_succeeds([] {
    setenv("CUDASIM_FAIL", "launch@2", 1);
    setenv("CUDASIM_LOG", "/dev/null", 1);
    namespace cuda = tarry::runtime::cuda;
    Stop stop;
    stop_at = &stop;
    struct sigaction action {};
    action.sa_sigaction = wait_at_page;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, nullptr);
    const Array x = np::arange(4.0).to(tarry::gpu(0));
    tarry::eval(x);
    cuda::Session& first = cuda::session_of(0);
    bool refused_late = false;
    std::thread copying([&] {
      const tarry::runtime::Buffer to = first.allocate(stop.bytes);
      try {
        first.upload(to, 0, stop.page, stop.bytes);
      } catch (const tarry::DeviceError&) {
        refused_late = true;
      }
    });
    while (!stop.reached) usleep(100);
    bool lost = false;
    try {
      (np::exp(x) * 2.0).to_vector<double>();
    } catch (const tarry::DeviceError&) {
      lost = true;
    }
    std::atomic<bool> begun{false};
    std::thread beginning([&] {
      cuda::session_of(0).finish();
      begun = true;
    });
    usleep(200'000);
    const bool too_early = begun;
    stop.open = true;
    copying.join();
    beginning.join();
    const bool again = (np::ones({3}).to(tarry::gpu(0)) + 1.0).to_vector<double>() == List{2, 2, 2};
    const bool good = lost && !too_early && refused_late && begun && again;
    if (!good) std::fprintf(stderr, "%d %d %d %d %d\n", lost, too_early, refused_late, bool(begun), again);
    return good;
  }));
}

}  // namespace
