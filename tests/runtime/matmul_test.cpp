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
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "blas_library.h"

namespace tarry::runtime {
namespace {

using ir::DType;

struct F16 {
  uint16_t bits;
};
struct Bf16 {
  uint16_t bits;
};

template <class T>
struct TypeOf;
#define TARRY_TYPE_OF(T, name)                  \
  template <>                                   \
  struct TypeOf<T> {                            \
    static constexpr DType value = DType::name; \
  };
TARRY_TYPE_OF(bool, bool_)
TARRY_TYPE_OF(int8_t, int8)
TARRY_TYPE_OF(int16_t, int16)
TARRY_TYPE_OF(int32_t, int32)
TARRY_TYPE_OF(int64_t, int64)
TARRY_TYPE_OF(uint8_t, uint8)
TARRY_TYPE_OF(uint16_t, uint16)
TARRY_TYPE_OF(uint32_t, uint32)
TARRY_TYPE_OF(uint64_t, uint64)
TARRY_TYPE_OF(F16, float16)
TARRY_TYPE_OF(Bf16, bfloat16)
TARRY_TYPE_OF(float, float32)
TARRY_TYPE_OF(double, float64)

float value(F16 x) { return ir::from_float16(x.bits); }
float value(Bf16 x) { return ir::from_bfloat16(x.bits); }
template <class T>
T value(T x) {
  return x;
}
template <class T>
T make(double x) {
  if constexpr (std::is_same_v<T, F16>)
    return {ir::to_float16(x)};
  else if constexpr (std::is_same_v<T, Bf16>)
    return {ir::to_bfloat16(x)};
  else
    return static_cast<T>(x);
}

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

/// A matrix with strides of its own somewhere in a larger memory.
template <class T>
struct Matrix {
  std::vector<unsigned char> memory;
  int64_t rows, columns, row_stride, column_stride, offset = 0;
  T at(int64_t i, int64_t j) const {
    T x;
    std::memcpy(&x, memory.data() + (offset + i * row_stride + j * column_stride) * static_cast<int64_t>(sizeof(T)),
                sizeof x);
    return x;
  }
  MatrixRef ref() const {
    return {memory.data() + offset * static_cast<int64_t>(sizeof(T)), row_stride, column_stride};
  }
};

enum class Layout { rows, columns, gaps, reversed, strided, broadcast };
constexpr Layout kLayouts[] = {Layout::rows,     Layout::columns, Layout::gaps,
                               Layout::reversed, Layout::strided, Layout::broadcast};

template <class T>
Matrix<T> matrix(int64_t rows, int64_t columns, Layout layout, std::mt19937_64& random) {
  Matrix<T> m{{}, rows, columns, columns, 1};
  switch (layout) {
    case Layout::rows: break;
    case Layout::columns: m.row_stride = 1, m.column_stride = rows; break;
    case Layout::gaps: m.row_stride = columns + 3; break;
    case Layout::reversed: m.row_stride = -columns, m.column_stride = -1, m.offset = rows * columns - 1; break;
    case Layout::strided: m.row_stride = 3 * columns, m.column_stride = 2; break;
    case Layout::broadcast: m.row_stride = 0; break;
  }
  m.memory.resize(static_cast<size_t>(3 * rows * columns + 3 * rows + 8) * sizeof(T));
  std::uniform_real_distribution<double> real(-4, 4);
  for (size_t i = 0; i < m.memory.size() / sizeof(T); ++i) {
    T x;
    if constexpr (std::is_same_v<T, bool>)
      x = random() % 8 == 0;
    else if constexpr (std::is_integral_v<T>)
      x = static_cast<T>(random());
    else
      x = make<T>(real(random));
    std::memcpy(m.memory.data() + i * sizeof(T), &x, sizeof x);
  }
  return m;
}

template <class T>
std::vector<T> run(const Matrix<T>& a, const Matrix<T>& b, int64_t c_row_stride = -1) {
  const int64_t m = a.rows, n = b.columns, stride = c_row_stride < 0 ? n : c_row_stride;
  std::vector<unsigned char> c(static_cast<size_t>(m * stride + 1) * sizeof(T), 0xAB);
  matmul(TypeOf<T>::value, m, n, a.columns, a.ref(), b.ref(), c.data(), stride);
  std::vector<T> out;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < stride; ++j) {
      T x;
      const auto* at = c.data() + static_cast<size_t>(i * stride + j) * sizeof(T);
      if (j < n) {
        std::memcpy(&x, at, sizeof x);
        out.push_back(x);
      } else {
        EXPECT_EQ(*at, 0xAB) << "a gap of c was written";
      }
    }
  }
  return out;
}

template <class T>
using Accumulator = decltype(value(T()));

/// The element (i, j) as the contract says it for everything that BLAS does not do.
template <class T>
T exact_element(const Matrix<T>& a, const Matrix<T>& b, int64_t i, int64_t j) {
  if constexpr (std::is_same_v<T, bool>) {
    bool any = false;
    for (int64_t l = 0; l < a.columns; ++l) any = any || (a.at(i, l) && b.at(l, j));
    return any;
  } else if constexpr (std::is_integral_v<T>) {
    uint64_t sum = 0;
    for (int64_t l = 0; l < a.columns; ++l)
      sum += static_cast<uint64_t>(a.at(i, l)) * static_cast<uint64_t>(b.at(l, j));
    return static_cast<T>(sum);
  } else {
    std::vector<Accumulator<T>> x, y;
    for (int64_t l = 0; l < a.columns; ++l) {
      x.push_back(value(a.at(i, l)));
      y.push_back(value(b.at(l, j)));
    }
    return make<T>(ordered_dot(x, y));
  }
}

template <class T>
void expect_same_bits(T got, T wanted, const char* what) {
  EXPECT_EQ(std::memcmp(&got, &wanted, sizeof got), 0)
      << what << ": got " << static_cast<double>(value(got)) << ", wanted " << static_cast<double>(value(wanted));
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](T x, T y) { return std::memcmp(&x, &y, sizeof x) == 0; });
}

template <class T>
void check_exactly(int64_t m, int64_t n, int64_t k, Layout la, Layout lb, std::mt19937_64& random) {
  const Matrix<T> a = matrix<T>(m, k, la, random), b = matrix<T>(k, n, lb, random);
  SCOPED_TRACE(testing::Message() << m << "x" << k << " by " << k << "x" << n << ", layouts " << int(la) << " "
                                  << int(lb));
  const std::vector<T> c = run(a, b);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      expect_same_bits(c[static_cast<size_t>(i * n + j)], exact_element(a, b, i, j), "element");
      if (testing::Test::HasFailure()) return;
    }
  }
}

template <class T>
class MatmulOfAnyType : public testing::Test {};
using AllTypes = testing::Types<bool, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, F16,
                                Bf16, float, double>;
TYPED_TEST_SUITE(MatmulOfAnyType, AllTypes);

constexpr bool by_blas(DType t, int64_t m, int64_t n, int64_t k) {
  return (t == DType::float32 || t == DType::float64) && m > 1 && n > 1 && k > 1;
}

TYPED_TEST(MatmulOfAnyType, VectorsAndOddShapesInEveryLayout) {
  std::mt19937_64 random(1);
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{1, 1, 1},
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
    if (by_blas(TypeOf<TypeParam>::value, m, n, k)) continue;
    for (const Layout la : kLayouts)
      for (const Layout lb : kLayouts)
        if (m * n * k < 1000 || la == lb || lb == Layout::rows) check_exactly<TypeParam>(m, n, k, la, lb, random);
  }
}

TYPED_TEST(MatmulOfAnyType, LongProductsInParts) {
  std::mt19937_64 random(2);
  for (const int64_t k : {int64_t{131072}, int64_t{131072 + 32768 + 17}, int64_t{131071}}) {
    check_exactly<TypeParam>(1, 1, k, Layout::rows, Layout::strided, random);
    check_exactly<TypeParam>(1, 3, k, Layout::rows, Layout::rows, random);
    check_exactly<TypeParam>(3, 1, k, Layout::columns, Layout::rows, random);
  }
}

TYPED_TEST(MatmulOfAnyType, TheCallersRoundingChangesNoBit) {
  std::mt19937_64 random(10);
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{1, 1, 150001}, {1, 3, 140000}, {40, 40, 50}, {1, 9, 700}}) {
    const auto a = matrix<TypeParam>(m, k, Layout::rows, random), b = matrix<TypeParam>(k, n, Layout::rows, random);
    const auto wanted = run(a, b);
    std::fesetround(FE_UPWARD);
    const auto got = run(a, b);
    std::fesetround(FE_TONEAREST);
    EXPECT_TRUE(same_bits(got, wanted)) << m << " " << n << " " << k;
  }
}

TYPED_TEST(MatmulOfAnyType, NoElementsAndNoDepth) {
  std::mt19937_64 random(3);
  EXPECT_TRUE(
      run(matrix<TypeParam>(0, 3, Layout::rows, random), matrix<TypeParam>(3, 4, Layout::rows, random)).empty());
  EXPECT_TRUE(
      run(matrix<TypeParam>(4, 3, Layout::rows, random), matrix<TypeParam>(3, 0, Layout::rows, random)).empty());
  const auto zeros =
      run(matrix<TypeParam>(3, 0, Layout::rows, random), matrix<TypeParam>(0, 2, Layout::rows, random), 5);
  ASSERT_EQ(zeros.size(), 6u);
  for (const TypeParam x : zeros) expect_same_bits(x, make<TypeParam>(0), "k = 0");
}

TYPED_TEST(MatmulOfAnyType, LeavesTheGapsOfTheResultAlone) {
  std::mt19937_64 random(4);
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{4, 6, 9}, {4, 1, 40}, {1, 6, 40}, {3, 3, 1}}) {
    const auto a = matrix<TypeParam>(m, k, Layout::rows, random), b = matrix<TypeParam>(k, n, Layout::rows, random);
    const auto compact = run(a, b), spread = run(a, b, n + 2);
    for (size_t i = 0; i < compact.size(); ++i) expect_same_bits(spread[i], compact[i], "with gaps");
  }
}

TYPED_TEST(MatmulOfAnyType, TheNumberOfThreadsChangesNoBit) {
  std::mt19937_64 random(5);
  const int before = num_threads();
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{129, 127, 130},
                                {257, 63, 513},
                                {1, 999, 77},
                                {999, 1, 77},
                                {1, 1, 150001},
                                {40, 33, 20011}}) {
    const auto a = matrix<TypeParam>(m, k, Layout::rows, random), b = matrix<TypeParam>(k, n, Layout::columns, random);
    set_num_threads(1);
    const auto one = run(a, b);
    for (const int threads : {2, 3, 7}) {
      set_num_threads(threads);
      const auto many = run(a, b);
      EXPECT_TRUE(same_bits(one, many)) << m << " " << n << " " << k << " on " << threads;
    }
  }
  set_num_threads(before);
}

template <class T>
class MatmulByBlas : public testing::Test {};
using BlasTypes = testing::Types<float, double>;
TYPED_TEST_SUITE(MatmulByBlas, BlasTypes);

/// |error| of a sum of k products in any order, after Higham: at most about k u Σ|a||b|.
template <class T>
void check_closely(int64_t m, int64_t n, int64_t k, Layout la, Layout lb, std::mt19937_64& random) {
  const Matrix<T> a = matrix<T>(m, k, la, random), b = matrix<T>(k, n, lb, random);
  const std::vector<T> c = run(a, b);
  std::vector<long double> columns;
  for (int64_t j = 0; j < n; ++j)
    for (int64_t l = 0; l < k; ++l) columns.push_back(b.at(l, j));
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      long double sum = 0, magnitude = 0;
      for (int64_t l = 0; l < k; ++l) {
        const long double product = a.at(i, l) * columns[static_cast<size_t>(j * k + l)];
        sum += product;
        magnitude += std::abs(product);
      }
      const long double bound = static_cast<long double>(k + 2) * std::numeric_limits<T>::epsilon() * magnitude;
      ASSERT_LE(std::abs(c[static_cast<size_t>(i * n + j)] - sum), bound)
          << "(" << i << ", " << j << ") of " << m << "x" << k << " by " << k << "x" << n << ", layouts " << int(la)
          << " " << int(lb);
    }
  }
}

TYPED_TEST(MatmulByBlas, EveryLayout) {
  std::mt19937_64 random(6);
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{2, 2, 2}, {3, 5, 7}, {17, 31, 64}, {65, 33, 129}})
    for (const Layout la : kLayouts)
      for (const Layout lb : kLayouts) check_closely<TypeParam>(m, n, k, la, lb, random);
}

TYPED_TEST(MatmulByBlas, SeveralTilesAndACutDepth) {
  std::mt19937_64 random(7);
  check_closely<TypeParam>(600, 130, 90, Layout::rows, Layout::columns, random);
  check_closely<TypeParam>(129, 513, 200, Layout::columns, Layout::rows, random);
  check_closely<TypeParam>(20, 24, 40000, Layout::rows, Layout::rows, random);
  check_closely<TypeParam>(24, 20, 40001, Layout::columns, Layout::columns, random);
}

TYPED_TEST(MatmulByBlas, SpecialValuesGoThrough) {
  std::mt19937_64 random(8);
  Matrix<TypeParam> a = matrix<TypeParam>(3, 4, Layout::rows, random),
                    b = matrix<TypeParam>(4, 3, Layout::rows, random);
  const TypeParam nan = std::numeric_limits<TypeParam>::quiet_NaN();
  std::memcpy(a.memory.data() + 5 * sizeof nan, &nan, sizeof nan);
  const auto c = run(a, b);
  for (size_t i = 0; i < 9; ++i) EXPECT_EQ(std::isnan(c[i]), i / 3 == 1) << i;
}

TYPED_TEST(MatmulByBlas, ManyThreadsAtOnce) {
  std::mt19937_64 random(9);
  const auto a = matrix<TypeParam>(70, 90, Layout::rows, random), b = matrix<TypeParam>(90, 80, Layout::rows, random);
  const auto wanted = run(a, b);
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
  const uint64_t before = stats().library_calls;
  float a[4] = {1, 2, 3, 4}, c[4];
  matmul(DType::float32, 2, 2, 2, {a, 2, 1}, {a, 2, 1}, c, 2);
  EXPECT_EQ(stats().library_calls, before + 1);
  EXPECT_EQ(std::vector<float>(c, c + 4), (std::vector<float>{7, 10, 15, 22}));
}

TEST(Blas, SkipsWhatIsNoBlas) {
  const char* const files[] = {"no-such-library.so", "libm.so.6"};
  EXPECT_FALSE(open_blas(files, 2));
  EXPECT_EQ(open_blas(files, 2).description, "none");
}

TEST(Matmul, ComplexIsRefused) { EXPECT_THROW(matmul(DType::complex64, 1, 1, 1, {}, {}, nullptr, 1), InternalError); }

}  // namespace
}  // namespace tarry::runtime
