#include "expand_op.h"

#include <tarry/passes/expand.h>

#include "functions.h"
#include "round_to_odd.h"

namespace tarry::passes::math {

using ir::DType;
using ir::Op;
using ir::Value;

namespace {

// clang-format would make one of the two.
// clang-format off
#define TARRY_UNARY_CASE(name) \
  case Op::name: return math::name(m, Expr<T>(in[0])).v;
#define TARRY_BINARY_CASE(name) \
  case Op::name: return math::name(m, Expr<T>(in[0]), Expr<T>(in[1])).v;
// clang-format on

template <class T>
Value expand_float(Op op, std::span<const Value> in) {
  TraceModel m;
  switch (op) {
    TARRY_FLOAT_UNARY(TARRY_UNARY_CASE)
    TARRY_FLOAT_BINARY(TARRY_BINARY_CASE)
    default: return {};
  }
}

template <class T>
Value expand_int(Op op, std::span<const Value> in) {
  TraceModel m;
  if constexpr (sizeof(T) <= 4) {
    switch (op) {
      TARRY_SHORT_INT_BINARY(TARRY_BINARY_CASE)
      default: break;
    }
  }
  switch (op) {
    TARRY_INT_UNARY(TARRY_UNARY_CASE)
    TARRY_INT_BINARY(TARRY_BINARY_CASE)
    default: return {};
  }
}

Value expand_bool(Op op, std::span<const Value> in) {
  using T = bool;
  TraceModel m;
  switch (op) {
    TARRY_BOOL_UNARY(TARRY_UNARY_CASE)
    TARRY_BOOL_BINARY(TARRY_BINARY_CASE)
    default: return {};
  }
}
#undef TARRY_UNARY_CASE
#undef TARRY_BINARY_CASE

Value cast(Value v, DType to) { return Tracing::add(Op::cast, to, {v}); }
Value raw_bits(Value v, DType to) { return Tracing::add(Op::bits, to, {v}); }

/// A half type's quiet NaN.
uint16_t half_nan(DType t) { return t == DType::float16 ? 0x7e00 : 0x7fc0; }

/// Ops on the bits of a half type itself.
Value expand_half_bits(Op op, DType t, std::span<const Value> in) {
  const auto value = [&](int i) { return Expr<float>(cast(in[i], DType::float32)); };
  const auto bits_of = [&](int i) { return Expr<uint16_t>(raw_bits(in[i], DType::uint16)); };
  if (op == Op::bitcast) return select(value(0) == value(0), bits_of(0), half_nan(t)).v;
  const Expr<uint16_t> next = next_bits(value(0), value(1), bits_of(0), bits_of(1), uint16_t{0x8000}, half_nan(t));
  return raw_bits(next.v, t);
}

/// Any other op on a half type: in float32, rounded once.
Value expand_half(Op op, DType t, DType result, std::span<const Value> in) {
  if (op == Op::bitcast || op == Op::nextafter) return expand_half_bits(op, t, in);
  Value wide[3];
  for (size_t i = 0; i < in.size(); ++i) wide[i] = cast(in[i], DType::float32);
  const std::span<const Value> operands(wide, in.size());
  const DType wide_result = result == t ? DType::float32 : result;
  const Value v =
      is_primitive(op, DType::float32) ? Tracing::add(op, wide_result, operands) : expand_float<float>(op, operands);
  return v.valid() && result == t ? cast(v, t) : v;
}

/// A float32 that rounds to a half type as the value itself does.
Value to_half_through_float(Value v, DType from) {
  switch (from) {
    case DType::int32: return to_odd_float(Expr<int32_t>(v)).v;
    case DType::uint32: return to_odd_float(Expr<uint32_t>(v)).v;
    case DType::int64: return to_odd_float(Expr<int64_t>(v)).v;
    case DType::uint64: return to_odd_float(Expr<uint64_t>(v)).v;
    case DType::float64: return to_odd_float(Expr<double>(v)).v;
    default: return cast(v, DType::float32);
  }
}

Value expand_cast(Value v, DType from, DType to) {
  if (ir::is_complex(from) || ir::is_complex(to)) return {};
  if (ir::is_half(from)) return cast(cast(v, DType::float32), to);
  return cast(to_half_through_float(v, from), to);
}

}  // namespace

Value expand_op(Op op, DType operand, DType result, std::span<const Value> in) {
  if (op == Op::cast) return expand_cast(in[0], operand, result);
  Value v;
  switch (operand) {
    case DType::bool_: v = expand_bool(op, in); break;
    case DType::int8: v = expand_int<int8_t>(op, in); break;
    case DType::int16: v = expand_int<int16_t>(op, in); break;
    case DType::int32: v = expand_int<int32_t>(op, in); break;
    case DType::int64: v = expand_int<int64_t>(op, in); break;
    case DType::uint8: v = expand_int<uint8_t>(op, in); break;
    case DType::uint16: v = expand_int<uint16_t>(op, in); break;
    case DType::uint32: v = expand_int<uint32_t>(op, in); break;
    case DType::uint64: v = expand_int<uint64_t>(op, in); break;
    case DType::float16:
    case DType::bfloat16: v = expand_half(op, operand, result, in); break;
    case DType::float32: v = expand_float<float>(op, in); break;
    case DType::float64: v = expand_float<double>(op, in); break;
    case DType::complex64:
    case DType::complex128: return {};
  }
  // A bit cast comes out unsigned.
  return op == Op::bitcast && v.valid() &&
                 result != (ir::size_of(result) == 2   ? DType::uint16
                            : ir::size_of(result) == 4 ? DType::uint32
                                                       : DType::uint64)
             ? raw_bits(v, result)
             : v;
}

Value expand_exp_of_nonpositive(DType dtype, Value x) {
  return dtype == DType::float32 ? exp_of_nonpositive(Expr<float>(x)).v : exp_of_nonpositive(Expr<double>(x)).v;
}

}  // namespace tarry::passes::math
