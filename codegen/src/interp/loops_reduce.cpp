#include "interp/lanewise.h"
#include "interp/numbers.h"

#include <tarry/ir/reduction.h>

#include <cstring>

namespace tarry::codegen::interp {
namespace {

using ir::DType;
using ir::Op;

constexpr int kVectorBytes = 32;

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(kVectorBytes)));
};

template <class F, class V>
V fold_vectors(V a, V b) {
  if constexpr (std::is_same_v<F, Add>)
    return a + b;
  else if constexpr (std::is_same_v<F, Mul>)
    return a * b;
  else if constexpr (std::is_same_v<F, Max>)
    return (a >= b) | (a != a) ? a : b;
  else if constexpr (std::is_same_v<F, Min>)
    return (a <= b) | (a != a) ? a : b;
  else if constexpr (std::is_same_v<F, Or>)
    return a | b;
  else
    return a & b;
}

/// The 32 accumulators stay in registers over all groups.
template <class F, class T>
void fold_groups(std::byte* accumulators, const std::byte* elements, int64_t groups) {
  // Signed vectors would overflow where the op wraps around.
  using Number = std::conditional_t<(std::is_same_v<F, Add> || std::is_same_v<F, Mul>)&&std::is_integral_v<T>,
                                    std::make_unsigned<T>, std::type_identity<T>>;
  using U = typename Number::type;
  using V = typename VectorOf<U>::type;
  constexpr int kVectors = ir::kReduceLanes * sizeof(U) / kVectorBytes;
  V lanes[kVectors];
  std::memcpy(lanes, accumulators, sizeof lanes);
  for (int64_t g = 0; g < groups; ++g, elements += sizeof lanes) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      V x;
      std::memcpy(&x, elements + v * kVectorBytes, kVectorBytes);
      lanes[v] = fold_vectors<F>(lanes[v], x);
    }
  }
  std::memcpy(accumulators, lanes, sizeof lanes);
}

template <class F, class T>
void scan(std::byte* out, const std::byte* x, std::byte* carry, int64_t rows, int64_t steps) {
  T* r = reinterpret_cast<T*>(out);
  const T* a = reinterpret_cast<const T*>(x);
  T* c = reinterpret_cast<T*>(carry);
  if (rows == 1) {
    T running = *c;
    for (int64_t j = 0; j < steps; ++j) r[j] = running = F::of(running, a[j]);
    *c = running;
    return;
  }
  for (int64_t j = 0; j < steps; ++j, r += rows, a += rows) {
    TARRY_LANEWISE
    for (int64_t i = 0; i < rows; ++i) r[i] = c[i] = F::of(c[i], a[i]);
  }
}

/// visit(F{}, T{}) for what a reduction with `op` does on accumulators of dtype `t`.
template <class Visit>
auto for_fold(Op op, DType t, Visit visit) -> decltype(visit(Add{}, float{})) {
  const Op fold = ir::fold_op(op);
  if (ir::is_bool(t)) {
    const bool is_or = fold == Op::add || fold == Op::max;
    return is_or ? visit(Or{}, uint8_t{}) : visit(And{}, uint8_t{});
  }
  const auto with = [&](auto x) {
    switch (fold) {
      case Op::mul: return visit(Mul{}, x);
      case Op::max: return visit(Max{}, x);
      case Op::min: return visit(Min{}, x);
      default: return visit(Add{}, x);
    }
  };
  switch (t) {
    case DType::int8: return with(int8_t{});
    case DType::int16: return with(int16_t{});
    case DType::int32: return with(int32_t{});
    case DType::int64: return with(int64_t{});
    case DType::uint8: return with(uint8_t{});
    case DType::uint16: return with(uint16_t{});
    case DType::uint32: return with(uint32_t{});
    case DType::uint64: return with(uint64_t{});
    case DType::float32: return with(float{});
    case DType::float64: return with(double{});
    default: return nullptr;
  }
}

}  // namespace

ReduceLoops reduce_loops(Op reduce, DType t) {
  const DType accumulator = ir::accumulator(t);
  ReduceLoops loops;
  loops.fold = for_fold(reduce, accumulator, [](auto f, auto x) -> Loop { return binary<decltype(f), decltype(x)>; });
  using Groups = decltype(loops.groups);
  loops.groups =
      for_fold(reduce, accumulator, [](auto f, auto x) -> Groups { return fold_groups<decltype(f), decltype(x)>; });
  if (accumulator != t) {
    loops.widen = baseline::cast_loop(t, accumulator);
    loops.narrow = baseline::cast_loop(accumulator, t);
  }
  return loops;
}

ScanLoop scan_loop(Op op, DType accumulator) {
  return for_fold(op, accumulator, [](auto f, auto x) -> ScanLoop { return scan<decltype(f), decltype(x)>; });
}

}  // namespace tarry::codegen::interp
