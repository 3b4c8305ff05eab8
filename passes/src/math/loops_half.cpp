#include "run_loop.h"

#include "functions.h"
#include "half_lanes.h"
#include "round_to_odd.h"

#include <limits>

namespace tarry::passes::math {

namespace {

constexpr int64_t kBlock = 256;

// The primitives of float32, which the half types need as loops too.
#define TARRY_PLAIN_CALL(name) \
  template <class... W>        \
  auto call_##name(W... in) {  \
    return name(in...);        \
  }
TARRY_PLAIN_CALL(abs)
TARRY_PLAIN_CALL(sqrt)
TARRY_PLAIN_CALL(floor)
TARRY_PLAIN_CALL(ceil)
TARRY_PLAIN_CALL(trunc)
TARRY_PLAIN_CALL(rint)
TARRY_PLAIN_CALL(fma)
#undef TARRY_PLAIN_CALL

namespace function {
#define TARRY_PLAIN_FUNCTION(name, expression)    \
  struct name {                                   \
    template <class M, class... W>                \
    static auto call(M&, W... in) {               \
      return apply(in...);                        \
    }                                             \
    template <class W>                            \
    static auto apply(W a, W b = {}, W c = {}) {  \
      static_cast<void>(b), static_cast<void>(c); \
      return expression;                          \
    }                                             \
  };
TARRY_PLAIN_FUNCTION(add, a + b)
TARRY_PLAIN_FUNCTION(sub, a - b)
TARRY_PLAIN_FUNCTION(mul, a* b)
TARRY_PLAIN_FUNCTION(div, a / b)
TARRY_PLAIN_FUNCTION(max, select((a >= b) | (a != a), a, b))
TARRY_PLAIN_FUNCTION(min, select((a <= b) | (a != a), a, b))
TARRY_PLAIN_FUNCTION(eq, a == b)
TARRY_PLAIN_FUNCTION(ne, a != b)
TARRY_PLAIN_FUNCTION(lt, a < b)
TARRY_PLAIN_FUNCTION(le, a <= b)
TARRY_PLAIN_FUNCTION(gt, a > b)
TARRY_PLAIN_FUNCTION(ge, a >= b)
TARRY_PLAIN_FUNCTION(neg, -a)
TARRY_PLAIN_FUNCTION(abs, call_abs(a))
TARRY_PLAIN_FUNCTION(sqrt, call_sqrt(a))
TARRY_PLAIN_FUNCTION(floor, call_floor(a))
TARRY_PLAIN_FUNCTION(ceil, call_ceil(a))
TARRY_PLAIN_FUNCTION(trunc, call_trunc(a))
TARRY_PLAIN_FUNCTION(rint, call_rint(a))
TARRY_PLAIN_FUNCTION(fma, call_fma(a, b, c))
#undef TARRY_PLAIN_FUNCTION
}  // namespace function

#define TARRY_PLAIN_UNARY(X) X(neg) X(abs) X(sqrt) X(floor) X(ceil) X(trunc) X(rint)
#define TARRY_PLAIN_BINARY(X) X(add) X(sub) X(mul) X(div) X(max) X(min) X(eq) X(ne) X(lt) X(le) X(gt) X(ge)

/// The float32 loop of an op, whether a primitive or not.
Loop wide_loop(ir::Op op) {
  using T = float;
  switch (op) {
    TARRY_PLAIN_UNARY(TARRY_UNARY_LOOP)
    TARRY_PLAIN_BINARY(TARRY_BINARY_LOOP)
    case ir::Op::fma: return &LoopOf<function::fma, float, float, 3>::run;
    default: return float32_loop(op);
  }
}

/// Op on halves H: a block at a time to float32, through its loop, and back unless the result is bool.
template <class H, ir::Op op, bool to_half>
void run_wide(const void* const* operands, void* out, int64_t n) {
  constexpr int arity = ir::info(op).arity;
  const Loop loop = wide_loop(op);
  float wide[arity][kBlock], result[kBlock];
  const void* wide_operands[arity];
  for (int k = 0; k < arity; ++k) wide_operands[k] = wide[k];
  for (int64_t start = 0; start < n; start += kBlock) {
    const int64_t count = n - start < kBlock ? n - start : kBlock;
    for (int k = 0; k < arity; ++k) {
      const H* in = static_cast<const H*>(operands[k]) + start;
      for (int64_t i = 0; i < count; ++i) wide[k][i] = widen(in[i]);
    }
    if constexpr (to_half) {
      loop(wide_operands, result, count);
      H* to = static_cast<H*>(out) + start;
      for (int64_t i = 0; i < count; ++i) to[i] = narrow_to(H(), result[i]);
    } else {
      loop(wide_operands, static_cast<bool*>(out) + start, count);
    }
  }
}

template <class H>
void run_bitcast(const void* const* operands, void* out, int64_t n) {
  const H* in = static_cast<const H*>(operands[0]);
  uint16_t* to = static_cast<uint16_t*>(out);
  for (int64_t i = 0; i < n; ++i) {
    const float x = widen(in[i]);
    to[i] = x == x ? in[i].bits : H::nan;
  }
}

template <class H>
void run_nextafter(const void* const* operands, void* out, int64_t n) {
  const H* from = static_cast<const H*>(operands[0]);
  const H* towards = static_cast<const H*>(operands[1]);
  H* to = static_cast<H*>(out);
  for (int64_t i = 0; i < n; ++i) {
    to[i].bits = next_bits(Lane<float>(widen(from[i])), Lane<float>(widen(towards[i])), Lane<uint16_t>(from[i].bits),
                           Lane<uint16_t>(towards[i].bits), uint16_t{0x8000}, H::nan)
                     .v;
  }
}

#define TARRY_HALF_LOOP(name) \
  case ir::Op::name: return &run_wide<H, ir::Op::name, ir::info(ir::Op::name).dtype_rule == ir::DTypeRule::same>;

template <class H>
Loop loop_of(ir::Op op) {
  switch (op) {
    case ir::Op::bitcast: return &run_bitcast<H>;
    case ir::Op::nextafter:
      return &run_nextafter<H>;
      TARRY_PLAIN_UNARY(TARRY_HALF_LOOP)
      TARRY_PLAIN_BINARY(TARRY_HALF_LOOP)
      TARRY_HALF_LOOP(fma)
      TARRY_WIDE_UNARY(TARRY_HALF_LOOP)
      TARRY_WIDE_BINARY(TARRY_HALF_LOOP)
    default: return nullptr;
  }
}

/// As the op table defines a cast: truncates; what does not fit is the minimum of int32 or int64, from
/// which narrower types take their low bits, and uint64 wraps around at 2^63.
template <class To>
To float_to_int(float x) {
  using Wide = std::conditional_t<sizeof(To) == 8 || std::is_same_v<To, uint32_t>, int64_t, int32_t>;
  constexpr float bound = sizeof(Wide) == 8 ? 0x1p63f : 0x1p31f;
  if constexpr (std::is_same_v<To, uint64_t>) {
    if (x >= bound) return static_cast<To>(float_to_int<int64_t>(x - bound)) ^ (To{1} << 63);
  }
  const bool fits = x >= -bound && x < bound;
  return static_cast<To>(fits ? static_cast<Wide>(x) : std::numeric_limits<Wide>::min());
}

/// A half type to anything but float32.
template <class H, class To>
void run_cast_from(const void* const* operands, void* out, int64_t n) {
  const H* in = static_cast<const H*>(operands[0]);
  To* to = static_cast<To*>(out);
  for (int64_t i = 0; i < n; ++i) {
    const float x = widen(in[i]);
    if constexpr (std::is_same_v<To, bool>) {
      to[i] = x != 0;
    } else if constexpr (std::is_same_v<To, double>) {
      to[i] = x;
    } else if constexpr (std::is_class_v<To>) {
      to[i] = narrow_to(To(), x);
    } else {
      to[i] = float_to_int<To>(x);
    }
  }
}

/// Anything but float32 to a half type.
template <class H, class From>
void run_cast_to(const void* const* operands, void* out, int64_t n) {
  const From* in = static_cast<const From*>(operands[0]);
  H* to = static_cast<H*>(out);
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<From, bool>)
      to[i] = narrow_to(H(), in[i] ? 1.0f : 0.0f);
    else
      to[i] = narrow_to(H(), to_odd_float(Lane<From>(in[i])).v);
  }
}

template <class H>
Loop cast_from(ir::DType to) {
  switch (to) {
    case ir::DType::bool_: return &run_cast_from<H, bool>;
    case ir::DType::int8: return &run_cast_from<H, int8_t>;
    case ir::DType::int16: return &run_cast_from<H, int16_t>;
    case ir::DType::int32: return &run_cast_from<H, int32_t>;
    case ir::DType::int64: return &run_cast_from<H, int64_t>;
    case ir::DType::uint8: return &run_cast_from<H, uint8_t>;
    case ir::DType::uint16: return &run_cast_from<H, uint16_t>;
    case ir::DType::uint32: return &run_cast_from<H, uint32_t>;
    case ir::DType::uint64: return &run_cast_from<H, uint64_t>;
    case ir::DType::float16: return &run_cast_from<H, Float16>;
    case ir::DType::bfloat16: return &run_cast_from<H, BFloat16>;
    case ir::DType::float64: return &run_cast_from<H, double>;
    case ir::DType::float32:
    case ir::DType::complex64:
    case ir::DType::complex128: return nullptr;
  }
  return nullptr;
}

template <class H>
Loop cast_to(ir::DType from) {
  switch (from) {
    case ir::DType::bool_: return &run_cast_to<H, bool>;
    case ir::DType::int8: return &run_cast_to<H, int8_t>;
    case ir::DType::int16: return &run_cast_to<H, int16_t>;
    case ir::DType::int32: return &run_cast_to<H, int32_t>;
    case ir::DType::int64: return &run_cast_to<H, int64_t>;
    case ir::DType::uint8: return &run_cast_to<H, uint8_t>;
    case ir::DType::uint16: return &run_cast_to<H, uint16_t>;
    case ir::DType::uint32: return &run_cast_to<H, uint32_t>;
    case ir::DType::uint64: return &run_cast_to<H, uint64_t>;
    case ir::DType::float64: return &run_cast_to<H, double>;
    case ir::DType::float16:
    case ir::DType::bfloat16:
    case ir::DType::float32:
    case ir::DType::complex64:
    case ir::DType::complex128: return nullptr;
  }
  return nullptr;
}

}  // namespace

Loop half_cast_loop(ir::DType from, ir::DType to) {
  if (from == ir::DType::float16) return cast_from<Float16>(to);
  if (from == ir::DType::bfloat16) return cast_from<BFloat16>(to);
  if (to == ir::DType::float16) return cast_to<Float16>(from);
  return to == ir::DType::bfloat16 ? cast_to<BFloat16>(from) : nullptr;
}

Loop half_loop(ir::Op op, ir::DType t) {
  return t == ir::DType::float16 ? loop_of<Float16>(op) : loop_of<BFloat16>(op);
}

}  // namespace tarry::passes::math
