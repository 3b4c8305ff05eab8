// Every row of the op table: its derivative against differences in both modes, to second order, and its batch against a
// loop. The switch below is total: an op without a case does not compile.
#include <tarry/ir/ops.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <complex>
#include <cstdlib>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;
using tarry::DType;
using tarry::ir::Op;

namespace {

using Function = std::function<Array(const Array&)>;
constexpr std::complex<double> kI(0, 1);

enum class Kind {
  smooth,   // has a derivative
  flat,     // integers, bools, steps: derivatives stop
  refused,  // throws with its name when a gradient needs it
  source,   // depends on nothing
  inside,   // no function records it: below the array level, or made by passes alone
};

struct Case {
  Kind kind;
  Function f = nullptr;
  std::vector<double> at = {0.31, -0.55, 1.12, -0.83, -1.47, 0.69};
  bool takes_complex = false;
  bool is_seen = true;  // in the text of what f records
};

/// Away from the jumps of functions that round.
const std::vector<double> kBetween = {0.2, 0.8, 1.3, -0.7, 2.15, -1.2};
const std::vector<double> kUnit = {0.31, 0.55, 0.12, 0.83, 0.47, 0.69},
                          kAboveOne = {1.31, 2.55, 1.12, 3.83, 1.47, 2.69};

Array number_of(const Array& x) { return np::rint(x * 3.0).astype(tarry::int64); }
Array row_like(const Array& x) { return np::array({0.9, -1.7, 0.77}).astype(np::real(x).dtype()); }
Array index() { return np::array({1, 0, 1}); }
Array part(const Array& x, int64_t i) { return x[i]; }

Case smooth(Function f) { return {Kind::smooth, std::move(f)}; }
Case smooth(Function f, std::vector<double> at) { return {Kind::smooth, std::move(f), std::move(at)}; }
/// Of complex numbers too.
Case of_both(Function f) {
  Case c = smooth(std::move(f));
  c.takes_complex = true;
  return c;
}
Case flat(Function f) { return {Kind::flat, std::move(f)}; }
Case refused(Function f) { return {Kind::refused, std::move(f)}; }
Case made_by_transforms(Function f) {
  Case c = smooth(std::move(f));
  c.is_seen = false;
  return c;
}

Case write_by(void (*write)(const Array&, const tarry::Index&, tarry::Arg)) {
  return refused([write](const Array& x) {
    Array y = x * 1.0;
    write(y, index(), x[index()]);
    return y;
  });
}

Case movement_case(Op op) {
  switch (op) {
    case Op::reshape: return of_both([](const Array& x) { return np::exp(x.reshape({3, 2})); });
    case Op::transpose: return of_both([](const Array& x) { return np::exp(x.T()); });
    case Op::broadcast: return of_both([](const Array& x) { return np::exp(np::broadcast_to(x, {2, 2, 3})); });
    case Op::slice: return of_both([](const Array& x) { return np::exp(part(x, 1)); });
    case Op::pad: return of_both([](const Array& x) { return np::exp(np::pad(x, 1)); });
    case Op::gather: return of_both([](const Array& x) { return np::exp(x[index()]); });
    case Op::update:
      return of_both([](const Array& x) {
        Array y = x * x;
        y[0] = part(x, 1) * 2.0;
        return np::exp(y);
      });
    case Op::scatter:
      return of_both([](const Array& x) {
        Array y = x * x;
        y[index()] = np::exp(x[index()]);
        return y * y;
      });
    case Op::scatter_add:
      return of_both([](const Array& x) {
        Array y = x * x;
        np::add_at(y, index(), np::exp(x[index()]));
        return y * y;
      });
    case Op::scatter_mul: return write_by(np::multiply_at);
    case Op::scatter_min: return write_by(np::minimum_at);
    case Op::scatter_max: return write_by(np::maximum_at);
    default: throw std::logic_error("no movement");
  }
}

#define TARRY_OF(name) [](const Array& x) { return np::name(x); }
#define TARRY_WITH_ROW(name) [](const Array& x) { return np::name(x, row_like(x) * part(x, 1)); }
#define TARRY_OF_NUMBERS(name) [](const Array& x) { return np::name(number_of(x), number_of(part(x, 1))); }

Case case_of(Op op) {
  switch (op) {
    case Op::parameter:
    case Op::scalar:
    case Op::constant:
    case Op::iota:
    case Op::empty: return {Kind::source};
    case Op::reshape:
    case Op::transpose:
    case Op::broadcast:
    case Op::slice:
    case Op::pad:
    case Op::gather:
    case Op::update:
    case Op::scatter:
    case Op::scatter_add:
    case Op::scatter_mul:
    case Op::scatter_min:
    case Op::scatter_max: return movement_case(op);
    case Op::add: return of_both([](const Array& x) { return np::exp(x + part(x, 1)); });
    case Op::sub: return of_both([](const Array& x) { return np::exp(x - part(x, 1) * 2.0); });
    case Op::mul: return of_both([](const Array& x) { return x * part(x, 1) * x; });
    case Op::div: return of_both([](const Array& x) { return x / part(x, 1); });
    case Op::floor_div: return smooth([](const Array& x) { return np::floor_divide(x, row_like(x)) * x; }, kAboveOne);
    case Op::mod: return smooth(TARRY_WITH_ROW(remainder), kAboveOne);
    case Op::fmod: return smooth(TARRY_WITH_ROW(fmod), kAboveOne);
    case Op::pow: return smooth(TARRY_WITH_ROW(power), kAboveOne);
    case Op::max: return smooth(TARRY_WITH_ROW(maximum));
    case Op::min: return smooth(TARRY_WITH_ROW(minimum));
    case Op::atan2: return smooth(TARRY_WITH_ROW(arctan2));
    case Op::hypot: return smooth(TARRY_WITH_ROW(hypot));
    case Op::copysign: return smooth(TARRY_WITH_ROW(copysign));
    case Op::nextafter: return refused([](const Array& x) { return np::nextafter(x, np::ones_like(x)); });
    // What reverse mode makes of products and quotients.
    case Op::mul0: return smooth(tarry::grad([](const Array& x) { return np::sum(np::sin(x) * x); }));
    case Op::div0: return smooth(tarry::grad([](const Array& x) { return np::sum(np::log(x) * x); }), kUnit);
    // The logarithm of a complex number has it.
    case Op::fma: return smooth([](const Array& x) { return np::real(np::log(x + kI * part(x, 1))); }, kUnit);
    case Op::neg: return of_both([](const Array& x) { return np::exp(-x); });
    case Op::abs: return of_both(TARRY_OF(abs));
    case Op::sign: return smooth(TARRY_OF(sign));
    case Op::sqrt: return smooth(TARRY_OF(sqrt), kUnit);
    case Op::cbrt: return smooth(TARRY_OF(cbrt), kUnit);
    case Op::exp: return of_both(TARRY_OF(exp));
    case Op::exp2: return smooth(TARRY_OF(exp2));
    case Op::expm1: return smooth(TARRY_OF(expm1));
    case Op::log: return smooth(TARRY_OF(log), kUnit);
    case Op::log2: return smooth(TARRY_OF(log2), kUnit);
    case Op::log10: return smooth(TARRY_OF(log10), kUnit);
    case Op::log1p: return smooth(TARRY_OF(log1p), kUnit);
    case Op::sin: return of_both(TARRY_OF(sin));
    case Op::cos: return of_both(TARRY_OF(cos));
    case Op::tan: return smooth(TARRY_OF(tan), kUnit);
    case Op::asin: return smooth(TARRY_OF(arcsin), kUnit);
    case Op::acos: return smooth(TARRY_OF(arccos), kUnit);
    case Op::atan: return smooth(TARRY_OF(arctan));
    case Op::sinh: return smooth(TARRY_OF(sinh));
    case Op::cosh: return smooth(TARRY_OF(cosh));
    case Op::tanh: return smooth(TARRY_OF(tanh));
    case Op::asinh: return smooth(TARRY_OF(arcsinh));
    case Op::acosh: return smooth(TARRY_OF(arccosh), kAboveOne);
    case Op::atanh: return smooth(TARRY_OF(arctanh), kUnit);
    case Op::erf: return smooth(TARRY_OF(erf));
    case Op::floor: return smooth([](const Array& x) { return np::floor(x) * x; }, kBetween);
    case Op::ceil: return smooth([](const Array& x) { return np::ceil(x) * x; }, kBetween);
    case Op::trunc: return smooth([](const Array& x) { return np::trunc(x) * x; }, kBetween);
    case Op::rint: return smooth([](const Array& x) { return np::rint(x) * x; }, kBetween);
    case Op::eq: return flat(TARRY_OF_NUMBERS(equal));
    case Op::ne: return flat(TARRY_OF_NUMBERS(not_equal));
    case Op::lt: return flat(TARRY_WITH_ROW(less));
    case Op::le: return flat(TARRY_WITH_ROW(less_equal));
    case Op::gt: return flat(TARRY_WITH_ROW(greater));
    case Op::ge: return flat(TARRY_WITH_ROW(greater_equal));
    case Op::isnan: return flat([](const Array& x) { return np::isnan(np::log(x)); });
    case Op::isinf: return flat([](const Array& x) { return np::isinf(1.0 / np::floor(x)); });
    case Op::isfinite: return flat([](const Array& x) { return np::isfinite(np::log(x)); });
    case Op::signbit: return flat(TARRY_OF(signbit));
    case Op::and_: return flat(TARRY_OF_NUMBERS(bitwise_and));
    case Op::or_: return flat(TARRY_OF_NUMBERS(bitwise_or));
    case Op::xor_: return flat(TARRY_OF_NUMBERS(bitwise_xor));
    case Op::not_: return flat([](const Array& x) { return np::invert(number_of(x)); });
    case Op::shl: return flat(TARRY_OF_NUMBERS(left_shift));
    case Op::shr: return flat(TARRY_OF_NUMBERS(right_shift));
    case Op::popcount: return flat([](const Array& x) { return np::bitwise_count(number_of(x)); });
    case Op::gcd: return flat(TARRY_OF_NUMBERS(gcd));
    case Op::select: return of_both([](const Array& x) { return np::where(np::real(x) > 0, x * x, np::exp(x)); });
    case Op::cast: return smooth([](const Array& x) { return np::real(np::exp(x.astype(tarry::complex128))); });
    case Op::bitcast: return {Kind::inside};
    case Op::complex: return smooth([](const Array& x) { return np::exp(x * kI); });
    case Op::real: return of_both([](const Array& x) { return np::real(x * x * (1.0 + kI)); });
    case Op::imag: return of_both([](const Array& x) { return np::imag(x * x * (1.0 + kI)); });
    case Op::reduce_sum: return of_both([](const Array& x) { return np::exp(np::sum(x, 1)); });
    case Op::reduce_prod: return smooth([](const Array& x) { return np::prod(x, 1); });
    case Op::reduce_min: return smooth([](const Array& x) { return np::min(x * x, 1); });
    case Op::reduce_max: return smooth([](const Array& x) { return np::max(x * x, 1); });
    case Op::scan_sum: return of_both([](const Array& x) { return np::exp(np::cumsum(x, 1)); });
    case Op::scan_prod: return smooth([](const Array& x) { return np::cumprod(x, 1); });
    case Op::matmul: return of_both([](const Array& x) { return np::matmul(x, x.T() * x[{np::all, 0}]); });
    case Op::argsort: return flat([](const Array& x) { return np::argsort(x, 1); });
    case Op::search_left: return flat([](const Array& x) { return np::searchsorted(np::sort(part(x, 0)), x); });
    case Op::search_right:
      return flat([](const Array& x) { return np::searchsorted(np::sort(part(x, 0)), x, np::Side::right); });
    // Between devices; its tests are those of devices.
    case Op::move: return {Kind::inside};
    case Op::mark: return made_by_transforms(tarry::grad([](const Array& x) { return np::sum(np::exp(x) * x); }));
    case Op::stop: return smooth([](const Array& x) { return tarry::stop_gradient(np::ones_like(x) * 2.0) * x; });
    case Op::checkpoint: return made_by_transforms(tarry::checkpoint([](const Array& x) { return np::exp(x) * x; }));
    case Op::custom:
      return made_by_transforms(
          tarry::custom_jvp([](const Array& x) { return np::exp(x); },
                            [](const Array& x, const Array& t) { return std::pair(np::exp(x), t * np::exp(x)); }));
    case Op::load:
    case Op::index:
    case Op::store:
    case Op::load_at:
    case Op::store_at:
    case Op::add_at:
    case Op::mul_at:
    case Op::min_at:
    case Op::max_at:
    case Op::bits:
    case Op::within:
    case Op::cold_begin:
    case Op::cold_end: return {Kind::inside};
  }
  throw std::logic_error("no op");
}

#define TARRY_OP_VALUE(name, ...) Op::name,
const Op kOps[] = {TARRY_OPS(TARRY_OP_VALUE)};
#undef TARRY_OP_VALUE

std::string name_of(Op op) { return std::string(tarry::ir::info(op).name); }

class DerivativeTable : public testing::TestWithParam<Op> {
 protected:
  const Case c_ = case_of(GetParam());
  /// Where each kernel is compiled before its only use, the large ones of second derivatives take minutes.
  static bool compiles_first() {
    const char* tier = std::getenv("TARRY_TIER");
    return tier && std::string(tier) == "llvm";
  }
  bool is_smooth() const { return c_.kind == Kind::smooth; }
  Array at(DType t) const {
    const Array x = np::array(std::span<const double>(c_.at), {2, 3});
    return tarry::ir::is_complex(t) ? (x + kI * np::flip(x) * 0.5).astype(t) : x.astype(t);
  }
  std::vector<DType> dtypes() const {
    std::vector<DType> all{tarry::float64, tarry::float32};
    if (c_.takes_complex && !compiles_first()) all.push_back(tarry::complex128);
    return all;
  }
};

TEST_P(DerivativeTable, AgreesWithDifferences) {
  if (!is_smooth()) GTEST_SKIP();
  for (DType t : dtypes()) EXPECT_NO_THROW(tarry::check_grads(c_.f, {at(t)}, compiles_first() ? 1 : 2)) << int(t);
}

TEST_P(DerivativeTable, IsOfTheOp) {
  if (!c_.f || !c_.is_seen) GTEST_SKIP();
  // In any of the dtypes: a cast to the same dtype is none.
  std::string text;
  for (DType t : dtypes()) text += tarry::ir_text(c_.f(at(t)));
  EXPECT_NE(text.find(" = " + name_of(GetParam()) + " "), std::string::npos) << text;
}

TEST_P(DerivativeTable, BatchesAsALoopDoes) {
  if (!c_.f) GTEST_SKIP();
  for (DType t : dtypes()) {
    const Array a = at(t), stack = np::stack({a, a * 1.125});
    const auto expect_loop = [&](const Function& f) {
      const Array found = tarry::vmap(f)(stack), expected = np::stack({f(stack[0].copy()), f(stack[1].copy())});
      ASSERT_EQ(found.shape(), expected.shape());
      EXPECT_EQ(found.dtype(), expected.dtype());
      const double tolerance = tarry::ir::part_of(t) == tarry::float32 ? 1e-4 : 1e-12;
      const Array error = np::abs(found.astype(tarry::complex128) - expected.astype(tarry::complex128));
      EXPECT_LE(double(np::max(np::where(found == expected, 0.0, error))), tolerance);
    };
    expect_loop(c_.f);
    const auto total = [&](const Array& x) {
      const Array y = c_.f(x);
      return np::sum(np::iscomplexobj(y) ? np::real(y) * np::imag(y) : y * y);
    };
    if (is_smooth()) expect_loop(tarry::grad(total));
    if (is_smooth()) expect_loop([&](const Array& x) { return tarry::jvp(c_.f, x, np::ones_like(x)).second; });
  }
}

TEST_P(DerivativeTable, OfIntegersStops) {
  if (c_.kind != Kind::flat) GTEST_SKIP();
  for (DType t : dtypes()) {
    const Array x = at(t), factor = c_.f(x).astype(t);
    const auto f = [&](const Array& a) { return np::sum(c_.f(a).astype(t) * a); };
    EXPECT_EQ(tarry::grad(f)(x).to_vector<double>(), factor.to_vector<double>());
    EXPECT_EQ(tarry::jvp(f, x, x).second.to_vector<double>(), np::sum(factor * x).to_vector<double>());
  }
}

TEST_P(DerivativeTable, RefusesByName) {
  if (c_.kind != Kind::refused) GTEST_SKIP();
  const std::string_view numpy_name = tarry::ir::info(GetParam()).numpy_name;
  for (const bool forward : {true, false}) {
    try {
      const Array x = at(tarry::float64);
      const auto f = [&](const Array& a) { return np::sum(c_.f(a)); };
      forward ? tarry::jvp(f, x, x).second : tarry::grad(f)(x);
      ADD_FAILURE() << "no exception";
    } catch (const tarry::TypeError& e) {
      EXPECT_NE(std::string(e.what()).find(std::string(numpy_name) + " is not differentiable"), std::string::npos)
          << e.what();
      EXPECT_NE(std::string(e.what()).find("derivative_table_test.cpp"), std::string::npos) << e.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, DerivativeTable, testing::ValuesIn(kOps),
                         [](const auto& info) { return name_of(info.param); });

}  // namespace
