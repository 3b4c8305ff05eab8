#pragma once
// Reads the files that tests/data/make_reference.py writes.

#include <tarry/tarry.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace reference {

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

/// The lines of a file, each cut at its spaces.
inline std::vector<std::vector<std::string>> rows(const std::string& file) {
  std::ifstream in(TARRY_TEST_DATA "/" + file);
  std::vector<std::vector<std::string>> all;
  for (std::string line; std::getline(in, line);) all.push_back(split(line, ' '));
  if (all.empty()) throw std::runtime_error("nothing in " + file);
  return all;
}

/// "2,3", "-" for none.
inline std::vector<int64_t> numbers(const std::string& text) {
  std::vector<int64_t> values;
  if (text == "-") return values;
  for (const std::string& part : split(text, ',')) values.push_back(std::stoll(part));
  return values;
}

inline tarry::Shape extents(const std::string& text) { return tarry::Shape(numbers(text)); }

/// A list in brackets, of bools or integers, or a list of equal lists.
inline tarry::Array list(const std::string& text) {
  std::vector<int64_t> values;
  tarry::Shape shape;
  std::string word;
  size_t depth = 0, deepest = 0;
  std::vector<int64_t> counts;  // elements of the list being read, by depth
  auto end_word = [&] {
    if (word.empty()) return;
    values.push_back(word == "True" ? 1 : word == "False" ? 0 : std::stoll(word));
    ++counts[depth - 1];
    word.clear();
  };
  for (char c : text) {
    if (c == '[') {
      counts.resize(++depth);
      counts[depth - 1] = 0;
      deepest = std::max(deepest, depth);
    } else if (c == ',') {
      end_word();
    } else if (c == ']') {
      end_word();
      if (shape.size() < deepest) shape = tarry::Shape(std::vector<int64_t>(deepest, 0));
      shape[depth - 1] = counts[depth - 1];
      if (--depth > 0) ++counts[depth - 1];
    } else {
      word += c;
    }
  }
  const bool is_mask = text.find('e') != std::string::npos;
  tarry::Array flat = tarry::numpy::array(values);
  return (is_mask ? flat.astype(tarry::bool_) : flat).reshape(shape);
}

inline tarry::Bound bound(const std::string& text) {
  return text.empty() ? tarry::Bound(tarry::none) : tarry::Bound(std::stoll(text));
}

inline tarry::Item item(const std::string& text) {
  namespace np = tarry::numpy;
  if (text == "...") return np::ellipsis;
  if (text == "None") return np::newaxis;
  if (text[0] == '[') return list(text);
  size_t colon = text.find(':');
  if (colon == std::string::npos) return std::stoll(text);
  size_t second = text.find(':', colon + 1);
  std::string stop = text.substr(colon + 1, second == std::string::npos ? second : second - colon - 1);
  return np::slice(bound(text.substr(0, colon)), bound(stop),
                   bound(second == std::string::npos ? "" : text.substr(second + 1)));
}

/// What stands between Python's brackets, without spaces.
inline tarry::Index index(const std::string& text) {
  std::vector<tarry::Item> items;
  if (text == "()") return tarry::Index(items);
  std::string part;
  int depth = 0;
  for (char c : text + ",") {
    depth += c == '[';
    depth -= c == ']';
    if (c != ',' || depth > 0) {
      part += c;
      continue;
    }
    items.push_back(item(part));
    part.clear();
  }
  return tarry::Index(items);
}

/// Whether an array has this shape and these elements; a message if not.
inline std::string difference(const tarry::Array& array, const tarry::Shape& shape,
                              const std::vector<int64_t>& values) {
  std::ostringstream out;
  if (!(array.shape() == shape)) {
    out << "shape " << array.shape() << " instead of " << shape;
    return out.str();
  }
  std::vector<int64_t> found = array.to_vector<int64_t>();
  if (found == values) return "";
  out << "elements";
  for (int64_t v : found) out << " " << v;
  return out.str();
}

}  // namespace reference
