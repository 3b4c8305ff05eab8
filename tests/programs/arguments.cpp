// What the lines of a random program are called with.
#include "program.h"

namespace programs {

DType Program::dtype() {
  static const DType types[] = {tarry::float64, tarry::float64, tarry::float32, tarry::float32, tarry::float16,
                                tarry::int64,   tarry::int64,   tarry::int32,   tarry::int16,   tarry::int8,
                                tarry::uint64,  tarry::uint32,  tarry::uint16,  tarry::uint8,   tarry::bool_};
  return types[pick(0, 14)];
}

/// Eighths, so that float16 holds it too.
double Program::number() { return pick(-24, 24) / 8.0; }

/// Elements that the type holds, among them its limits, zeros of both signs, infinities and NaN.
std::string Program::values(DType dtype, int64_t n, std::vector<double>& out) {
  const bool is_float = tarry::ir::is_float(dtype), is_unsigned = dtype >= tarry::uint8 && dtype <= tarry::uint64;
  std::string text = "[";
  for (int64_t i = 0; i < n; ++i) {
    double x;
    if (dtype == tarry::bool_)
      x = pick(0, 1);
    else if (is_float)
      x = chance(12) ? std::vector<double>{-0.0, INFINITY, -INFINITY, NAN}[pick(0, 3)] : pick(-80, 80) / 8.0;
    else if (is_unsigned)
      x = chance(8) ? 255 - pick(0, 3) : pick(0, 9);
    else
      x = chance(8) ? (chance(2) ? -128 : 127) : pick(-9, 9);
    out.push_back(x);
    text += (i ? ", " : "") + (is_float ? python(x) : std::to_string(static_cast<int>(x)));
  }
  return text + "]";
}

Shape Program::shape() {
  static const int64_t extents[] = {0, 1, 1, 2, 2, 3, 3, 4, 5, 8, 17};
  Shape shape;
  for (int i = pick(0, 3); i > 0; --i) shape.push_back(extents[pick(0, 10)]);
  return shape;
}

void Program::fresh() {
  const Shape to = shape();
  const DType t = dtype();
  std::vector<double> elements;
  const std::string text = values(t, tarry::ir::num_elements(to), elements);
  make("np.array(" + text + ", " + python(t) + ").reshape(" + python(to) + ")",
       [&] { return np::array(std::span<const double>(elements), to).astype(t); });
}

Named Program::scalar() {
  switch (pick(0, 3)) {
    case 0: {
      const int i = pick(-3, 3);
      return {i < 0 ? "(" + std::to_string(i) + ")" : std::to_string(i), Array(i)};
    }
    case 1: return chance(2) ? Named{"True", Array(true)} : Named{"False", Array(false)};
    default: {
      const double x = number();
      return {x < 0 ? "(" + python(x) + ")" : python(x), Array(x)};
    }
  }
}

Named Program::partner(const Array& a) {
  for (int tries = 0; tries < 6; ++tries) {
    const Named& b = any();
    bool fits = true;
    int64_t n = 1;
    const Shape &p = a.shape(), &q = b.array.shape();
    for (size_t i = 0; i < std::max(p.size(), q.size()); ++i) {
      const int64_t x = i < p.size() ? p[p.size() - 1 - i] : 1, y = i < q.size() ? q[q.size() - 1 - i] : 1;
      fits &= x == y || x == 1 || y == 1;
      n *= std::max(x, y);
    }
    if (fits && n <= 2000) return b;
  }
  return scalar();
}

/// An index has to be a tuple, and with an ellipsis it never gives a number in place of an array.
void Program::close(Where& w) {
  if (w.text.empty()) {
    w.items.push_back(np::ellipsis);
    w.text = "...,";
  } else {
    w.text += ",";
  }
}

namespace {
void append(std::string& text, const std::string& entry) { text += (text.empty() ? "" : ", ") + entry; }
}  // namespace

/// Slices, integers, new axes and an ellipsis, nearly always inside the array.
Program::Where Program::basic(const Array& a) {
  Where w;
  auto add = [&](const tarry::Item& item, const std::string& text) {
    w.items.push_back(item);
    append(w.text, text);
  };
  bool whole = chance(4);  // an ellipsis in front stands for none of the axes
  if (whole) add(np::ellipsis, "...");
  for (int64_t n : a.shape()) {
    const int i = n ? static_cast<int>(place(n)) : 0, j = pick(-2, static_cast<int>(n) + 2), step = pick(1, 3);
    switch (n == 0 ? 5 : pick(0, 6)) {
      case 0:
        if (chance(60))
          add(static_cast<int>(n), std::to_string(n));
        else
          add(i, std::to_string(i));
        break;
      case 1: add(np::slice(np::none, np::none, -step), "::" + std::to_string(-step)); break;
      case 2: add(np::slice(i, np::none, step), std::to_string(i) + "::" + std::to_string(step)); break;
      case 3: add(np::slice(np::none, j), ":" + std::to_string(j)); break;
      case 4: add(np::slice(i, j, -1), std::to_string(i) + ":" + std::to_string(j) + ":-1"); break;
      default: add(np::all, ":");
    }
    if (chance(12)) add(np::newaxis, "None");
  }
  if (!whole) add(np::ellipsis, "...");
  close(w);
  return w;
}

/// An index array for an axis of this size, known or not; now and then one that reaches outside, and is known to.
void Program::add_places(Where& w, int64_t n, const Shape& shape) {
  std::vector<int64_t> elements(static_cast<size_t>(tarry::ir::num_elements(shape)));
  for (int64_t& v : elements) v = place(n);
  const bool outside = chance(300);
  if (outside) elements[0] = n;
  std::string text = "np.array([";
  for (size_t i = 0; i < elements.size(); ++i) text += (i ? ", " : "") + std::to_string(elements[i]);
  append(w.text, text + "]).reshape(" + python(shape) + ")");
  const Array known = np::array(std::span<const int64_t>(elements), shape);
  w.items.push_back(outside || chance(2) ? known : known * 1);
}

/// Arrays of integers or bools, integers and slices.
Program::Where Program::advanced(const Array& a) {
  static const Shape shapes[] = {{3}, {1}, {2, 3}, {1, 3}, {2, 1}, {}};
  Where w;
  bool any_array = false;
  for (int64_t n : a.shape()) {
    if (n == 0) break;
    const int kind = pick(0, 7);
    if (kind < 3) {
      add_places(w, n, shapes[pick(0, 4)]);
      any_array = true;
    } else if (kind == 3 && !any_array) {
      std::vector<double> chosen;
      append(w.text, "np.array(" + values(tarry::bool_, n, chosen) + ", np.bool_)");
      w.items.push_back(np::array(std::span<const double>(chosen), {n}).astype(tarry::bool_));
      any_array = true;
    } else if (kind == 4) {
      const int i = static_cast<int>(place(n));
      w.items.push_back(i);
      append(w.text, std::to_string(i));
    } else if (kind == 5) {
      const int i = static_cast<int>(place(n));
      w.items.push_back(np::slice(i, np::none));
      append(w.text, std::to_string(i) + ":");
    } else {
      w.items.push_back(np::all);
      append(w.text, ":");
    }
  }
  if (chance(6)) {
    w.items.push_back(np::newaxis);
    append(w.text, "None");
  }
  if (!any_array) {
    w.items.push_back(np::ellipsis);
    append(w.text, "...");
  }
  close(w);
  return w;
}

}  // namespace programs
