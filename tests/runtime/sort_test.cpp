// The order of elements, and the elements in it, against the standard library: every dtype, layout and length around
// the borders at which sorting goes about it another way, by one thread and by several.
#include <gtest/gtest.h>
#include <tarry/ir/half.h>
#include <tarry/runtime/sort.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace tarry::runtime {
namespace {

using ir::DType;

/// Elements of a dtype, made from random bits.
using Draw = std::function<uint64_t(std::mt19937_64&)>;

const std::vector<DType> kDTypes = {DType::bool_,    DType::int8,    DType::int16,  DType::int32,  DType::int64,
                                    DType::uint8,    DType::uint16,  DType::uint32, DType::uint64, DType::float16,
                                    DType::bfloat16, DType::float32, DType::float64};

template <class T>
T read(const std::byte* at) {
  T x;
  std::memcpy(&x, at, sizeof x);
  return x;
}

template <class T>
bool less_of(const std::byte* a, const std::byte* b) {
  return read<T>(a) < read<T>(b);
}

template <class T>
bool float_less(T a, T b) {
  return a < b || (std::isnan(b) && !std::isnan(a));
}

bool less(DType t, const std::byte* a, const std::byte* b) {
  switch (t) {
    case DType::bool_: return less_of<uint8_t>(a, b);
    case DType::int8: return less_of<int8_t>(a, b);
    case DType::int16: return less_of<int16_t>(a, b);
    case DType::int32: return less_of<int32_t>(a, b);
    case DType::int64: return less_of<int64_t>(a, b);
    case DType::uint8: return less_of<uint8_t>(a, b);
    case DType::uint16: return less_of<uint16_t>(a, b);
    case DType::uint32: return less_of<uint32_t>(a, b);
    case DType::uint64: return less_of<uint64_t>(a, b);
    case DType::float16: return float_less(ir::from_float16(read<uint16_t>(a)), ir::from_float16(read<uint16_t>(b)));
    case DType::bfloat16: return float_less(ir::from_bfloat16(read<uint16_t>(a)), ir::from_bfloat16(read<uint16_t>(b)));
    case DType::float32: return float_less(read<float>(a), read<float>(b));
    case DType::float64: return float_less(read<double>(a), read<double>(b));
    default: return false;
  }
}

/// The bits of an element, in the lowest ones.
using Bits = std::vector<uint64_t>;

std::vector<std::byte> elements(DType t, const Bits& bits, int64_t stride = 1) {
  const size_t size = ir::size_of(t);
  std::vector<std::byte> memory((bits.size() * static_cast<size_t>(stride) + 1) * size);
  for (size_t i = 0; i < bits.size(); ++i) {
    const uint64_t b = t == DType::bool_ ? bits[i] & 1 : bits[i];
    std::memcpy(memory.data() + i * static_cast<size_t>(stride) * size, &b, size);
  }
  return memory;
}

std::vector<int64_t> expected_order(DType t, const std::vector<std::byte>& memory, int64_t n, int64_t stride = 1) {
  const auto size = static_cast<int64_t>(ir::size_of(t));
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return less(t, memory.data() + a * stride * size, memory.data() + b * stride * size);
  });
  return order;
}

std::vector<int64_t> order_of(DType t, std::vector<std::byte>& memory, int64_t n, int64_t stride = 1) {
  std::vector<int64_t> order(static_cast<size_t>(n), -1);
  const int64_t shape[] = {n}, strides[] = {stride}, one[] = {1};
  Workspace workspace;
  argsort(t, {memory.data(), shape, strides}, 0, {reinterpret_cast<std::byte*>(order.data()), shape, one}, workspace);
  return order;
}

/// The elements in their order, `apart` elements from each other; what lies between them stays as it is.
std::vector<std::byte> sorted_elements(DType t, std::vector<std::byte>& memory, int64_t n, int64_t stride = 1,
                                       int64_t apart = 1) {
  std::vector<std::byte> sorted(static_cast<size_t>(n * apart) * ir::size_of(t), std::byte{0x5a});
  const int64_t shape[] = {n}, strides[] = {stride}, to[] = {apart};
  Workspace workspace;
  sort(t, {memory.data(), shape, strides}, 0, {sorted.data(), shape, to}, workspace);
  return sorted;
}

/// Bit for bit: equal elements keep their order.
std::vector<std::byte> expected_elements(DType t, const std::vector<std::byte>& memory, int64_t n, int64_t stride = 1,
                                         int64_t apart = 1) {
  const size_t size = ir::size_of(t);
  std::vector<std::byte> sorted(static_cast<size_t>(n * apart) * size, std::byte{0x5a});
  size_t to = 0;
  for (const int64_t i : expected_order(t, memory, n, stride)) {
    std::memcpy(sorted.data() + to, memory.data() + static_cast<size_t>(i * stride) * size, size);
    to += static_cast<size_t>(apart) * size;
  }
  return sorted;
}

/// What is hard for one way of sorting or another.
std::vector<std::pair<std::string, Draw>> draws() {
  constexpr uint64_t kUpper = uint64_t{0x3ff1} << 48;
  return {
      {"any bits", [](auto& g) { return g(); }},
      {"few values", [](auto& g) { return g() % 5 << 13; }},
      {"one value", [](auto&) { return uint64_t{77}; }},
      {"upper bits alike, lower ones not", [](auto& g) { return kUpper | (g() & 0xfff); }},
      {"upper bits of a few, lower ones not", [](auto& g) { return (kUpper ^ (g() & 3) << 60) | (g() & 0xff); }},
      {"integers about zero", [](auto& g) { return g() % 4000 - 2000; }},
      {"numbers in [0, 1)", [](auto& g) { return std::bit_cast<uint64_t>(static_cast<double>(g() >> 11) * 0x1p-53); }},
      {"zeros, infinities and NaNs of both signs",
       [](auto& g) {
         constexpr uint64_t kOdd[] = {0,
                                      uint64_t{1} << 63,
                                      std::bit_cast<uint64_t>(std::numeric_limits<double>::infinity()),
                                      std::bit_cast<uint64_t>(-std::numeric_limits<double>::infinity()),
                                      uint64_t{0x7ff8} << 48,
                                      uint64_t{0xfff8} << 48,
                                      uint64_t{0x7ff0'0000'0000'0001},
                                      uint64_t{1}};
         return kOdd[g() % 8];
       }},
  };
}

/// A float64's bits as those of the narrower float.
uint64_t narrowed(DType t, uint64_t bits) {
  const auto x = std::bit_cast<double>(bits);
  switch (t) {
    case DType::float16: return ir::to_float16(static_cast<float>(x));
    case DType::bfloat16: return ir::to_bfloat16(static_cast<float>(x));
    case DType::float32: return std::bit_cast<uint32_t>(static_cast<float>(x));
    default: return bits;
  }
}

Bits draw(DType t, const Draw& one, int64_t n, bool narrow) {
  std::mt19937_64 g(static_cast<uint64_t>(n) + 1);
  Bits bits;
  for (int64_t i = 0; i < n; ++i) bits.push_back(narrow ? narrowed(t, one(g)) : one(g));
  return bits;
}

class Sort : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { set_num_threads(GetParam()); }
  void TearDown() override { set_num_threads(before_); }

 private:
  const int before_ = num_threads();
};

TEST_P(Sort, EveryDTypeAndLength) {
  for (const auto& [name, one] : draws())
    for (const DType t : kDTypes)
      for (const int64_t n : {1, 2, 3, 39, 40, 41, 255, 1000, 16384, 16385, 40000}) {
        auto memory = elements(t, draw(t, one, n, true));
        EXPECT_EQ(order_of(t, memory, n), expected_order(t, memory, n))
            << n << " of " << ir::info(t).name << ", " << name;
        EXPECT_TRUE(sorted_elements(t, memory, n) == expected_elements(t, memory, n))
            << n << " of " << ir::info(t).name << ", " << name;
      }
}

TEST_P(Sort, LongRows) {
  for (const auto& [name, one] : draws())
    for (const DType t : {DType::int32, DType::int64, DType::float32, DType::float64}) {
      constexpr int64_t kLength = 300'001;
      auto memory = elements(t, draw(t, one, kLength, true));
      EXPECT_EQ(order_of(t, memory, kLength), expected_order(t, memory, kLength)) << ir::info(t).name << ", " << name;
      EXPECT_TRUE(sorted_elements(t, memory, kLength) == expected_elements(t, memory, kLength))
          << ir::info(t).name << ", " << name;
    }
}

TEST_P(Sort, WhatIsInOrderAndWhatIsReversed) {
  for (const int64_t n : {50, 5000, 100'000})
    for (const bool rises : {true, false}) {
      Bits bits;
      for (int64_t i = 0; i < n; ++i) bits.push_back(static_cast<uint64_t>(rises ? i : n - i) << 20);
      auto memory = elements(DType::int64, bits);
      EXPECT_EQ(order_of(DType::int64, memory, n), expected_order(DType::int64, memory, n)) << n;
      EXPECT_TRUE(sorted_elements(DType::int64, memory, n) == expected_elements(DType::int64, memory, n)) << n;
    }
}

TEST_P(Sort, EveryRowAlongEveryAxis) {
  constexpr int64_t kRows = 7, kColumns = 1031;
  const Bits bits = draw(DType::float32, draws()[0].second, kRows * kColumns, false);
  auto memory = elements(DType::float32, bits);
  const int64_t shape[] = {kRows, kColumns}, strides[] = {kColumns, 1};
  for (const int64_t axis : {0, 1}) {
    std::vector<int64_t> order(kRows * kColumns, -1);
    Workspace workspace;
    argsort(DType::float32, {memory.data(), shape, strides}, axis,
            {reinterpret_cast<std::byte*>(order.data()), shape, strides}, workspace);
    const int64_t n = shape[axis], stride = strides[axis];
    for (int64_t row = 0; row < shape[1 - axis]; ++row) {
      const int64_t first = row * strides[1 - axis];
      const std::vector<std::byte> rest(memory.begin() + first * 4, memory.end());
      std::vector<int64_t> got;
      for (int64_t i = 0; i < n; ++i) got.push_back(order[static_cast<size_t>(first + i * stride)]);
      EXPECT_EQ(got, expected_order(DType::float32, rest, n, stride)) << "axis " << axis << ", row " << row;
    }
  }
}

TEST_P(Sort, ReversedAndStrided) {
  for (const int64_t n : {100, 70'000}) {
    auto memory = elements(DType::float64, draw(DType::float64, draws()[6].second, n, false), 3);
    EXPECT_EQ(order_of(DType::float64, memory, n, 3), expected_order(DType::float64, memory, n, 3));
    const int64_t shape[] = {n}, back[] = {-3}, one[] = {1};
    std::vector<int64_t> order(static_cast<size_t>(n), -1);
    Workspace workspace;
    argsort(DType::float64, {memory.data() + (n - 1) * 3 * 8, shape, back}, 0,
            {reinterpret_cast<std::byte*>(order.data()), shape, one}, workspace);
    for (int64_t i = 1; i < n; ++i) {
      const auto at = [&](int64_t k) { return read<double>(memory.data() + (n - 1 - k) * 3 * 8); };
      const int64_t before = order[static_cast<size_t>(i - 1)], here = order[static_cast<size_t>(i)];
      ASSERT_TRUE(at(before) < at(here) || (at(before) == at(here) && before < here)) << i << " of " << n;
    }
  }
}

TEST_P(Sort, ElementsThatLieApart) {
  for (const auto& [name, one] : draws())
    for (const DType t : {DType::int8, DType::float16, DType::float32, DType::float64})
      for (const int64_t n : {3, 100, 70'000, 300'001}) {
        auto memory = elements(t, draw(t, one, n, true), 3);
        EXPECT_TRUE(sorted_elements(t, memory, n, 3, 2) == expected_elements(t, memory, n, 3, 2))
            << n << " of " << ir::info(t).name << ", " << name;
      }
}

TEST_P(Sort, ElementsOfEveryRowAlongEveryAxis) {
  constexpr int64_t kRows = 7, kColumns = 1031, kSize = 4;
  auto memory = elements(DType::float32, draw(DType::float32, draws()[7].second, kRows * kColumns, true));
  const int64_t shape[] = {kRows, kColumns}, strides[] = {kColumns, 1};
  for (const int64_t axis : {0, 1}) {
    std::vector<std::byte> sorted(kRows * kColumns * kSize);
    Workspace workspace;
    sort(DType::float32, {memory.data(), shape, strides}, axis, {sorted.data(), shape, strides}, workspace);
    const int64_t n = shape[axis], stride = strides[axis];
    for (int64_t row = 0; row < shape[1 - axis]; ++row) {
      const int64_t first = row * strides[1 - axis] * kSize;
      const std::vector<std::byte> rest(memory.begin() + first, memory.end());
      const std::vector<std::byte> expected = expected_elements(DType::float32, rest, n, stride);
      for (int64_t i = 0; i < n; ++i)
        ASSERT_EQ(std::memcmp(sorted.data() + first + i * stride * kSize, expected.data() + i * kSize, kSize), 0)
            << "axis " << axis << ", row " << row << ", element " << i;
    }
  }
}

TEST_P(Sort, HowManyStandBefore) {
  for (const DType t : kDTypes)
    for (const int64_t n : {0, 1, 2, 3, 100, 1000}) {
      const Bits bits = draw(t, draws()[n % 2 ? 1 : 7].second, n, true);
      auto memory = elements(t, bits);
      Bits in_order;
      for (const int64_t i : expected_order(t, memory, n)) in_order.push_back(bits[static_cast<size_t>(i)]);
      auto sorted = elements(t, in_order), values = elements(t, draw(t, draws()[7].second, 3000, true));
      const int64_t length[] = {n}, one[] = {1}, shape[] = {50, 60}, turned[] = {1, 50}, straight[] = {60, 1};
      for (const bool right : {false, true}) {
        std::vector<int64_t> places(3000, -1);
        Workspace workspace;
        search(t, {sorted.data(), length, one}, {values.data(), shape, turned}, right,
               {reinterpret_cast<std::byte*>(places.data()), shape, straight}, workspace);
        const auto size = static_cast<int64_t>(ir::size_of(t));
        for (int64_t i = 0; i < 3000; ++i) {
          const std::byte* value = values.data() + (i / 60 + i % 60 * 50) * size;
          int64_t before = 0;
          for (; before < n; ++before) {
            const std::byte* known = sorted.data() + before * size;
            if (right ? less(t, value, known) : !less(t, known, value)) break;
          }
          ASSERT_EQ(places[static_cast<size_t>(i)], before)
              << i << " of " << ir::info(t).name << ", " << n << " sorted";
        }
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Threads, Sort, testing::Values(1, 3));

}  // namespace
}  // namespace tarry::runtime
