#include <tarry/ir/error.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>

#include "axes.h"
#include "npy.h"

namespace tarry::frontend {

using ir::DType;

namespace {

/// Reads the few Python literals that a header consists of.
class Literals {
 public:
  Literals(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw IOError("cannot read '" + file_ + "': the header of the .npy file " + what);
  }

  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail("lacks '" + std::string(1, c) + "' " + place());
  }

  void expect_end() {
    skip_space();
    if (at_ != text_.size()) fail("goes on after its end, " + place());
  }

  std::string string() {
    skip_space();
    if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) fail("lacks a string " + place());
    char quote = text_[at_++];
    size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) fail("has a string without an end");
    std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }

  bool boolean() {
    skip_space();
    for (bool value : {true, false}) {
      std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    fail("has a fortran_order that is neither True nor False");
  }

  ir::Shape shape() {
    expect('(');
    ir::Shape extents;
    while (!take(')')) {
      if (!extents.empty() && !comma_) fail("lacks ',' between extents, " + place());
      extents.push_back(extent());
      if (extents.size() > kMostAxes) fail("has more than 64 axes");
      comma_ = take(',');
    }
    if (extents.size() == 1 && !comma_) fail("has a shape that is not a tuple");
    comma_ = false;
    return extents;
  }

 private:
  int64_t extent() {
    skip_space();
    int64_t value = 0;
    auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) fail("has an extent past the range of int64");
    if (error != std::errc()) fail("lacks an extent " + place());
    if (value < 0) fail("has the negative extent " + std::to_string(value));
    at_ = end - text_.data();
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // written by Python 2
    return value;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }

  std::string place() const { return "at character " + std::to_string(at_); }

  std::string_view text_;
  const std::string& file_;
  size_t at_ = 0;
  bool comma_ = false;
};

/// The dtype with this kind letter and size in bytes.
std::optional<DType> dtype_of(char kind, int size) {
  if (kind == 'V' && size == 2) return DType::bfloat16;
  for (int i = 0; i < ir::kNumDTypes; ++i) {
    auto dtype = static_cast<DType>(i);
    char letter = "biufc"[static_cast<int>(ir::kind_of(dtype))];
    if (letter == kind && ir::info(dtype).size == size && dtype != DType::bfloat16) return dtype;
  }
  return std::nullopt;
}

void read_descr(Literals& in, const std::string& descr, NpyHeader& header) {
  std::string_view rest = descr;
  char order = '=';
  if (!rest.empty() && std::string_view("<>|=").find(rest[0]) != std::string_view::npos) {
    order = rest[0];
    rest.remove_prefix(1);
  }
  int size = 0;
  if (rest == "?") rest = "b1";
  std::optional<DType> dtype;
  if (rest.size() > 1) {
    auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), size);
    if (error == std::errc() && end == rest.data() + rest.size()) dtype = dtype_of(rest[0], size);
  }
  if (!dtype) in.fail("has the dtype '" + descr + "', which is not supported");
  header.dtype = *dtype;
  constexpr char kNative = std::endian::native == std::endian::little ? '<' : '>';
  header.swapped = ir::size_of(*dtype) > 1 && order != '|' && order != '=' && order != kNative;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& file) {
  Literals in(text, file);
  NpyHeader header;
  bool descr = false, order = false, shape = false;
  in.expect('{');
  while (!in.take('}')) {
    std::string key = in.string();
    in.expect(':');
    bool& seen = key == "descr" ? descr : key == "fortran_order" ? order : shape;
    if (key != "descr" && key != "fortran_order" && key != "shape") in.fail("has the unknown key '" + key + "'");
    if (seen) in.fail("has the key '" + key + "' twice");
    seen = true;
    if (key == "descr") {
      if (in.take('[')) in.fail("describes records, which are not supported");
      read_descr(in, in.string(), header);
    } else if (key == "fortran_order") {
      header.fortran = in.boolean();
    } else {
      header.shape = in.shape();
    }
    if (!in.take(',')) {
      in.expect('}');
      break;
    }
  }
  in.expect_end();
  for (auto [seen, key] : {std::pair(descr, "descr"), std::pair(order, "fortran_order"), std::pair(shape, "shape")})
    if (!seen) in.fail(std::string("lacks the key '") + key + "'");
  return header;
}

}  // namespace tarry::frontend
