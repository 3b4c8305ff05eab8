#include <tarry/ir/reduction.h>

#include <tarry/ir/error.h>
#include <tarry/ir/literal.h>

#include <limits>

namespace tarry::ir {
namespace {

/// The largest (or smallest) value of `t`, as the start of a min (or max).
uint64_t extreme_bits(DType t, bool largest) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (is_bool(t)) return largest;
  if (is_float(t)) return bits_of(t, largest ? kInfinity : -kInfinity);
  const int width = static_cast<int>(8 * size_of(t));
  const uint64_t ones = width == 64 ? ~0ull : (1ull << width) - 1;
  if (is_unsigned_int(t)) return largest ? ones : 0;
  return largest ? ones >> 1 : ones ^ ones >> 1;
}

}  // namespace

uint64_t identity_bits(Op reduce, DType t) {
  if (is_complex(t)) throw InternalError("identity_bits: complex reductions have no 64-bit identity");
  switch (fold_op(reduce)) {
    case Op::mul: return bits_of(t, 1);
    case Op::min: return extreme_bits(t, true);
    case Op::max: return extreme_bits(t, false);
    default: return bits_of(t, -0.0);
  }
}

}  // namespace tarry::ir
