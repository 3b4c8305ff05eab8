#pragma once
/// The loops of math/loops.h from expansions: blocks run without cold regions first, as vectors where
/// the operands are floats, and lanes that needed a cold region again by themselves.

#include "lane.h"
#include "pack.h"

#include <tarry/passes/math/loops.h>

#include <cstring>
#include <utility>

namespace tarry::passes::math {

/// Loops over operands of type T with F::call(model, values…), which gives an R for each lane.
template <class F, class R, class T, int arity>
struct LoopOf {
  static void run(const void* const* operands, void* out, int64_t n) {
    run(operands, static_cast<R*>(out), n, std::make_index_sequence<arity>());
  }

 private:
  static constexpr int64_t kBlock = 256;
  static constexpr bool kPacked =
#ifdef TARRY_PACKS
      std::is_floating_point_v<T> && (std::is_same_v<R, bool> || sizeof(R) == sizeof(T));
#else
      false;
#endif

  template <size_t... I>
  static void run(const void* const* operands, R* out, int64_t n, std::index_sequence<I...> indices) {
    // The result may lie where an operand does, so a block is stored only when all of it is known.
    R result[kBlock];
    bool rare[kBlock];
    for (int64_t start = 0; start < n; start += kBlock) {
      const int64_t count = n - start < kBlock ? n - start : kBlock;
      const T* in[] = {static_cast<const T*>(operands[I]) + start...};
      bool any;
      if constexpr (kPacked)
        any = run_packed(in, result, rare, count, indices);
      else
        any = run_lanes(in, result, rare, count, indices);
      for (int64_t i = 0; any && i < count; ++i) {
        FullModel model;
        if (rare[i]) result[i] = F::call(model, Lane<T>(in[I][i])...).v;
      }
      std::memcpy(out + start, result, count * sizeof(R));
    }
  }

  template <size_t... I>
  static bool run_lanes(const T* const (&in)[arity], R* result, bool* rare, int64_t n, std::index_sequence<I...>) {
    bool any = false;
    for (int64_t i = 0; i < n; ++i) {
      HotModel model;
      result[i] = F::call(model, Lane<T>(in[I][i])...).v;
      rare[i] = model.rare;
      any |= model.rare;
    }
    return any;
  }

#ifdef TARRY_PACKS
  template <size_t... I>
  static bool run_packed(const T* const (&in)[arity], R* result, bool* rare, int64_t n, std::index_sequence<I...>) {
    using P = Packs<32 / sizeof(T)>;
    using V = typename P::template V<T>;
    constexpr int64_t lanes = 32 / sizeof(T);
    bool any = false;
    const auto run_at = [&](int64_t i, const V(&x)[arity]) {
      typename P::Model model;
      const auto value = F::call(model, x[I]...);
      value.store(result + i);
      if (model.rare.any()) {
        if (!any) std::memset(rare, 0, kBlock);
        any = true;
        model.rare.store(rare + i);
      }
    };
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) run_at(i, {V::load(in[I] + i)...});
    if (i < n) {
      // The rest, filled up; kBlock is a multiple of `lanes`, so that there is room for all of it.
      T last[arity][lanes] = {};
      for (int k = 0; k < arity; ++k) std::memcpy(last[k], in[k] + i, (n - i) * sizeof(T));
      run_at(i, {V::load(last[I])...});
    }
    return any;
  }
#endif
};

/// The loop of a function of one or two arguments of type T.
template <class F, class T>
constexpr Loop unary_loop() {
  using R = decltype(F::call(std::declval<FullModel&>(), Lane<T>()).v);
  return &LoopOf<F, R, T, 1>::run;
}
template <class F, class T>
constexpr Loop binary_loop() {
  using R = decltype(F::call(std::declval<FullModel&>(), Lane<T>(), Lane<T>()).v);
  return &LoopOf<F, R, T, 2>::run;
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
// clang-format would make one of the two.
// clang-format off
#define TARRY_UNARY_LOOP(name) \
  case ir::Op::name: return unary_loop<function::name, T>();
#define TARRY_BINARY_LOOP(name) \
  case ir::Op::name: return binary_loop<function::name, T>();
// clang-format on

}  // namespace tarry::passes::math
