#include "format_float.h"

#include <tarry/ir/half.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace tarry::frontend {

using ir::DType;

namespace {

/// d.ddd × 10^exponent
struct Decimal {
  std::string digits;
  int exponent = 0;
};

/// Reads what to_chars writes in scientific form.
Decimal read_scientific(const char* first, const char* last) {
  Decimal d;
  const char* p = first;
  for (; p != last && *p != 'e'; ++p)
    if (*p != '.') d.digits += *p;
  if (p != last) {
    ++p;
    if (*p == '+') ++p;
    std::from_chars(p, last, d.exponent);
  }
  return d;
}

/// Room for the longest exact expansion of a double that is asked for here.
constexpr size_t kRoom = 1600;

Decimal exact_scientific(double magnitude, int fraction_digits) {
  std::string room(kRoom + fraction_digits, '\0');
  auto end =
      std::to_chars(room.data(), room.data() + room.size(), magnitude, std::chars_format::scientific, fraction_digits);
  return read_scientific(room.data(), end.ptr);
}

double as_double(const std::string& digits, int exponent) {
  std::string text = digits + "e" + std::to_string(exponent - static_cast<int>(digits.size()) + 1);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Fewest digits that read back as the same float16, and among these the closest.
Decimal shortest_float16(double magnitude) {
  uint16_t bits = ir::to_float16(magnitude);
  for (int n = 1; n < 5; ++n) {
    Decimal d = exact_scientific(magnitude, n - 1);
    if (ir::to_float16(as_double(d.digits, d.exponent)) == bits) return d;
    // Above a power of two the gap is wider than below, so the farther neighbour may be the one that fits.
    std::string next = std::to_string(std::stoi(d.digits) + 1);
    int exponent = d.exponent + static_cast<int>(next.size() - d.digits.size());
    if (ir::to_float16(as_double(next, exponent)) == bits) return {next, exponent};
  }
  return exact_scientific(magnitude, 4);
}

Decimal shortest(DType dtype, double magnitude) {
  Decimal d;
  if (dtype == DType::float16) {
    d = shortest_float16(magnitude);
  } else {
    char room[64];
    auto end = dtype == DType::float32
                   ? std::to_chars(room, std::end(room), static_cast<float>(magnitude), std::chars_format::scientific)
                   : std::to_chars(room, std::end(room), magnitude, std::chars_format::scientific);
    d = read_scientific(room, end.ptr);
  }
  while (d.digits.size() > 1 && d.digits.back() == '0') d.digits.pop_back();
  return d;
}

void drop_zeros(std::string& fraction) {
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
}

std::string sign_text(double value, bool plus) { return std::signbit(value) ? "-" : plus ? "+" : ""; }

/// How many exact fractional digits to show when the shortest text has `fraction_digits`; -1: the shortest will do.
int exact_digits(const FloatDigits& digits, int fraction_digits) {
  if (!digits.unique) return digits.precision;
  if (digits.precision >= 0 && fraction_digits > digits.precision) return digits.precision;
  return digits.min_digits > fraction_digits ? digits.min_digits : -1;
}

}  // namespace

FloatText positional(DType dtype, double value, const FloatDigits& digits) {
  double magnitude = std::fabs(value);
  Decimal d = shortest(dtype, magnitude);
  int n = static_cast<int>(d.digits.size());
  FloatText text;
  text.whole = sign_text(value, digits.plus);
  int exact = exact_digits(digits, std::max(0, magnitude == 0 ? 0 : n - 1 - d.exponent));
  if (exact >= 0) {
    std::string room(kRoom + exact, '\0');
    auto end = std::to_chars(room.data(), room.data() + room.size(), magnitude, std::chars_format::fixed, exact);
    room.resize(end.ptr - room.data());
    size_t point = room.find('.');
    text.whole += room.substr(0, point);
    if (point != std::string::npos) text.fraction = room.substr(point + 1);
  } else if (d.exponent < 0) {
    text.whole += "0";
    text.fraction = std::string(-d.exponent - 1, '0') + d.digits;
  } else {
    if (n < d.exponent + 1) d.digits.append(d.exponent + 1 - n, '0');
    text.whole += d.digits.substr(0, d.exponent + 1);
    text.fraction = d.digits.substr(d.exponent + 1);
  }
  if (!digits.keep_zeros) drop_zeros(text.fraction);
  return text;
}

FloatText scientific(DType dtype, double value, const FloatDigits& digits) {
  double magnitude = std::fabs(value);
  Decimal d = shortest(dtype, magnitude);
  int exact = exact_digits(digits, static_cast<int>(d.digits.size()) - 1);
  if (exact >= 0) d = exact_scientific(magnitude, exact);
  FloatText text;
  text.whole = sign_text(value, digits.plus) + d.digits[0];
  text.fraction = d.digits.substr(1);
  if (!digits.keep_zeros) drop_zeros(text.fraction);
  std::string power = std::to_string(std::abs(d.exponent));
  text.exponent = (d.exponent < 0 ? "-" : "+") + std::string(power.size() < 2 ? 1 : 0, '0') + power;
  return text;
}

std::string float_scalar_text(DType dtype, double value, const PrintOptions& options) {
  if (std::isnan(value)) return options.nanstr;
  if (std::isinf(value)) return (value < 0 ? "-" : "") + options.infstr;
  double magnitude = std::fabs(value);
  double limit = dtype == DType::float16 ? 1e3 : dtype == DType::float32 ? 1e6 : 1e16;
  if (magnitude == 0 || (magnitude >= 1e-4 && magnitude < limit)) {
    FloatText text = positional(dtype, value, {});
    return text.whole + "." + (text.fraction.empty() ? "0" : text.fraction);
  }
  FloatText text = scientific(dtype, value, {});
  return text.whole + (text.fraction.empty() ? "" : "." + text.fraction) + "e" + text.exponent;
}

FloatFormat::FloatFormat(DType dtype, const std::vector<double>& values, const PrintOptions& options)
    : dtype_(dtype), options_(options) {
  std::vector<double> finite;
  bool negative = false, negative_infinity = false;
  for (double v : values) {
    if (std::isfinite(v)) {
      finite.push_back(v);
      negative |= std::signbit(v);
    }
    negative_infinity |= std::isinf(v) && v < 0;
  }
  choose_notation(finite);
  measure(finite);
  if (options.sign == ' ' && !negative) ++pad_left_;
  if (finite.size() != values.size()) {
    size_t right = pad_right_ + 1;
    size_t infinity = options.infstr.size() + (options.sign != '-' || negative_infinity);
    size_t widest = std::max(options.nanstr.size(), infinity);
    if (widest > right) pad_left_ = std::max(pad_left_, widest - right);
  }
}

/// Scientific when the values do not fit side by side, judged in the arithmetic of the dtype.
void FloatFormat::choose_notation(const std::vector<double>& finite) {
  double largest = 0, smallest = std::numeric_limits<double>::infinity();
  for (double v : finite) {
    if (v == 0) continue;
    largest = std::max(largest, std::fabs(v));
    smallest = std::min(smallest, std::fabs(v));
  }
  if (largest == 0) return;
  double cutoff = 1e8, tiny = 1e-4, ratio = largest / smallest;
  if (dtype_ == DType::float32) {
    cutoff = 1e6;
    tiny = 1e-4f;
    ratio = static_cast<float>(largest) / static_cast<float>(smallest);
  } else if (dtype_ == DType::float16) {
    cutoff = 1e3;
    tiny = ir::from_float16(ir::to_float16(tiny));
    ratio = ir::from_float16(ir::to_float16(static_cast<float>(largest) / static_cast<float>(smallest)));
  }
  scientific_ = largest >= cutoff || (!options_.suppress && (smallest < tiny || ratio > 1000));
}

/// Widths of the columns, from a first pass over the numbers.
void FloatFormat::measure(const std::vector<double>& finite) {
  bool fixed = options_.floatmode == FloatMode::fixed;
  digits_.unique = !fixed;
  digits_.keep_zeros = fixed;
  digits_.precision = options_.floatmode == FloatMode::unique ? -1 : options_.precision;
  digits_.plus = options_.sign == '+';
  if (finite.empty()) return;
  size_t whole = 0, fraction = 0, exponent = 0;
  for (double v : finite) {
    FloatText t = text(v);
    whole = std::max(whole, t.whole.size());
    fraction = std::max(fraction, t.fraction.size());
    exponent = std::max(exponent, t.exponent.size());
  }
  pad_left_ = whole;
  pad_right_ = fraction;
  bool equal = scientific_ || fixed || options_.floatmode == FloatMode::maxprec_equal;
  if (equal) {
    digits_.precision = digits_.min_digits = static_cast<int>(fraction);
    digits_.keep_zeros = true;
  }
  if (scientific_) {
    exponent_digits_ = exponent - 1;
    pad_right_ = exponent_digits_ + 2 + fraction;
  }
}

FloatText FloatFormat::text(double value) const {
  return scientific_ ? scientific(dtype_, value, digits_) : positional(dtype_, value, digits_);
}

std::string FloatFormat::operator()(double value) const {
  if (!std::isfinite(value)) {
    std::string word = std::isnan(value) ? options_.nanstr : options_.infstr;
    if (!std::isnan(value) && value < 0)
      word = "-" + word;
    else if (options_.sign == '+')
      word = "+" + word;
    size_t width = pad_left_ + pad_right_ + 1;
    return (word.size() < width ? std::string(width - word.size(), ' ') : "") + word;
  }
  FloatText t = text(value);
  std::string out = t.whole.size() < pad_left_ ? std::string(pad_left_ - t.whole.size(), ' ') : "";
  out += t.whole + "." + t.fraction;
  if (scientific_) {
    size_t exponent = t.exponent.size() - 1;
    out += "e" + t.exponent.substr(0, 1);
    if (exponent < exponent_digits_) out.append(exponent_digits_ - exponent, '0');
    return out + t.exponent.substr(1);
  }
  if (t.fraction.size() < pad_right_) out.append(pad_right_ - t.fraction.size(), ' ');
  return out;
}

}  // namespace tarry::frontend
