#pragma once
/// `fmt::print("{}", x)`, where the fmt library is at hand.
///
/// `{}` is the text of NumPy's str. A specification is that of the elements, in fmt's own terms: `{:.3f}` of an array
/// shows every element with three decimals, `{:+}` with its sign, `{:x}` integers as hexadecimal. Numbers are padded to
/// one width, as NumPy aligns them, unless the specification has a width; brackets, line breaks and `...` are those of
/// the print options. A 0-d array is formatted as its only element would be, without brackets. `{::.3f}`, as for
/// ranges, means the same.
///
/// Integers and bools accept the specifications of floats, and are floats then. Of a complex number both parts are
/// formatted, `1.50-2.00j`, and a width counts for the whole. What fmt cannot do with an element throws
/// fmt::format_error; so do widths that are arguments themselves.

#include <tarry/array.h>

#if __has_include(<fmt/format.h>)
#include <tarry/numpy/printing.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <complex>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace tarry::detail {

/// [[fill]align][sign][#][0][width][.precision][L][type]
class ElementSpec {
 public:
  constexpr ElementSpec() = default;
  constexpr explicit ElementSpec(std::string_view text) : text_(text) {
    size_t at = text.size() > 1 && is_align(text[1]) ? 2 : !text.empty() && is_align(text[0]) ? 1 : 0;
    align_ = text.substr(0, at);
    size_t from = at;
    while (at < text.size() && (text[at] == '+' || text[at] == '-' || text[at] == ' ')) ++at;
    sign_ = text.substr(from, at - from);
    while (at < text.size() && text[at] == '#') ++at;
    zeros_ = at < text.size() && text[at] == '0';
    from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    width_ = text.substr(from, at - from);
    rest_ = text.substr(at);
  }
  constexpr bool has_width() const { return !width_.empty(); }

  std::string text(DType, bool value) const {
    return rest_.empty() || rest_ == "s" ? aligned(value ? "True" : "False") : text({}, int64_t{value});
  }
  template <class Int>
  requires std::is_integral_v<Int> std::string text(DType, Int value)
  const {
    if (is_of_floats()) return formatted(text_, static_cast<double>(value));
    return formatted(text_, value);
  }
  std::string text(DType dtype, double value) const {
    return rest_.empty() ? aligned(with_sign(dtype, value, sign_)) : formatted(text_, value);
  }
  std::string text(DType dtype, std::complex<double> value) const {
    if (rest_.empty()) {
      const DType part = ir::part_of(dtype);
      return aligned(with_sign(part, value.real(), sign_) + with_sign(part, value.imag(), "+") + "j");
    }
    return aligned(formatted(std::string(sign_) + std::string(rest_), value.real()) +
                   formatted("+" + std::string(rest_), value.imag()) + "j");
  }

 private:
  static constexpr bool is_align(char c) { return c == '<' || c == '>' || c == '^'; }
  bool is_of_floats() const { return rest_.find_first_of(".aAeEfFgG") != std::string_view::npos; }

  template <class T>
  static std::string formatted(std::string_view spec, const T& value) {
    return fmt::format(fmt::runtime("{:" + std::string(spec) + "}"), value);
  }
  static std::string with_sign(DType dtype, double value, std::string_view sign) {
    std::string text = numpy::scalar_text(dtype, value);
    if ((sign == "+" || sign == " ") && text[0] != '-') text.insert(0, sign);
    return text;
  }
  /// To the right, as numbers are, unless said otherwise; zeros go behind the sign.
  std::string aligned(std::string text) const {
    if (width_.empty()) return text;
    if (!zeros_ || !align_.empty())
      return formatted((align_.empty() ? ">" : std::string(align_)) + std::string(width_.substr(zeros_)), text);
    size_t width = 0;
    if (std::from_chars(width_.data(), width_.data() + width_.size(), width).ec != std::errc())
      throw fmt::format_error("number is too big");
    const size_t at = text[0] == '-' || text[0] == '+' || text[0] == ' ';
    if (text.size() < width) text.insert(at, width - text.size(), '0');
    return text;
  }

  std::string_view text_, align_, sign_, width_, rest_;
  bool zeros_ = false;
};

/// Each element by the specification, padded to `width`.
inline numpy::Formatter formatter_of(const ElementSpec& spec, DType dtype, size_t width, size_t* widest) {
  const auto padded = [spec, dtype, width, widest](auto value) {
    std::string text = spec.text(dtype, value);
    if (widest) *widest = std::max(*widest, text.size());
    if (text.size() < width) text.insert(0, width - text.size(), ' ');
    return text;
  };
  return {padded, padded, padded, padded, padded};
}

inline std::string text_by_spec(const Array& array, const ElementSpec& spec) {
  size_t widest = 0;
  const Here nowhere(nullptr, 0);
  std::string text =
      numpy::array2string(array, {.formatter = formatter_of(spec, array.dtype(), 0, &widest)}, " ", "", "", nowhere);
  if (spec.has_width() || array.ndim() == 0) return text;
  return numpy::array2string(array, {.formatter = formatter_of(spec, array.dtype(), widest, nullptr)}, " ", "", "",
                             nowhere);
}

}  // namespace tarry::detail

template <>
struct fmt::formatter<tarry::Array> {
  constexpr auto parse(fmt::format_parse_context& context) -> decltype(context.begin()) {
    auto at = context.begin();
    if (at != context.end() && *at == ':') ++at;
    const auto first = at;
    while (at != context.end() && *at != '}') {
      if (*at == '{') throw fmt::format_error("the format of an array has no arguments of its own");
      ++at;
    }
    given_ = at != first;
    spec_ = tarry::detail::ElementSpec(std::string_view(first, static_cast<size_t>(at - first)));
    return at;
  }
  template <class Context>
  auto format(const tarry::Array& array, Context& context) const {
    const std::string text =
        given_ ? tarry::detail::text_by_spec(array, spec_) : tarry::to_string(array, tarry::Here(nullptr, 0));
    return std::copy(text.begin(), text.end(), context.out());
  }

 private:
  bool given_ = false;
  tarry::detail::ElementSpec spec_;
};

template <>
struct fmt::formatter<tarry::Shape> : fmt::formatter<std::string> {
  template <class Context>
  auto format(const tarry::Shape& shape, Context& context) const {
    return fmt::formatter<std::string>::format(tarry::ir::tuple_text(shape), context);
  }
};
#endif
