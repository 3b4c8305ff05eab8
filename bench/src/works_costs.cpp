#include "compiled.h"
#include "memory.h"
#include "programs.h"
#include "works.h"

#include <tarry/runtime/config.h>

#include <chrono>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kChainOps = 12;

/// Highest number of bytes in use while the chain of 16 M elements runs, in units of its inputs and output.
double chain_memory() {
  constexpr int64_t n = int64_t{1} << 24;
  const Block<float> values(n, 0, 1, 1);
  const Array a = array_of(values), b = array_of(values), c = array_of(values);
  tarry::eval(a, b, c);
  tarry::reset_stats();
  const Array y = chain_of_12(a, b, c);
  tarry::eval(y);
  return static_cast<double>(tarry::stats().bytes_peak) / (4.0 * sizeof(float) * n);
}

/// Nanoseconds to record one op of the chain and to destroy its array, where nobody looks.
double recording() {
  constexpr int kLoops = 2000;
  const Block<float> values(1024, 0, 1, 1);
  const Array a = array_of(values), b = array_of(values), c = array_of(values);
  const auto start = Clock::now();
  for (int i = 0; i < kLoops; ++i) chain_of_12(a, b, c);
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / (kLoops * kChainOps);
}

ArrayProgram chain_program() {
  using tarry::ir::Op;
  ArrayProgram p(tarry::ir::DType::float32, 1 << 20);
  const auto a = p.input(), b = p.input(), c = p.input();
  const auto t = p.apply(Op::add, {p.apply(Op::mul, {a, b}), c});
  const auto u = p.apply(Op::sub, {p.apply(Op::mul, {t, t}), a});
  const auto v = p.apply(Op::div, {u, p.apply(Op::add, {p.apply(Op::abs, {b}), p.number(1.5)})});
  const auto w = p.apply(Op::max, {v, p.apply(Op::mul, {p.number(0.1), v})});
  p.set_output(p.apply(Op::sqrt, {p.apply(Op::add, {p.apply(Op::mul, {w, w}), p.number(2)})}));
  return p;
}

/// Milliseconds from the recorded program to a callable kernel. LLVM is loaded by an earlier compile.
double compiling() {
  const ArrayProgram program = chain_program();
  static const CompiledKernel loads_llvm(program);
  const auto start = Clock::now();
  const CompiledKernel kernel(program);
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The same of a softmax of rows, whose three walks are the most code of the usual kernels: what LLVM takes for one
/// that no other has been like.
double compiling_softmax() {
  static const Block<float> values(16 * 100, -4, 4, 1);
  static const Array x = array_of(values, {16, 100});
  static size_t next = 0;
  const std::vector<Array> another = {np::abs(x), -x,       np::floor(x), np::ceil(x),           np::trunc(x),
                                      x * 0.5f,   x + 0.5f, x - 0.5f,     np::maximum(x, -3.0f), np::minimum(x, 3.0f),
                                      x / 2.0f,   2.0f / x, np::rint(x),  np::sqrt(x),           x * x};
  if (next == another.size()) throw std::runtime_error("more samples than kernels");
  tarry::runtime::set_tier(tarry::runtime::Tier::llvm);
  const auto before = tarry::stats();
  tarry::eval(softmax_of_rows(another[next++]));
  const auto after = tarry::stats();
  tarry::runtime::set_tier(tarry::runtime::Tier::automatic);
  if (after.kernels_compiled != before.kernels_compiled + 1) throw std::runtime_error("not one new kernel");
  return 1e-3 * static_cast<double>(after.compile_microseconds - before.compile_microseconds);
}

}  // namespace

std::vector<Cost> costs() {
  return {{"peak memory of the 12-op chain", "× inputs and output", 1.01, chain_memory},
          {"recording one op", "ns", 100, recording},
          {"compiling the 12-op chain, LLVM loaded", "ms", 6, compiling},
          {"compiling a softmax of rows", "ms", 35, compiling_softmax}};
}

}  // namespace bench
