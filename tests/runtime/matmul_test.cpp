#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/ir/half.h>
#include <tarry/runtime/blas.h>
#include <tarry/runtime/stats.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cfenv>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "blas_library.h"

namespace tarry::runtime {
namespace {

using ir::DType;
using Bytes = std::vector<unsigned char>;

/// A dot product, as reduction.h says it, without haste.
template <class T>
T ordered_dot(const std::vector<T>& a, const std::vector<T>& b) {
  using Lanes = std::array<T, 32>;
  const auto add = [](const Lanes& older, const Lanes& newer) {
    Lanes sum;
    for (size_t l = 0; l < 32; ++l) sum[l] = older[l] + newer[l];
    return sum;
  };
  std::array<Lanes, 40> level;
  const size_t blocks = (a.size() + 511) / 512;
  for (size_t block = 0; block < blocks; ++block) {
    Lanes partial;
    partial.fill(T(-0.0));
    for (size_t i = block * 512; i < std::min(a.size(), block * 512 + 512); ++i) partial[i % 32] += a[i] * b[i];
    size_t k = 0;
    for (; block >> k & 1; ++k) partial = add(level[k], partial);
    level[k] = partial;
  }
  std::optional<Lanes> total;
  for (size_t k = 0; blocks >> k; ++k)
    if (blocks >> k & 1) total = total ? add(level[k], *total) : level[k];
  for (size_t step = 16; step > 0; step /= 2)
    for (size_t l = 0; l < step; ++l) (*total)[l] += (*total)[l + step];
  return (*total)[0];
}

template <class T>
T read_as(const unsigned char* at) {
  T x;
  std::memcpy(&x, at, sizeof x);
  return x;
}
template <class T>
Bytes bytes_of(T x) {
  Bytes bytes(sizeof x);
  std::memcpy(bytes.data(), &x, sizeof x);
  return bytes;
}

double read_float(DType t, const unsigned char* at) {
  switch (t) {
    case DType::float16: return ir::from_float16(read_as<uint16_t>(at));
    case DType::bfloat16: return ir::from_bfloat16(read_as<uint16_t>(at));
    case DType::float32: return read_as<float>(at);
    default: return read_as<double>(at);
  }
}

uint64_t read_integer(DType t, const unsigned char* at) {
  uint64_t x = 0;
  std::memcpy(&x, at, ir::size_of(t));
  return x;
}

Bytes float_bytes(DType t, double x) {
  switch (t) {
    case DType::float16: return bytes_of(ir::to_float16(x));
    case DType::bfloat16: return bytes_of(ir::to_bfloat16(x));
    case DType::float32: return bytes_of(static_cast<float>(x));
    default: return bytes_of(x);
  }
}

enum class Layout { rows, columns, gaps, reversed, strided, broadcast };
constexpr Layout kLayouts[] = {Layout::rows,     Layout::columns, Layout::gaps,
                               Layout::reversed, Layout::strided, Layout::broadcast};

/// A matrix with strides of its own somewhere in a larger memory, filled at random.
struct Matrix {
  Matrix(DType t, int64_t r, int64_t c, Layout layout, std::mt19937_64& random)
      : dtype(t), rows(r), columns(c), row_stride(c) {
    switch (layout) {
      case Layout::rows: break;
      case Layout::columns: row_stride = 1, column_stride = r; break;
      case Layout::gaps: row_stride = c + 3; break;
      case Layout::reversed: row_stride = -c, column_stride = -1, offset = r * c - 1; break;
      case Layout::strided: row_stride = 3 * c, column_stride = 2; break;
      case Layout::broadcast: row_stride = 0; break;
    }
    std::uniform_real_distribution<double> real(-4, 4);
    const auto count = static_cast<size_t>(3 * r * c + 3 * r + 8);
    memory.resize(count * ir::size_of(t));
    for (size_t i = 0; i < count; ++i) {
      const Bytes x = ir::is_float(t)  ? float_bytes(t, real(random))
                      : ir::is_bool(t) ? bytes_of<uint64_t>(random() % 8 == 0)
                                       : bytes_of(random());
      std::memcpy(memory.data() + i * ir::size_of(t), x.data(), ir::size_of(t));
    }
  }

  const unsigned char* at(int64_t i, int64_t j) const {
    return memory.data() + (offset + i * row_stride + j * column_stride) * static_cast<int64_t>(ir::size_of(dtype));
  }
  MatrixRef ref() const {
    return {memory.data() + offset * static_cast<int64_t>(ir::size_of(dtype)), row_stride, column_stride};
  }

  DType dtype;
  int64_t rows, columns, row_stride, column_stride = 1, offset = 0;
  Bytes memory;
};

/// The product, without gaps. Those of c must stay as they were.
Bytes run(const Matrix& a, const Matrix& b, int64_t gap = 0) {
  const int64_t m = a.rows, n = b.columns, stride = n + gap;
  const auto size = static_cast<int64_t>(ir::size_of(a.dtype));
  Bytes c(static_cast<size_t>(m * stride * size), 0xAB), out;
  Workspace workspace;
  matmul(a.dtype, m, n, a.columns, a.ref(), b.ref(), c.data(), stride, workspace);
  for (int64_t i = 0; i < m; ++i) {
    const auto row = c.begin() + i * stride * size;
    out.insert(out.end(), row, row + n * size);
    EXPECT_TRUE(std::all_of(row + n * size, row + stride * size, [](unsigned char x) { return x == 0xAB; }))
        << "a gap of c was written";
  }
  return out;
}

/// The element (i, j) as the contract says it for everything that BLAS does not do.
Bytes exact_element(const Matrix& a, const Matrix& b, int64_t i, int64_t j) {
  const DType t = a.dtype;
  if (ir::is_float(t)) {
    std::vector<double> x, y;
    for (int64_t l = 0; l < a.columns; ++l) {
      x.push_back(read_float(t, a.at(i, l)));
      y.push_back(read_float(t, b.at(l, j)));
    }
    if (t == DType::float64) return bytes_of(ordered_dot(x, y));
    return float_bytes(t, ordered_dot(std::vector<float>(x.begin(), x.end()), std::vector<float>(y.begin(), y.end())));
  }
  uint64_t sum = 0;
  for (int64_t l = 0; l < a.columns; ++l) sum += read_integer(t, a.at(i, l)) * read_integer(t, b.at(l, j));
  Bytes bytes = bytes_of(ir::is_bool(t) ? uint64_t{sum != 0} : sum);
  bytes.resize(ir::size_of(t));
  return bytes;
}

void check_exactly(DType t, int64_t m, int64_t n, int64_t k, Layout la, Layout lb, std::mt19937_64& random) {
  const Matrix a(t, m, k, la, random), b(t, k, n, lb, random);
  const Bytes c = run(a, b);
  const auto size = static_cast<int64_t>(ir::size_of(t));
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      const auto at = c.begin() + (i * n + j) * size;
      ASSERT_EQ(Bytes(at, at + size), exact_element(a, b, i, j))
          << "(" << i << ", " << j << ") of " << m << "x" << k << " by " << k << "x" << n << ", layouts " << int(la)
          << " " << int(lb);
    }
  }
}

using Sizes = std::array<int64_t, 3>;

class Matmul : public testing::TestWithParam<DType> {
 protected:
  bool by_blas(const Sizes& s) const {
    return (GetParam() == DType::float32 || GetParam() == DType::float64) && s[0] > 1 && s[1] > 1 && s[2] > 1;
  }
  Matrix matrix(int64_t rows, int64_t columns, Layout layout = Layout::rows) {
    return Matrix(GetParam(), rows, columns, layout, random_);
  }
  std::mt19937_64 random_{20240229};
};

constexpr DType kReal[] = {DType::bool_,    DType::int8,    DType::int16,  DType::int32,  DType::int64,
                           DType::uint8,    DType::uint16,  DType::uint32, DType::uint64, DType::float16,
                           DType::bfloat16, DType::float32, DType::float64};
std::string name_of(const testing::TestParamInfo<DType>& p) { return std::string(ir::info(p.param).name); }
INSTANTIATE_TEST_SUITE_P(Every, Matmul, testing::ValuesIn(kReal), name_of);

TEST_P(Matmul, VectorsAndOddShapesInEveryLayout) {
  for (const Sizes& s : {Sizes{1, 1, 1},
                         {1, 1, 7},
                         {1, 1, 32},
                         {1, 1, 1055},
                         {1, 300, 3},
                         {5, 1, 31},
                         {301, 1, 33},
                         {1, 301, 65},
                         {1, 7, 1600},
                         {9, 1, 1030},
                         {7, 5, 1},
                         {3, 4, 2},
                         {13, 11, 37},
                         {100, 99, 64},
                         {2, 3, 1025}}) {
    if (by_blas(s)) continue;
    for (const Layout la : kLayouts)
      for (const Layout lb : kLayouts)
        if (s[0] * s[1] * s[2] < 1000 || la == lb || lb == Layout::rows)
          check_exactly(GetParam(), s[0], s[1], s[2], la, lb, random_);
  }
}

TEST_P(Matmul, LongProductsInParts) {
  for (const int64_t k : {131072, 131072 + 32768 + 17}) {
    check_exactly(GetParam(), 1, 1, k, Layout::rows, Layout::strided, random_);
    check_exactly(GetParam(), 1, 3, k, Layout::rows, Layout::rows, random_);
    check_exactly(GetParam(), 3, 1, k, Layout::columns, Layout::rows, random_);
  }
}

TEST_P(Matmul, TheCallersRoundingChangesNoBit) {
  for (const auto& [m, n, k] : {Sizes{1, 1, 150001}, {1, 3, 140000}, {40, 40, 50}, {1, 9, 700}}) {
    const Matrix a = matrix(m, k), b = matrix(k, n);
    const Bytes wanted = run(a, b);
    std::fesetround(FE_UPWARD);
    const Bytes got = run(a, b);
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(got, wanted) << m << " " << n << " " << k;
  }
}

TEST_P(Matmul, TheNumberOfThreadsChangesNoBit) {
  const int before = num_threads();
  for (const auto& [m, n, k] :
       {Sizes{129, 127, 130}, {257, 63, 513}, {1, 999, 77}, {999, 1, 77}, {1, 1, 150001}, {40, 33, 20011}}) {
    const Matrix a = matrix(m, k), b = matrix(k, n, Layout::columns);
    set_num_threads(1);
    const Bytes one = run(a, b);
    for (const int threads : {2, 3, 7}) {
      set_num_threads(threads);
      EXPECT_EQ(run(a, b), one) << m << " " << n << " " << k << " on " << threads;
    }
  }
  set_num_threads(before);
}

TEST_P(Matmul, NoElementsAndNoDepth) {
  EXPECT_TRUE(run(matrix(0, 3), matrix(3, 4)).empty());
  EXPECT_TRUE(run(matrix(4, 3), matrix(3, 0)).empty());
  EXPECT_EQ(run(matrix(3, 0), matrix(0, 2), 3), Bytes(6 * ir::size_of(GetParam()), 0));
}

TEST_P(Matmul, LeavesTheGapsOfTheResultAlone) {
  for (const auto& [m, n, k] : {Sizes{4, 6, 9}, {4, 1, 40}, {1, 6, 40}, {3, 3, 1}, {20, 20, 9000}}) {
    const Matrix a = matrix(m, k), b = matrix(k, n);
    EXPECT_EQ(run(a, b, 2), run(a, b)) << m << " " << n << " " << k;
  }
}

/// The two dtypes of BLAS.
class MatmulByBlas : public Matmul {
 protected:
  /// |error| of a sum of k products in any order is at most about k u times the sum of their magnitudes.
  void check_closely(int64_t m, int64_t n, int64_t k, Layout la, Layout lb) {
    const Matrix a = matrix(m, k, la), b = matrix(k, n, lb);
    const Bytes c = run(a, b);
    const DType t = GetParam();
    const long double unit =
        t == DType::float32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
    std::vector<long double> columns;
    for (int64_t j = 0; j < n; ++j)
      for (int64_t l = 0; l < k; ++l) columns.push_back(read_float(t, b.at(l, j)));
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        long double sum = 0, magnitude = 0;
        for (int64_t l = 0; l < k; ++l) {
          const long double product = read_float(t, a.at(i, l)) * columns[static_cast<size_t>(j * k + l)];
          sum += product;
          magnitude += std::abs(product);
        }
        const double got = read_float(t, c.data() + (i * n + j) * static_cast<int64_t>(ir::size_of(t)));
        ASSERT_LE(std::abs(got - sum), static_cast<long double>(k + 2) * unit * magnitude)
            << "(" << i << ", " << j << ") of " << m << "x" << k << " by " << k << "x" << n << ", layouts " << int(la)
            << " " << int(lb);
      }
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Both, MatmulByBlas, testing::Values(DType::float32, DType::float64), name_of);

TEST_P(MatmulByBlas, EveryLayout) {
  for (const auto& [m, n, k] : {Sizes{2, 2, 2}, {3, 5, 7}, {17, 31, 64}, {65, 33, 129}})
    for (const Layout la : kLayouts)
      for (const Layout lb : kLayouts) check_closely(m, n, k, la, lb);
}

/// The same elements, lying otherwise.
Matrix laid_out(const Matrix& from, Layout layout) {
  std::mt19937_64 random(1);
  Matrix to(from.dtype, from.rows, from.columns, layout, random);
  for (int64_t i = 0; i < from.rows; ++i)
    for (int64_t j = 0; j < from.columns; ++j)
      std::memcpy(const_cast<unsigned char*>(to.at(i, j)), from.at(i, j), ir::size_of(from.dtype));
  return to;
}

// The last ones end in a tile that is small.
TEST_P(MatmulByBlas, HowAnOperandLiesChangesNoBit) {
  for (const auto& [m, n, k] : {Sizes{2, 2, 16},
                                {3, 3, 2000},
                                {8, 5, 100},
                                {20, 20, 513},
                                {79, 33, 375},
                                {64, 64, 64},
                                {100, 100, 100},
                                {101, 100, 100},
                                {130, 130, 600},
                                {514, 40, 90},
                                {700, 515, 33}}) {
    const Matrix a = matrix(m, k), b = matrix(k, n);
    const Bytes c = run(a, b);
    for (const Layout la : {Layout::rows, Layout::columns, Layout::gaps, Layout::reversed, Layout::strided})
      for (const Layout lb : {Layout::rows, Layout::columns, Layout::gaps, Layout::reversed, Layout::strided})
        EXPECT_EQ(run(laid_out(a, la), laid_out(b, lb)), c)
            << m << "x" << k << " by " << k << "x" << n << ", layouts " << int(la) << " " << int(lb);
  }
}

TEST_P(MatmulByBlas, SeveralTilesAndACutDepth) {
  check_closely(600, 130, 90, Layout::rows, Layout::columns);
  check_closely(129, 513, 200, Layout::columns, Layout::rows);
  check_closely(20, 24, 40000, Layout::rows, Layout::rows);
  check_closely(24, 20, 40001, Layout::columns, Layout::columns);
}

TEST_P(MatmulByBlas, ANanStaysInItsRow) {
  Matrix a = matrix(3, 4);
  const Matrix b = matrix(4, 3);
  const Bytes nan = float_bytes(GetParam(), std::numeric_limits<double>::quiet_NaN());
  std::copy(nan.begin(), nan.end(), a.memory.begin() + 5 * static_cast<ptrdiff_t>(nan.size()));
  const Bytes c = run(a, b);
  for (size_t i = 0; i < 9; ++i)
    EXPECT_EQ(std::isnan(read_float(GetParam(), c.data() + i * nan.size())), i / 3 == 1) << i;
}

TEST_P(MatmulByBlas, ManyThreadsAtOnce) {
  const Matrix a = matrix(70, 90), b = matrix(90, 80);
  const Bytes wanted = run(a, b);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 16; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) wrong += run(a, b) != wanted;
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Blas, IsTheSerialLibraryAndIsCounted) {
  ASSERT_TRUE(blas_library()) << "the tests need the serial OpenBLAS";
  EXPECT_NE(std::string(blas_description()), "none");
  EXPECT_FALSE(blas_library().one_at_a_time);
  const uint64_t before = stats().library_calls;
  float a[4] = {1, 2, 3, 4}, c[4];
  Workspace workspace;
  matmul(DType::float32, 2, 2, 2, {a, 2, 1}, {a, 2, 1}, c, 2, workspace);
  EXPECT_EQ(stats().library_calls, before + 1);
  EXPECT_EQ(std::vector<float>(c, c + 4), (std::vector<float>{7, 10, 15, 22}));
}

TEST(Blas, SkipsWhatIsNoBlas) {
  const char* const files[] = {"no-such-library.so", "libm.so.6"};
  EXPECT_FALSE(open_blas(files, 2));
  EXPECT_EQ(open_blas(files, 2).description, "none");
}

/// Small whole numbers, so that every order of summation gives the same.
template <class T>
void check_complex(DType dtype, int64_t m, int64_t n, int64_t k, bool turned) {
  using Z = std::complex<T>;
  const auto number = [](int64_t i) { return Z(static_cast<T>(i * 7 % 11 - 5), static_cast<T>(i * 5 % 13 - 6)); };
  std::vector<Z> a(static_cast<size_t>(m * k)), b(static_cast<size_t>(k * n)), c(static_cast<size_t>(m * (n + 1)));
  for (size_t i = 0; i < a.size(); ++i) a[i] = number(static_cast<int64_t>(i));
  for (size_t i = 0; i < b.size(); ++i) b[i] = number(static_cast<int64_t>(i) + 3);
  const MatrixRef left = turned ? MatrixRef{a.data(), 1, m} : MatrixRef{a.data(), k, 1};
  Workspace workspace;
  matmul(dtype, m, n, k, left, {b.data(), n, 1}, c.data(), n + 1, workspace);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      Z sum = 0;
      for (int64_t l = 0; l < k; ++l)
        sum += a[static_cast<size_t>(turned ? l * m + i : i * k + l)] * b[static_cast<size_t>(l * n + j)];
      EXPECT_EQ(c[static_cast<size_t>(i * (n + 1) + j)], sum) << m << " " << n << " " << k << " at " << i << " " << j;
    }
}

TEST(Blas, ComplexProducts) {
  for (const bool turned : {false, true})
    for (const auto& [m, n, k] : {std::array{3, 4, 5}, {1, 7, 9}, {6, 1, 40}, {1, 1, 700}, {5, 5, 1}, {130, 70, 33}}) {
      check_complex<float>(DType::complex64, m, n, k, turned);
      check_complex<double>(DType::complex128, m, n, k, turned);
    }
}

}  // namespace
}  // namespace tarry::runtime
