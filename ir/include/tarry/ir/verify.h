#pragma once
/// Checks the invariants of graphs and kernels. What is wrong is the library's fault, not the user's:
/// all throw InternalError with the node, what is wrong with it, and the whole as text.

#include <tarry/ir/kernel.h>
#include <tarry/ir/program.h>

namespace tarry::ir {

/// Whether operands of an op that accepts these may have the dtype.
constexpr bool accepts(Accepts which, DType t) {
  switch (which) {
    case Accepts::any: return true;
    case Accepts::plain: return !is_complex(t);
    case Accepts::boolean: return is_bool(t);
    case Accepts::integer: return is_int(t);
    case Accepts::bool_or_int: return is_bool(t) || is_int(t);
    case Accepts::floating: return is_float(t);
    case Accepts::number: return !is_bool(t);
    case Accepts::real: return is_int(t) || is_float(t);
    case Accepts::parts: return t == DType::float32 || t == DType::float64;
    case Accepts::complex: return is_complex(t);
  }
  return false;
}
/// Elementwise ops that make complex numbers or take them apart: kernels have none when executors see them.
constexpr bool is_of_pairs(Op op) { return op == Op::complex || op == Op::real || op == Op::imag; }

/// The array level: arity, attributes, dtypes and shapes of every node by the op table, and outputs.
void verify(const Graph& g);

/// The graph, and that each parameter has its layout inside its buffer, each slot one type, each
/// output an order that is a permutation.
void verify(const Program& p);

/// The kernel level: 0-d values of the ops allowed there, accesses and scalars as declared, cold
/// regions nested and their values used inside alone, reductions and stores at their level.
void verify(const Kernel& k);

}  // namespace tarry::ir
