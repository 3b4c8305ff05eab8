// Measures tarry against the same work written by hand.

#include "machine.h"
#include "measure.h"
#include "report.h"
#include "threads.h"
#include "works.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>

namespace {

constexpr const char* kUsage =
    "usage: tarry-bench [--json] [--self-test] [--sample-ms=N] [--benchmark_filter=REGEX] [--benchmark_...]\n"
    "  --json         print JSON instead of Markdown\n"
    "  --self-test    put the peer in tarry's place: every ratio should be near 1\n"
    "  --sample-ms=N  each half of a pair takes at least this long (default 10)\n"
    "  --benchmark_…  options of Google Benchmark; a filter picks rows by name\n";

struct Arguments {
  bench::Options options;
  bool json = false, help = false;
};

/// Takes our own arguments out of the command line.
Arguments parse(int& argc, char** argv) {
  Arguments arguments;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json") {
      arguments.json = true;
    } else if (argument == "--self-test") {
      arguments.options.self_test = true;
    } else if (argument == "--help") {
      arguments.help = true;
    } else if (argument.starts_with("--sample-ms=")) {
      arguments.options.sample_seconds = std::max(1, std::atoi(argv[i] + std::strlen("--sample-ms="))) * 1e-3;
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
  return arguments;
}

/// One line on stderr for each row as it is done; the tables come at the end.
class Progress : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs)
      fmt::print(stderr, "{:<16} {}\n", run.run_name.function_name,
                 run.error_occurred ? run.error_message : run.report_label);
  }
};

void measure(benchmark::State& state, const bench::Work& work, const bench::Options& options, bench::Table& table) {
  bench::Result result;
  result.name = work.name;
  try {
    bench::Measurement measurement(work.make(), options);
    result.name = measurement.result().name;
    for (auto _ : state) state.SetIterationTime(measurement.next_pair());
    result = measurement.result();
    state.counters["ratio"] = result.ratio;
    state.counters["by_hand_seconds"] = result.peer_seconds;
    state.SetLabel(fmt::format("{:.3f} of by hand ({}), bar {:.2f}", result.ratio, result.peer, result.bar));
  } catch (const std::exception& error) {
    result.failure = error.what();
    state.SkipWithError(error.what());
  }
  table.results.push_back(result);
}

void measure(benchmark::State& state, const bench::Cost& cost, bench::Table& table) {
  bench::CostResult result{cost.name, cost.unit, cost.bar, 0, {}};
  try {
    std::vector<double> samples;
    for (auto _ : state) {
      samples.push_back(cost.sample());
      state.SetIterationTime(0);  // not every cost is a time
    }
    result.value = bench::median(std::move(samples));
    state.counters[cost.unit] = result.value;
    state.SetLabel(fmt::format("{:.4g} {}, bar {:g}", result.value, result.unit, result.bar));
  } catch (const std::exception& error) {
    result.failure = error.what();
    state.SkipWithError(error.what());
  }
  table.costs.push_back(result);
}

void add_rows(const bench::Options& options, bench::Table& table) {
  for (const auto& works :
       {bench::elementwise_works(), bench::derivative_works(), bench::row_works(), bench::function_works()})
    for (const bench::Work& work : works)
      benchmark::RegisterBenchmark(
          work.name.c_str(), [work, options, &table](benchmark::State& state) { measure(state, work, options, table); })
          ->Iterations(options.pairs)
          ->UseManualTime();
  if (options.self_test) return;
  for (const auto& costs : {bench::costs(), bench::small_costs(), bench::derivative_costs()})
    for (const bench::Cost& cost : costs)
      benchmark::RegisterBenchmark(cost.name.c_str(),
                                   [cost, &table](benchmark::State& state) { measure(state, cost, table); })
          ->Iterations(options.pairs)
          ->UseManualTime();
}

}  // namespace

int main(int argc, char** argv) {
  setenv("TARRY_CACHE_DIR", "off", 1);  // compiles are to be measured
  bench::configure_threads();
  const Arguments arguments = parse(argc, argv);
  if (arguments.help) {
    fmt::print("{}", kUsage);
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  bench::Table table;
  add_rows(arguments.options, table);
  Progress progress;
  benchmark::RunSpecifiedBenchmarks(&progress);
  const auto print = arguments.json ? bench::json : bench::markdown;
  fmt::print("{}", print(bench::describe_machine(), table, arguments.options));
  return table.valid() ? 0 : 1;
}
