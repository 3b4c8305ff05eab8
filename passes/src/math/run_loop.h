#pragma once
/// The loops of math/loops.h from expansions: blocks run without cold regions first, and lanes that
/// needed one again with them.

#include "lane.h"

#include <tarry/passes/math/loops.h>

#include <cstring>
#include <utility>

namespace tarry::passes::math {

/// Loops over operands T… with F::call(model, lanes…), which gives lanes of R.
template <class F, class R, class... T>
struct LoopOf {
  static void run(const void* const* operands, void* out, int64_t n) {
    run(operands, static_cast<R*>(out), n, std::index_sequence_for<T...>());
  }

 private:
  static constexpr int64_t kBlock = 256;

  template <size_t... I>
  static void run(const void* const* operands, R* out, int64_t n, std::index_sequence<I...>) {
    R result[kBlock];
    uint8_t rare[kBlock];
    for (int64_t start = 0; start < n; start += kBlock) {
      const int64_t count = n - start < kBlock ? n - start : kBlock;
      uint8_t any = 0;
      for (int64_t i = 0; i < count; ++i) {
        HotModel model;
        result[i] = F::call(model, Lane<T>(static_cast<const T*>(operands[I])[start + i])...).v;
        rare[i] = model.rare;
        any |= rare[i];
      }
      if (any) {
        for (int64_t i = 0; i < count; ++i) {
          FullModel model;
          if (rare[i]) result[i] = F::call(model, Lane<T>(static_cast<const T*>(operands[I])[start + i])...).v;
        }
      }
      std::memcpy(out + start, result, count * sizeof(R));
    }
  }
};

/// The loop of a function of one or two arguments of type T.
template <class F, class T>
constexpr Loop unary_loop() {
  using R = decltype(F::call(std::declval<FullModel&>(), Lane<T>()).v);
  return &LoopOf<F, R, T>::run;
}
template <class F, class T>
constexpr Loop binary_loop() {
  using R = decltype(F::call(std::declval<FullModel&>(), Lane<T>(), Lane<T>()).v);
  return &LoopOf<F, R, T, T>::run;
}

// The families of elementwise_loop, each built with the vector instructions of the baseline; null
// where there is no such op.
Loop float32_loop(ir::Op op);
Loop float64_loop(ir::Op op);
Loop int_loop(ir::Op op, ir::DType t);
Loop bool_loop(ir::Op op);
Loop half_loop(ir::Op op, ir::DType t);
Loop half_cast_loop(ir::DType from, ir::DType to);

#define TARRY_UNARY_FUNCTION(name) \
  struct name {                    \
    template <class M, class W>    \
    static auto call(M& m, W x) {  \
      return math::name(m, x);     \
    }                              \
  };
#define TARRY_BINARY_FUNCTION(name)    \
  struct name {                        \
    template <class M, class W>        \
    static auto call(M& m, W x, W y) { \
      return math::name(m, x, y);      \
    }                                  \
  };
#define TARRY_UNARY_LOOP(name) \
  case ir::Op::name: return unary_loop<function::name, T>();
#define TARRY_BINARY_LOOP(name) \
  case ir::Op::name: return binary_loop<function::name, T>();

}  // namespace tarry::passes::math
