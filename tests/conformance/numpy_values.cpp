#include "numpy_values.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

namespace tarry::test {
namespace {

using Row = std::vector<std::string>;

std::vector<Row> rows_of(const std::string& file) {
  std::ifstream in(TARRY_TEST_DATA "/" + file);
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    rows.emplace_back();
    for (std::string word; words >> word;) rows.back().push_back(word);
  }
  if (rows.empty()) throw std::runtime_error("nothing in " + file);
  return rows;
}

const std::vector<Row>& ufunc_rows() {
  static const std::vector<Row> rows = rows_of("ufuncs.txt");
  return rows;
}

DType dtype_named(const std::string& name) {
  for (DType t : kRealDTypes)
    if (ir::info(t).name == name) return t;
  throw std::runtime_error("no dtype " + name);
}

Data data_of(const std::string& hex, DType t) {
  Data d(t);
  if (hex != "-")
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
      d.bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return d;
}

const Data& list_named(const std::string& list, const std::string& dtype) {
  static const std::map<std::string, Data> lists = [] {
    std::map<std::string, Data> all;
    for (const Row& row : ufunc_rows())
      if (row[0] == "values") all.emplace(row[1] + " " + row[2], data_of(row[3], dtype_named(row[2])));
    return all;
  }();
  return lists.at(list + " " + dtype);
}

ir::Ints numbers(const std::string& text) {
  ir::Ints values;
  std::istringstream in(text == "-" ? "" : text);
  for (std::string part; std::getline(in, part, ',');) values.push_back(std::stoll(part));
  return values;
}

/// Integers of another width with the same values.
Data widened(const Data& from, DType to) {
  if (from.dtype == to) return from;
  Data out(to, from.size());
  for (size_t i = 0; i < out.size(); ++i) out.set(i, from.bits(i));
  return out;
}

/// Most places that a value may be off: what the elementary functions promise.
uint64_t allowed(const std::string& how, DType t) { return how == "exact" ? 0 : t == DType::float64 ? 2 : 1; }

}  // namespace

std::optional<NumpyValues> numpy_values(std::string_view numpy_name, DType t, DType out) {
  static const std::set<std::string, std::less<>> either_zero = {"maximum", "minimum", "nextafter"};
  for (const Row& row : ufunc_rows()) {
    const bool unary = row[0] == "unary", binary = row[0] == "binary";
    if ((!unary && !binary) || row[1] != numpy_name || row[2] != ir::info(t).name) continue;
    NumpyValues values{{}, widened(data_of(row.back(), dtype_named(row[3])), out)};
    for (size_t i = 5; i + 1 < row.size(); ++i) values.lists.push_back(list_named(row[i], row[2]));
    values.places = allowed(row[4], out);
    values.either_zero = either_zero.count(numpy_name) > 0;
    return values;
  }
  return {};
}

std::optional<NumpyValues> numpy_cast_values(DType from, DType to) {
  for (const Row& row : ufunc_rows()) {
    if (row[0] != "cast" || row[1] != ir::info(from).name || row[2] != ir::info(to).name) continue;
    return NumpyValues{{list_named(row[4], row[1])}, data_of(row[5], to)};
  }
  return {};
}

uint64_t places_apart(DType t, uint64_t a, uint64_t b, bool either_zero) {
  if (same_value(t, a, b)) return 0;
  if (!ir::is_float(t) || is_nan(t, a) || is_nan(t, b)) return UINT64_MAX;
  const uint64_t sign = uint64_t{1} << (8 * ir::size_of(t) - 1);
  const auto line = [sign](uint64_t v) {
    return v & sign ? -static_cast<int64_t>(v & ~sign) : static_cast<int64_t>(v);
  };
  const int64_t distance = line(a) - line(b);
  if (distance == 0) return either_zero ? 0 : 1;
  return static_cast<uint64_t>(distance < 0 ? -distance : distance);
}

std::vector<NumpyReduction> numpy_reductions() {
  std::map<std::string, Data> patterns;
  std::vector<NumpyReduction> all;
  for (const Row& row : rows_of("reductions.txt")) {
    if (row[0] == "pattern") {
      patterns.emplace(row[1] + " " + row[2], data_of(row[3], dtype_named(row[2])));
      continue;
    }
    if (row[5] != "0") continue;  // kept axes are a reshape
    NumpyReduction r{"", row[0],           patterns.at(row[1] + " " + row[2]),  numbers(row[3]),
                     {}, row[4] == "none", data_of(row[9], dtype_named(row[7]))};
    for (size_t i = 0; i < 5; ++i) r.what += row[i] + " ";
    if (!r.flattened)
      for (int64_t axis : numbers(row[4]))
        r.axes.push_back(axis < 0 ? axis + static_cast<int64_t>(r.shape.size()) : axis);
    r.near = row[6] == "near";
    all.push_back(std::move(r));
  }
  return all;
}

}  // namespace tarry::test
