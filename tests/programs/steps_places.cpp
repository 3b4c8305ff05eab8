// Lines about places: views, writes through them, overlaps, reads and writes by index and by mask, and other names for
// the same array.
#include "program.h"

namespace programs {

void Program::view() {
  const Named a = any();
  const Array& x = a.array;
  const int n = static_cast<int>(x.ndim());
  switch (pick(0, 9)) {
    case 0: return make(a.name + ".T", [&] { return x.T(); });
    case 1:
      if (n == 0) return;
      return make("np.flip(" + a.name + ")", [&] { return np::flip(x); });
    case 2: return make(a.name + ".reshape(-1)", [&] { return x.reshape({-1}); });
    case 3: {
      const int k = pick(0, n);
      return make("np.expand_dims(" + a.name + ", " + std::to_string(k) + ")", [&] { return np::expand_dims(x, k); });
    }
    case 4: return make("np.squeeze(" + a.name + ")", [&] { return np::squeeze(x); });
    case 5:
      if (n < 2) return;
      return make("np.swapaxes(" + a.name + ", 0, -1)", [&] { return np::swapaxes(x, 0, -1); });
    case 6: {
      Shape wide = x.shape();
      wide.insert(0, 2);
      return make("np.broadcast_to(" + a.name + ", " + python(wide) + ")", [&] { return np::broadcast_to(x, wide); });
    }
    default: {
      const Where w = basic(x);
      return make(a.name + "[" + w.text + "]", [&] { return Array(x[w.index()]); });
    }
  }
}

void Program::write() {
  const Named a = any();
  Array x = a.array;
  const Where w = basic(x);
  const std::string place = a.name + "[" + w.text + "]";
  switch (pick(0, 2)) {
    case 0: {
      const Named v = scalar();
      return act(place + " = " + v.name, [&] { x[w.index()] = v.array; });
    }
    case 1: {
      const Named v = any();
      // What a float out of range becomes as an integer is nobody's promise.
      if (tarry::ir::is_float(v.array.dtype()) && !tarry::ir::is_float(x.dtype())) return;
      return act(place + " = " + v.name, [&] { x[w.index()] = v.array; });
    }
    default: return act(place + " = " + place + " * 2", [&] { x[w.index()] = x[w.index()] * 2; });
  }
}

/// Reads and writes of overlapping places.
void Program::overlap() {
  const Named a = any();
  Array x = a.array;
  if (x.ndim() == 0) return;
  switch (pick(0, 4)) {
    case 0:
      return act(a.name + "[1:] = " + a.name + "[:-1]",
                 [&] { x[np::slice(1, np::none)] = x[np::slice(np::none, -1)]; });
    case 1:
      return act(a.name + "[:-1] += " + a.name + "[1:]",
                 [&] { x[np::slice(np::none, -1)] += x[np::slice(1, np::none)]; });
    case 2:
      return act(a.name + "[...] = " + a.name + "[::-1]",
                 [&] { x[np::ellipsis] = x[np::slice(np::none, np::none, -1)]; });
    case 3: return act(a.name + " += " + a.name + ".T", [&] { x += x.T(); });
    default: return act(a.name + "[...] = " + a.name + ".T * 2", [&] { x[np::ellipsis] = x.T() * 2; });
  }
}

void Program::in_place() {
  const Named a = any(), b = partner(a.array);
  Array x = a.array;
  const Array& y = b.array;
  auto line = [&](const char* op, const std::function<void()>& f) { act(a.name + " " + op + " " + b.name, f); };
  switch (pick(0, 10)) {
    case 0:
    case 1: return line("+=", [&] { x += y; });
    case 2: return line("-=", [&] { x -= y; });
    case 3:
    case 4: return line("*=", [&] { x *= y; });
    case 5: return line("/=", [&] { x /= y; });
    case 6: return line("%=", [&] { x %= y; });
    case 7: return line("&=", [&] { x &= y; });
    case 8: return line("^=", [&] { x ^= y; });
    case 9: return line("<<=", [&] { x <<= y; });
    default: {
      const Where w = basic(x);
      return act(a.name + "[" + w.text + "] += 1", [&] { x[w.index()] += 1; });
    }
  }
}

void Program::gather() {
  const Named a = any();
  if (a.array.ndim() == 0 || a.array.size() == 0) return;
  const Where w = advanced(a.array);
  // The order in memory of what an index selects is nobody's promise, and says whether reshape gives a view.
  make("gathered(" + a.name + ", " + a.name + "[" + w.text + "])", [&] { return Array(a.array[w.index()]); });
}

void Program::scatter() {
  const Named a = any();
  Array x = a.array;
  if (x.ndim() == 0 || x.size() == 0) return;
  const Where w = advanced(x);
  const std::string place = a.name + "[" + w.text + "]";
  const int value = pick(0, 3);
  switch (pick(0, 6)) {
    case 0: {
      const Named v = scalar();
      // NumPy refuses a negative float for unsigned integers at a slice, and wraps it at an index array.
      if (tarry::ir::is_unsigned_int(x.dtype()) && v.name[0] == '(') return;
      return act(place + " = " + v.name, [&] { x[w.index()] = v.array; });
    }
    case 1: return act(place + " += 1", [&] { x[w.index()] += 1; });
    case 2: return act(place + " = " + place + " * 2", [&] { x[w.index()] = x[w.index()] * 2; });
    case 3: {
      Where p;
      add_places(p, x.size(), {3});
      return act("np.put(" + a.name + ", " + p.text + ", [" + std::to_string(value) + ", 1])", [&] {
        np::put(x, p.items[0].array(), np::array({value, 1}));
      });
    }
    case 4: {
      const int k = axis(x);
      return act("np.put_along_axis(" + a.name + ", np.argsort(" + a.name + ", axis=" + std::to_string(k) +
                     ", kind='stable'), " + std::to_string(value) + ", " + std::to_string(k) + ")",
                 [&] { np::put_along_axis(x, np::argsort(x, k), value, k); });
    }
    case 5:
      if (x.dtype() == tarry::bool_ || x.dtype() == tarry::uint64) return;
      return act("at(np.maximum, " + a.name + ", np.s_[" + w.text + "], " + std::to_string(value + 1) + ")",
                 [&] { np::maximum_at(x, w.index(), value + 1); });
    default:
      if (x.dtype() == tarry::bool_ || x.dtype() == tarry::uint64) return;
      return act("at(np.add, " + a.name + ", np.s_[" + w.text + "], " + std::to_string(value) + ")",
                 [&] { np::add_at(x, w.index(), value); });
  }
}

void Program::masked() {
  const Named a = any();
  Array x = a.array;
  switch (pick(0, 3)) {
    case 0: return act(a.name + "[" + a.name + " > 1] = 0", [&] { x[x > 1] = 0; });
    case 1: return act(a.name + "[" + a.name + " > 0] *= 2", [&] { x[x > 0] *= 2; });
    case 2: {
      if (x.ndim() == 0) return;
      return act(a.name + "[" + a.name + " < 1] = " + a.name + "[" + a.name + " < 1][::-1]",
                 [&] { x[x < 1] = Array(x[x < 1])[np::slice(np::none, np::none, -1)]; });
    }
    default: return make(a.name + "[" + a.name + " > 0]", [&] { return Array(x[x > 0]); });
  }
}

void Program::branch() {
  const Named a = any();
  Array x = a.array;
  if (bool(np::any(x > 1)))
    return act(a.name + "[...] = " + a.name + " * 0 if bool(np.any(" + a.name + " > 1)) else 9",
               [&] { x[np::ellipsis] = x * 0; });
  make(a.name + " + (9 if bool(np.any(" + a.name + " > 1)) else 1)", [&] { return x + 1; });
}

/// What is wrong with a call is told as NumPy tells it.
void Program::refused() {
  if (!chance(3)) return;
  const Named a = any(), b = any();
  const Array &x = a.array, &y = b.array;
  const int n = static_cast<int>(x.ndim());
  switch (pick(0, 4)) {
    case 0: return make(a.name + " + " + b.name, [&] { return x + y; });
    case 1:
      return make(
          "np.sum(" + a.name + ", axis=" + std::to_string(n) + ")", [&] { return np::sum(x, n); }, "zero");
    case 2: return make(a.name + ".reshape(7, -1)", [&] { return x.reshape({7, -1}); });
    case 3: return make("np.stack([" + a.name + ", " + b.name + "])", [&] { return np::stack({x, y}); });
    default:
      return make("np.broadcast_to(" + a.name + ", " + python(y.shape()) + ")",
                  [&] { return np::broadcast_to(x, y.shape()); });
  }
}

void Program::alias() {
  const Named a = any();
  make(a.name, [&] { return a.array; });
}

}  // namespace programs
