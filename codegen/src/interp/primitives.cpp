#include "interp/loops.h"

namespace tarry::codegen::interp::TARRY_LOOP_SET {

using ir::Op;

Loop primitive_loop(Op op, ir::DType result, ir::DType operand) {
  switch (op) {
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::max:
    case Op::min:
    case Op::neg:
    case Op::abs:
    case Op::floor_div: return arithmetic_loop(op, operand);
    case Op::div:
    case Op::fma:
    case Op::sqrt:
    case Op::floor:
    case Op::ceil:
    case Op::trunc:
    case Op::rint: return float_loop(op, operand);
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge: return compare_loop(op, operand);
    case Op::and_:
    case Op::or_:
    case Op::xor_:
    case Op::not_:
    case Op::shl:
    case Op::shr:
    case Op::popcount: return bits_loop(op, operand);
    case Op::select: return select_loop(result);
    case Op::cast: return cast_loop(operand, result);
    case Op::bits: return copy_loop(operand);
    case Op::within: return arithmetic_loop(op, operand);
    case Op::bitcast: return ir::is_float(operand) ? nullptr : copy_loop(operand);
    // Kernels have no complex numbers.
    case Op::complex:
    case Op::real:
    case Op::imag: return nullptr;
    // Composed of the above: passes has their loops.
    case Op::mod:
    case Op::fmod:
    case Op::gcd:
    case Op::pow:
    case Op::atan2:
    case Op::hypot:
    case Op::copysign:
    case Op::nextafter:
    case Op::mul0:
    case Op::div0:
    case Op::sign:
    case Op::cbrt:
    case Op::exp:
    case Op::exp2:
    case Op::expm1:
    case Op::log:
    case Op::log2:
    case Op::log10:
    case Op::log1p:
    case Op::sin:
    case Op::cos:
    case Op::tan:
    case Op::asin:
    case Op::acos:
    case Op::atan:
    case Op::sinh:
    case Op::cosh:
    case Op::tanh:
    case Op::asinh:
    case Op::acosh:
    case Op::atanh:
    case Op::erf:
    case Op::isnan:
    case Op::isinf:
    case Op::isfinite:
    case Op::signbit:
    // Not elementwise: instructions of their own, or never part of a kernel.
    case Op::parameter:
    case Op::scalar:
    case Op::constant:
    case Op::iota:
    case Op::empty:
    case Op::reshape:
    case Op::transpose:
    case Op::broadcast:
    case Op::slice:
    case Op::pad:
    case Op::gather:
    case Op::update:
    case Op::scatter:
    case Op::scatter_add:
    case Op::scatter_mul:
    case Op::scatter_min:
    case Op::scatter_max:
    case Op::reduce_sum:
    case Op::reduce_prod:
    case Op::reduce_min:
    case Op::reduce_max:
    case Op::scan_sum:
    case Op::scan_prod:
    case Op::matmul:
    case Op::argsort:
    case Op::search_left:
    case Op::search_right:
    case Op::mark:
    case Op::stop:
    case Op::checkpoint:
    case Op::move:
    case Op::custom:
    case Op::load:
    case Op::index:
    case Op::store:
    case Op::load_at:
    case Op::store_at:
    case Op::add_at:
    case Op::mul_at:
    case Op::min_at:
    case Op::max_at:
    case Op::cold_begin:
    case Op::cold_end: return nullptr;
  }
  return nullptr;
}

}  // namespace tarry::codegen::interp::TARRY_LOOP_SET
