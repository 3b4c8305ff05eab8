#pragma once
/// A scalar evaluator of expanded kernel bodies, written straight from the op table: one value at a time,
/// as bit patterns, cold regions always evaluated.

#include <tarry/ir/graph.h>
#include <tarry/ir/half.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <vector>

namespace tarry::tests {

using ir::DType;
using ir::Op;
using ir::Value;

template <class T>
T from_bits(uint64_t bits) {
  T x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
template <class T>
uint64_t to_bits(T x) {
  uint64_t bits = 0;
  std::memcpy(&bits, &x, sizeof x);
  return bits;
}

/// visit(T{}) with the C++ type of a dtype; half types have none.
template <class Visit>
uint64_t visit_dtype(DType t, Visit visit) {
  switch (t) {
    case DType::bool_: return visit(bool{});
    case DType::int8: return visit(int8_t{});
    case DType::int16: return visit(int16_t{});
    case DType::int32: return visit(int32_t{});
    case DType::int64: return visit(int64_t{});
    case DType::uint8: return visit(uint8_t{});
    case DType::uint16: return visit(uint16_t{});
    case DType::uint32: return visit(uint32_t{});
    case DType::uint64: return visit(uint64_t{});
    case DType::float32: return visit(float{});
    case DType::float64: return visit(double{});
    default: throw std::logic_error("no primitive works on this dtype");
  }
}

template <class To>
uint64_t truncated(double x) {
  using Wide = std::conditional_t<(sizeof(To) == 8 || std::is_same_v<To, uint32_t>), int64_t, int32_t>;
  if constexpr (std::is_same_v<To, uint64_t>)
    if (x >= 0x1p63) return truncated<int64_t>(x - 0x1p63) ^ (1ull << 63);
  const double bound = sizeof(Wide) == 8 ? 0x1p63 : 0x1p31;
  const bool fits = std::trunc(x) >= -bound && std::trunc(x) < bound;
  return to_bits(static_cast<To>(fits ? static_cast<Wide>(x) : std::numeric_limits<Wide>::min()));
}

inline uint64_t evaluate_cast(DType from, DType to, uint64_t in) {
  if (from == to) return in;
  if (from == DType::float16) return to_bits(ir::from_float16(static_cast<uint16_t>(in)));
  if (from == DType::bfloat16) return to_bits(ir::from_bfloat16(static_cast<uint16_t>(in)));
  if (to == DType::float16) return ir::to_float16(from_bits<float>(in));
  if (to == DType::bfloat16) return ir::to_bfloat16(from_bits<float>(in));
  return visit_dtype(from, [&](auto source) {
    using From = decltype(source);
    return visit_dtype(to, [&](auto target) {
      using To = decltype(target);
      const From x = from_bits<From>(in);
      if constexpr (std::is_same_v<To, bool>)
        return to_bits(x != From{});
      else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>)
        return truncated<To>(x);
      else
        return to_bits(static_cast<To>(x));
    });
  });
}

template <class T>
uint64_t evaluate_float(Op op, T a, T b, T c) {
  switch (op) {
    case Op::add: return to_bits(a + b);
    case Op::sub: return to_bits(a - b);
    case Op::mul: return to_bits(a * b);
    case Op::div: return to_bits(a / b);
    case Op::neg: return to_bits(-a);
    case Op::abs: return to_bits(std::fabs(a));
    case Op::sqrt: return to_bits(std::sqrt(a));
    case Op::fma: return to_bits(std::fma(a, b, c));
    case Op::floor: return to_bits(std::floor(a));
    case Op::ceil: return to_bits(std::ceil(a));
    case Op::trunc: return to_bits(std::trunc(a));
    case Op::rint: return to_bits(std::rint(a));
    default: throw std::logic_error("not a primitive of floats");
  }
}

template <class T>
uint64_t evaluate_int(Op op, T a, T b) {
  const uint64_t x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
  const bool past = y >= 8 * sizeof(T);
  switch (op) {
    case Op::add: return to_bits(static_cast<T>(x + y));
    case Op::sub: return to_bits(static_cast<T>(x - y));
    case Op::mul: return to_bits(static_cast<T>(x * y));
    case Op::neg: return to_bits(static_cast<T>(0 - x));
    case Op::and_: return to_bits(static_cast<T>(x & y));
    case Op::or_: return to_bits(static_cast<T>(x | y));
    case Op::xor_: return to_bits(static_cast<T>(x ^ y));
    case Op::not_: return to_bits(std::is_same_v<T, bool> ? static_cast<T>(!a) : static_cast<T>(~x));
    case Op::shl: return to_bits(static_cast<T>(past ? 0 : x << y));
    case Op::shr: return to_bits(static_cast<T>(past ? (a < T{} ? ~0ull : 0) : static_cast<uint64_t>(a >> y)));
    case Op::floor_div: {
      if (b == T{}) return 0;
      if (std::is_signed_v<T> && b == static_cast<T>(-1)) return to_bits(static_cast<T>(0 - x));
      const T q = static_cast<T>(a / b);
      return to_bits(static_cast<T>(q * b != a && (a < T{}) != (b < T{}) ? q - 1 : q));
    }
    default: throw std::logic_error("not a primitive of integers");
  }
}

template <class T>
uint64_t evaluate_primitive(Op op, T a, T b, T c) {
  switch (op) {
    case Op::eq: return a == b;
    case Op::ne: return a != b;
    case Op::lt: return a < b;
    case Op::le: return a <= b;
    case Op::gt: return a > b;
    case Op::ge: return a >= b;
    case Op::max: return to_bits(a >= b || a != a ? a : b);
    case Op::min: return to_bits(a <= b || a != a ? a : b);
    default: break;
  }
  if constexpr (std::is_floating_point_v<T>)
    return evaluate_float(op, a, b, c);
  else
    return evaluate_int(op, a, b);
}

/// Values of all nodes of a body, where loads give `inputs` by access; returns what is stored.
class Evaluator {
 public:
  explicit Evaluator(const ir::Graph& body) : body_(body), values_(body.size()) {}

  uint64_t run(const std::vector<uint64_t>& inputs) {
    uint64_t stored = 0;
    for (uint32_t id = 0; id < body_.size(); ++id) {
      const Value v{id};
      switch (body_.op(v)) {
        case Op::load: values_[id] = inputs[body_.attr(v)]; break;
        case Op::constant: values_[id] = static_cast<uint64_t>(body_.attr(v)); break;
        case Op::store: stored = in(v, 0); break;
        case Op::cold_begin: values_[id] = in(v, 0); break;
        case Op::cold_end:
        case Op::select: values_[id] = in(v, 0) ? in(v, 1) : in(v, 2); break;
        case Op::bits: values_[id] = in(v, 0); break;
        case Op::cast: values_[id] = evaluate_cast(body_.dtype(body_.operand(v, 0)), body_.dtype(v), in(v, 0)); break;
        default: values_[id] = compute(v); break;
      }
    }
    return stored;
  }

 private:
  uint64_t in(Value v, int k) const { return values_[body_.operand(v, k).id]; }

  uint64_t compute(Value v) const {
    const auto operands = body_.operands(v);
    return visit_dtype(body_.dtype(operands[0]), [&](auto type) {
      using T = decltype(type);
      const auto operand = [&](size_t k) { return k < operands.size() ? from_bits<T>(in(v, k)) : T{}; };
      return evaluate_primitive<T>(body_.op(v), operand(0), operand(1), operand(2));
    });
  }

  const ir::Graph& body_;
  std::vector<uint64_t> values_;
};

}  // namespace tarry::tests
