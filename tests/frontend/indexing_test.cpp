// Indexing, read, written and refused, against NumPy (tests/data/indexing.txt).
#include <gtest/gtest.h>

#include <numeric>

#include "reference.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;

Array counted(const tarry::Shape& shape) { return np::arange(tarry::ir::num_elements(shape)).reshape(shape); }

std::string line_of(const std::vector<std::string>& row) { return row[0] + " " + row[1] + " [" + row[2] + "]"; }

TEST(Indexing, ReadsWhatNumPyReads) {
  int cases = 0;
  for (const auto& row : reference::rows("indexing.txt")) {
    if (row[0] != "read") continue;
    ++cases;
    Array x = counted(reference::extents(row[1]));
    EXPECT_EQ(
        reference::difference(x[reference::index(row[2])], reference::extents(row[3]), reference::numbers(row[4])), "")
        << line_of(row);
  }
  EXPECT_GT(cases, 500);
}

TEST(Indexing, WritesWhereNumPyWrites) {
  int cases = 0;
  for (const auto& row : reference::rows("indexing.txt")) {
    if (row[0] != "write") continue;
    ++cases;
    tarry::Shape shape = reference::extents(row[1]);
    Array x = counted(shape);
    tarry::Shape place = Array(x[reference::index(row[2])]).shape();
    x[reference::index(row[2])] = -1 - counted(place);
    EXPECT_EQ(reference::difference(x, shape, reference::numbers(row[3])), "") << line_of(row);
  }
  EXPECT_GT(cases, 500);
}

TEST(Indexing, AddsEveryRepeatedPlaceAsNumPyDoes) {
  int cases = 0;
  for (const auto& row : reference::rows("indexing.txt")) {
    if (row[0] != "add") continue;
    ++cases;
    tarry::Shape shape = reference::extents(row[1]);
    Array x = counted(shape);
    tarry::Shape place = Array(x[reference::index(row[2])]).shape();
    np::add_at(x, reference::index(row[2]), 1 + counted(place));
    EXPECT_EQ(reference::difference(x, shape, reference::numbers(row[3])), "") << line_of(row);
  }
  EXPECT_GT(cases, 300);
}

/// Indices that nobody has computed yet, along transposed, sliced and shared memory.
TEST(Indexing, ReadsAndWritesThroughViewsWithPendingIndices) {
  for (const auto& row : reference::rows("indexing.txt")) {
    if ((row[0] != "read" && row[0] != "write") || row[2].find('[') == std::string::npos) continue;
    const tarry::Shape shape = reference::extents(row[1]);
    Array big = np::zeros(tarry::Shape{tarry::ir::num_elements(shape) * 2}, tarry::int64);
    Array x = big[np::slice(np::none, np::none, 2)].reshape(shape);
    if (tarry::ir::num_elements(shape) > 0) x[np::ellipsis] = counted(shape);
    std::vector<tarry::Item> items;
    const tarry::Index stated = reference::index(row[2]);
    for (const tarry::Item& item : stated.items()) {
      const bool pending = item.kind() == tarry::Item::Kind::array && item.array().dtype() != tarry::bool_;
      items.push_back(pending ? tarry::Item(item.array() * 1 + 0) : item);
    }
    if (row[0] == "read") {
      EXPECT_EQ(reference::difference(x[tarry::Index(items)], reference::extents(row[3]), reference::numbers(row[4])),
                "")
          << line_of(row);
      continue;
    }
    const tarry::Shape place = Array(x[stated]).shape();
    x[tarry::Index(items)] = -1 - counted(place);
    EXPECT_EQ(reference::difference(x, shape, reference::numbers(row[3])), "") << line_of(row);
  }
}

TEST(Indexing, WritesThroughAViewAsThroughItsBase) {
  for (const auto& row : reference::rows("indexing.txt")) {
    if (row[0] != "write" || row[2].find('[') != std::string::npos) continue;
    tarry::Shape shape = reference::extents(row[1]);
    Array x = counted(shape), view = x[reference::index(row[2])];
    tarry::eval(x, view);
    view[np::ellipsis] = -1 - counted(view.shape());
    EXPECT_EQ(reference::difference(x, shape, reference::numbers(row[3])), "") << line_of(row);
  }
}

TEST(Indexing, FailsInNumPysWords) {
  int cases = 0;
  for (const auto& row : reference::rows("indexing.txt")) {
    if (row[0] != "fail") continue;
    ++cases;
    std::string expected;
    for (size_t i = 4; i < row.size(); ++i) expected += (i > 4 ? " " : "") + row[i];
    Array x = counted(reference::extents(row[1]));
    try {
      Array y = x[reference::index(row[2])];
      tarry::eval(y);
      ADD_FAILURE() << line_of(row) << " gave shape " << y.shape();
    } catch (const tarry::Error& error) {
      EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << line_of(row) << "\n" << error.what();
      bool index_error = dynamic_cast<const tarry::IndexError*>(&error) != nullptr;
      EXPECT_EQ(index_error, row[3] == "IndexError:") << line_of(row);
    }
    std::vector<int64_t> untouched(static_cast<size_t>(x.size()));
    std::iota(untouched.begin(), untouched.end(), 0);
    EXPECT_EQ(x.to_vector<int64_t>(), untouched) << line_of(row);
  }
  EXPECT_GT(cases, 25);
}

}  // namespace
