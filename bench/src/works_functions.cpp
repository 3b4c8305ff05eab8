#include "compiled.h"
#include "memory.h"
#include "works.h"

#include <peers/peers.h>

#include <limits>
#include <memory>

namespace bench {
namespace {

/// Elements of an array: input and output together fill half of a usual L2 cache.
template <class T>
constexpr int64_t kElements = int64_t{128} * 1024 / sizeof(T);

template <class T>
constexpr tarry::ir::DType kDType = sizeof(T) == 4 ? tarry::ir::DType::float32 : tarry::ir::DType::float64;

/// Largest relative error that is no mistake: what the vector library allows itself, 4 ulp, and ours.
template <class T>
constexpr double kTolerance = 8 * std::numeric_limits<T>::epsilon();

template <class T>
struct Function {
  const char* name;
  tarry::ir::Op op;
  void (*peer)(const T* x, T* y, int64_t n);
  double low, high;  // of the arguments
};

/// f(x), or f(x, e) of an op with two operands.
template <class T>
ArrayProgram program_of(tarry::ir::Op op) {
  ArrayProgram program(kDType<T>, kElements<T>);
  const auto x = program.input();
  program.set_output(op == tarry::ir::Op::pow ? program.apply(op, {x, program.input()}) : program.apply(op, {x}));
  return program;
}

template <class T>
struct Data {
  Block<T> x, e, y, ty;  // e: exponents of pow; y by hand, ty by tarry
  CompiledKernel kernel;
  Data(tarry::ir::Op op, double low, double high)
      : x(kElements<T>, low, high, 1),
        e(kElements<T>, -5, 5, 2),
        y(kElements<T>),
        ty(kElements<T>),
        kernel(program_of<T>(op)) {}
};

/// What both rows below have in common: the caller's thread alone, on arrays that stay in L2.
template <class T>
Comparison comparison_of(std::shared_ptr<Data<T>> d, const std::string& name, double bar) {
  Comparison row;
  row.name = name + (sizeof(T) == 4 ? " float32" : " float64");
  row.bar = bar;
  row.items = kElements<T>;
  row.threads = 1;
  row.kernels = 1;
  row.tarry = [d] {
    const void* const inputs[] = {d->x.data(), d->e.data()};
    d->kernel.run(inputs, d->ty.data());
  };
  row.error = [d] {
    return largest_difference(d->ty.data(), d->y.data(), kElements<T>, std::numeric_limits<T>::min());
  };
  row.tolerance = kTolerance<T>;
  return row;
}

template <class T>
Comparison compare_function(const Function<T>& f) {
  auto d = std::make_shared<Data<T>>(f.op, f.low, f.high);
  Comparison row = comparison_of(d, f.name, 1 / 0.8);
  row.peers = {{"libmvec", [d, peer = f.peer] { peer(d->x.data(), d->y.data(), kElements<T>); }}};
  return row;
}

template <class T>
Comparison compare_pow(void (*peer)(const T* x, const T* e, T* y, int64_t n)) {
  auto d = std::make_shared<Data<T>>(tarry::ir::Op::pow, 0.01, 10);
  Comparison row = comparison_of(d, "pow", 1.0);
  row.peers = {{"libmvec", [d, peer] { peer(d->x.data(), d->e.data(), d->y.data(), kElements<T>); }}};
  return row;
}

using tarry::ir::Op;
constexpr Function<float> kFunctions32[] = {
    {"exp", Op::exp, peer_exp_f32, -10, 10},  {"log", Op::log, peer_log_f32, 0.01, 100},
    {"sin", Op::sin, peer_sin_f32, -10, 10},  {"cos", Op::cos, peer_cos_f32, -10, 10},
    {"tanh", Op::tanh, peer_tanh_f32, -5, 5}, {"erf", Op::erf, peer_erf_f32, -3, 3},
};
constexpr Function<double> kFunctions64[] = {
    {"exp", Op::exp, peer_exp_f64, -10, 10},  {"log", Op::log, peer_log_f64, 0.01, 100},
    {"sin", Op::sin, peer_sin_f64, -10, 10},  {"cos", Op::cos, peer_cos_f64, -10, 10},
    {"tanh", Op::tanh, peer_tanh_f64, -5, 5}, {"erf", Op::erf, peer_erf_f64, -3, 3},
};

}  // namespace

std::vector<Work> function_works() {
  std::vector<Work> works;
  for (const auto& f : kFunctions32)
    works.push_back({std::string(f.name) + "_float32", [&f] { return compare_function(f); }});
  works.push_back({"pow_float32", [] { return compare_pow(peer_pow_f32); }});
  for (const auto& f : kFunctions64)
    works.push_back({std::string(f.name) + "_float64", [&f] { return compare_function(f); }});
  works.push_back({"pow_float64", [] { return compare_pow(peer_pow_f64); }});
  return works;
}

}  // namespace bench
