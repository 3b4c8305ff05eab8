// Functions beyond ufuncs and reductions against NumPy (tests/data/functions.txt).
#include "functions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "reference.h"

namespace {

using tarry::Array;

/// Floats may differ by this, relative to the larger one of the expected value and 1.
constexpr double kTolerance = 4e-15;

std::string dtype_name(const Array& a) { return std::string(tarry::ir::info(a.dtype()).name); }

std::string difference(const Array& result, const std::vector<std::string>& row) {
  std::ostringstream out;
  if (dtype_name(result) != row[1]) out << "dtype " << dtype_name(result) << " instead of " << row[1] << "; ";
  if (!(result.shape() == reference::extents(row[2]))) {
    out << "shape " << result.shape() << " instead of " << reference::extents(row[2]);
    return out.str();
  }
  const std::vector<double> got = result.to_vector<double>();
  const std::vector<std::string> expected = row[3] == "-" ? std::vector<std::string>() : reference::split(row[3], ',');
  for (size_t i = 0; i < got.size(); ++i) {
    const double e = std::strtod(expected[i].c_str(), nullptr);
    if (got[i] == e || (std::isnan(got[i]) && std::isnan(e))) continue;
    const bool close = tarry::ir::is_float(result.dtype()) && !tarry::ir::is_half(result.dtype()) &&
                       std::abs(got[i] - e) <= kTolerance * std::max(1.0, std::abs(e));
    if (!close) out << "element " << i << " is " << got[i] << " instead of " << e << "; ";
  }
  return out.str();
}

TEST(Functions, GiveWhatNumPyGives) {
  functions::Calls calls = functions::indexing();
  calls.merge(functions::sorting());
  calls.merge(functions::grids());
  calls.merge(functions::editing());
  calls.merge(functions::types());
  std::map<std::string, functions::Results> results;
  std::map<std::string, size_t> seen;
  size_t rows = 0;
  for (const auto& row : reference::rows("functions.txt")) {
    ++rows;
    ASSERT_TRUE(calls.contains(row[0])) << row[0] << " is not called";
    if (!results.contains(row[0])) {
      ASSERT_NO_THROW(results[row[0]] = calls[row[0]]()) << row[0];
    }
    const size_t part = seen[row[0]]++;
    ASSERT_LT(part, results[row[0]].size()) << row[0];
    EXPECT_EQ(difference(results[row[0]][part], row), "") << row[0];
  }
  EXPECT_EQ(seen.size(), calls.size()) << "a call has no line in functions.txt";
  EXPECT_GT(rows, 270u);
}

}  // namespace
