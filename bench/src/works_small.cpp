// What small arrays and first calls cost.

#include "memory.h"
#include "programs.h"
#include "threads.h"
#include "works.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <tarry/insight.h>
#include <tarry/runtime/config.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <new>
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

/// A turn of `x = x*a + b` that is looked at every 500 turns, against every 10.
double seldom_looked_at() {
  static const Eights eights;
  const auto seconds_of_rounds = [](int rounds, int turns) {
    Array x = eights.a;
    const auto run = [&](int n) {
      for (int round = 0; round < n; ++round) {
        for (int i = 0; i < turns; ++i) x = x * eights.b + 0.5f;
        look(x);
      }
    };
    run(10);  // until it is known
    return seconds_of([&] { run(rounds); });
  };
  return seconds_of_rounds(20, 500) / seconds_of_rounds(1000, 10);
}

/// Appends ops on the values that are there, as `random` draws them.
void append_ops(std::vector<Array>& values, int count, std::mt19937& random) {
  for (int i = 0; i < count; ++i) {
    const Array x = values.back(), y = values[random() % values.size()];
    switch (random() % 5) {
      case 0: values.push_back(x + y); break;
      case 1: values.push_back(x * y); break;
      case 2: values.push_back(x - y); break;
      case 3: values.push_back(np::maximum(x, y)); break;
      default: values.push_back(np::sqrt(np::abs(x)) / 2.0f); break;
    }
  }
}

/// Microseconds for a turn of Jacobi's iteration through views of a small grid, of which one element is looked at.
double turn_through_views() {
  constexpr int kLoops = 1000, kSide = 16;
  const tarry::Slice inside = np::slice(1, -1), before = np::slice(np::none, -2), behind = np::slice(2, np::none);
  Array grid = np::zeros({kSide, kSide}, tarry::float32);
  grid[0] = 1;
  const auto turns = [&](int n) {
    for (int i = 0; i < n; ++i) {
      grid[{inside, inside}] =
          0.25f * (grid[{before, inside}] + grid[{behind, inside}] + grid[{inside, before}] + grid[{inside, behind}]);
      sink = grid[{1, 1}].item<float>();
    }
  };
  turns(kLoops);
  return 1e6 / kLoops * seconds_of([&] { turns(kLoops); });
}

/// exp of 10^5 numbers and then the sum of the results, which threads have in their caches, against the two alone.
double one_kernel_after_another() {
  constexpr int kLoops = 300;
  static const Block<float> values(100'000, 0, 1, 1);
  Array x = array_of(values) * 0.5f;
  const auto exp = [&] {
    x = np::exp(-x);
    tarry::eval(x);
  };
  const auto sum = [&] { sink = np::sum(x).item<float>(); };
  const auto seconds = [](const auto& run) {
    for (int i = 0; i < kLoops; ++i) run();
    return seconds_of([&] {
      for (int i = 0; i < kLoops; ++i) run();
    });
  };
  const double first = seconds(exp), second = seconds(sum);
  return seconds([&] {
           exp();
           sum();
         }) /
         (first + second);
}

/// Microseconds to the first value of twenty ops that no trace had in this order before.
double unseen_trace() {
  static std::mt19937 random(1);
  static const Eights eights;
  const auto made = tarry::stats().plans_made;
  const double seconds = seconds_of([] {
    std::vector<Array> values{eights.a, eights.b};
    append_ops(values, 20, random);
    look(values.back());
  });
  if (tarry::stats().plans_made == made) throw std::runtime_error("a trace that should be new was seen before");
  return 1e6 * seconds;
}

/// The time of a program of many kernels that run a few times each, over that in the interpreter alone: what compiling
/// takes from them where it cannot pay.
double passing_kernels() {
  constexpr int64_t n = 1'000'000;
  constexpr int kKernels = 30, kRuns = 2, kOps = 8;
  static std::mt19937 random(1);
  static const Block<float> values(n, 0, 1, 1);
  static const Array a = array_of(values), b = array_of(values);
  const auto on = [&](Tier tier) {
    tarry::runtime::set_tier(tier);
    return seconds_of([&] {
      for (int k = 0; k < kKernels; ++k) {
        const std::mt19937 same = random;
        for (int run = 0; run < kRuns; ++run) {
          random = same;
          std::vector<Array> values{a, b};
          append_ops(values, kOps, random);
          values = {values.back()};
          tarry::eval(values[0]);
        }
      }
    });
  };
  const double interpreted = on(Tier::interpreter), usual = on(Tier::automatic);
  tarry::finish_compiling();
  return usual / interpreted;
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

// ---- two at once -------------------------------------------------------------------------------

void small_turns(int turns) {
  const Eights mine;
  for (int i = 0; i < turns; ++i) look(twenty_ops(mine.a, mine.b));
}

/// Two halves of the work, each on a core of its own. Both are warm before the clock starts: one that is new waits for
/// the system, some milliseconds where it begins on the other's core.
class Halves {
 public:
  void run(int core) {
    pin_this_thread(core);
    small_turns(kFirstTurns);
    for (++ready_; ready_ < 2;) {
    }
    Half& half = halves_[core];
    half.start = Clock::now();
    small_turns(kTurns);
    half.end = Clock::now();
  }
  /// Their time over that of one that does the work of both.
  double over_alone() const {
    const double alone = seconds_of([] { small_turns(2 * kTurns); });
    const auto together = std::max(halves_[0].end, halves_[1].end) - std::min(halves_[0].start, halves_[1].start);
    return std::chrono::duration<double>(together).count() / alone;
  }

 private:
  static constexpr int kFirstTurns = 100, kTurns = 20000;
  struct Half {
    Clock::time_point start, end;
  };
  std::atomic<int> ready_{0};
  std::array<Half, 2> halves_;
};

double two_threads() {
  Halves halves;
  std::thread other([&] { halves.run(1); });
  halves.run(0);
  other.join();
  return halves.over_alone();
}

/// The same of two processes, which share nothing that tarry writes: what the machine gives. Cores that are halves of
/// one core, or lent to others, show here.
double two_processes() {
  void* memory = mmap(nullptr, sizeof(Halves), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no memory that processes share");
  auto* halves = new (memory) Halves;
  const pid_t other = fork();
  if (other < 0) throw std::runtime_error("no second process");
  if (other == 0) {
    halves->run(1);
    _exit(0);
  }
  halves->run(0);
  waitpid(other, nullptr, 0);
  const double ratio = halves->over_alone();
  munmap(memory, sizeof(Halves));
  return ratio;
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
          {"a turn of a loop looked at every 500 turns, against every 10", "× the time", 1.2, seldom_looked_at},
          {"a turn of Jacobi's iteration on 16 × 16, through views", "µs", 5, turn_through_views},
          {"exp of 10^5 numbers, then their sum, against each alone", "× the time", 1.25, one_kernel_after_another},
          {"20 ops on 8 elements, never seen: to the first value", "µs", 200, unseen_trace},
          {"start of a process to its first value, nothing kept on disk", "ms", 15, first_value_cold},
          {"start of a process to its first value, kernels kept on disk", "ms", 8, first_value_warm},
          {"12-op chain of 16 M in the interpreter, against compiled", "× the time", 3, interpreted_chain},
          {"30 kernels that run twice over 10^6 elements, against the interpreter alone", "× the time", 1.2,
           passing_kernels},
          {"10^6 ops in a loop, looked at once", "s", 0.3, [] { return million_ops().seconds; }},
          {"10^6 ops in a loop, peak memory of the process", "MB", 200, [] { return million_ops().peak_megabytes; }},
          {"1,000 shapes and scalars, extents from 2", "compiles", 2, [] { return compiles_for_shapes(2); }},
          {"1,000 shapes and scalars, extents from 0", "compiles", 4, [] { return compiles_for_shapes(0); }},
          {"two threads, against one doing the work of both", "× the time", 1 / 1.9, two_threads},
          {"two processes, which share nothing: what the machine gives", "× the time", 1 / 1.9, two_processes}};
}

}  // namespace bench
