#include "function_table.h"

namespace tarry::test {

namespace np = tarry::numpy;
using np::all, np::ellipsis, np::none, np::slice;

Array given(DType dtype, const Shape& shape, uint64_t salt) {
  const int64_t count = ir::num_elements(shape);
  const Array place = np::arange(count, uint64) + salt;
  const Array h = (place * uint64_t{2654435761} >> 7) % (uint64_t{1} << 20);
  Array x;
  if (ir::is_bool(dtype)) {
    x = h % 3 != 0;
  } else if (ir::is_int(dtype)) {
    x = (h % 251).astype(int64) - (ir::is_signed_int(dtype) ? 125 : 0);
  } else {
    x = ((h % 81).astype(float64) - 40) / 8;
    if (ir::is_complex(dtype)) {
      const Array imag = (np::floor_divide(h, 81) % 41).astype(float64) - 20;
      x = x + std::complex<double>(0, 1) * (imag / 4);
    }
  }
  // A copy, so that it is an array of its own and not a formula.
  x = x.astype(dtype).reshape(shape).copy();
  eval(x);
  return x;
}

Array second(const Array& x) { return given(x.dtype(), x.shape(), 1000); }

namespace {

using Calls = std::map<std::string, Call>;

/// Calls with one result.
struct One {
  Calls& calls;
  template <class F>
  void operator()(const char* name, F f) {
    calls[name] = [f](const Array& x) { return std::vector<Array>{f(x)}; };
  }
};

/// What an array becomes when it is written to.
template <class F>
auto changed(F f) {
  return [f](const Array& x) {
    Array y = x.copy();
    f(y, x);
    return y;
  };
}

Array first_elements(const Array& x, int64_t n) { return np::ravel(x)[slice(n)]; }
Array head(const Array& x, int64_t n) { return x[slice(n)]; }
Array first_element(const Array& x) { return np::ravel(x)[0]; }

void add_elementwise(One one, Calls& calls) {
  one("add", [](const Array& x) { return x + second(x); });
  one("subtract", [](const Array& x) { return x - second(x); });
  one("negative", [](const Array& x) { return -x; });
  one("equal", [](const Array& x) { return x == second(x); });
  one("less", [](const Array& x) { return x < second(x); });
  one("maximum", [](const Array& x) { return np::maximum(x, second(x)); });
  one("minimum", [](const Array& x) { return np::minimum(x, second(x)); });
  one("fmax", [](const Array& x) { return np::fmax(x, second(x)); });
  one("gcd", [](const Array& x) { return np::gcd(x, second(x)); });
  one("lcm", [](const Array& x) { return np::lcm(x, second(x)); });
  one("ldexp", [](const Array& x) { return np::ldexp(x, 3); });
  one("spacing", [](const Array& x) { return np::spacing(x); });
  one("floor", [](const Array& x) { return np::floor(x); });
  one("rint", [](const Array& x) { return np::rint(x); });
  one("round", [](const Array& x) { return np::round(x, 1); });
  one("sign", [](const Array& x) { return np::sign(x); });
  one("isnan", [](const Array& x) { return np::isnan(x); });
  one("isfinite", [](const Array& x) { return np::isfinite(x); });
  one("logical_and", [](const Array& x) { return np::logical_and(x, second(x)); });
  one("real", [](const Array& x) { return np::real(x); });
  one("imag", [](const Array& x) { return np::imag(x); });
  one("conj", [](const Array& x) { return np::conj(x); });
  one("clip", [](const Array& x) { return np::clip(x, np::full({}, 0, x.dtype()), np::full({}, 1, x.dtype())); });
  one("where", [](const Array& x) { return np::where(x > second(x), x, second(x)); });
  one("isclose", [](const Array& x) { return np::isclose(x, second(x)); });
  one("nan_to_num", [](const Array& x) { return np::nan_to_num(x); });
  one("invert", [](const Array& x) { return np::invert(x); });
  one("astype_float32", [](const Array& x) { return x.astype(float32); });
  one("astype_int16", [](const Array& x) { return x.astype(int16); });
  one("astype_complex64", [](const Array& x) { return x.astype(complex64); });
  one("astype_bool", [](const Array& x) { return x.astype(bool_); });
  one("multiply", [](const Array& x) { return x * second(x); });
  one("absolute", [](const Array& x) { return np::absolute(x); });
  one("square", [](const Array& x) { return np::square(x); });
  const auto pair = [](std::pair<Array, Array> p) { return std::vector{p.first, p.second}; };
  calls["frexp"] = [=](const Array& x) { return pair(np::frexp(x)); };
  calls["modf"] = [=](const Array& x) { return pair(np::modf(x)); };
  calls["divmod"] = [=](const Array& x) { return pair(np::divmod(x, second(x))); };
}

void add_reductions(One one) {
  one("sum", [](const Array& x) { return np::sum(x); });
  one("sum_last", [](const Array& x) { return np::sum(x, -1); });
  one("prod_first", [](const Array& x) { return np::prod(head(x, 3), 0); });
  one("max", [](const Array& x) { return np::max(x); });
  one("min_first", [](const Array& x) { return np::min(x, 0); });
  one("argmax_last", [](const Array& x) { return np::argmax(x, -1); });
  one("argmin", [](const Array& x) { return np::argmin(x); });
  one("any_first", [](const Array& x) { return np::any(x, 0); });
  one("all", [](const Array& x) { return all(x); });
  one("count_nonzero", [](const Array& x) { return np::count_nonzero(x, -1); });
  one("ptp_last", [](const Array& x) { return np::ptp(x, -1); });
  one("cumsum", [](const Array& x) { return np::cumsum(x, -1); });
  one("cumprod", [](const Array& x) { return np::cumprod(head(x, 5)); });
  one("mean_last", [](const Array& x) { return np::mean(x, -1); });
  one("var_first", [](const Array& x) { return np::var(x, 0); });
  one("median", [](const Array& x) { return np::median(x); });
  one("quantile", [](const Array& x) { return np::quantile(x, 0.3, -1); });
  one("nansum", [](const Array& x) { return np::nansum(x, 0); });
  one("nanmax", [](const Array& x) { return np::nanmax(x, -1); });
  one("diff", [](const Array& x) { return np::diff(x); });
  one("trapezoid", [](const Array& x) { return np::trapezoid(x); });
}

void add_sorting(One one, Calls& calls) {
  one("sort", [](const Array& x) { return np::sort(x); });
  one("sort_first", [](const Array& x) { return np::sort(x, 0); });
  one("argsort", [](const Array& x) { return np::argsort(x, -1); });
  one("partition", [](const Array& x) { return np::partition(x, 0)[{ellipsis, 0}]; });
  one("searchsorted", [](const Array& x) { return np::searchsorted(np::sort(np::ravel(x)), second(x)); });
  one("unique_rows", [](const Array& x) { return np::unique(x, 0); });
  one("isin", [](const Array& x) { return np::isin(x, first_elements(second(x), 5)); });
  one("setdiff1d", [](const Array& x) { return np::setdiff1d(x, first_elements(second(x), 9)); });
  one("argwhere", [](const Array& x) { return np::argwhere(x); });
  one("bincount", [](const Array& x) { return np::bincount(x); });
  one("lexsort", [](const Array& x) { return np::lexsort({x, second(x)}); });
  calls["nonzero"] = [](const Array& x) { return np::nonzero(x); };
  calls["unique"] = [](const Array& x) {
    const np::Unique u = np::unique_all(x, np::NaNs::equal);
    return std::vector{u.values, u.index, u.inverse, u.counts};
  };
}

void add_reading(One one) {
  one("take", [](const Array& x) { return np::take(x, np::array({0, -1, 0})); });
  one("take_first", [](const Array& x) { return np::take(x, np::array({{0}, {-1}}), 0); });
  one("index_array", [](const Array& x) { return x[np::array({-1, 0})]; });
  one("index_mask", [](const Array& x) { return x[x > second(x)]; });
  one("index_mixed", [](const Array& x) { return x[{all, np::array({0, -1, 0})}]; });
  one("take_along_axis", [](const Array& x) { return np::take_along_axis(x, np::argsort(x, -1), -1); });
  one("compress", [](const Array& x) { return np::compress(np::array({true}), x, 0); });
  one("choose", [](const Array& x) { return np::choose(x, {1, 2, 3, 4, 5}, np::IndexMode::wrap); });
}

void add_writing(One one) {
  one("put", changed([](Array& y, const Array& x) { np::put(y, np::array({0, -1}), first_elements(second(x), 2)); }));
  one("write_mask", changed([](Array& y, const Array&) {
        const Array bound = first_element(y);
        y[y > bound] = first_element(y);
      }));
  one("write_slice",
      changed([](Array& y, const Array& x) { y[slice(none, none, 2)] = second(x)[slice(none, none, 2)]; }));
  one("write_back",
      changed([](Array& y, const Array& x) { y[slice(none, none, -1)] = second(x)[slice(none, none, -1)]; }));
  one("write_last", changed([](Array& y, const Array& x) { y[{ellipsis, -1}] = second(x)[{ellipsis, -1}]; }));
  one("add_at",
      changed([](Array& y, const Array& x) { np::add_at(y, np::floor_divide(np::arange(y.len()), 2), second(x)); }));
  one("maximum_at", changed([](Array& y, const Array& x) {
        np::maximum_at(y, np::floor_divide(np::arange(y.len()), 2), second(x));
      }));
  one("in_place", changed([](Array& y, const Array& x) { y += second(x); }));
  one("overlapping", changed([](Array& y, const Array&) { y[slice(1, none)] = y[slice(none, -1)]; }));
  one("backwards", changed([](Array& y, const Array&) { y[slice(none, none, -1)] += y; }));
  one("real_part_written", [](const Array& x) {
    Array y = x.astype(x.dtype() == complex64 ? complex64 : complex128);
    y.real()[ellipsis] = np::flip(y.imag());
    return y;
  });
}

void add_movement(One one) {
  one("flip", [](const Array& x) { return np::flip(x); });
  one("roll", [](const Array& x) { return np::roll(x, 1, -1); });
  one("concatenate", [](const Array& x) { return np::concatenate({x, second(x)}); });
  one("stack", [](const Array& x) { return np::stack({x, second(x)}, -1); });
  one("tile", [](const Array& x) { return np::tile(x, 2); });
  one("repeat", [](const Array& x) { return np::repeat(x, 3); });
  one("pad", [](const Array& x) { return np::pad(x, 1); });
  one("diag", [](const Array& x) { return np::diag(x); });
  one("tril", [](const Array& x) { return np::tril(x); });
  one("insert", [](const Array& x) { return np::insert(x, 0, np::ravel(x)[-1]); });
  one("delete", [](const Array& x) { return np::delete_(x, 0, -1); });
  one("resize", [](const Array& x) { return np::resize(x, {2, 3}); });
  one("transpose", [](const Array& x) { return x.T().copy(); });
  one("broadcast", [](const Array& x) {
    Shape shape = x.shape();
    shape.insert(0, 2);
    return np::broadcast_to(x, shape).copy();
  });
}

void add_products(One one) {
  one("outer", [](const Array& x) { return np::outer(head(x, 7), head(second(x), 5)); });
  one("matmul", [](const Array& x) { return np::matmul(x, np::swapaxes(second(x), -1, -2)); });
  one("vdot", [](const Array& x) { return np::vdot(head(x, 7), head(second(x), 7)); });
  one("einsum", [](const Array& x) { return np::einsum("...i->...", {x}); });
  one("convolve", [](const Array& x) { return np::convolve(x, head(second(x), 3)); });
}

}  // namespace

Calls function_table() {
  Calls calls;
  const One one{calls};
  add_elementwise(one, calls);
  add_reductions(one);
  add_sorting(one, calls);
  add_reading(one);
  add_writing(one);
  add_movement(one);
  add_products(one);
  return calls;
}

}  // namespace tarry::test
