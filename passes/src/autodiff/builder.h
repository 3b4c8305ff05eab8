#pragma once
/// Writes nodes of a derivative: infers types, drops what changes nothing. An invalid value is a zero.

#include <tarry/ir/graph.h>
#include <tarry/ir/shape.h>

#include <initializer_list>
#include <span>

namespace tarry::passes {

class Builder {
 public:
  explicit Builder(ir::Graph& graph) : g(graph) {}

  ir::Graph& g;
  ir::Location where;  // of the nodes to come

  ir::DType dtype(ir::Value v) const { return g.dtype(v); }
  const ir::Shape& shape(ir::Value v) const { return g.shape(v); }

  /// An op whose operands broadcast.
  ir::Value op(ir::Op op, std::initializer_list<ir::Value> operands);
  ir::Value neg(ir::Value x) { return x.valid() ? op(ir::Op::neg, {x}) : x; }
  /// The sum; either may be a zero.
  ir::Value add(ir::Value a, ir::Value b);
  ir::Value mul(ir::Value a, ir::Value b) { return op(ir::Op::mul, {a, b}); }
  ir::Value div(ir::Value a, ir::Value b) { return op(ir::Op::div, {a, b}); }
  ir::Value cast(ir::Value x, ir::DType to);
  /// A 0-d literal.
  ir::Value literal(ir::DType dtype, double value);
  ir::Value filled(ir::DType dtype, std::span<const int64_t> shape, double value);
  /// `x`, or zeros of the type of `like` where x is a zero.
  ir::Value or_zeros(ir::Value x, ir::Value like);

  ir::Value reshape(ir::Value x, std::span<const int64_t> to);
  ir::Value broadcast(ir::Value x, std::span<const int64_t> to);
  ir::Value transpose(ir::Value x, std::span<const int64_t> perm);
  ir::Value slice(ir::Value x, std::span<const int64_t> places, std::span<const int64_t> extents);
  ir::Value update(ir::Value x, ir::Value value, std::span<const int64_t> places);
  ir::Value pad(ir::Value x, ir::Value value, std::span<const int64_t> widths);
  ir::Value reduce(ir::Op op, ir::Value x, std::span<const int64_t> axes);
  ir::Value scan(ir::Op op, ir::Value x, int64_t axis);
  ir::Value matmul(ir::Value a, ir::Value b);
  /// Index arrays of one shape, one for each of `axes`.
  ir::Value gather(ir::Value x, std::span<const ir::Value> indices, std::span<const int64_t> axes);
  /// `op` is scatter or one of its kin; `value` has the shape of what gather reads there.
  ir::Value scatter(ir::Op op, ir::Value x, ir::Value value, std::span<const ir::Value> indices,
                    std::span<const int64_t> axes);
  /// The index along one axis, as int64.
  ir::Value iota(std::span<const int64_t> shape, int64_t axis);

  /// A reduction's result with the axes that it dropped, of extent 1.
  ir::Value with_axes(ir::Value reduced, std::span<const int64_t> from, std::span<const int64_t> axes);
  /// Backwards along one axis.
  ir::Value flip(ir::Value x, int64_t axis);
  /// Elements [from, to) along one axis.
  ir::Value part(ir::Value x, int64_t axis, int64_t from, int64_t to);
  /// `count` elements more at the start (or end) of one axis, each `value`, a 0-d value.
  ir::Value pad_axis(ir::Value x, ir::Value value, int64_t axis, int64_t before, int64_t after);
  /// The last two axes exchanged.
  ir::Value swap_last(ir::Value x);
  /// Transposes broadcasting: the sum over what an operand of this shape was repeated along.
  ir::Value sum_to(ir::Value x, std::span<const int64_t> to);

 private:
  /// A scatter_add of the same to something else.
  ir::Value added_to(ir::Value x, ir::Value scattered);
};

}  // namespace tarry::passes
