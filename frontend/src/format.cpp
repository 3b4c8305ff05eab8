#include "format.h"

#include <tarry/ir/error.h>
#include <tarry/ir/half.h>
#include <tarry/ir/shape.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "format_float.h"

namespace tarry::frontend {

using ir::DType;

namespace {

template <class T>
T element(const void* data, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + index * sizeof(T), sizeof(T));
  return value;
}

double load_float(DType dtype, const void* data, int64_t index) {
  switch (dtype) {
    case DType::float16: return ir::from_float16(element<uint16_t>(data, index));
    case DType::bfloat16: return ir::from_bfloat16(element<uint16_t>(data, index));
    case DType::float32: return element<float>(data, index);
    default: return element<double>(data, index);
  }
}

int64_t load_signed(DType dtype, const void* data, int64_t index) {
  switch (ir::size_of(dtype)) {
    case 1: return element<int8_t>(data, index);
    case 2: return element<int16_t>(data, index);
    case 4: return element<int32_t>(data, index);
    default: return element<int64_t>(data, index);
  }
}

uint64_t load_unsigned(DType dtype, const void* data, int64_t index) {
  switch (ir::size_of(dtype)) {
    case 1: return element<uint8_t>(data, index);
    case 2: return element<uint16_t>(data, index);
    case 4: return element<uint32_t>(data, index);
    default: return element<uint64_t>(data, index);
  }
}

std::string integer_text(DType dtype, const void* data, int64_t index) {
  return ir::is_signed_int(dtype) ? std::to_string(load_signed(dtype, data, index))
                                  : std::to_string(load_unsigned(dtype, data, index));
}

/// bfloat16 is printed element by element with six significant digits.
std::string bfloat16_text(double value) {
  if (std::isnan(value)) return "nan";
  char room[64];
  auto end = std::to_chars(room, std::end(room), value, std::chars_format::general, 6);
  return {room, end.ptr};
}

/// The places that are shown, axis by axis: all, or the edges of the axes that are longer.
std::vector<std::vector<int64_t>> shown_places(std::span<const int64_t> shape, bool summarise, int64_t edge) {
  std::vector<std::vector<int64_t>> shown(shape.size());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    bool cut = summarise && shape[axis] > 2 * edge;
    for (int64_t i = 0; i < shape[axis]; ++i) {
      if (cut && i == edge) i = shape[axis] - edge;
      if (i < shape[axis]) shown[axis].push_back(i);
    }
  }
  return shown;
}

/// Steps `counter` through the places of the first `axes` axes; gives the outermost axis that moved, or -1 at the end.
int advance(std::vector<size_t>& counter, const std::vector<std::vector<int64_t>>& shown, size_t axes) {
  for (size_t axis = axes; axis-- > 0;) {
    if (++counter[axis] < shown[axis].size()) return static_cast<int>(axis);
    counter[axis] = 0;
  }
  return -1;
}

using ElementFormat = std::function<std::string(int64_t index)>;

ElementFormat integer_format(DType dtype, const void* data, const std::vector<int64_t>& indices,
                             const PrintOptions& options) {
  size_t width = 0;
  bool negative = false;
  for (int64_t i : indices) negative |= ir::is_signed_int(dtype) && load_signed(dtype, data, i) < 0;
  char sign = options.sign == ' ' && negative ? '-' : options.sign;
  auto text = [dtype, data, sign](int64_t i) {
    std::string digits = integer_text(dtype, data, i);
    return digits[0] != '-' && sign != '-' ? sign + digits : digits;
  };
  for (int64_t i : indices) width = std::max(width, text(i).size());
  return [text, width](int64_t i) {
    std::string t = text(i);
    return std::string(width - t.size(), ' ') + t;
  };
}

/// One column for the real parts, one with signs for the imaginary ones.
ElementFormat complex_format(DType dtype, const void* data, const std::vector<int64_t>& indices,
                             const PrintOptions& options) {
  const DType part = ir::part_of(dtype);
  std::vector<double> real, imag;
  for (int64_t i : indices) {
    real.push_back(load_float(part, data, 2 * i));
    imag.push_back(load_float(part, data, 2 * i + 1));
  }
  const auto with_sign = std::make_shared<PrintOptions>(options);  // the format refers to it
  with_sign->sign = '+';
  return [part, data, with_sign, first = FloatFormat(part, real, options),
          second = FloatFormat(part, imag, *with_sign)](int64_t i) {
    std::string text = second(load_float(part, data, 2 * i + 1));
    text.insert(text.find_last_not_of(' ') + 1, "j");
    return first(load_float(part, data, 2 * i)) + text;
  };
}

/// What the user wants for elements of this kind; nothing where that is the usual.
ElementFormat users_format(DType dtype, const void* data, const numpy::Formatter& formatter) {
  switch (ir::kind_of(dtype)) {
    case ir::DTypeKind::boolean:
      if (!formatter.bool_kind) return {};
      return [data, text = formatter.bool_kind](int64_t i) { return text(element<uint8_t>(data, i) != 0); };
    case ir::DTypeKind::signed_int:
      if (!formatter.int_kind) return {};
      return [dtype, data, text = formatter.int_kind](int64_t i) { return text(load_signed(dtype, data, i)); };
    case ir::DTypeKind::unsigned_int:
      if (formatter.uint_kind)
        return [dtype, data, text = formatter.uint_kind](int64_t i) { return text(load_unsigned(dtype, data, i)); };
      if (!formatter.int_kind) return {};
      return [dtype, data, text = formatter.int_kind](int64_t i) {
        const uint64_t value = load_unsigned(dtype, data, i);
        return value > INT64_MAX ? std::to_string(value) : text(static_cast<int64_t>(value));
      };
    case ir::DTypeKind::floating:
      if (!formatter.float_kind) return {};
      return [dtype, data, text = formatter.float_kind](int64_t i) { return text(load_float(dtype, data, i)); };
    case ir::DTypeKind::complex:
      if (!formatter.complex_kind) return {};
      return [part = ir::part_of(dtype), data, text = formatter.complex_kind](int64_t i) {
        return text({load_float(part, data, 2 * i), load_float(part, data, 2 * i + 1)});
      };
  }
  return {};
}

/// How the elements at `indices`, which are those that will be shown, are written.
ElementFormat element_format(DType dtype, const void* data, const std::vector<int64_t>& indices, bool zero_dimensional,
                             const PrintOptions& options) {
  if (ElementFormat own = users_format(dtype, data, options.formatter)) return own;
  switch (ir::kind_of(dtype)) {
    case ir::DTypeKind::boolean:
      return [data, zero_dimensional](int64_t i) -> std::string {
        return !element<uint8_t>(data, i) ? "False" : zero_dimensional ? "True" : " True";
      };
    case ir::DTypeKind::signed_int:
    case ir::DTypeKind::unsigned_int: return integer_format(dtype, data, indices, options);
    case ir::DTypeKind::floating: {
      if (dtype == DType::bfloat16)
        return [data](int64_t i) { return bfloat16_text(load_float(DType::bfloat16, data, i)); };
      std::vector<double> values;
      values.reserve(indices.size());
      for (int64_t i : indices) values.push_back(load_float(dtype, data, i));
      return [dtype, data, format = FloatFormat(dtype, values, options)](int64_t i) {
        return format(load_float(dtype, data, i));
      };
    }
    case ir::DTypeKind::complex: return complex_format(dtype, data, indices, options);
  }
  throw InternalError("a dtype of no kind");
}

/// One row of elements, broken into lines of at most `width` characters.
class Row {
 public:
  Row(size_t indent, int64_t width) : indent_(indent), width_(width), line_(indent, ' ') {}
  void add(const std::string& word) {
    // A break that leaves nothing on the line would not help.
    if (static_cast<int64_t>(line_.size() + word.size()) > width_ && line_.size() > indent_) {
      line_.erase(line_.find_last_not_of(' ') + 1);
      text_ += line_ + "\n";
      line_.assign(indent_, ' ');
    }
    line_ += word;
  }
  void separate(std::string_view separator) { line_ += separator; }
  /// The text without the indent of the first line.
  std::string text() const { return (text_ + line_).substr(indent_); }

 private:
  size_t indent_;
  int64_t width_;
  std::string text_, line_;
};

/// The nested brackets of an array with at least one axis and one element.
class Layout {
 public:
  Layout(std::span<const int64_t> shape, bool summarise, std::string_view separator, size_t prefix,
         const PrintOptions& options)
      : shape_(shape),
        separator_(separator),
        comma_(separator.substr(0, separator.find_last_not_of(' ') + 1)),
        prefix_(prefix),
        linewidth_(options.linewidth),
        shown_(shown_places(shape, summarise, std::max<int64_t>(options.edgeitems, 1))),
        strides_(ir::c_strides(shape)) {}

  /// Offsets of all shown elements.
  std::vector<int64_t> indices() const {
    std::vector<int64_t> all;
    std::vector<size_t> counter(shape_.size(), 0);
    if (shown_empty()) return all;
    do all.push_back(offset(counter, shape_.size()));
    while (advance(counter, shown_, shape_.size()) >= 0);
    return all;
  }

  std::string text(const ElementFormat& format) const {
    size_t outer = shape_.size() - 1;
    std::vector<size_t> counter(shape_.size(), 0);
    std::string out = std::string(outer, '[');
    for (;;) {
      out += row(format, counter);
      int moved = advance(counter, shown_, outer);
      if (moved < 0) return out + std::string(outer, ']');
      out += std::string(outer - 1 - moved, ']');
      break_line(out, moved);
      if (cut_before(moved, counter[moved])) {
        out += "...";
        break_line(out, moved);
      }
      out += std::string(outer - 1 - moved, '[');
    }
  }

 private:
  bool shown_empty() const {
    for (const auto& places : shown_)
      if (places.empty()) return true;
    return false;
  }

  int64_t offset(const std::vector<size_t>& counter, size_t axes) const {
    int64_t at = 0;
    for (size_t axis = 0; axis < axes; ++axis) at += shown_[axis][counter[axis]] * strides_[axis];
    return at;
  }

  /// Whether places are left out just before the n-th shown one.
  bool cut_before(size_t axis, size_t n) const { return n > 0 && shown_[axis][n] != shown_[axis][n - 1] + 1; }

  /// Between two entries of an axis: a comma, and one newline for each axis inside.
  void break_line(std::string& out, size_t axis) const {
    out += comma_;
    out.append(shape_.size() - 1 - axis, '\n');
    out.append(prefix_ + 1 + axis, ' ');
  }

  std::string row(const ElementFormat& format, const std::vector<size_t>& counter) const {
    size_t axis = shape_.size() - 1;
    int64_t width = linewidth_ - static_cast<int64_t>(axis) - std::max<int64_t>(1, static_cast<int64_t>(comma_.size()));
    Row row(prefix_ + 1 + axis, width);
    int64_t base = offset(counter, axis);
    for (size_t i = 0; i < shown_[axis].size(); ++i) {
      if (i > 0) row.separate(separator_);
      if (cut_before(axis, i)) {
        row.add("...");
        row.separate(separator_);
      }
      row.add(format(base + shown_[axis][i]));
    }
    return "[" + row.text() + "]";
  }

  std::span<const int64_t> shape_;
  std::string separator_, comma_;
  size_t prefix_;
  int64_t linewidth_;
  std::vector<std::vector<int64_t>> shown_;
  ir::Strides strides_;
};

/// A part of a complex number: without the fraction that is 0.
std::string part_text(DType part, double value, const PrintOptions& options) {
  std::string text = float_scalar_text(part, value, options);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string complex_scalar_text(DType dtype, const void* data, const PrintOptions& options) {
  const DType part = ir::part_of(dtype);
  const double real = load_float(part, data, 0), imag = load_float(part, data, 1);
  const std::string tail = part_text(part, imag, options) + "j";
  if (real == 0 && !std::signbit(real)) return tail;
  return "(" + part_text(part, real, options) + (tail[0] == '-' ? "" : "+") + tail + ")";
}

std::string scalar_text(DType dtype, const void* data, const PrintOptions& options) {
  if (ir::is_complex(dtype)) return complex_scalar_text(dtype, data, options);
  if (ir::is_int(dtype)) return integer_text(dtype, data, 0);
  if (ir::is_float(dtype) && dtype != DType::bfloat16)
    return float_scalar_text(dtype, load_float(dtype, data, 0), options);
  return element_format(dtype, data, {0}, true, options)(0);
}

}  // namespace

std::string array_body(DType dtype, std::span<const int64_t> shape, const void* data, std::string_view separator,
                       size_t prefix, const PrintOptions& options) {
  int64_t size = ir::num_elements(shape);
  if (size == 0) return "[]";
  if (shape.empty()) return element_format(dtype, data, {0}, true, options)(0);
  Layout layout(shape, size > options.threshold, separator, prefix, options);
  return layout.text(element_format(dtype, data, layout.indices(), false, options));
}

std::string array_str(DType dtype, std::span<const int64_t> shape, const void* data, const PrintOptions& options) {
  if (shape.empty()) return scalar_text(dtype, data, options);
  return array_body(dtype, shape, data, " ", 0, options);
}

std::string array_repr(DType dtype, std::span<const int64_t> shape, const void* data, const PrintOptions& options) {
  constexpr std::string_view kPrefix = "array(";
  PrintOptions narrower = options;
  narrower.linewidth -= 1;  // for the closing parenthesis
  std::string text = std::string(kPrefix) + array_body(dtype, shape, data, ", ", kPrefix.size(), narrower);

  int64_t size = ir::num_elements(shape);
  bool empty_vector = shape.size() == 1 && shape[0] == 0;
  bool implied =
      dtype == DType::bool_ || dtype == DType::int64 || dtype == DType::float64 || dtype == DType::complex128;
  std::string extras;
  if ((size == 0 && !empty_vector) || size > options.threshold) extras = "shape=" + ir::tuple_text(shape);
  if (!implied || size == 0) extras += (extras.empty() ? "dtype=" : ", dtype=") + std::string(ir::info(dtype).name);
  if (extras.empty()) return text + ")";

  text += ",";
  extras += ")";
  size_t newline = text.rfind('\n');
  size_t last_line = text.size() - (newline == std::string::npos ? 0 : newline + 1);
  bool wrap = static_cast<int64_t>(last_line + extras.size() + 1) > options.linewidth;
  return text + (wrap ? "\n" + std::string(kPrefix.size(), ' ') : " ") + extras;
}

}  // namespace tarry::frontend
