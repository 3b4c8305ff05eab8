#pragma once
// Programs that run while memory is refused: each makes a value from two arrays that live on.

#include <tarry/tarry.h>

#include <cstdio>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace failing {

namespace np = tarry::numpy;
using tarry::Array;

struct Inputs {
  Array x = np::array({{3.0, -1.0, 2.5}, {0.5, 4.0, -2.0}, {1.0, 7.0, -0.25}});
  Array i = np::array({2, 0, 1, 1});
};

struct Failing {
  const char* name;
  std::function<Array(Inputs&)> run;
  friend std::ostream& operator<<(std::ostream& out, const Failing& f) { return out << f.name; }
};

inline Array loaded(Inputs& in, const std::string& folder) {
  const std::string path = folder + "/failing.npy";
  np::save(path, in.x);
  Array y = np::load(path);
  std::remove(path.c_str());
  return y;
}

inline Array unpacked(Inputs& in, const std::string& folder) {
  const std::string path = folder + "/failing.npz";
  np::savez_compressed(path, {{"x", in.x}});
  Array y = np::loadz(path).at("x");
  std::remove(path.c_str());
  return y;
}

inline std::vector<Failing> programs(const std::string& folder) {
  return {
      {"elementwise", [](Inputs& in) { return np::exp(in.x) * 2 + in.x.T(); }},
      {"large", [](Inputs&) { return np::cumsum(np::arange(20000) * 0.5) + 1; }},
      {"rows",
       [](Inputs& in) {
         Array e = np::exp(in.x - np::max(in.x, 1, tarry::keepdims));
         return e / np::sum(e, 1, tarry::keepdims);
       }},
      {"matmul", [](Inputs& in) { return np::matmul(in.x, in.x.T()) + np::matmul(in.x.T() * 2, in.x); }},
      {"gather", [](Inputs& in) { return Array(in.x[in.i]) + Array(in.x[in.i * 1]); }},
      {"mask", [](Inputs& in) { return Array(in.x[in.x > 0]); }},
      {"scatter",
       [](Inputs& in) {
         Array y = in.x.copy();
         y[in.i] = 5.0;
         np::add_at(y, in.i, in.x[0]);
         return y;
       }},
      {"views",
       [](Inputs& in) {
         Array y = in.x.copy(), v = y[{np::slice(1, np::none), np::slice(np::none, np::none, -1)}];
         v[0] = 7;
         v += 1;
         y += y.T();
         return y;
       }},
      // Of several steps the first writes over an array that dies, and those behind it ask for memory too.
      {"steps",
       [](Inputs& in) {
         Array a = in.x + 1;
         tarry::eval(a);
         a *= 2;
         Array b = np::matmul(a.T(), np::matmul(a, a[{np::all, np::slice(np::none, np::none, -1)}]));
         b += np::take_along_axis(b, np::argsort(b, 1), 1);
         return np::matmul(b, np::sum(np::exp(b / 1e4), 0)) + np::matmul(b[1], a);
       }},
      {"long_steps",
       [](Inputs& in) {
         Array a = np::arange(150000) * 0.125 + np::sum(in.x);
         tarry::eval(a);
         a += 1;
         const Array dot = np::dot(a, a[np::slice(np::none, np::none, -1)]);
         return np::sum(np::sort(np::cos(np::arange(150000) * dot))) * dot;
       }},
      {"steps_behind_a_scatter",
       [](Inputs& in) {
         Array a = np::arange(150000) * 0.125 + np::sum(in.x);
         tarry::eval(a);
         np::add_at(a, in.i, 5.0);
         const Array dot = np::dot(a, a[np::slice(np::none, np::none, -1)]);
         return np::sum(np::sort(np::cos(np::arange(150000) * dot))) * dot;
       }},
      {"sort", [](Inputs& in) { return np::sort(in.x, 0) + np::take_along_axis(in.x, np::argsort(in.x, 1), 1); }},
      {"unique", [](Inputs& in) { return np::unique(in.i); }},
      {"joined",
       [](Inputs& in) {
         return np::concatenate(
             {in.x, np::pad(in.x, 1)[np::slice(0, 2)].reshape({-1, 2})[np::slice(0, 3)].T().reshape({2, 3})});
       }},
      {"solve", [](Inputs& in) { return np::linalg::solve(in.x, in.x.T()); }},
      {"random", [](Inputs&) { return np::random::default_rng(3).standard_normal({5}); }},
      {"grad",
       [](Inputs& in) {
         return tarry::grad([](Array x) {
           Array y = np::tanh(x);
           y[0] = y[1] * x[2];
           return np::sum(y * y);
         })(in.x);
       }},
      {"vmap", [](Inputs& in) { return tarry::vmap([](Array row) { return np::sum(row * row) + row; })(in.x); }},
      {"load", [folder](Inputs& in) { return loaded(in, folder); }},
      {"archive", [folder](Inputs& in) { return unpacked(in, folder); }},
      {"list",
       [](Inputs&) {
         return np::array({{1.5, 2.5}, {3.5, 4.5}});
       }},
  };
}

inline std::string bits(const Array& a) {
  const std::vector<double> values = a.to_vector<double>();
  return tarry::ir::tuple_text(a.shape()) +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
}

}  // namespace failing
