#pragma once
/// Templates for loops over lanes. Only files compiled for the vector baseline include this; all here
/// has internal linkage, so that no code for newer processors leaks into common functions.

#include "interp/loops.h"

#include <type_traits>

// Lanes of the result may be lanes of an operand at the same index, never at another.
#if defined(__clang__)
#define TARRY_LANEWISE _Pragma("clang loop vectorize(assume_safety)")
#else
#define TARRY_LANEWISE _Pragma("GCC ivdep")
#endif

namespace tarry::codegen::interp {
namespace {

template <class T>
const T* lanes_of(const Lanes& l) {
  return reinterpret_cast<const T*>(l.data);
}

/// F::of(T) for each lane.
template <class F, class T>
void unary(std::byte* out, const Lanes* in, int64_t n) {
  using R = decltype(F::of(T{}));
  R* r = reinterpret_cast<R*>(out);
  const T* a = lanes_of<T>(in[0]);
  TARRY_LANEWISE
  for (int64_t i = 0; i < n; ++i) r[i] = F::of(a[i]);
}

/// F::of(T, T) for each lane.
template <class F, class T>
void binary(std::byte* out, const Lanes* in, int64_t n) {
  using R = decltype(F::of(T{}, T{}));
  R* r = reinterpret_cast<R*>(out);
  const T* a = lanes_of<T>(in[0]);
  const T* b = lanes_of<T>(in[1]);
  if (in[1].splat) {
    const T shared = *b;
    TARRY_LANEWISE
    for (int64_t i = 0; i < n; ++i) r[i] = F::of(a[i], shared);
  } else if (in[0].splat) {
    const T shared = *a;
    TARRY_LANEWISE
    for (int64_t i = 0; i < n; ++i) r[i] = F::of(shared, b[i]);
  } else {
    TARRY_LANEWISE
    for (int64_t i = 0; i < n; ++i) r[i] = F::of(a[i], b[i]);
  }
}

template <class F, class T, bool SplatA, bool SplatB, bool SplatC>
void ternary_of(T* r, const T* a, const T* b, const T* c, int64_t n) {
  const T sa = *a, sb = *b, sc = *c;
  TARRY_LANEWISE
  for (int64_t i = 0; i < n; ++i) r[i] = F::of(SplatA ? sa : a[i], SplatB ? sb : b[i], SplatC ? sc : c[i]);
}

/// F::of(T, T, T) for each lane.
template <class F, class T>
void ternary(std::byte* out, const Lanes* in, int64_t n) {
  T* r = reinterpret_cast<T*>(out);
  const T* a = lanes_of<T>(in[0]);
  const T* b = lanes_of<T>(in[1]);
  const T* c = lanes_of<T>(in[2]);
  switch (in[0].splat | in[1].splat << 1 | in[2].splat << 2) {
    case 0: return ternary_of<F, T, false, false, false>(r, a, b, c, n);
    case 1: return ternary_of<F, T, true, false, false>(r, a, b, c, n);
    case 2: return ternary_of<F, T, false, true, false>(r, a, b, c, n);
    case 3: return ternary_of<F, T, true, true, false>(r, a, b, c, n);
    case 4: return ternary_of<F, T, false, false, true>(r, a, b, c, n);
    case 5: return ternary_of<F, T, true, false, true>(r, a, b, c, n);
    case 6: return ternary_of<F, T, false, true, true>(r, a, b, c, n);
    default: return ternary_of<F, T, true, true, true>(r, a, b, c, n);
  }
}

/// visit(T{}) with the C++ type of an integer dtype, bool as a byte included; null for others.
template <class Visit>
Loop for_integer(ir::DType t, Visit visit) {
  using ir::DType;
  switch (t) {
    case DType::int8: return visit(int8_t{});
    case DType::int16: return visit(int16_t{});
    case DType::int32: return visit(int32_t{});
    case DType::int64: return visit(int64_t{});
    case DType::uint8: return visit(uint8_t{});
    case DType::uint16: return visit(uint16_t{});
    case DType::uint32: return visit(uint32_t{});
    case DType::uint64: return visit(uint64_t{});
    case DType::bool_:
    case DType::float16:
    case DType::bfloat16:
    case DType::float32:
    case DType::float64:
    case DType::complex64:
    case DType::complex128: return nullptr;
  }
  return nullptr;
}

/// visit(T{}) for float32 and float64; null for others.
template <class Visit>
Loop for_float(ir::DType t, Visit visit) {
  if (t == ir::DType::float32) return visit(float{});
  if (t == ir::DType::float64) return visit(double{});
  return nullptr;
}

/// visit(T{}) for integers, float32 and float64; null for others.
template <class Visit>
Loop for_number(ir::DType t, Visit visit) {
  return ir::is_float(t) ? for_float(t, visit) : for_integer(t, visit);
}

}  // namespace
}  // namespace tarry::codegen::interp
