#pragma once
/// What is printed at the end.

#include "measure.h"

#include <string>
#include <utility>
#include <vector>

namespace bench {

using Machine = std::vector<std::pair<std::string, std::string>>;

/// All rows, in the order in which they were measured.
struct Table {
  std::vector<Result> results;
  std::vector<CostResult> costs;
  /// Whether every row has a valid result, be it over its bar or not.
  bool valid() const;
};

std::string markdown(const Machine& machine, const Table& table, const Options& options);
std::string json(const Machine& machine, const Table& table, const Options& options);

}  // namespace bench
