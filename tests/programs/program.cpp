#include "program.h"

#include <cmath>
#include <cstring>

namespace programs {

std::string python(DType dtype) {
  return dtype == tarry::bool_ ? "np.bool_" : "np." + std::string(tarry::ir::info(dtype).name);
}

std::string python(const Shape& shape) { return tarry::ir::tuple_text(shape); }

std::string python(double value) {
  if (value != value) return "np.nan";
  if (std::isinf(value)) return value > 0 ? "np.inf" : "-np.inf";
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  std::string t = text;
  return t.find_first_of(".e") == std::string::npos ? t + ".0" : t;
}

namespace {

/// The bytes of the elements; a float16 as it is, by way of its value.
template <class T>
std::string bytes_of(const Array& a) {
  std::string bytes;
  for (T x : a.to_vector<T>()) {
    if (x != x) x = T(0) / T(1) - T(12345);  // all NaNs are equal
    bytes.append(reinterpret_cast<const char*>(&x), sizeof x);
  }
  return bytes;
}

template <class T>
std::string raw(const Array& a) {
  const std::vector<T> values = a.to_vector<T>();
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <>
std::string raw<bool>(const Array& a) {
  return raw<uint8_t>(a);
}

/// Every type in one that C++ has and that holds it exactly.
template <class F>
std::string in_host_type(const Array& a, const F& f) {
  switch (a.dtype()) {
    case DType::bool_: return f(bool{});
    case DType::int8: return f(int8_t{});
    case DType::int16: return f(int16_t{});
    case DType::int32: return f(int32_t{});
    case DType::int64: return f(int64_t{});
    case DType::uint8: return f(uint8_t{});
    case DType::uint16: return f(uint16_t{});
    case DType::uint32: return f(uint32_t{});
    case DType::uint64: return f(uint64_t{});
    case DType::float64: return f(double{});
    default: return f(float{});
  }
}

std::string head(const Array& a) {
  return std::string(tarry::ir::info(a.dtype()).name) + " " + tarry::ir::tuple_text(a.shape());
}

const char* kind_of(const tarry::Error& error) {
  if (dynamic_cast<const tarry::ValueError*>(&error)) return "ValueError";
  if (dynamic_cast<const tarry::TypeError*>(&error)) return "TypeError";
  if (dynamic_cast<const tarry::IndexError*>(&error)) return "IndexError";
  return "another error";
}

}  // namespace

std::string bits(const Array& a) {
  return head(a) + in_host_type(a, [&]<class T>(T) {
           if constexpr (std::is_floating_point_v<T>)
             return bytes_of<T>(a);
           else
             return raw<T>(a);
         });
}

std::string described(const Array& a) {
  const std::string bytes = in_host_type(a, [&]<class T>(T) { return raw<T>(a); });
  std::string text = "[\"" + std::string(tarry::ir::info(a.dtype()).name) + "\",[";
  for (size_t i = 0; i < a.shape().size(); ++i) text += (i ? "," : "") + std::to_string(a.shape()[i]);
  text += "],\"";
  for (unsigned char c : bytes) {
    text += "0123456789abcdef"[c >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text + "\"]";
}

std::string Program::text() const {
  std::string text;
  for (const Line& l : lines_)
    text += (l.target.empty() ? "" : l.target + " = ") + l.code + (l.error.empty() ? "" : "  # " + l.error) + "\n";
  return text;
}

void Program::look() {
  if (looking_ != Looking::sometimes || std::uniform_int_distribution(0, 3)(eyes_)) return;
  const Array& a = arrays_[std::uniform_int_distribution<size_t>(0, arrays_.size() - 1)(eyes_)].array;
  switch (std::uniform_int_distribution(0, 2)(eyes_)) {
    case 0: tarry::eval(a); break;
    case 1: (void)tarry::to_string(a); break;
    default: (void)bits(a);
  }
}

void Program::keep(Named made) {
  if (made.array.size() > 600 || made.array.ndim() > 5) return;
  if (arrays_.size() < 8)
    arrays_.push_back(std::move(made));
  else
    any() = std::move(made);
}

void Program::make(const std::string& code, const Make& f, const std::string& bound) {
  Line line{code, "", "v" + std::to_string(named_++), bound.empty() && every_ ? "exact" : bound, {}};
  try {
    Named made{line.target, f()};
    if (looking_ == Looking::always) tarry::eval(made.array);
    if (looking_ == Looking::always && !line.bound.empty()) line.result = made.array.copy();
    keep(std::move(made));
  } catch (const tarry::Error& error) {
    line.error = kind_of(error);
  }
  lines_.push_back(std::move(line));
}

void Program::act(const std::string& code, const std::function<void()>& f) {
  Line line{code, "", "", "", {}};
  try {
    f();
    if (looking_ == Looking::always)
      for (const Named& n : arrays_) tarry::eval(n.array);
  } catch (const tarry::Error& error) {
    line.error = kind_of(error);
  }
  lines_.push_back(std::move(line));
}

void Program::step() {
  static const std::vector<void (Program::*)()> steps = {
      &Program::binary,   &Program::binary, &Program::binary,  &Program::exact_unary, &Program::rounded_unary,
      &Program::cast,     &Program::view,   &Program::view,    &Program::view,        &Program::fold,
      &Program::fold,     &Program::scan,   &Program::sort,    &Program::select,      &Program::join,
      &Program::product,  &Program::write,  &Program::write,   &Program::overlap,     &Program::in_place,
      &Program::in_place, &Program::gather, &Program::gather,  &Program::scatter,     &Program::scatter,
      &Program::masked,   &Program::branch, &Program::refused, &Program::alias,       &Program::fresh};
  (this->*steps[static_cast<size_t>(pick(0, static_cast<int>(steps.size()) - 1))])();
}

void Program::run() {
  for (int i = pick(2, 4); i > 0; --i) fresh();
  for (int i = pick(std::min(5, most_steps_), most_steps_); i > 0; --i) {
    step();
    look();
  }
}

}  // namespace programs
