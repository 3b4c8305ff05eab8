/// Arithmetic in single and double precision, in every rounding mode, against MPFR.

#include "test/exact.h"
#include "test/lanes.h"

namespace cudasim {
namespace {

struct Mode {
  const char* name;
  mpfr_rnd_t mpfr;
};
constexpr Mode kModes[] = {{"rn", MPFR_RNDN}, {"rz", MPFR_RNDZ}, {"rm", MPFR_RNDD}, {"rp", MPFR_RNDU}};

template <class T>
class Float : public testing::Test {
 protected:
  using Two = int (*)(mpfr_t, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);
  using One = int (*)(mpfr_t, mpfr_srcptr, mpfr_rnd_t);
  static std::string type() { return sizeof(T) == 4 ? ".f32 " : ".f64 "; }

  void expect_two(const std::string& op, Two exact) {
    for (const Mode& mode : kModes)
      expect_lanes<T>(machine, op + "." + mode.name + type() + "$d, $0, $1;", two, [&](T a, T b) {
        return with_ptx_nan(T(exactly(exact_format<T>(), mode.mpfr,
                                      [&](mpfr_t d, mpfr_rnd_t r) { return exact(d, Exact(a), Exact(b), r); })));
      });
  }
  void expect_one(const std::string& op, One exact) {
    for (const Mode& mode : kModes)
      expect_lanes<T>(machine, op + "." + mode.name + type() + "$d, $0;", each(interesting<T>(2000)), [&](T a) {
        return with_ptx_nan(
            T(exactly(exact_format<T>(), mode.mpfr, [&](mpfr_t d, mpfr_rnd_t r) { return exact(d, Exact(a), r); })));
      });
  }

  Machine machine;
  std::vector<std::tuple<T, T>> two = pairs(interesting<T>(), interesting<T>());
};
using Floats = testing::Types<float, double>;
TYPED_TEST_SUITE(Float, Floats);

TYPED_TEST(Float, Adds) { this->expect_two("add", mpfr_add); }
TYPED_TEST(Float, Subtracts) { this->expect_two("sub", mpfr_sub); }
TYPED_TEST(Float, Multiplies) { this->expect_two("mul", mpfr_mul); }
TYPED_TEST(Float, Divides) { this->expect_two("div", mpfr_div); }
TYPED_TEST(Float, TakesRoots) { this->expect_one("sqrt", mpfr_sqrt); }
TYPED_TEST(Float, TakesReciprocals) {
  this->expect_one("rcp", [](mpfr_t d, mpfr_srcptr a, mpfr_rnd_t r) { return mpfr_ui_div(d, 1, a, r); });
}

TYPED_TEST(Float, FusesProductAndSum) {
  using T = TypeParam;
  std::vector<std::tuple<T, T, T>> three = triples(interesting<T>(2), interesting<T>(2), interesting<T>(2));
  // Sums that cancel all but the product's last bits.
  for (auto [a, b] : pairs(interesting<T>(30), interesting<T>(3))) three.emplace_back(a, b, -a * b);
  for (const Mode& mode : kModes)
    expect_lanes<T>(this->machine, std::string("fma.") + mode.name + this->type() + "$d, $0, $1, $2;", three,
                    [&](T a, T b, T c) {
                      return with_ptx_nan(T(exactly(exact_format<T>(), mode.mpfr, [&](mpfr_t d, mpfr_rnd_t r) {
                        return mpfr_fma(d, Exact(a), Exact(b), Exact(c), r);
                      })));
                    });
}

template <class T>
T least(T a, T b) {
  if (std::isnan(a) || std::isnan(b)) return with_ptx_nan(std::isnan(a) ? b : a);
  if (a == 0 && b == 0) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

TYPED_TEST(Float, MinAndMaxOrderZerosAndPassNumbersOn) {
  using T = TypeParam;
  expect_lanes<T>(this->machine, "min" + this->type() + "$d, $0, $1;", this->two, [](T a, T b) { return least(a, b); });
  expect_lanes<T>(this->machine, "max" + this->type() + "$d, $0, $1;", this->two,
                  [](T a, T b) { return std::isnan(a) && std::isnan(b) ? with_ptx_nan(a) : -least(-a, -b); });
  if constexpr (sizeof(T) == 4) {
    expect_lanes<T>(this->machine, "min.NaN.f32 $d, $0, $1;", this->two,
                    [](T a, T b) { return std::isnan(a) || std::isnan(b) ? with_ptx_nan(a + b) : least(a, b); });
    expect_lanes<T>(this->machine, "max.NaN.f32 $d, $0, $1;", this->two,
                    [](T a, T b) { return std::isnan(a) || std::isnan(b) ? with_ptx_nan(a + b) : -least(-a, -b); });
  }
}

TYPED_TEST(Float, Signs) {
  using T = TypeParam;
  expect_lanes<T>(this->machine, "abs" + this->type() + "$d, $0;", each(interesting<T>()),
                  [](T a) { return std::fabs(a); });
  expect_lanes<T>(this->machine, "neg" + this->type() + "$d, $0;", each(interesting<T>()), [](T a) { return -a; });
  expect_lanes<T>(this->machine, "copysign" + this->type() + "$d, $0, $1;", this->two,
                  [](T a, T b) { return std::copysign(b, a); });
}

TYPED_TEST(Float, Compares) {
  using T = TypeParam;
  const auto expect = [&](const char* name, auto f) {
    expect_lanes<bool>(this->machine, std::string("setp.") + name + this->type() + "$d, $0, $1;", this->two, f);
  };
  const auto unordered = [](T a, T b) { return std::isnan(a) || std::isnan(b); };
  expect("eq", [](T a, T b) { return a == b; });
  expect("ne", [&](T a, T b) { return !unordered(a, b) && a != b; });
  expect("lt", [](T a, T b) { return a < b; });
  expect("le", [](T a, T b) { return a <= b; });
  expect("gt", [](T a, T b) { return a > b; });
  expect("ge", [](T a, T b) { return a >= b; });
  expect("equ", [&](T a, T b) { return unordered(a, b) || a == b; });
  expect("neu", [](T a, T b) { return a != b; });
  expect("ltu", [](T a, T b) { return !(a >= b); });
  expect("leu", [](T a, T b) { return !(a > b); });
  expect("gtu", [](T a, T b) { return !(a <= b); });
  expect("geu", [](T a, T b) { return !(a < b); });
  expect("num", [&](T a, T b) { return !unordered(a, b); });
  expect("nan", [&](T a, T b) { return unordered(a, b); });
}

TYPED_TEST(Float, IsTested) {
  using T = TypeParam;
  const auto expect = [&](const char* name, auto f) {
    expect_lanes<bool>(this->machine, std::string("testp.") + name + this->type() + "$d, $0;", each(interesting<T>()),
                       f);
  };
  expect("finite", [](T a) { return std::isfinite(a); });
  expect("infinite", [](T a) { return std::isinf(a); });
  expect("number", [](T a) { return !std::isnan(a); });
  expect("notanumber", [](T a) { return std::isnan(a); });
  expect("normal", [](T a) { return std::isnormal(a); });
  expect("subnormal", [](T a) { return std::fpclassify(a) == FP_SUBNORMAL; });
}

TEST(Floats, Saturate) {
  Machine m;
  const auto two = pairs(interesting<float>(), interesting<float>());
  const auto clamp = [](float x) { return x > 0 ? std::min(x, 1.0f) : 0.0f; };
  expect_lanes<float>(m, "add.sat.f32 $d, $0, $1;", two, [&](float a, float b) { return clamp(a + b); });
  expect_lanes<float>(m, "mul.rn.sat.f32 $d, $0, $1;", two, [&](float a, float b) { return clamp(a * b); });
}

TEST(Floats, ApproximationsAreUnknownUnlessAskedFor) {
  CUmodule module = nullptr;
  CUfunction f = nullptr;
  const std::string text = kernel_text(1, "mov.f32 %f1, 0f40400000; ex2.approx.f32 %f2, %f1; st.global.f32 [%a], %f2;");
  {
    Machine m;
    EXPECT_CALL(cuModuleLoadData(&module, text.c_str()));
    EXPECT_CODE(cuModuleGetFunction(&f, module, "f"), CUDA_ERROR_NOT_SUPPORTED);
    EXPECT_NE(std::string(cudasimViolations()).find("'ex2.approx.f32' is not known"), std::string::npos)
        << cudasimViolations();
  }
  Machine m(Machine::Settings{{"APPROX", "on"}});
  const CUdeviceptr out = m.allocate(4);
  EXPECT_CALL(m.run(m.function(text), 1, 1, out));
  EXPECT_EQ(m.download<float>(out, 1)[0], 8.0f);
}

}  // namespace
}  // namespace cudasim
