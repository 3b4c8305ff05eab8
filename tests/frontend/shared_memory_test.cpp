// Under a transform an argument is told apart from the caller's arrays, and shares their memory as without one.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using List = std::vector<double>;
List list(const Array& a) { return a.to_vector<double>(); }

const auto kOdd = np::slice(1, np::none, 2);

TEST(SharedMemory, WhatIsWrittenIntoTheCapturedArrayIsInTheArgument) {
  Array a = np::array({1.0, 2.0, 3.0});
  const auto f = [&](const Array& x) {
    a[0] = x[1] * 10.0;
    return np::sum(x * x);  // 100 x₁² + x₁² + x₂²
  };
  EXPECT_EQ(list(tarry::grad(f)(a)), (List{0.0, 404.0, 6.0}));
  EXPECT_EQ(list(a), (List{20.0, 2.0, 3.0}));
}

TEST(SharedMemory, WhatIsWrittenIntoTheArgumentIsInTheCapturedArray) {
  Array a = np::array({1.0, 2.0, 3.0});
  const auto f = [&](Array& x) {
    x[0] = x[1] * 10.0;
    return np::sum(a * x);  // 100 x₁² + 2 x₁ + 3 x₂, where 2 and 3 are constants
  };
  EXPECT_EQ(list(tarry::grad(f)(a)), (List{0.0, 402.0, 3.0}));
  EXPECT_EQ(list(a), (List{20.0, 2.0, 3.0}));
  Array b = np::array({1.0, 2.0});
  const auto whole = [&](Array& x) {
    x *= 3.0;
    b += 1.0;
    return np::sum(b * x);
  };
  const auto [value, gradient] = tarry::value_and_grad(whole)(b);
  EXPECT_EQ(double(value), 16.0 + 49.0);
  EXPECT_EQ(list(gradient), (List{24.0, 42.0}));
  EXPECT_EQ(list(b), (List{4.0, 7.0}));
}

TEST(SharedMemory, OfTwoArguments) {
  Array a = np::array({1.0, 2.0, 3.0});
  const auto f = [](Array& x, Array& y) {
    x[0] = x[1] * 10.0;  // in y too
    y[2] = x[0] * y[1];  // 10 x₁ y₁, in x too
    return np::sum(x * 2.0 + y * 3.0);
  };
  const std::vector<Array> gradients = tarry::grad(f, {0, 1})(a, a);
  // 5 · 10 x₁ + 2 x₁ + 3 y₁ + 5 · 10 x₁ y₁
  EXPECT_EQ(list(gradients[0]), (List{0.0, 152.0, 0.0}));
  EXPECT_EQ(list(gradients[1]), (List{0.0, 103.0, 0.0}));
  EXPECT_EQ(list(a), (List{20.0, 2.0, 40.0}));
}

TEST(SharedMemory, OfAnArgumentThatIsNotFollowed) {
  Array a = np::array({1.0, 2.0});
  const auto f = [](const Array& x, Array& y) {
    y[0] = 5.0;
    return np::sum(x * x);
  };
  EXPECT_EQ(list(tarry::grad(f)(a, a)), (List{0.0, 4.0}));
  EXPECT_EQ(list(a), (List{5.0, 2.0}));
}

TEST(SharedMemory, OfViews) {
  Array a = np::arange(6.0);
  // The argument is a₁, a₃, a₅.
  const auto f = [&](Array& x) {
    a[{np::slice(2, 4)}] = x[2] * np::array({1.0, 10.0});  // x₁ is 10 x₂ now
    x[0] = x[1] * x[1];                                    // a₁ is 100 x₂²
    return np::sum(a) + np::sum(x);
  };
  // a: 0, 100 x₂², x₂, 10 x₂, 4, 5 and x: 100 x₂², 10 x₂, x₂
  EXPECT_EQ(list(tarry::grad(f)(a[{kOdd}])), (List{0.0, 0.0, 400.0 * 5.0 + 22.0}));
  EXPECT_EQ(list(a), (List{0.0, 2500.0, 5.0, 50.0, 4.0, 5.0}));
}

TEST(SharedMemory, OfViewsThatOverlap) {
  Array a = np::array({1.0, 2.0, 3.0, 4.0});
  const auto f = [](Array& x, Array& y) {         // x is a₀ to a₂, y is a₁ to a₃
    x[1] = y[2] * 2.0;                            // y₀
    y[{np::slice(np::none, np::none, -1)}] += x;  // y₂ += x₀, y₁ += x₁, y₀ += x₂, which is y₁ of before
    return np::sum(x) * 10.0 + np::sum(y);
  };
  Array plain = a.copy();
  Array low = plain[{np::slice(0, 3)}], high = plain[{np::slice(1, 4)}];
  const double expected = double(f(low, high));
  const auto [value, gradients] = tarry::value_and_grad(f, {0, 1})(a[{np::slice(0, 3)}], a[{np::slice(1, 4)}]);
  EXPECT_EQ(double(value), expected);
  EXPECT_EQ(list(a), list(plain));
  // x is x₀, 2 y₂ + x₂, y₁ + 2 y₂ and y is 2 y₂ + x₂, y₁ + 2 y₂, y₂ + x₀: x₂ and y₁ are one element of two arguments.
  EXPECT_EQ(list(gradients[0]), (List{11.0, 0.0, 11.0}));
  EXPECT_EQ(list(gradients[1]), (List{0.0, 11.0, 45.0}));
}

TEST(SharedMemory, OfTheTransposed) {
  Array a = np::arange(4.0).reshape({2, 2});
  const auto f = [&](Array& x) {
    x[0] = x[1] * 2.0;  // the first row of x is the first column of a
    a[1] *= 10.0;       // the second column of x
    return np::sum(a * np::array({{1.0, 2.0}, {3.0, 4.0}})) + np::sum(x);
  };
  // x: 2 x₁₀, 20 x₁₁ / x₁₀, 10 a₁₁ where a₁₁ = 3 is a constant of the captured array, and a: x₀₀, a₀₁ / x₀₁, 30
  EXPECT_EQ(list(tarry::grad(f)(a.T())), (List{0.0, 0.0, 2.0 * 2.0 + 1.0, 20.0 * 4.0}));
  EXPECT_EQ(list(a), (List{2.0, 1.0, 60.0, 30.0}));
}

TEST(SharedMemory, OfNestedTransforms) {
  Array a = np::array({1.0, 2.0});
  const auto f = [&](Array& x) {
    const auto inner = [&](Array& y) {
      y[0] = y[1] * y[1];  // in x and in a too
      return np::sum(x * y) + np::sum(a);
    };
    // With x and a constant but for what was written: y₁⁴ + x₁ y₁ + y₁² + a₁; by y₁: 4 y₁³ + x₁ + 2 y₁
    const Array gradient = tarry::grad(inner)(x);
    return np::sum(gradient) + x[0] * 100.0;
  };
  // 4 x₁³ + 3 x₁ + 100 x₁²
  EXPECT_EQ(list(tarry::grad(f)(a)), (List{0.0, 12.0 * 4.0 + 3.0 + 400.0}));
  EXPECT_EQ(list(a), (List{4.0, 2.0}));
}

TEST(SharedMemory, OfRealAndImaginaryParts) {
  const std::complex<double> i(0, 1);
  Array z = np::array({1.0 + 2.0 * i, 3.0 + 4.0 * i});
  const auto f = [&](Array& x) {  // the imaginary parts
    z[0] = 5.0 + 6.0 * i;         // x₀ is 6
    x[1] = x[1] * x[1];           // z₁ is 3 + i x₁²
    return np::sum(np::imag(z) * x);
  };
  EXPECT_EQ(list(tarry::grad(f)(np::imag(z))), (List{0.0, 4.0 * 64.0}));
  EXPECT_EQ(list(np::imag(z)), (List{6.0, 16.0}));
  Array w = np::array({1.0 + 2.0 * i, 3.0 + 4.0 * i});
  const auto g = [&](const Array& x) {  // the real parts are written through a view, the imaginary ones stay followed
    Array real = np::real(w);
    real *= 2.0;
    return np::sum(np::square(np::real(x)) + np::square(np::imag(x)));
  };
  const Array reversed = w[{np::slice(np::none, np::none, -1)}];
  EXPECT_EQ(tarry::to_string(tarry::grad(g)(reversed)), "[0.-8.j 0.-4.j]");
  EXPECT_EQ(list(np::real(w)), (List{2.0, 6.0}));
}

TEST(SharedMemory, ForwardAndPullback) {
  Array a = np::array({1.0, 2.0});
  const auto f = [&](const Array& x) {
    a[0] = x[1] * 3.0;
    return x * x;
  };
  const auto [value, tangent] = tarry::jvp(f, a, np::array({1.0, 1.0}));
  EXPECT_EQ(list(value), (List{36.0, 4.0}));
  EXPECT_EQ(list(tangent), (List{36.0, 4.0}));
  Array b = np::array({1.0, 2.0});
  const auto g = [&](const Array& x) {
    b[0] = x[1] * 3.0;
    return x * x;
  };
  const auto [found, pull] = tarry::vjp(g, b);
  EXPECT_EQ(list(found), (List{36.0, 4.0}));
  EXPECT_EQ(list(pull(np::ones({2}))), (List{0.0, 40.0}));
}

/// What the function did until then has happened, as without a transform; afterwards nothing is shared any more.
TEST(SharedMemory, EndsWithTheTransform) {
  Array a = np::array({1.0, 2.0}), kept;
  const auto f = [&](Array& x) {
    x[0] = 7.0;
    kept = x;
    if (double(x[0]) == 7.0) throw std::runtime_error("enough");
    return np::sum(x);
  };
  EXPECT_THROW(tarry::grad(f)(a), std::runtime_error);
  EXPECT_EQ(list(a), (List{7.0, 2.0}));
  kept[1] = 9.0;
  EXPECT_EQ(list(a), (List{7.0, 2.0}));
}

/// Programs of writes and reads through an array and views of it give the value that they give without a transform,
/// whatever of it is the argument.
TEST(SharedMemory, GivesTheValueOfTheFunction) {
  const std::vector<std::function<Array(const Array&)>> views{
      [](const Array& a) { return a; },
      [](const Array& a) { return a[{np::slice(1, 5)}]; },
      [](const Array& a) { return a[{np::slice(np::none, np::none, -2)}]; },
      [](const Array& a) {
        return a.reshape({2, 3})[{np::slice(0, 2), np::slice(1, 3)}];
      },
      [](const Array& a) {
        return a.reshape({2, 3}).T();
      },
      [](const Array& a) { return a[3]; },
      [](const Array& a) { return a[{np::slice(0, 0)}]; },
  };
  uint64_t state = 7;
  const auto random = [&](size_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>(state >> 33) % below;
  };
  for (int program = 0; program < 150; ++program) {
    const size_t first = random(views.size()), second = random(views.size());
    const uint64_t seed = state;
    const auto run = [&](Array& a, Array& x, Array& y) {
      state = seed;
      Array seen = np::zeros({});
      for (int step = 0; step < 6; ++step) {
        Array& of = random(3) == 0 ? a : random(2) ? x : y;
        Array part = of.ndim() > 0 && of.size() > 1 && random(2)
                         ? of[{np::slice(static_cast<int64_t>(random(2)), np::none)}]
                         : of;
        Array& from = random(3) == 0 ? a : random(2) ? x : y;
        switch (random(4)) {
          case 0: part *= 1.5; break;
          case 1: part += np::sum(from); break;
          case 2:
            part = part;
            part[np::ellipsis] = np::sum(from * from) * 0.1;
            break;
          default: seen = seen + np::sum(from) * 0.5; break;
        }
      }
      return np::sum(x) + np::sum(y) * 2.0 + np::sum(a) * 3.0 + seen;
    };
    Array plain = np::arange(6.0) * 0.3 + 1.0, given = plain.copy();
    Array px = views[first](plain), py = views[second](plain);
    const double expected = double(run(plain, px, py));
    const auto f = [&](Array& x, Array& y) { return run(given, x, y); };
    const auto [value, gradients] = tarry::value_and_grad(f, {0, 1})(views[first](given), views[second](given));
    EXPECT_EQ(double(value), expected) << program;
    EXPECT_EQ(list(given), list(plain)) << program;
  }
}

}  // namespace
