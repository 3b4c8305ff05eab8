#pragma once
/// How two ways to do the same work are compared.

#include "tarry_side.h"

#include <functional>
#include <string>
#include <vector>

namespace bench {

/// One way to do the work.
struct Side {
  std::string name;
  std::function<void()> run;
};

/// One row of the table: the work, its bar, and both ways to do it.
struct Comparison {
  std::string name;
  double bar = 0;    // the largest time of tarry over time of the peer that passes
  double bytes = 0;  // that one run has to read and write
  double items = 0;  // elements of the result, where the work is not bound by memory and `bytes` is 0
  int threads = 0;   // that tarry may use; 0: all
  int kernels = 0;   // that one run launches, where tarry's counters do not see them
  std::function<void()> tarry;
  std::vector<Side> peers;        // the fastest counts
  std::function<double()> error;  // largest relative difference between what both wrote last
  double tolerance = 0;           // largest error that is no mistake
};

struct Options {
  int pairs = 15;
  double sample_seconds = 0.01;  // each half of a pair takes at least this long
  bool self_test = false;        // the peer takes tarry's place
};

/// What is known of a comparison afterwards.
struct Result {
  std::string name;
  double bar = 0;
  double ratio = 0;                            // median over the pairs
  double tarry_seconds = 0, peer_seconds = 0;  // medians
  std::string peer;                            // the form that was fastest
  double amount = 0;                           // bytes or elements of one run
  bool amount_is_bytes = false;
  double error = 0;
  int kernels = 0;      // that one run of tarry launched
  std::string failure;  // why there is no valid result
  bool met() const { return failure.empty() && ratio <= bar; }
};

/// A cost of tarry's own, with a bar and no peer.
struct Cost {
  std::string name, unit;
  double bar = 0;                  // the largest value that passes
  std::function<double()> sample;  // one measurement
};

struct CostResult {
  std::string name, unit;
  double bar = 0, value = 0;  // value: median of the samples
  std::string failure;
  bool met() const { return failure.empty() && value <= bar; }
};

double median(std::vector<double> values);

/// One row under measurement: verified when it is made, then pair by pair, A B A B …
class Measurement {
 public:
  /// Warms both sides up, compares their results and picks the fastest form by hand. Throws std::runtime_error when
  /// a result is wrong or tarry does not come to run compiled kernels.
  Measurement(Comparison comparison, const Options& options);
  /// One more pair; seconds of one run of tarry.
  double next_pair();
  Result result() const;

 private:
  void verify();
  size_t fastest_peer() const;

  Comparison comparison_;
  ThreadLimit limit_;
  double sample_seconds_;
  size_t peer_ = 0;
  int tarry_runs_ = 1, peer_runs_ = 1;
  std::vector<double> tarry_times_, peer_times_;
  Result result_;
};

}  // namespace bench
