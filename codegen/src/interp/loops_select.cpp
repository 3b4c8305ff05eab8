#include "interp/lanewise.h"

#include <cstring>

namespace tarry::codegen::interp::TARRY_LOOP_SET {
namespace {

struct Same {
  template <class T>
  static T of(T a) {
    return a;
  }
};

template <class T, bool SplatA, bool SplatB>
void choose(T* r, const uint8_t* condition, const T* a, const T* b, int64_t n) {
  const T sa = *a, sb = *b;
  TARRY_LANEWISE
  for (int64_t i = 0; i < n; ++i) {
    const T x = SplatA ? sa : a[i];
    const T y = SplatB ? sb : b[i];
    r[i] = condition[i] ? x : y;
  }
}

template <class T>
void select(std::byte* out, const Lanes* in, int64_t n) {
  T* r = reinterpret_cast<T*>(out);
  const uint8_t* condition = lanes_of<uint8_t>(in[0]);
  if (in[0].splat) {
    const Lanes& chosen = *condition ? in[1] : in[2];
    const T* x = lanes_of<T>(chosen);
    const T first = *x;
    TARRY_LANEWISE
    for (int64_t i = 0; i < n; ++i) r[i] = chosen.splat ? first : x[i];
    return;
  }
  const T* a = lanes_of<T>(in[1]);
  const T* b = lanes_of<T>(in[2]);
  if (in[1].splat) {
    if (in[2].splat)
      choose<T, true, true>(r, condition, a, b, n);
    else
      choose<T, true, false>(r, condition, a, b, n);
  } else {
    if (in[2].splat)
      choose<T, false, true>(r, condition, a, b, n);
    else
      choose<T, false, false>(r, condition, a, b, n);
  }
}

}  // namespace

Loop select_loop(ir::DType t) {
  switch (ir::size_of(t)) {
    case 1: return select<uint8_t>;
    case 2: return select<uint16_t>;
    case 4: return select<uint32_t>;
    case 8: return select<uint64_t>;
    default: return nullptr;
  }
}

Loop copy_loop(ir::DType t) {
  switch (ir::size_of(t)) {
    case 1: return unary<Same, uint8_t>;
    case 2: return unary<Same, uint16_t>;
    case 4: return unary<Same, uint32_t>;
    case 8: return unary<Same, uint64_t>;
    default: return nullptr;
  }
}

}  // namespace tarry::codegen::interp::TARRY_LOOP_SET
