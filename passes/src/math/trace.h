#pragma once
/// The value type of expansions that build IR: each operation appends a node to a kernel's body.

#include <tarry/ir/graph.h>

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <type_traits>

namespace tarry::passes::math {

template <class T>
struct DTypeOf;
#define TARRY_DTYPE_OF(type, name)                      \
  template <>                                           \
  struct DTypeOf<type> {                                \
    static constexpr ir::DType value = ir::DType::name; \
  };
TARRY_DTYPE_OF(bool, bool_)
TARRY_DTYPE_OF(int8_t, int8)
TARRY_DTYPE_OF(int16_t, int16)
TARRY_DTYPE_OF(int32_t, int32)
TARRY_DTYPE_OF(int64_t, int64)
TARRY_DTYPE_OF(uint8_t, uint8)
TARRY_DTYPE_OF(uint16_t, uint16)
TARRY_DTYPE_OF(uint32_t, uint32)
TARRY_DTYPE_OF(uint64_t, uint64)
TARRY_DTYPE_OF(float, float32)
TARRY_DTYPE_OF(double, float64)
#undef TARRY_DTYPE_OF

/// The graph and source line that the expressions of this thread belong to, while in scope.
class Tracing {
 public:
  Tracing(ir::Graph& graph, ir::Location where) : outer_(current_), graph_(graph), where_(where) { current_ = this; }
  ~Tracing() { current_ = outer_; }
  Tracing(const Tracing&) = delete;
  Tracing& operator=(const Tracing&) = delete;

  static ir::Value add(ir::Op op, ir::DType dtype, std::span<const ir::Value> operands) {
    return current_->graph_.add(op, dtype, {}, operands, {}, current_->where_);
  }
  static ir::Value add(ir::Op op, ir::DType dtype, std::initializer_list<ir::Value> operands,
                       std::initializer_list<int64_t> attrs = {}) {
    return current_->graph_.add(op, dtype, {}, operands, attrs, current_->where_);
  }

 private:
  static thread_local Tracing* current_;
  Tracing* outer_;
  ir::Graph& graph_;
  ir::Location where_;
};
inline thread_local Tracing* Tracing::current_ = nullptr;

template <class T>
struct Expr {
  ir::Value v;
  static constexpr ir::DType dtype = DTypeOf<T>::value;

  Expr() = default;  // no value yet
  explicit Expr(ir::Value value) : v(value) {}
  Expr(T literal) : v(Tracing::add(ir::Op::constant, dtype, {}, {literal_bits(literal)})) {}

  friend Expr operator+(Expr a, Expr b) { return Expr(Tracing::add(ir::Op::add, dtype, {a.v, b.v})); }
  friend Expr operator-(Expr a, Expr b) { return Expr(Tracing::add(ir::Op::sub, dtype, {a.v, b.v})); }
  friend Expr operator*(Expr a, Expr b) { return Expr(Tracing::add(ir::Op::mul, dtype, {a.v, b.v})); }
  friend Expr operator/(Expr a, Expr b) { return Expr(Tracing::add(ir::Op::div, dtype, {a.v, b.v})); }
  friend Expr operator-(Expr a) { return Expr(Tracing::add(ir::Op::neg, dtype, {a.v})); }
  friend Expr operator&(Expr a, Expr b) { return Expr(Tracing::add(ir::Op::and_, dtype, {a.v, b.v})); }
  friend Expr operator|(Expr a, Expr b) { return Expr(Tracing::add(ir::Op::or_, dtype, {a.v, b.v})); }
  friend Expr operator^(Expr a, Expr b) { return Expr(Tracing::add(ir::Op::xor_, dtype, {a.v, b.v})); }
  friend Expr operator~(Expr a) { return Expr(Tracing::add(ir::Op::not_, dtype, {a.v})); }
  friend Expr operator<<(Expr a, Expr b) { return Expr(Tracing::add(ir::Op::shl, dtype, {a.v, b.v})); }
  friend Expr operator>>(Expr a, Expr b) { return Expr(Tracing::add(ir::Op::shr, dtype, {a.v, b.v})); }
  friend Expr<bool> operator==(Expr a, Expr b) { return compare(ir::Op::eq, a, b); }
  friend Expr<bool> operator!=(Expr a, Expr b) { return compare(ir::Op::ne, a, b); }
  friend Expr<bool> operator<(Expr a, Expr b) { return compare(ir::Op::lt, a, b); }
  friend Expr<bool> operator<=(Expr a, Expr b) { return compare(ir::Op::le, a, b); }
  friend Expr<bool> operator>(Expr a, Expr b) { return compare(ir::Op::gt, a, b); }
  friend Expr<bool> operator>=(Expr a, Expr b) { return compare(ir::Op::ge, a, b); }

 private:
  static Expr<bool> compare(ir::Op op, Expr a, Expr b) {
    return Expr<bool>(Tracing::add(op, ir::DType::bool_, {a.v, b.v}));
  }
  static int64_t literal_bits(T x) {
    if constexpr (std::is_same_v<T, bool>)
      return x;
    else if constexpr (sizeof(T) == 8)
      return std::bit_cast<int64_t>(x);
    else if constexpr (sizeof(T) == 4)
      return std::bit_cast<uint32_t>(x);
    else
      return static_cast<std::make_unsigned_t<T>>(x);
  }
};

template <class T>
Expr<T> select(Expr<bool> c, Expr<T> a, std::type_identity_t<Expr<T>> b) {
  return Expr<T>(Tracing::add(ir::Op::select, Expr<T>::dtype, {c.v, a.v, b.v}));
}
template <class T>
Expr<T> fma(Expr<T> a, std::type_identity_t<Expr<T>> b, std::type_identity_t<Expr<T>> c) {
  return Expr<T>(Tracing::add(ir::Op::fma, Expr<T>::dtype, {a.v, b.v, c.v}));
}
#define TARRY_TRACE_UNARY(name)                                        \
  template <class T>                                                   \
  Expr<T> name(Expr<T> a) {                                            \
    return Expr<T>(Tracing::add(ir::Op::name, Expr<T>::dtype, {a.v})); \
  }
TARRY_TRACE_UNARY(sqrt)
TARRY_TRACE_UNARY(abs)
TARRY_TRACE_UNARY(floor)
TARRY_TRACE_UNARY(ceil)
TARRY_TRACE_UNARY(trunc)
TARRY_TRACE_UNARY(rint)
#undef TARRY_TRACE_UNARY

template <class T>
Expr<T> floor_div(Expr<T> a, Expr<T> b) {
  return Expr<T>(Tracing::add(ir::Op::floor_div, Expr<T>::dtype, {a.v, b.v}));
}

template <class U, class T>
Expr<U> bits(Expr<T> a) {
  return Expr<U>(Tracing::add(ir::Op::bits, Expr<U>::dtype, {a.v}));
}
template <class U, class T>
Expr<U> convert(Expr<T> a) {
  return Expr<U>(Tracing::add(ir::Op::cast, Expr<U>::dtype, {a.v}));
}

struct TraceModel {
  template <class T>
  using V = Expr<T>;

  template <class T, class Slow>
  Expr<T> cold(Expr<bool> predicate, Expr<T> fast, Slow slow) {
    const ir::Value begin = Tracing::add(ir::Op::cold_begin, ir::DType::bool_, {predicate.v});
    const Expr<T> rare = slow();
    return Expr<T>(Tracing::add(ir::Op::cold_end, Expr<T>::dtype, {begin, rare.v, fast.v}));
  }
};

}  // namespace tarry::passes::math
