// Every universal function, in every dtype and layout, against NumPy's values (tests/data/ufuncs.txt) and result types
// (promotion.txt).
#include <gtest/gtest.h>

#include <set>

#include "numbers.h"
#include "ufunc_table.h"

namespace {

namespace np = tarry::numpy;
using reference::array_of;
using tarry::Array;
using tarry::DType;
using Row = std::vector<std::string>;

// NumPy's processor decides which of two zeros these give; its nextafter of float16 keeps the first of two zeros where
// that of the other types, like C's, gives the second. Everything else they give is exact.
const std::set<std::string> kEitherZero = {"maximum", "minimum", "fmax", "fmin", "nextafter"};
// Sums of an operand and a logarithm, which may cancel: the logarithm's last place then counts more than one.
const std::set<std::string> kSums = {"logaddexp", "logaddexp2"};

class Ufunc : public testing::Test {
 protected:
  void SetUp() override {
    for (const Row& row : reference::rows("ufuncs.txt")) {
      if (row[0] == "values")
        values_.emplace(row[1] + " " + row[2], reference::vector_of(row[3], reference::dtype_named(row[2])));
      else
        rows_.push_back(row);
    }
  }

  Array values(const std::string& list, const std::string& dtype) const { return values_.at(list + " " + dtype); }

  std::vector<Row> rows_;
  std::map<std::string, Array> values_;
};

/// Most places that a value may be off: those the elementary functions promise.
uint64_t allowed(const std::string& how, const std::string& name, DType dtype) {
  if (how == "exact") return 0;
  if (kSums.count(name)) return 3;
  return dtype == DType::float64 ? 2 : 1;
}

/// What differs from NumPy's values by more than the function may, in words.
std::string wrong(const Array& result, const Array& expected, const Row& row) {
  const uint64_t places = allowed(row[4], row[1], expected.dtype());
  if (!kEitherZero.count(row[1]) || !tarry::ir::is_float(expected.dtype()))
    return reference::far_from(result, expected, places);
  if (result.dtype() != expected.dtype()) return "another dtype";
  return reference::far_from(result + 0, expected + 0, places);  // -0 + 0 is +0
}

/// The same elements in other places: every second one, backwards, in a column.
std::vector<std::pair<const char*, Array>> layouts(const Array& x) {
  int64_t n = x.size();
  Array apart = np::zeros({n, 2}, x.dtype()), column = np::zeros({n, 3}, x.dtype());
  Array back = np::flip(x).copy();
  apart[{np::all, 0}] = x;
  column[{np::all, 1}] = x;
  return {{"strided", apart.reshape({2 * n})[{np::slice(np::none, np::none, 2)}]},
          {"reversed", np::flip(back)},
          {"column", Array(column[{np::all, np::slice(1, 2)}]).reshape({n})}};
}

TEST_F(Ufunc, UnaryValues) {
  std::set<std::string> seen;
  for (const Row& row : rows_) {
    if (row[0] != "unary") continue;
    seen.insert(row[1]);
    SCOPED_TRACE(row[1] + " " + row[2]);
    const auto& function = reference::unary_functions().at(row[1]);
    DType out = reference::dtype_named(row[3]);
    Array x = values(row[5], row[2]), result = function(x);
    EXPECT_EQ(wrong(result, array_of(row[6], out, x.shape()), row), "");
    for (auto& [name, y] : layouts(x)) EXPECT_EQ(reference::far_from(function(y), result, 0), "") << name;
  }
  EXPECT_EQ(seen.size(), reference::unary_functions().size());
}

TEST_F(Ufunc, BinaryValues) {
  std::set<std::string> seen;
  for (const Row& row : rows_) {
    if (row[0] != "binary") continue;
    seen.insert(row[1]);
    SCOPED_TRACE(row[1] + " " + row[2]);
    const auto& function = reference::binary_functions().at(row[1]);
    DType out = reference::dtype_named(row[3]);
    Array a = values(row[5], row[2]), b = values(row[6], row[2]);
    // By broadcasting, and with both operands laid out in full.
    Array grid = function(a.reshape({-1, 1}), b);
    EXPECT_EQ(wrong(grid, array_of(row[7], out, {a.size(), b.size()}), row), "");
    Array wide = np::broadcast_to(b, {a.size(), b.size()}).copy();
    EXPECT_EQ(reference::far_from(function(a.reshape({-1, 1}), wide), grid, 0), "");
    EXPECT_EQ(reference::far_from(function(np::flip(wide.T(), {0, 1}), np::flip(a)),
                                  function(wide.T().copy()[{np::slice(np::none, np::none, -1)}],
                                           a)[{np::all, np::slice(np::none, np::none, -1)}],
                                  0),
              "");
  }
  EXPECT_EQ(seen.size(), reference::binary_functions().size());
}

TEST_F(Ufunc, Casts) {
  int cases = 0;
  for (const Row& row : rows_) {
    if (row[0] != "cast") continue;
    ++cases;
    DType out = reference::dtype_named(row[2]);
    Array x = values(row[4], row[1]);
    EXPECT_EQ(reference::far_from(x.astype(out), array_of(row[5], out, x.shape()), 0), "")
        << row[1] << " to " << row[2];
  }
  EXPECT_EQ(cases, 12 * 12 + 2);
}

TEST_F(Ufunc, HalvesAreComputedInFloat32AndRoundedOnce) {
  for (DType half : {DType::float16, DType::bfloat16}) {
    Array x = values("all", "float32").astype(half), y = values("pairs", "float32").astype(half).reshape({-1, 1});
    for (const auto& [name, function] : reference::unary_functions()) {
      if (name == "invert" || name == "bitwise_count" || name == "spacing") continue;  // spacing is that of the type
      Array wide = function(x.astype(tarry::float32));
      if (tarry::ir::is_float(wide.dtype())) wide = wide.astype(half);
      EXPECT_EQ(reference::far_from(function(x), wide, 0), "") << name;
    }
    for (const char* name : {"add", "subtract", "multiply", "divide", "arctan2", "hypot", "power", "fmod"}) {
      const auto& function = reference::binary_functions().at(name);
      Array wide = function(x.astype(tarry::float32), y.astype(tarry::float32)).astype(half);
      EXPECT_EQ(reference::far_from(function(x, y), wide, 0), "") << name;
    }
  }
}

TEST_F(Ufunc, EmptyAndZeroDimensional) {
  for (const auto& [name, function] : reference::unary_functions()) {
    DType dtype = name == "invert" || name == "bitwise_count" ? DType::int32 : DType::float32;
    EXPECT_EQ(function(np::ones({0, 3}, dtype)).shape(), (tarry::Shape{0, 3})) << name;
    EXPECT_EQ(reference::far_from(function(np::ones({}, dtype)), function(np::ones({1}, dtype))[0], 0), "") << name;
  }
  for (const auto& [name, function] : reference::binary_functions()) {
    const bool bits =
        name.rfind("bitwise", 0) == 0 || name.find("shift") != std::string::npos || name == "gcd" || name == "lcm";
    DType dtype = bits ? DType::int32 : DType::float32;
    EXPECT_EQ(function(np::ones({0, 3}, dtype), np::ones({1}, dtype)).shape(), (tarry::Shape{0, 3})) << name;
    EXPECT_EQ(function(np::ones({}, dtype), np::ones({2}, dtype)).shape(), (tarry::Shape{2})) << name;
  }
}

/// bool for what is no letter of a dtype.
DType dtype_of_letter(char letter) {
  constexpr std::string_view letters = "?bhilBHILefdFDE";
  constexpr DType dtypes[] = {DType::bool_,   DType::int8,    DType::int16,     DType::int32,      DType::int64,
                              DType::uint8,   DType::uint16,  DType::uint32,    DType::uint64,     DType::float16,
                              DType::float32, DType::float64, DType::complex64, DType::complex128, DType::bfloat16};
  const size_t at = letters.find(letter);
  return at == letters.npos ? DType::bool_ : dtypes[at];
}

/// The letter of the result's dtype, '-' when the call throws TypeError.
char letter_of(const std::function<Array()>& call) {
  try {
    DType dtype = call().dtype();
    for (char letter : std::string("?bhilBHILefdFDE"))
      if (dtype_of_letter(letter) == dtype) return letter;
    return '!';
  } catch (const tarry::TypeError&) {
    return '-';
  }
}

TEST(Promotion, AsNumPy) {
  int rows = 0;
  std::string letters;
  for (const Row& row : reference::rows("promotion.txt")) {
    if (row[0] == "dtypes") {
      letters = row[1];
      continue;
    }
    std::string name = row[0] == "result_type" || row[0] == "weak" ? "" : row[1], found;
    if (name == "modf" || name == "divmod" || name == "frexp") name += ".0";
    const std::string& expected = row.back();
    ++rows;
    for (size_t i = 0; i < expected.size(); ++i) {
      Array x = np::ones({2}, dtype_of_letter(letters[i]));
      Array number = row[0].rfind("weak", 0) != 0       ? np::ones({2}, dtype_of_letter(row[row.size() - 2][0]))
                     : row[row.size() - 2] == "bool"    ? Array(true)
                     : row[row.size() - 2] == "int"     ? Array(1)
                     : row[row.size() - 2] == "complex" ? Array(std::complex<double>(0, 1))
                                                        : Array(1.0);
      Array condition = np::ones({2}, tarry::bool_);
      found += letter_of([&] {
        if (name.empty()) return np::where(condition, number, x);
        if (row[0] == "unary") return reference::unary_functions().at(name)(x);
        return row[0] == "binary" ? reference::binary_functions().at(name)(number, x)
                                  : reference::binary_functions().at(name)(x, number);
      });
      // bfloat16 is not NumPy's, and refuses more there than here.
      if (row[0] == "result_type" && expected[i] == '-') found.back() = '-';
    }
    EXPECT_EQ(found, expected) << row[0] << " " << row[1] << " " << row[2];
  }
  EXPECT_GT(rows, 500);
}

}  // namespace
