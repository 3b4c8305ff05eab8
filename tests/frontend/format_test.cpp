// The text of arrays against NumPy's, case by case from tests/data/print.txt.
#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/ir/shape.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "format.h"

namespace {

using namespace tarry;
using frontend::PrintOptions;
using ir::DType;

struct Case {
  std::string name;
  DType dtype;
  ir::Shape shape;
  PrintOptions options;
  std::vector<unsigned char> data;
  std::string str, repr;
};

DType dtype_named(const std::string& name) {
  for (int i = 0; i < ir::kNumDTypes; ++i)
    if (ir::kDTypes[i].name == name) return static_cast<DType>(i);
  throw std::runtime_error("no dtype " + name);
}

ir::Shape parse_extents(const std::string& text) {
  ir::Shape shape;
  if (text == "-") return shape;
  std::istringstream in(text);
  for (std::string extent; std::getline(in, extent, ',');) shape.push_back(std::stoll(extent));
  return shape;
}

PrintOptions parse_options(const std::string& text) {
  static const std::map<std::string, frontend::FloatMode> modes = {
      {"fixed", frontend::FloatMode::fixed},
      {"unique", frontend::FloatMode::unique},
      {"maxprec", frontend::FloatMode::maxprec},
      {"maxprec_equal", frontend::FloatMode::maxprec_equal}};
  PrintOptions options;
  if (text == "-") return options;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ';');) {
    std::string key = item.substr(0, item.find('=')), value = item.substr(item.find('=') + 1);
    if (key == "precision")
      options.precision = std::stoi(value);
    else if (key == "threshold")
      options.threshold = std::stoll(value);
    else if (key == "edgeitems")
      options.edgeitems = std::stoll(value);
    else if (key == "linewidth")
      options.linewidth = std::stoll(value);
    else if (key == "suppress")
      options.suppress = value == "1";
    else if (key == "nanstr")
      options.nanstr = value;
    else if (key == "infstr")
      options.infstr = value;
    else if (key == "sign")
      options.sign = value[0];
    else if (key == "floatmode")
      options.floatmode = modes.at(value);
    else
      throw std::runtime_error("no option " + key);
  }
  return options;
}

/// The pattern in `hex`, repeated to `bytes`.
std::vector<unsigned char> fill(const std::string& hex, size_t bytes) {
  std::vector<unsigned char> data(bytes);
  for (size_t i = 0; i < bytes; ++i) data[i] = std::stoi(hex.substr(i * 2 % hex.size(), 2), nullptr, 16);
  return data;
}

std::string read_lines(std::istream& in, const std::string& what) {
  std::string line, text;
  std::getline(in, line);
  if (line.rfind(what + " ", 0) != 0) throw std::runtime_error("expected " + what + ", found " + line);
  int count = std::stoi(line.substr(what.size() + 1));
  for (int i = 0; i < count; ++i) {
    std::getline(in, line);
    text += (i ? "\n" : "") + line;
  }
  return text;
}

std::vector<Case> read_cases() {
  std::ifstream in(TARRY_TEST_DATA "/print.txt");
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    Case c;
    c.name = line;
    std::istringstream head(line.substr(5));
    std::string dtype, extents, options;
    head >> dtype >> extents;
    std::getline(head >> std::ws, options);
    c.dtype = dtype_named(dtype);
    c.shape = parse_extents(extents);
    c.options = parse_options(options);
    std::getline(in, line);
    c.name += "\n" + line;
    c.data = fill(line, ir::num_elements(c.shape) * ir::size_of(c.dtype));
    c.str = read_lines(in, "str");
    c.repr = read_lines(in, "repr");
    cases.push_back(std::move(c));
  }
  return cases;
}

TEST(Format, AgreesWithNumPy) {
  std::vector<Case> cases = read_cases();
  ASSERT_GT(cases.size(), 1000u);
  for (const Case& c : cases) {
    EXPECT_EQ(frontend::array_str(c.dtype, c.shape, c.data.data(), c.options), c.str) << c.name;
    EXPECT_EQ(frontend::array_repr(c.dtype, c.shape, c.data.data(), c.options), c.repr) << c.name;
  }
}

TEST(Format, MeasuresOnlyWhatItShows) {
  std::vector<int8_t> big(1 << 22, 1);
  big.front() = 100;
  big[1000] = -128;
  big.back() = -10;
  EXPECT_EQ(frontend::array_str(DType::int8, std::vector<int64_t>{1 << 22}, big.data()),
            "[100   1   1 ...   1   1 -10]");
}

TEST(Format, NaNWithPayloadAndSignPrintsAsNaN) {
  double values[] = {-std::nan("7"), 1.0};
  EXPECT_EQ(frontend::array_str(DType::float64, std::vector<int64_t>{2}, values), "[nan  1.]");
}

}  // namespace
