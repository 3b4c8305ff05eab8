#include "measure.h"

#include "threads.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <thread>
#include <utility>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using Run = std::function<void()>;

/// Seconds of one run.
double timed(const Run& run, int runs) {
  const auto start = Clock::now();
  for (int i = 0; i < runs; ++i) run();
  return std::chrono::duration<double>(Clock::now() - start).count() / runs;
}

/// Until it gets no faster. The other side's arrays have taken the place of this one's in the caches; where the last of
/// these is larger than they are, it takes some ten runs until it holds what it holds in the long run.
void warm_up(const Run& run, int runs) {
  constexpr int kMost = 24, kAsFast = 3;  // times; of which so many in a row were no faster
  double fastest = std::numeric_limits<double>::infinity();
  for (int i = 0, as_fast = 0; i < kMost && as_fast < kAsFast; ++i) {
    const double seconds = timed(run, runs);
    as_fast = seconds < 0.98 * fastest ? 0 : as_fast + 1;
    fastest = std::min(fastest, seconds);
  }
}

/// When the clock starts, the other side's threads have stopped spinning, this side's are awake, and the caches are
/// warm.
double sample(const Run& run, int runs) {
  std::this_thread::sleep_for(std::chrono::milliseconds(2 * kSpinMilliseconds));
  warm_up(run, 1 + runs / 8);
  return timed(run, runs);
}

/// How many runs fill a sample.
int runs_for(const Run& run, double sample_seconds) {
  run();
  const double once = std::min(timed(run, 1), timed(run, 2));
  return static_cast<int>(std::clamp(std::ceil(sample_seconds / once), 1.0, 1e6));
}

}  // namespace

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return n == 0 ? 0 : (values[n / 2] + values[(n - 1) / 2]) / 2;
}

Measurement::Measurement(Comparison comparison, const Options& options)
    : comparison_(std::move(comparison)), limit_(comparison_.threads), sample_seconds_(options.sample_seconds) {
  result_.name = comparison_.name;
  result_.bar = comparison_.bar;
  result_.amount_is_bytes = comparison_.bytes != 0;
  result_.amount = result_.amount_is_bytes ? comparison_.bytes : comparison_.items;
  if (!options.self_test) {
    settle(comparison_.tarry);
    pin_threads();
    verify();
  }
  pin_threads();
  peer_ = fastest_peer();
  result_.peer = comparison_.peers[peer_].name;
  if (options.self_test) comparison_.tarry = comparison_.peers[peer_].run;
  tarry_runs_ = runs_for(comparison_.tarry, sample_seconds_);
  peer_runs_ = runs_for(comparison_.peers[peer_].run, sample_seconds_);
  pin_threads();
}

void Measurement::verify() {
  const int counted = kernels_launched_by(comparison_.tarry);
  result_.kernels = comparison_.kernels != 0 ? comparison_.kernels : counted;
  for (const Side& peer : comparison_.peers) {
    peer.run();
    const double error = comparison_.error();
    if (!(error <= comparison_.tolerance))
      throw std::runtime_error(fmt::format("differs by {:.2e} from \"{}\", where {:.2e} is allowed", error, peer.name,
                                           comparison_.tolerance));
    result_.error = std::max(result_.error, error);
  }
}

size_t Measurement::fastest_peer() const {
  constexpr int kRounds = 7;
  const auto& peers = comparison_.peers;
  if (peers.size() == 1) return 0;
  std::vector<int> runs;
  for (const Side& peer : peers) runs.push_back(runs_for(peer.run, sample_seconds_));
  std::vector<std::vector<double>> times(peers.size());
  for (int round = 0; round < kRounds; ++round)
    for (size_t i = 0; i < peers.size(); ++i) times[i].push_back(sample(peers[i].run, runs[i]));
  std::vector<double> medians;
  for (auto& t : times) medians.push_back(median(std::move(t)));
  return static_cast<size_t>(std::min_element(medians.begin(), medians.end()) - medians.begin());
}

double Measurement::next_pair() {
  tarry_times_.push_back(sample(comparison_.tarry, tarry_runs_));
  peer_times_.push_back(sample(comparison_.peers[peer_].run, peer_runs_));
  return tarry_times_.back();
}

Result Measurement::result() const {
  Result result = result_;
  result.tarry_seconds = median(tarry_times_);
  result.peer_seconds = median(peer_times_);
  std::vector<double> ratios;
  for (size_t i = 0; i < tarry_times_.size(); ++i) ratios.push_back(tarry_times_[i] / peer_times_[i]);
  result.ratio = median(std::move(ratios));
  return result;
}

}  // namespace bench
