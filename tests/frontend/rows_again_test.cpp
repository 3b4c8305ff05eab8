// Programs over rows run the plan of another shape. Whatever looks like one and is something else counts all the same.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;
using tarry::keepdims;

namespace {

double value(int64_t i, int seed) { return 0.25 * static_cast<double>((i * 7 + seed * 5) % 23) - 1.5; }

/// Stored, and of this shape; in Fortran order on wish.
Array numbered(const tarry::Shape& shape, int seed, bool fortran = false) {
  int64_t size = 1;
  for (int64_t extent : shape) size *= extent;
  std::vector<double> values;
  for (int64_t i = 0; i < size; ++i) values.push_back(value(i, seed));
  Array x = np::array(values).reshape(shape);
  if (!fortran) return x;
  Array other = np::empty({shape[1], shape[0]}, tarry::DType::float64).T();
  other[{np::ellipsis}] = x;
  tarry::eval(other);
  return other;
}

using Rows = std::vector<std::vector<double>>;

Rows rows_of(const Array& x) {
  const std::vector<double> flat = x.to_vector<double>();
  const auto columns = static_cast<size_t>(x.shape().back());
  Rows rows;
  for (size_t i = 0; i < flat.size(); i += columns) rows.emplace_back(flat.begin() + i, flat.begin() + i + columns);
  return rows;
}

double largest(const std::vector<double>& row) { return *std::max_element(row.begin(), row.end()); }

/// (x - max) * |scale| for each row, and the rows' maxima: exact whatever the order.
struct Scaled {
  Array y, largest;
};
Scaled scaled(const Array& x, const Array& scale) {
  const Array m = np::max(x, -1, keepdims);
  return {(x - m) * np::abs(scale), np::max(x, -1)};
}

void expect_scaled(const Array& x, const Array& scale) {
  const Scaled got = scaled(x, scale);
  const Array wide = np::broadcast_to(scale, x.shape()).copy();
  const Rows in = rows_of(x), by = rows_of(wide), y = rows_of(got.y);
  const std::vector<double> maxima = got.largest.to_vector<double>();
  ASSERT_EQ(y.size(), in.size());
  for (size_t r = 0; r < in.size(); ++r) {
    const double top = largest(in[r]);
    EXPECT_EQ(maxima[r], top);
    for (size_t c = 0; c < in[r].size(); ++c)
      ASSERT_EQ(y[r][c], (in[r][c] - top) * std::fabs(by[r][c])) << x.shape().size() << " " << r << " " << c;
  }
}

TEST(RowsAgain, OfAnyShape) {
  for (int64_t turn = 0; turn < 90; ++turn) {
    const int64_t rows = turn * 5 % 9 + 1, columns = turn * 3 % 13 + 1;
    const tarry::Shape shape{rows, columns};
    expect_scaled(numbered(shape, 1), numbered(shape, 2));
    switch (turn % 12) {
      case 0: expect_scaled(numbered(shape, 1, true), numbered(shape, 2)); break;
      case 1: expect_scaled(numbered(shape, 1), numbered(shape, 2, true)); break;
      case 2: expect_scaled(numbered(shape, 1), numbered({columns}, 2)); break;
      case 3: expect_scaled(numbered(shape, 1), numbered({rows, 1}, 2)); break;
      case 4: expect_scaled(numbered(shape, 1), numbered({1, columns}, 2)); break;
      case 5: expect_scaled(numbered(shape, 1), numbered({}, 2)); break;
      case 6: expect_scaled(numbered({rows, 3, columns}, 1), numbered({rows, 3, columns}, 2)); break;
      case 7: expect_scaled(numbered({rows, 3, columns}, 1), numbered({columns}, 2)); break;
      case 8: expect_scaled(numbered({rows, rows}, 1), numbered({rows}, 2)); break;
      case 9:
        expect_scaled(numbered({2 * rows, columns}, 1)[np::slice(np::none, np::none, 2)], numbered({columns}, 2));
        break;
      case 10: {
        const Array x = numbered(shape, 4);
        expect_scaled(x, x);
        break;
      }
      default: expect_scaled(numbered({rows, columns}, 1), numbered({1}, 2));
    }
  }
}

TEST(RowsAgain, ManyRowsOfOneElementAndOneLongRow) {
  for (const tarry::Shape& shape :
       {tarry::Shape{3, 4}, {1, 7}, {50'000, 1}, {1, 100'000}, {1, 1}, {2, 40'000}, {7, 1}}) {
    expect_scaled(numbered(shape, 1), numbered(shape, 2));
    expect_scaled(numbered(shape, 3), numbered({shape[1]}, 2));
  }
}

/// Folds of folds, of numbers for each row, along the first axis: no programs over rows.
TEST(RowsAgain, WhatOnlyLooksLikeRows) {
  for (int64_t n : {4, 1, 6, 3, 1, 5}) {
    const Array x = numbered({n, 4}, n % 3);
    const Array down = x - np::max(x, 0, keepdims);
    const Rows in = rows_of(x), got = rows_of(down);
    for (size_t c = 0; c < 4; ++c) {
      double top = in[0][c];
      for (const auto& row : in) top = std::max(top, row[c]);
      for (size_t r = 0; r < in.size(); ++r) EXPECT_EQ(got[r][c], in[r][c] - top);
    }
    const Array of_maxima = np::max(np::max(x, 1) * 2.0, 0);
    double top = -1e9;
    for (const auto& row : in) top = std::max(top, 2 * largest(row));
    EXPECT_EQ(of_maxima.item<double>(), top);
    // A number for each row meets the columns: in a square both have as many.
    const Array square = numbered({n, n}, 2), crossed = square - np::max(square, 1);
    const Rows from = rows_of(square), to = rows_of(crossed);
    for (size_t r = 0; r < from.size(); ++r)
      for (size_t c = 0; c < from.size(); ++c) EXPECT_EQ(to[r][c], from[r][c] - largest(from[c]));
  }
}

TEST(RowsAgain, OfAnotherShapeNothingIsPlanned) {
  const auto softmax = [](const tarry::Shape& shape) {
    std::vector<float> values(static_cast<size_t>(shape[0] * shape[1]), 2);
    const Array x = np::array(values).reshape(shape), e = np::exp(x - np::max(x, 1, keepdims));
    return (e / np::sum(e, 1, keepdims)).to_vector<float>().back();
  };
  softmax({1, 1});
  tarry::reset_stats();
  for (const tarry::Shape& shape : {tarry::Shape{1, 16}, {1, 1024}, {4, 64}, {64, 4}, {3, 2}})
    EXPECT_EQ(softmax(shape), 1 / static_cast<float>(shape[1]));
  EXPECT_EQ(tarry::stats().plans_made, 0u);
  EXPECT_EQ(tarry::stats().kernels_compiled, 0u);
}

/// Mean and deviation of each row, a scale and a shift for each column.
TEST(RowsAgain, NormalisedRows) {
  const auto normalised = [](int64_t rows, int64_t columns) {
    const Array x = numbered({rows, columns}, 1), scale = numbered({columns}, 2), shift = numbered({columns}, 3);
    const Array centred = x - np::mean(x, 1, keepdims);
    return (centred / np::sqrt(np::mean(centred * centred, 1, keepdims) + 1e-5) * scale + shift);
  };
  normalised(3, 5).to_vector<double>();
  tarry::reset_stats();
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{4, 6}, {2, 100}, {30, 7}}) {
    const Rows got = rows_of(normalised(rows, columns));
    for (int64_t r = 0; r < rows; ++r) {
      double mean = 0, square = 0;
      for (int64_t c = 0; c < columns; ++c) mean += value(r * columns + c, 1) / static_cast<double>(columns);
      for (int64_t c = 0; c < columns; ++c)
        square += std::pow(value(r * columns + c, 1) - mean, 2) / static_cast<double>(columns);
      for (int64_t c = 0; c < columns; ++c)
        EXPECT_NEAR(got[static_cast<size_t>(r)][static_cast<size_t>(c)],
                    (value(r * columns + c, 1) - mean) / std::sqrt(square + 1e-5) * value(c, 2) + value(c, 3), 1e-12);
    }
  }
  EXPECT_EQ(tarry::stats().plans_made, 0u);
}

}  // namespace
