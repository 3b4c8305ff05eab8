// What small arrays and first calls cost.

#include "memory.h"
#include "programs.h"
#include "threads.h"
#include "works.h"

#include <tarry/runtime/config.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <latch>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using tarry::runtime::Tier;

double seconds_of(const std::function<void()>& run) {
  const auto start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Keeps a value that is computed for its time alone. Each thread has its own: they share nothing here.
thread_local volatile float sink;
void look(const Array& x) { sink = x.to_vector<float>()[0]; }

struct Eights {
  Array a = np::array(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}) / 8.0f;
  Array b = np::array(std::vector<float>{8, 7, 6, 5, 4, 3, 2, 1}) / 16.0f;
};

/// Microseconds for twenty ops on 8 elements that were seen before: recorded, their plan found, run, looked at.
double seen_trace() {
  constexpr int kLoops = 2000;
  static const Eights eights;
  return 1e6 / kLoops * seconds_of([] {
           for (int i = 0; i < kLoops; ++i) look(twenty_ops(eights.a, eights.b));
         });
}

/// Nanoseconds to record one op of the chain, which was looked at before, and to destroy its array.
double recording_known() {
  constexpr int kLoops = 2000, kOps = 12;
  static const Block<float> values(1024, 0, 1, 1);
  static const Array a = array_of(values), b = array_of(values), c = array_of(values);
  look(chain_of_12(a, b, c));
  return 1e9 / (kLoops * kOps) * seconds_of([] {
           for (int i = 0; i < kLoops; ++i) chain_of_12(a, b, c);
         });
}

/// The same in a loop whose turns go on from their own results, each of which is looked at.
double recording_turns() {
  constexpr int kLoops = 2000, kOps = 20;
  static const Eights eights;
  const double clock = seconds_of([] {
    for (int i = 0; i < kLoops; ++i) Clock::now();
  });
  Array x = eights.a;
  double seconds = -clock;
  for (int i = 0; i < kLoops; ++i) {
    const auto start = Clock::now();
    Array next = twenty_ops(x, eights.b);
    seconds += std::chrono::duration<double>(Clock::now() - start).count();
    look(next);
    x = std::move(next);
  }
  return 1e9 / (kLoops * kOps) * seconds;
}

/// Microseconds to the first value of twenty ops that no trace had in this order before.
double unseen_trace() {
  static std::mt19937 random(1);
  static const Eights eights;
  const auto made = tarry::stats().plans_made;
  const double seconds = seconds_of([] {
    std::vector<Array> values{eights.a, eights.b};
    for (int i = 0; i < 20; ++i) {
      const Array &x = values.back(), &y = values[random() % values.size()];
      switch (random() % 5) {
        case 0: values.push_back(x + y); break;
        case 1: values.push_back(x * y); break;
        case 2: values.push_back(x - y); break;
        case 3: values.push_back(np::maximum(x, y)); break;
        default: values.push_back(np::sqrt(np::abs(x)) / 2.0f); break;
      }
    }
    look(values.back());
  });
  if (tarry::stats().plans_made == made) throw std::runtime_error("a trace that should be new was seen before");
  return 1e6 * seconds;
}

/// The time of the chain of 16 M elements in the interpreter, over that of the compiled kernel.
double interpreted_chain() {
  constexpr int64_t n = int64_t{1} << 24;
  static const Block<float> values(n, 0, 1, 1);
  static const Array a = array_of(values), b = array_of(values), c = array_of(values);
  const auto run = [] { tarry::eval(chain_of_12(a, b, c)); };
  const auto on = [&](Tier tier) {
    tarry::runtime::set_tier(tier);
    run();
    return seconds_of(run);
  };
  const double interpreted = on(Tier::interpreter), compiled = on(Tier::llvm);
  tarry::runtime::set_tier(Tier::automatic);
  return interpreted / compiled;
}

struct Interval {
  Clock::time_point start, end;
};
Interval interval_of(const std::function<void()>& run) {
  const auto start = Clock::now();
  run();
  return {start, Clock::now()};
}

/// Time for two threads to do what one does in the unit of time, each half of it. Both are at work on cores of their
/// own before the clock starts: a new thread waits for the system, some milliseconds where it begins on the other's
/// core.
double together_over_alone(int turns, const std::function<void(int)>& work) {
  constexpr int kFirstTurns = 100;
  pin_this_thread(0);
  work(kFirstTurns);
  const double alone = seconds_of([&] { work(2 * turns); });
  std::latch ready(2);
  const auto begin_together = [&](Interval& interval) {
    work(kFirstTurns);
    ready.arrive_and_wait();
    interval = interval_of([&] { work(turns); });
  };
  Interval mine, others;
  std::thread other([&] {
    pin_this_thread(1);
    begin_together(others);
  });
  begin_together(mine);
  other.join();
  const Clock::duration together = std::max(mine.end, others.end) - std::min(mine.start, others.start);
  return std::chrono::duration<double>(together).count() / alone;
}

double two_threads() {
  return together_over_alone(20000, [](int turns) {
    const Eights mine;
    for (int i = 0; i < turns; ++i) look(twenty_ops(mine.a, mine.b));
  });
}

/// The same for threads that share nothing at all: arithmetic and memory of their own that is always near. Cores that
/// are halves of one core, or lent to others, show here.
double arithmetic_on_two_threads() {
  return together_over_alone(20000, [](int turns) {
    std::array<uint32_t, 1024> mine{};
    uint32_t x = 1;
    for (int i = 0; i < turns; ++i)
      for (uint32_t& word : mine) {
        x = x * 1664525u + word;
        word = (x >> 7) ^ (word + (x & 64 ? 3u : x));
      }
    sink = static_cast<float>(x);
  });
}

// ---- programs of their own ---------------------------------------------------------------------

/// What the program `tarry-bench-child` prints, and the seconds until its first line came.
struct Child {
  std::string line;
  double seconds;
};
Child run_child(const std::string& arguments) {
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tarry-bench-child";
  const auto start = Clock::now();
  const std::unique_ptr<FILE, int (*)(FILE*)> out(popen((arguments + program.string()).c_str(), "r"), pclose);
  char line[256] = {};
  if (!out || !fgets(line, sizeof line, out.get())) throw std::runtime_error("tarry-bench-child prints nothing");
  return {line, std::chrono::duration<double>(Clock::now() - start).count()};
}

struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/tarry-bench-XXXXXX";
    if (!mkdtemp(name)) throw std::runtime_error("no folder for a cache");
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

std::string with_cache(const Folder& folder, const char* tier) {
  return "exec env TARRY_CACHE_DIR=" + folder.path + " TARRY_TIER=" + tier + " ";
}

/// Milliseconds from the start of a process, a shell included, to its first value.
double first_value_cold() {
  const Folder folder;
  return 1e3 * run_child(with_cache(folder, "auto")).seconds;
}
double first_value_warm() {
  const Folder folder;
  run_child(with_cache(folder, "llvm"));
  return 1e3 * run_child(with_cache(folder, "auto")).seconds;
}

/// A million ops in a loop that nobody looks at before the end, in a process of its own.
struct LongLoop {
  double seconds = 0, peak_megabytes = 0;
};
LongLoop million_ops() {
  const Child child = run_child("exec env TARRY_CACHE_DIR=off TARRY_BENCH_LOOP=1 ");
  LongLoop loop;
  if (std::sscanf(child.line.c_str(), "%lf %lf", &loop.seconds, &loop.peak_megabytes) != 2)
    throw std::runtime_error("no numbers: " + child.line);
  return loop;
}

/// Kernels compiled for a function that is called with 1,000 shapes and scalars. `least`: the smallest extent.
double compiles_for_shapes(int least) {
  const Child child =
      run_child("exec env TARRY_CACHE_DIR=off TARRY_TIER=llvm TARRY_BENCH_SHAPES=" + std::to_string(least) + " ");
  return std::stod(child.line);
}

/// Microseconds for what seen_trace() does, on a GPU: the stand-in for the driver, which checks launches and runs none.
double seen_trace_on_gpu() {
  const Child child = run_child("exec env TARRY_CACHE_DIR=off TARRY_CUDA_LIBRARY=" BENCH_STAND_IN
                                " CUDASIM_LAUNCHES=skip TARRY_BENCH_GPU=1 ");
  return std::stod(child.line);
}

}  // namespace

std::vector<Cost> small_costs() {
  return {{"20 ops on 8 elements, seen before: recorded, run, looked at", "µs", 3, seen_trace},
          {"the same on a GPU whose driver runs nothing", "µs", 6, seen_trace_on_gpu},
          {"recording one op, its plan known", "ns", 40, recording_known},
          {"recording one op of a loop's turn", "ns", 40, recording_turns},
          {"20 ops on 8 elements, never seen: to the first value", "µs", 200, unseen_trace},
          {"start of a process to its first value, nothing kept on disk", "ms", 15, first_value_cold},
          {"start of a process to its first value, kernels kept on disk", "ms", 8, first_value_warm},
          {"12-op chain of 16 M in the interpreter, against compiled", "× the time", 3, interpreted_chain},
          {"10^6 ops in a loop, looked at once", "s", 0.3, [] { return million_ops().seconds; }},
          {"10^6 ops in a loop, peak memory of the process", "MB", 200, [] { return million_ops().peak_megabytes; }},
          {"1,000 shapes and scalars, extents from 2", "compiles", 2, [] { return compiles_for_shapes(2); }},
          {"1,000 shapes and scalars, extents from 0", "compiles", 4, [] { return compiles_for_shapes(0); }},
          {"two threads, against one doing the work of both", "× the time", 1 / 1.9, two_threads},
          {"two threads that share nothing: what the machine gives", "× the time", 1 / 1.9, arithmetic_on_two_threads}};
}

}  // namespace bench
