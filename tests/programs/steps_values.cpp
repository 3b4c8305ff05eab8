// Lines that make new values: elementwise, folded, sorted, joined, multiplied.
#include "program.h"

namespace programs {
namespace {

bool is_float(const Array& a) { return tarry::ir::is_float(a.dtype()); }

std::string along(int axis) { return axis < 0 ? "None" : std::to_string(axis); }

}  // namespace

void Program::binary() {
  const Named a = any(), b = partner(a.array);
  const Array &x = a.array, &y = b.array;
  auto infix = [&](const char* op) { return a.name + " " + op + " " + b.name; };
  auto call = [&](const char* f) { return std::string(f) + "(" + a.name + ", " + b.name + ")"; };
  switch (pick(0, 23)) {
    case 0: return make(infix("+"), [&] { return x + y; });
    case 1: return make(infix("-"), [&] { return x - y; });
    case 2: return make(infix("*"), [&] { return x * y; });
    case 3: return make(infix("/"), [&] { return x / y; });
    case 4:
      return make(
          call("np.maximum"), [&] { return np::maximum(x, y); }, "zero");
    case 5:
      return make(
          call("np.minimum"), [&] { return np::minimum(x, y); }, "zero");
    case 6: return make(infix("<"), [&] { return x < y; });
    case 7: return make(infix("<="), [&] { return x <= y; });
    case 8: return make(infix("=="), [&] { return x == y; });
    case 9: return make(infix("!="), [&] { return x != y; });
    case 10: return make(infix("&"), [&] { return x & y; });
    case 11: return make(infix("|"), [&] { return x | y; });
    case 12: return make(infix("^"), [&] { return x ^ y; });
    case 13: return make(infix("<<"), [&] { return x << y; });
    case 14: return make(infix(">>"), [&] { return x >> y; });
    case 15: return make(infix("//"), [&] { return np::floor_divide(x, y); });
    case 16: return make(infix("%"), [&] { return x % y; });
    case 17: return make(call("np.fmod"), [&] { return np::fmod(x, y); });
    case 18:
      if (b.name[0] != 'v') return;
      return make("np.copysign(" + a.name + ", np.where(" + b.name + " == " + b.name + ", " + b.name + ", 1))",
                  [&] { return np::copysign(x, np::where(y == y, y, 1)); });
    case 19: return make(call("np.logical_and"), [&] { return np::logical_and(x, y); });
    case 20: return make(call("np.logical_xor"), [&] { return np::logical_xor(x, y); });
    case 21:
      return make(
          call("np.hypot"), [&] { return np::hypot(x, y); }, "ulp");
    case 22:
      return make(
          call("np.arctan2"), [&] { return np::arctan2(x, y); }, "ulp");
    default: {
      const Named c = any();
      if (b.name[0] != 'v') return;  // NumPy wraps an integer that does not fit
      return make("np.where(" + infix(">") + ", " + b.name + ", " + c.name + ")",
                  [&] { return np::where(x > y, y, c.array); });
    }
  }
}

void Program::exact_unary() {
  const Named a = any();
  const Array& x = a.array;
  auto call = [&](const char* f) { return std::string(f) + "(" + a.name + ")"; };
  switch (pick(0, 14)) {
    case 0: return make("-" + a.name, [&] { return -x; });
    case 1: return make(call("np.abs"), [&] { return np::abs(x); });
    case 2: return make(call("np.sqrt"), [&] { return np::sqrt(x); });
    case 3: return make(call("np.floor"), [&] { return np::floor(x); });
    case 4: return make(call("np.ceil"), [&] { return np::ceil(x); });
    case 5: return make(call("np.trunc"), [&] { return np::trunc(x); });
    case 6: return make(call("np.rint"), [&] { return np::rint(x); });
    case 7: return make(call("np.square"), [&] { return np::square(x); });
    case 8: return make(call("np.sign"), [&] { return np::sign(x); });
    case 9: return make(call("np.isnan"), [&] { return np::isnan(x); });
    case 10: return make(call("np.isfinite"), [&] { return np::isfinite(x); });
    case 11: return make("~" + a.name, [&] { return ~x; });
    case 12: return make(call("np.logical_not"), [&] { return np::logical_not(x); });
    case 13:
      return make("np.signbit(np.where(" + a.name + " == " + a.name + ", " + a.name + ", 1))",
                  [&] { return np::signbit(np::where(x == x, x, 1)); });
    default:
      return make(
          "np.clip(" + a.name + ", -1, 2)", [&] { return np::clip(x, -1, 2); }, "zero");
  }
}

void Program::rounded_unary() {
  const Named a = any();
  const Array& x = a.array;
  auto line = [&](const char* f, Array (*function)(tarry::Arg)) {
    make(
        std::string(f) + "(" + a.name + ")", [&] { return function(x); }, "ulp");
  };
  switch (pick(0, 10)) {
    case 0: return line("np.exp", np::exp);
    case 1: return line("np.log", np::log);
    case 2: return line("np.sin", np::sin);
    case 3: return line("np.cos", np::cos);
    case 4: return line("np.tanh", np::tanh);
    case 5: return line("np.expm1", np::expm1);
    case 6: return line("np.log1p", np::log1p);
    case 7: return line("np.cbrt", np::cbrt);
    case 8: return line("np.arctan", np::arctan);
    case 9: return line("np.arcsinh", np::arcsinh);
    default: return line("np.exp2", np::exp2);
  }
}

void Program::cast() {
  const Named a = any();
  const DType to = dtype();
  // What a float out of range becomes as an integer is nobody's promise.
  if (is_float(a.array) && tarry::ir::is_int(to))
    return make("np.where(np.abs(" + a.name + ") < 100, np.abs(" + a.name + "), 0).astype(" + python(to) + ")",
                [&] { return np::where(np::abs(a.array) < 100, np::abs(a.array), 0).astype(to); });
  make(a.name + ".astype(" + python(to) + ")", [&] { return a.array.astype(to); });
}

void Program::fold() {
  const Named a = any();
  const Array& x = a.array;
  const int k = x.ndim() == 0 || chance(3) ? -1 : axis(x);
  const tarry::Axes axes = k < 0 ? tarry::Axes() : tarry::Axes(k);
  const bool keep = chance(3);
  const auto dims = keep ? tarry::KeepDims::yes : tarry::KeepDims::no;
  auto line = [&](const char* f, const Make& made, const std::string& bound) {
    make(std::string(f) + "(" + a.name + ", axis=" + along(k) + (keep ? ", keepdims=True)" : ")"), made, bound);
  };
  const std::string rest = "(" + a.name + ", " + along(k) + ")";
  const std::string sum = is_float(x) ? "total" + rest : "";
  switch (pick(0, 12)) {
    case 0:
    case 1:
      return line(
          "np.sum", [&] { return np::sum(x, axes, dims); }, sum);
    case 2:
      return line(
          "np.prod", [&] { return np::prod(x, axes, dims); }, is_float(x) ? "product" + rest : "");
    case 3:
      return line(
          "np.max", [&] { return np::max(x, axes, dims); }, "zero");
    case 4:
      return line(
          "np.min", [&] { return np::min(x, axes, dims); }, "zero");
    case 5:
      return line(
          "np.any", [&] { return np::any(x, axes, dims); }, "");
    case 6:
      return line(
          "np.all", [&] { return np::all(x, axes, dims); }, "");
    case 7:
      return line(
          "np.mean", [&] { return np::mean(x, axes, dims); }, "average" + rest);
    case 8:
      return line(
          "np.var", [&] { return np::var(x, axes, dims); }, "variance" + rest);
    case 9:
      return line(
          "np.count_nonzero", [&] { return np::count_nonzero(x, axes, dims); }, "");
    case 10:
      return line(
          "np.ptp", [&] { return np::ptp(x, axes, dims); }, "zero");
    case 11:
      return line(
          "np.argmax", [&] { return k < 0 ? np::argmax(x, dims) : np::argmax(x, k, dims); }, "");
    default:
      return line(
          "np.argmin", [&] { return k < 0 ? np::argmin(x, dims) : np::argmin(x, k, dims); }, "");
  }
}

void Program::scan() {
  const Named a = any();
  const Array& x = a.array;
  const int k = x.ndim() == 0 || chance(3) ? -1 : axis(x);
  const std::string call = "(" + a.name + ", axis=" + along(k) + ")", rest = "(" + a.name + ", " + along(k) + ")";
  switch (pick(0, 2)) {
    case 0:
      return make(
          "np.cumsum" + call, [&] { return k < 0 ? np::cumsum(x) : np::cumsum(x, k); },
          is_float(x) ? "running" + rest : "");
    case 1:
      return make(
          "np.cumprod" + call, [&] { return k < 0 ? np::cumprod(x) : np::cumprod(x, k); },
          is_float(x) ? "growing" + rest : "");
    default:
      return make("np.diff(" + a.name + ", 1, " + std::to_string(std::max(k, 0)) + ")",
                  [&] { return np::diff(x, 1, std::max(k, 0)); });
  }
}

void Program::sort() {
  const Named a = any();
  const Array& x = a.array;
  const int k = x.ndim() == 0 || chance(3) ? -1 : axis(x);
  switch (pick(0, 4)) {
    case 0:
      return make(
          "np.sort(" + a.name + ", axis=" + along(k) + ")",
          [&] { return k < 0 ? np::sort(x, tarry::none) : np::sort(x, k); }, "zero");
    case 1:
      return make("np.argsort(" + a.name + ", axis=" + along(k) + ", kind='stable')",
                  [&] { return k < 0 ? np::argsort(x, tarry::none) : np::argsort(x, k); });
    case 2:
      return make(
          "np.unique(" + a.name + ")", [&] { return np::unique(x); }, "zero");
    case 3: {
      const Named b = any();
      return make("np.searchsorted(np.sort(" + a.name + ", axis=None), " + b.name + ", 'right')",
                  [&] { return np::searchsorted(np::sort(x, tarry::none), b.array, np::Side::right); });
    }
    default:
      return make(
          "np.array(np.median(" + a.name + ", axis=" + along(k) + "), order='C')",
          [&] { return np::median(x, k < 0 ? tarry::Axes() : tarry::Axes(k)); },
          "average(" + a.name + ", " + along(k) + ")");
  }
}

void Program::select() {
  const Named a = any();
  const Array& x = a.array;
  if (x.ndim() == 0 || x.size() == 0) return;
  const int k = axis(x);
  const int64_t n = x.shape()[static_cast<size_t>(k)];
  switch (pick(0, 4)) {
    case 0: {
      Where w;
      add_places(w, n, {2, 2});
      return make("np.take(" + a.name + ", " + w.text + ", " + std::to_string(k) + ")",
                  [&] { return np::take(x, w.items[0].array(), k); });
    }
    case 1:
      return make("np.take_along_axis(" + a.name + ", np.argsort(" + a.name + ", axis=" + std::to_string(k) +
                      ", kind='stable'), " + std::to_string(k) + ")",
                  [&] { return np::take_along_axis(x, np::argsort(x, k), k); });
    case 2: {
      std::vector<double> chosen;
      const std::string text = values(tarry::bool_, n, chosen);
      const Array which = np::array(std::span<const double>(chosen), {n}).astype(tarry::bool_);
      return make("np.compress(np.array(" + text + ", np.bool_), " + a.name + ", " + std::to_string(k) + ")",
                  [&] { return np::compress(which, x, k); });
    }
    case 3: return make("np.argwhere(" + a.name + ").copy()", [&] { return np::argwhere(x); });
    default:
      return make("np.choose(" + a.name + " > 0, [" + a.name + ", 2])", [&] {
        return np::choose((x > 0) * 1, {x, Array(2)});
      });
  }
}

void Program::join() {
  const Named a = any();
  const Array& x = a.array;
  if (x.ndim() == 0 || x.size() == 0) return;
  const int k = axis(x), by = pick(-3, 3), width = pick(0, 2);
  const std::string at = ", " + std::to_string(k) + ")";
  switch (pick(0, 7)) {
    case 0: {
      const Named b = any();
      return make("np.concatenate([" + a.name + ", " + b.name + "]" + at, [&] {
        return np::concatenate({x, b.array}, k);
      });
    }
    case 1: return make("np.stack([" + a.name + ", " + a.name + " + 1]" + at, [&] { return np::stack({x, x + 1}, k); });
    case 2: return make("np.roll(" + a.name + ", " + std::to_string(by) + at, [&] { return np::roll(x, by, k); });
    case 3: return make("np.pad(" + a.name + ", " + std::to_string(width) + ")", [&] { return np::pad(x, width); });
    case 4: return make("np.repeat(" + a.name + ", 2" + at, [&] { return np::repeat(x, 2, k); });
    case 5: return make("np.tile(" + a.name + ", (2, 1))", [&] { return np::tile(x, {2, 1}); });
    case 6: return make("np.tril(" + a.name + ")", [&] { return np::tril(x); });
    default: return make(a.name + ".copy(order='K')", [&] { return x.copy(); });
  }
}

void Program::product() {
  const Named a = any(), b = any();
  const std::string bound = "dots(" + a.name + ", " + b.name + ")";
  if (chance(2))
    return make(
        "np.matmul(" + a.name + ", " + b.name + ")", [&] { return np::matmul(a.array, b.array); }, bound);
  make(
      "np.matmul(" + a.name + ", " + a.name + ".T)", [&] { return np::matmul(a.array, a.array.T()); },
      "dots(" + a.name + ", " + a.name + ".T)");
}

}  // namespace programs
