// Complex arrays against NumPy's values (tests/data/complex.txt).
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>

#include "numbers.h"

namespace {

namespace np = tarry::numpy;
using np::all;
using np::none;
using np::slice;
using tarry::Array;
using tarry::DType;
using Z = std::complex<double>;
using Row = std::vector<std::string>;

/// Errors of a function, in units of the last place of the larger part.
constexpr double kPlaces = 8;

bool same_number(double found, double expected) {
  if (std::isnan(expected)) return std::isnan(found);
  return found == expected && (found != 0 || std::signbit(found) == std::signbit(expected));
}

/// Whether a part is as near as the larger part allows; infinities, NaNs and the signs of zeros count.
bool near_number(double found, double expected, double scale, DType dtype) {
  if (!std::isfinite(expected) || !std::isfinite(found)) return same_number(found, expected);
  const DType part = tarry::ir::part_of(dtype);
  const double place = part == DType::float64 ? 0x1p-52 : 0x1p-23, tiny = part == DType::float64 ? 0x1p-1074 : 0x1p-149;
  return std::abs(found - expected) <= kPlaces * (place * scale + tiny);
}

double finite(double x) { return std::isfinite(x) ? std::abs(x) : 0; }

/// What differs, in words. Of sums, `magnitudes` are the sums of the magnitudes of what they add, which no order of
/// adding errs beyond.
std::string difference(const Array& array, const Array& expected, bool exact,
                       const std::optional<Array>& magnitudes = {}) {
  std::ostringstream out;
  if (array.dtype() != expected.dtype())
    out << "dtype " << tarry::ir::info(array.dtype()).name << " instead of " << tarry::ir::info(expected.dtype()).name
        << "; ";
  if (!(array.shape() == expected.shape())) {
    out << "shape " << array.shape() << " instead of " << expected.shape();
    return out.str();
  }
  const std::vector<Z> found = array.to_vector<Z>(), wanted = expected.to_vector<Z>();
  const std::vector<double> sums = magnitudes ? magnitudes->to_vector<double>() : std::vector<double>(found.size());
  int shown = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    const double scale = std::max({finite(wanted[i].real()), finite(wanted[i].imag()), sums.at(i)});
    const auto agrees = [&](double a, double b) {
      return exact ? same_number(a, b) : near_number(a, b, scale, expected.dtype());
    };
    if (agrees(found[i].real(), wanted[i].real()) && agrees(found[i].imag(), wanted[i].imag())) continue;
    if (++shown > 6) break;
    out << "[" << i << "] " << found[i] << " instead of " << wanted[i] << "; ";
  }
  return out.str();
}

using Unary = std::function<Array(const Array&)>;
using Binary = std::function<Array(const Array&, const Array&)>;

const std::map<std::string, Unary>& unary() {
#define TARRY_UNARY(name)                             \
  {                                                   \
#name, [](const Array& x) { return np::name(x); } \
  }
  static const std::map<std::string, Unary> table = {
      TARRY_UNARY(negative), TARRY_UNARY(positive),    TARRY_UNARY(conjugate), TARRY_UNARY(real),
      TARRY_UNARY(imag),     TARRY_UNARY(rint),        TARRY_UNARY(isnan),     TARRY_UNARY(isinf),
      TARRY_UNARY(isfinite), TARRY_UNARY(logical_not), TARRY_UNARY(iscomplex), TARRY_UNARY(isreal),
      TARRY_UNARY(absolute), TARRY_UNARY(angle),       TARRY_UNARY(square),    TARRY_UNARY(reciprocal),
      TARRY_UNARY(sign),     TARRY_UNARY(exp),         TARRY_UNARY(exp2),      TARRY_UNARY(expm1),
      TARRY_UNARY(log),      TARRY_UNARY(log2),        TARRY_UNARY(log10),     TARRY_UNARY(log1p),
      TARRY_UNARY(sqrt),     TARRY_UNARY(sin),         TARRY_UNARY(cos),       TARRY_UNARY(tan),
      TARRY_UNARY(arcsin),   TARRY_UNARY(arccos),      TARRY_UNARY(arctan),    TARRY_UNARY(sinh),
      TARRY_UNARY(cosh),     TARRY_UNARY(tanh),        TARRY_UNARY(arcsinh),   TARRY_UNARY(arccosh),
      TARRY_UNARY(arctanh),
  };
#undef TARRY_UNARY
  return table;
}

const std::map<std::string, Binary>& binary() {
#define TARRY_BINARY(name)                                               \
  {                                                                      \
#name, [](const Array& a, const Array& b) { return np::name(a, b); } \
  }
  static const std::map<std::string, Binary> table = {
      TARRY_BINARY(add),         TARRY_BINARY(subtract),   TARRY_BINARY(equal),       TARRY_BINARY(not_equal),
      TARRY_BINARY(less),        TARRY_BINARY(less_equal), TARRY_BINARY(greater),     TARRY_BINARY(greater_equal),
      TARRY_BINARY(logical_and), TARRY_BINARY(logical_or), TARRY_BINARY(logical_xor), TARRY_BINARY(maximum),
      TARRY_BINARY(minimum),     TARRY_BINARY(fmax),       TARRY_BINARY(fmin),        TARRY_BINARY(multiply),
      TARRY_BINARY(divide),      TARRY_BINARY(power),
  };
#undef TARRY_BINARY
  return table;
}

/// The arguments of reference_complex.py.
struct Given {
  Array m, s, t, u;
  Array square() const { return m[{all, slice(none, 3)}]; }
};

Array added(const Array& t) {
  Array x = t.copy();
  np::add_at(x, np::array({0, 0, 3}), np::array({Z(0, 1), Z(2), Z(1, -1)}));
  return x;
}

using Call = std::function<Array(const Given&)>;
#define TARRY_CALL(name, expression)                          \
  {                                                           \
#name, [](const Given& g) -> Array { return expression; } \
  }

const std::map<std::string, Call>& folds() {
  static const std::map<std::string, Call> table = {
      TARRY_CALL(sum, g.m.sum()),
      TARRY_CALL(sum_0, g.m.sum(0)),
      TARRY_CALL(mean, g.m.mean()),
      TARRY_CALL(mean_1, g.m.mean(1)),
      TARRY_CALL(var, g.m.var()),
      TARRY_CALL(var_0, g.m.var(0)),
      TARRY_CALL(std_1, g.m.std(1)),
      TARRY_CALL(prod, g.m.prod()),
      TARRY_CALL(prod_0, g.m.prod(0)),
      TARRY_CALL(prod_12, g.s.prod({0, 2})),
      TARRY_CALL(cumsum_1, g.m.cumsum(1)),
      TARRY_CALL(cumprod, np::cumprod(g.m)),
      TARRY_CALL(cumprod_0, np::cumprod(g.m, 0)),
      TARRY_CALL(prod_empty, Array(g.m[slice(none, 0)]).prod(0)),
      TARRY_CALL(sum_empty, Array(g.m[slice(none, 0)]).sum(0)),
      TARRY_CALL(max, g.t.max()),
      TARRY_CALL(min, g.t.min()),
      TARRY_CALL(max_0, g.m.max(0)),
      TARRY_CALL(min_1, g.m.min(1)),
      TARRY_CALL(max_nan, g.u.max()),
      TARRY_CALL(min_nan, Array(g.u[slice(2, none)]).min()),
      TARRY_CALL(argmax, g.t.argmax()),
      TARRY_CALL(argmin, g.t.argmin()),
      TARRY_CALL(argmax_0, np::argmax(g.m, 0)),
      TARRY_CALL(argmin_nan, g.u.argmin()),
      TARRY_CALL(argmax_imag_nan, Array(g.u[slice(2, 4)]).argmax()),
      TARRY_CALL(sort, np::sort(g.t)),
      TARRY_CALL(sort_nan, np::sort(g.u)),
      TARRY_CALL(sort_0, np::sort(g.m, 0)),
      TARRY_CALL(argsort, np::argsort(g.t)),
      TARRY_CALL(argsort_nan, np::argsort(g.u)),
      TARRY_CALL(unique, np::unique(g.t)),
      TARRY_CALL(any, g.t.any()),
      TARRY_CALL(all, g.t.all()),
      TARRY_CALL(count_nonzero, np::count_nonzero(g.t)),
      TARRY_CALL(nonzero, np::nonzero(g.t - 1)[0]),
      TARRY_CALL(nansum, np::nansum(g.u[slice(none, 8)])),
      TARRY_CALL(diff, np::diff(g.m)),
      TARRY_CALL(search, np::searchsorted(np::sort(g.u), g.u)),
      TARRY_CALL(search_right, np::searchsorted(np::sort(g.t), g.t, np::Side::right)),
      TARRY_CALL(median, np::median(g.t)),
      TARRY_CALL(nanmean, np::nanmean(g.u[slice(none, 8)])),
      TARRY_CALL(nanvar, np::nanvar(g.u[slice(none, 8)])),
      TARRY_CALL(ptp, np::ptp(g.t)),
      TARRY_CALL(cov, np::cov(g.m)),
      TARRY_CALL(cov_float32, np::cov(g.m.real().astype(tarry::float32))),
      TARRY_CALL(average, np::average(g.m, 1, np::array({1, 2, 3, 4}))),
      TARRY_CALL(trapezoid, np::trapezoid(g.m[0])),
      TARRY_CALL(nan_to_num, np::nan_to_num(g.u[slice(none, 4)])),
  };
  return table;
}

const std::map<std::string, Call>& others() {
  static const std::map<std::string, Call> table = {
      TARRY_CALL(matmul, np::matmul(g.m, g.s)),
      TARRY_CALL(matmul_turned, np::matmul(g.m.T(), g.m.conj())),
      TARRY_CALL(matmul_vector, np::matmul(g.m, g.m[0])),
      TARRY_CALL(dot, np::dot(g.m[0], g.m[1])),
      TARRY_CALL(vdot, np::vdot(g.m[0], g.m[1])),
      TARRY_CALL(outer, np::outer(g.m[0], g.m[1])),
      TARRY_CALL(inner, np::inner(g.m, g.m)),
      TARRY_CALL(kron, np::kron(g.square(), g.m)),
      TARRY_CALL(einsum, np::einsum("ij,kjl->ikl", {g.m, g.s})),
      TARRY_CALL(trace, np::trace(g.square())),
      TARRY_CALL(where, np::where(g.t.real() > 1, g.t, Z(0, 1))),
      TARRY_CALL(take, g.m[np::array({2, 0})]),
      TARRY_CALL(mask, g.t[g.t.imag() > 0]),
      TARRY_CALL(concatenate, np::concatenate({g.m, g.m.real().astype(tarry::float32)})),
      TARRY_CALL(pad, np::pad(g.m, 1)),
      TARRY_CALL(isclose, np::isclose(g.t, g.t + 1e-9)),
      TARRY_CALL(real_if_close, np::real_if_close(g.square() + Z(0))),
      TARRY_CALL(angle_deg, np::angle(g.t, true)),
      TARRY_CALL(power_2, np::power(g.m, 2)),
      TARRY_CALL(power_half, np::power(g.m, 0.5)),
      TARRY_CALL(power_minus_1, np::power(g.m, -1)),
      TARRY_CALL(power_3, np::power(g.m, 3)),
      TARRY_CALL(power_7, np::power(g.m, 7)),
      TARRY_CALL(times_real, g.m * 2.5),
      TARRY_CALL(real_minus, 1 - g.m),
      TARRY_CALL(clip, np::clip(g.m, -0.1, 0.1)),
      TARRY_CALL(to_float, g.m.astype(tarry::float32)),
      TARRY_CALL(to_int, g.t.astype(tarry::int64)),
      TARRY_CALL(to_bool, g.t.astype(tarry::bool_)),
      TARRY_CALL(to_complex64, g.m.astype(tarry::complex64)),
      TARRY_CALL(to_complex128, g.m.astype(tarry::complex128)),
      TARRY_CALL(to_float16, g.m.astype(tarry::float16)),
      TARRY_CALL(add_at, added(g.t)),
      TARRY_CALL(arange, np::arange(4, g.m.dtype())),
      TARRY_CALL(roll, np::roll(g.t, 3)),
      TARRY_CALL(tile, np::tile(g.t, {2})),
      TARRY_CALL(triu, np::triu(g.m)),
      TARRY_CALL(tensordot, np::tensordot(g.m, g.m, {0}, {0})),
      TARRY_CALL(linspace, np::linspace(0, 1, 5, true, g.m.dtype())),
      TARRY_CALL(round_trip, g.m.real() + Z(0, 1) * g.m.imag()),
      TARRY_CALL(eye, np::eye(3, 3, 0, g.m.dtype())),
  };
  return table;
}
#undef TARRY_CALL

/// Of the calls that BLAS may add up in any order.
std::optional<Array> magnitudes_of(const std::string& call, const Given& g) {
  const Array m = np::abs(g.m), s = np::abs(g.s);
  if (call == "matmul") return np::matmul(m, s);
  if (call == "matmul_turned") return np::matmul(m.T(), m);
  if (call == "inner") return np::inner(m, m);
  if (call == "einsum") return np::einsum("ij,kjl->ikl", {m, s});
  if (call == "tensordot") return np::tensordot(m, m, {0}, {0});
  return {};
}

class Complex : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    // The rows of a dtype begin with its arguments.
    std::string current;
    for (const Row& row : reference::rows("complex.txt")) {
      if (row[0] == "values") current = row[2];
      if (current != GetParam()) continue;
      if (row[0] == "values")
        given_.emplace(row[1], array(row[4], row[2], row[3]));
      else
        rows_.push_back(row);
    }
    ASSERT_FALSE(rows_.empty());
  }

  static Array array(const std::string& hex, const std::string& dtype, const std::string& extents) {
    return reference::array_of(hex, reference::dtype_named(dtype), reference::extents(extents));
  }

  std::map<std::string, Array> given_;
  std::vector<Row> rows_;
};

TEST_P(Complex, FunctionsOfOne) {
  int seen = 0;
  for (const Row& row : rows_) {
    if (row[0] != "unary") continue;
    ++seen;
    const Array x = given_.at(row[2]), result = unary().at(row[1])(x);
    const Array expected = reference::array_of(row[5], reference::dtype_named(row[3]), x.shape());
    EXPECT_EQ(difference(result, expected, row[4] == "exact"), "") << row[1] << " of " << row[2];
    if (row[2] != "special") continue;
    // In other places: backwards, and every second one.
    Array apart = np::zeros({x.size(), 2}, x.dtype());
    apart[{all, 1}] = x;
    const Array again = unary().at(row[1])(apart[{slice(none, none, -1), 1}]);
    EXPECT_EQ(difference(np::flip(again), result, true), "") << row[1] << " in other places";
  }
  EXPECT_EQ(seen, 3 * static_cast<int>(unary().size()) - 5);
}

TEST_P(Complex, FunctionsOfTwo) {
  int seen = 0;
  for (const Row& row : rows_) {
    if (row[0] != "binary") continue;
    ++seen;
    const Array x = given_.at(row[2]), result = binary().at(row[1])(x.reshape({-1, 1}), x);
    const Array expected = reference::array_of(row[5], reference::dtype_named(row[3]), {x.size(), x.size()});
    EXPECT_EQ(difference(result, expected, row[4] == "exact"), "") << row[1];
  }
  EXPECT_EQ(seen, static_cast<int>(binary().size()));
}

TEST_P(Complex, Calls) {
  const Given g{given_.at("matrix"), given_.at("stack"), given_.at("ties"), given_.at("unknown")};
  size_t seen = 0;
  for (const Row& row : rows_) {
    if (row[0] != "call") continue;
    ++seen;
    const auto& table = folds().contains(row[1]) ? folds() : others();
    ASSERT_TRUE(table.contains(row[1])) << row[1];
    Array result;
    ASSERT_NO_THROW(result = table.at(row[1])(g)) << row[1];
    EXPECT_EQ(difference(result, array(row[5], row[2], row[3]), row[4] == "exact", magnitudes_of(row[1], g)), "")
        << row[1];
  }
  EXPECT_EQ(seen, folds().size() + others().size());
}

INSTANTIATE_TEST_SUITE_P(DTypes, Complex, testing::Values("complex64", "complex128"));

}  // namespace
