// Reductions and scans against NumPy (tests/data/reductions.txt).
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "numbers.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::Axes;
using tarry::KeepDims;
using Row = std::vector<std::string>;

using Reduction = Array (*)(const Array&, const Axes&, KeepDims);
using Scan = Array (*)(const Array&, const Axes&);

#define TARRY_REDUCTION(name)                                                                               \
  {                                                                                                         \
#name, [](const Array& x, const Axes& axes, KeepDims keep) -> Array { return np::name(x, axes, keep); } \
  }
const std::map<std::string, Reduction> kReductions = {
    TARRY_REDUCTION(sum), TARRY_REDUCTION(prod), TARRY_REDUCTION(min), TARRY_REDUCTION(max), TARRY_REDUCTION(mean),
    TARRY_REDUCTION(var), TARRY_REDUCTION(std),  TARRY_REDUCTION(any), TARRY_REDUCTION(all),
};
#define TARRY_SCAN(name)                                                                                    \
  {                                                                                                         \
#name, [](const Array& x,                                                                               \
              const Axes& axes) -> Array { return axes.all() ? np::name(x) : np::name(x, axes.list()[0]); } \
  }
const std::map<std::string, Scan> kScans = {TARRY_SCAN(argmin), TARRY_SCAN(argmax), TARRY_SCAN(cumsum),
                                            TARRY_SCAN(cumprod)};

Array call(const std::string& name, const Array& x, const Axes& axes, KeepDims keep) {
  auto scan = kScans.find(name);
  return scan != kScans.end() ? scan->second(x, axes) : kReductions.at(name)(x, axes, keep);
}

/// The same elements with the axes' memory in another order, backwards along the first.
Array rearranged(const Array& x) {
  if (x.ndim() == 0) return x.copy();
  Array turned = np::flip(x.T(), x.ndim() - 1).copy();
  return np::flip(turned.T(), 0);
}

/// Intended differences: a sum of negative zeros alone is a negative zero, and cumprod of float16 accumulates in
/// float32. Elsewhere sums are exact, and products of many factors may be off by their roundings.
bool differs_on_purpose(const Row& row) {
  return (row[0] == "sum" && row[1] == "zeros") || (row[0] == "cumprod" && row[2] == "float16");
}
uint64_t allowed(const Row& row) { return row[6] == "exact" ? 0 : row[0] == "prod" ? 16 : 4; }

TEST(Reduction, AsNumPyInEveryLayout) {
  std::map<std::string, std::string> patterns;
  std::set<std::string> seen;
  for (const Row& row : reference::rows("reductions.txt")) {
    if (row[0] == "pattern") {
      patterns[row[1] + " " + row[2]] = row[3];
      continue;
    }
    seen.insert(row[0]);
    tarry::DType dtype = reference::dtype_named(row[2]), out = reference::dtype_named(row[7]);
    Axes axes = row[4] == "none" ? Axes() : Axes(reference::numbers(row[4]));
    KeepDims keep = row[5] == "1" ? KeepDims::yes : KeepDims::no;
    Array x = reference::array_of(patterns.at(row[1] + " " + row[2]), dtype, reference::extents(row[3]));
    Array expected = reference::array_of(row[9], out, reference::extents(row[8]));
    Array result = call(row[0], x, axes, keep);
    std::string what;
    for (int i = 0; i < 6; ++i) what += row[i] + " ";
    if (differs_on_purpose(row))
      EXPECT_TRUE(np::all(np::isclose(result, expected, 1e-2) | !np::isfinite(expected))) << what;
    else
      EXPECT_EQ(reference::far_from(result, expected, allowed(row)), "") << what;
    EXPECT_EQ(reference::far_from(call(row[0], rearranged(x), axes, keep), result, 0), "") << what << "rearranged";
  }
  EXPECT_EQ(seen.size(), kReductions.size() + kScans.size());
}

}  // namespace
