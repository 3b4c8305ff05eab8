// Print options against NumPy (tests/data/options.txt), and whom they concern.
#include <fmt/format.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <thread>

namespace {

namespace np = tarry::numpy;
using np::PrintOptions;
using tarry::Array;

Array x() { return np::array({{1.0, -2.5, 1e-9}, {std::nan(""), 1e5, HUGE_VAL}}); }
Array w() { return np::arange(2000); }
Array z() { return np::array({std::complex<double>(1.5, -2), std::complex<double>(1e-3, 1)}); }

std::string str_under(const PrintOptions& options, const Array& a) {
  const np::printoptions with(options);
  return np::str(a);
}
std::string repr_under(const PrintOptions& options, const Array& a) {
  const np::printoptions with(options);
  return np::repr(a);
}

np::Formatter whole_numbers() {
  return {.int_kind = [](int64_t v) { return fmt::format("<{}>", v); }};
}

using Calls = std::map<std::string, std::function<std::string()>>;

Calls calls_under_options() {
  const auto count = [](const Array& a) { return fmt::format("{} elements", a.size()); };
  return {
      {"precision", [] { return str_under({.precision = 2}, x()); }},
      {"suppress", [] { return str_under({.precision = 3, .suppress = true}, x()); }},
      {"threshold", [] { return repr_under({.threshold = 10}, np::arange(12)); }},
      {"edgeitems",
       [] {
         return repr_under({.edgeitems = 1}, w().reshape({40, 50}));
       }},
      {"linewidth", [] { return repr_under({.linewidth = 30}, np::arange(20)); }},
      {"nanstr", [] { return str_under({.nanstr = "-", .infstr = "oo"}, x()); }},
      {"sign", [] { return str_under({.sign = '+'}, x()); }},
      {"floatmode", [] { return str_under({.precision = 4, .floatmode = np::FloatMode::fixed}, x() / 3); }},
      {"int_kind",
       [] {
         return repr_under({.formatter = whole_numbers()}, np::array({1, -20}));
       }},
      {"uint",
       [] {
         return repr_under({.formatter = whole_numbers()}, np::array({1, 200}, tarry::uint8));
       }},
      {"float_kind",
       [] { return str_under({.formatter = {.float_kind = [](double v) { return fmt::format("{:.1e}", v); }}}, x()); }},
      {"bool",
       [] {
         return repr_under({.formatter = {.bool_kind = [](bool v) { return v ? "yes" : "no"; }}},
                           np::array({true, false}));
       }},
      {"complex_kind",
       [] {
         const auto parts = [](std::complex<double> v) { return fmt::format("{:g}|{:g}", v.real(), v.imag()); };
         return str_under({.formatter = {.complex_kind = parts}}, z());
       }},
      {"override_repr", [=] { return repr_under({.override_repr = count}, np::arange(3)); }},
      {"str_with_override", [=] { return str_under({.override_repr = count}, np::arange(3)); }},
      {"zero_d_str", [] { return str_under({.precision = 3}, np::array(2.0 / 3)); }},
      {"zero_d_repr", [] { return repr_under({.precision = 3}, np::array(2.0 / 3)); }},
      {"complex_precision", [] { return str_under({.precision = 2}, z() / 3); }},
  };
}

Calls calls_of_array2string() {
  return {
      {"separator", [] { return np::array2string(x(), {}, ", "); }},
      {"separator_tight",
       [] {
         return np::array2string(np::arange(40).reshape({2, 20}), {}, ",");
       }},
      {"separator_wide",
       [] {
         return np::array2string(np::arange(60).reshape({2, 30}), {}, " | ");
       }},
      {"prefix", [] { return np::array2string(np::arange(40), {}, " ", "long_name = ", " (all of it)"); }},
      {"own_precision", [] { return np::array2string(x(), {.precision = 1, .suppress = true}); }},
      {"own_threshold", [] { return np::array2string(w(), {.threshold = 5, .edgeitems = 2}); }},
      {"own_width", [] { return np::array2string(np::arange(30), {.linewidth = 20}); }},
      {"own_formatter",
       [] {
         return np::array2string(np::array({0.5, 3.0}),
                                 {.formatter = {.float_kind = [](double v) { return fmt::format("{:.2f}", v); }}});
       }},
      {"empty",
       [] {
         return np::array2string(np::zeros({0, 3}));
       }},
      {"zero_d", [] { return np::array2string(np::array(2.0 / 3), {.precision = 3}); }},
  };
}

TEST(PrintOptionsTest, GiveNumPysText) {
  Calls calls = calls_under_options();
  calls.merge(calls_of_array2string());
  std::ifstream in(TARRY_TEST_DATA "/options.txt");
  size_t cases = 0;
  for (std::string line; std::getline(in, line); ++cases) {
    std::istringstream words(line);
    std::string word, name, text;
    int lines = 0;
    words >> word >> name >> lines;
    ASSERT_EQ(word, "case");
    for (int i = 0; i < lines; ++i) {
      std::getline(in, line);
      text += (i ? "\n" : "") + line;
    }
    ASSERT_TRUE(calls.contains(name)) << name;
    EXPECT_EQ(calls[name](), text) << name;
  }
  EXPECT_EQ(cases, calls.size());
}

TEST(PrintOptionsTest, HoldUntilTheScopeEnds) {
  const std::string before = np::repr(np::array({0.125}));
  {
    np::printoptions with({.precision = 1});
    EXPECT_EQ(*np::get_printoptions().precision, 1);
    EXPECT_NE(np::repr(np::array({0.125})), before);
  }
  EXPECT_EQ(*np::get_printoptions().precision, 8);
  EXPECT_EQ(np::repr(np::array({0.125})), before);
}

TEST(PrintOptionsTest, OnlyWhatIsGivenChangesButFormatters) {
  np::printoptions restore({});
  np::set_printoptions({.precision = 3, .formatter = whole_numbers()});
  np::set_printoptions({.suppress = true});
  EXPECT_EQ(*np::get_printoptions().precision, 3);
  EXPECT_TRUE(*np::get_printoptions().suppress);
  EXPECT_EQ(np::repr(np::array({1})), "array([1])");  // as in NumPy, the formatter is reset
}

TEST(PrintOptionsTest, AreThoseOfAThread) {
  np::printoptions with({.precision = 1});
  std::string text;
  std::thread([&] { text = np::str(np::array({0.125})); }).join();
  EXPECT_EQ(text, "[0.125]");
  EXPECT_EQ(np::str(np::array({0.125})), "[0.1]");
}

TEST(PrintOptionsTest, AreRefusedWithoutAChange) {
  EXPECT_THROW(np::set_printoptions({.precision = 2, .sign = '*'}), tarry::ValueError);
  EXPECT_THROW(np::set_printoptions({.precision = -1}), tarry::ValueError);
  EXPECT_EQ(*np::get_printoptions().precision, 8);
}

}  // namespace
