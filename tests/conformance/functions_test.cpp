// Functions beyond the op table, in every dtype, size and layout, against NumPy (tests/data/conformance.txt). Run under
// each tier, so that the interpreter and compiled kernels give the same.

#include "function_table.h"

#include <tarry/ir/half.h>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace tarry::test {
namespace {

namespace np = tarry::numpy;

struct Row {
  std::string function;
  Shape shape;
  bool refused;
  // Of one result each.
  struct Result {
    std::string dtype;
    Shape shape;
    bool exact;
    std::string text;
  };
  std::vector<Result> results;
};

Shape extents(const std::string& text) {
  Shape shape;
  std::istringstream in(text == "-" ? "" : text);
  for (std::string part; std::getline(in, part, ',');) shape.push_back(std::stoll(part));
  return shape;
}

/// The rows of one dtype; several results of one call are one row.
std::vector<Row> rows_of(std::string_view dtype) {
  std::ifstream in(TARRY_TEST_DATA "/conformance.txt");
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string function, of, shape, out, out_shape, how, text;
    words >> function >> of >> shape >> out >> out_shape >> how >> text;
    if (of != dtype) continue;
    const bool refused = out == "refused";
    if (rows.empty() || rows.back().function != function || !(rows.back().shape == extents(shape)))
      rows.push_back({function, extents(shape), refused, {}});
    if (!refused) rows.back().results.push_back({out, extents(out_shape), how == "exact", text});
  }
  return rows;
}

/// The same elements at other places.
std::vector<std::pair<const char*, Array>> layouts(const Array& x) {
  std::vector<std::pair<const char*, Array>> all{{"contiguous", x}};
  if (x.ndim() == 0) {
    all.emplace_back("an element", np::stack({x, x})[1]);
    return all;
  }
  const Array spread = np::repeat(x, 2, -1);
  all.emplace_back("strided", spread[{np::ellipsis, np::slice(np::none, np::none, 2)}]);
  all.emplace_back("reversed", np::flip(np::flip(x).copy()));
  if (x.ndim() > 1) all.emplace_back("transposed", x.T().copy().T());
  return all;
}

bool is_nan(DType t, uint64_t bits) {
  if (t == float16) return (bits & 0x7fff) > 0x7c00;
  return t == float32 ? std::isnan(std::bit_cast<float>(static_cast<uint32_t>(bits)))
                      : std::isnan(std::bit_cast<double>(bits));
}

/// The elements' bytes, with one NaN for all.
std::vector<unsigned char> bytes_of(const Array& a) {
  const DType part = ir::is_complex(a.dtype()) ? ir::part_of(a.dtype()) : a.dtype();
  const Array whole = a.copy();
  std::vector<unsigned char> bytes(static_cast<size_t>(a.nbytes()));
  const auto copy = [&]<class T>(T) {
    const std::vector<T> values = whole.to_vector<T>();
    if constexpr (std::is_same_v<T, bool>)
      for (size_t i = 0; i < values.size(); ++i) bytes[i] = values[i];
    else if (!bytes.empty())
      std::memcpy(bytes.data(), values.data(), bytes.size());
  };
  switch (a.dtype()) {
    case DType::bool_: copy(bool{}); break;
    case DType::int8: copy(int8_t{}); break;
    case DType::int16: copy(int16_t{}); break;
    case DType::int32: copy(int32_t{}); break;
    case DType::int64: copy(int64_t{}); break;
    case DType::uint8: copy(uint8_t{}); break;
    case DType::uint16: copy(uint16_t{}); break;
    case DType::uint32: copy(uint32_t{}); break;
    case DType::uint64: copy(uint64_t{}); break;
    case DType::float32: copy(float{}); break;
    case DType::float64: copy(double{}); break;
    case DType::complex64: copy(std::complex<float>{}); break;
    case DType::complex128: copy(std::complex<double>{}); break;
    default: {
      // float16 exactly by way of its integers.
      const std::vector<float> values = whole.to_vector<float>();
      for (size_t i = 0; i < values.size(); ++i) {
        const uint16_t bits = ir::to_float16(values[i]);
        std::memcpy(bytes.data() + 2 * i, &bits, 2);
      }
    }
  }
  if (!ir::is_float(part)) return bytes;
  const size_t size = ir::size_of(part);
  const uint64_t nan = part == float16 ? 0x7e00 : part == float32 ? 0x7fc00000 : 0x7ff8000000000000;
  for (size_t i = 0; i + size <= bytes.size(); i += size) {
    uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + i, size);
    if (is_nan(part, bits)) std::memcpy(bytes.data() + i, &nan, size);
  }
  return bytes;
}

uint32_t crc32(const std::vector<unsigned char>& bytes) {
  uint32_t crc = ~0u;
  for (unsigned char byte : bytes) {
    crc ^= byte;
    for (int k = 0; k < 8; ++k) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

/// What an inexact result may be off, in units of its type's epsilon and of the largest element (or part).
constexpr double kNear = 8;

std::string far_from(const Array& got, const std::string& hex) {
  const DType t = got.dtype();
  const DType part = ir::is_complex(t) ? ir::part_of(t) : t;
  std::vector<unsigned char> wanted;
  for (size_t i = 0; hex != "-" && i < hex.size(); i += 2)
    wanted.push_back(static_cast<unsigned char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  const std::vector<unsigned char> found = bytes_of(got);
  if (found.size() != wanted.size()) return "other bytes";
  const auto value = [&](const std::vector<unsigned char>& bytes, size_t i) {
    if (part == float16) {
      uint16_t bits;
      std::memcpy(&bits, bytes.data() + 2 * i, 2);
      return static_cast<double>(ir::from_float16(bits));
    }
    float f;
    double d;
    if (part == float32) return std::memcpy(&f, bytes.data() + 4 * i, 4), static_cast<double>(f);
    return std::memcpy(&d, bytes.data() + 8 * i, 8), d;
  };
  const size_t n = found.size() / ir::size_of(part);
  double largest = 1;
  for (size_t i = 0; i < n; ++i)
    if (std::isfinite(value(wanted, i))) largest = std::max(largest, std::abs(value(wanted, i)));
  for (size_t i = 0; i < n; ++i) {
    const double a = value(found, i), b = value(wanted, i);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    if (!(std::abs(a - b) <= kNear * np::finfo(part).eps * largest))
      return "part " + std::to_string(i) + " is " + std::to_string(a) + " instead of " + std::to_string(b);
  }
  return "";
}

std::string difference(const Array& got, const Row::Result& wanted) {
  const std::string dtype(ir::info(got.dtype()).name);
  if (dtype != wanted.dtype) return "dtype " + dtype + " instead of " + wanted.dtype;
  if (!(got.shape() == wanted.shape))
    return "shape " + ir::tuple_text(got.shape()) + " instead of " + ir::tuple_text(wanted.shape);
  if (!wanted.exact) return far_from(got, wanted.text);
  char text[16];
  std::snprintf(text, sizeof text, "%08x", crc32(bytes_of(got)));
  return text == wanted.text ? "" : "other elements: " + np::repr(got);
}

/// TARRY_EVERY=n tries every n-th row alone, where each case takes long.
size_t every() {
  const char* text = std::getenv("TARRY_EVERY");
  return text ? std::strtoul(text, nullptr, 10) : 1;
}

/// docs/numpy.md: products of float16 are rounded once, and int8 does not wrap around inside quantile.
bool differs_on_purpose(const std::string& function, DType t) {
  return (function == "cumprod" && t == float16) || (function == "quantile" && (t == int8 || t == uint8));
}

class FunctionConformance : public testing::TestWithParam<DType> {};

TEST_P(FunctionConformance, GivesWhatNumPyGives) {
  const DType dtype = GetParam();
  const std::map<std::string, Call> table = function_table();
  size_t number = static_cast<size_t>(dtype), cases = 0, refused = 0;  // other rows of each type
  for (const Row& row : rows_of(ir::info(dtype).name)) {
    if (number++ % every() != 0) continue;
    ASSERT_TRUE(table.contains(row.function)) << row.function;
    const Call& call = table.at(row.function);
    for (const auto& [layout, x] : layouts(given(dtype, row.shape))) {
      const std::string where =
          row.function + " of " + std::string(ir::info(dtype).name) + ir::tuple_text(row.shape) + ", " + layout;
      ++cases;
      try {
        const std::vector<Array> results = call(x);
        for (const Array& r : results) eval(r);
        if (row.refused) {
          ADD_FAILURE() << where << " is not refused";
          continue;
        }
        // What has no line of its own is inexact and large.
        if (differs_on_purpose(row.function, dtype)) continue;
        for (size_t i = 0; i < std::min(results.size(), row.results.size()); ++i)
          EXPECT_EQ(difference(results[i], row.results[i]), "") << where << ", result " << i;
      } catch (const Error& e) {
        ++refused;
        if (!row.refused) ADD_FAILURE() << where << ": " << e.what();
      }
    }
  }
  std::printf("%zu cases of %zu functions, %zu of them refused as by NumPy\n", cases, table.size(), refused);
  EXPECT_GT(cases * every(), 2000u);
}

INSTANTIATE_TEST_SUITE_P(DTypes, FunctionConformance,
                         testing::Values(bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16,
                                         float32, float64, complex64, complex128),
                         [](const auto& info) { return std::string(ir::info(info.param).name); });

}  // namespace
}  // namespace tarry::test
