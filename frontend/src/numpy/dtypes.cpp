#include <tarry/numpy/dtypes.h>

#include "cell.h"
#include "observe.h"
#include "promote.h"
#include "scalar.h"

#include <tarry/ir/error.h>
#include <tarry/ir/half.h>

#include <algorithm>
#include <cmath>

namespace tarry::numpy {

using frontend::cell_of;

DType promote_types(DType a, DType b) { return frontend::promote(a, b); }

Typed::Typed(const Array& x) : dtype(cell_of(x).dtype), weak(cell_of(x).weak) {}

DType result_type(std::initializer_list<Typed> arguments) {
  if (arguments.size() == 0) throw ValueError("at least one array or dtype is required");
  std::vector<frontend::DTypeClass> classes;
  for (const Typed& t : arguments) classes.push_back({t.dtype, t.weak});
  return frontend::result_type(classes);
}

bool can_cast(DType from, DType to, Casting casting) {
  switch (casting) {
    case Casting::no:
    case Casting::equiv: return from == to;
    case Casting::safe: return frontend::promote(from, to) == to;
    case Casting::same_kind: return frontend::promote(from, to) == to || frontend::can_cast_same_kind(from, to);
    case Casting::unsafe: return true;
  }
  return false;
}

namespace {

DType smallest_integer(bool negative, uint64_t magnitude) {
  constexpr DType kSigned[] = {DType::int8, DType::int16, DType::int32, DType::int64};
  constexpr DType kUnsigned[] = {DType::uint8, DType::uint16, DType::uint32, DType::uint64};
  for (int i = 0; i < 3; ++i) {
    const int bits = 8 << i;
    if (negative ? magnitude <= uint64_t{1} << (bits - 1) : magnitude < uint64_t{1} << bits)
      return negative ? kSigned[i] : kUnsigned[i];
  }
  return negative ? DType::int64 : DType::uint64;
}

bool fits_float(double v, DType t) {
  return !std::isfinite(v) || std::abs(v) < (t == DType::float16 ? 65000.0 : 3.4e38);
}

}  // namespace

DType min_scalar_type(Arg x) {
  const Array a = x.array();
  const DType t = a.dtype();
  if (a.ndim() != 0) return t;
  if (ir::is_unsigned_int(t)) return smallest_integer(false, a.item<uint64_t>());
  if (ir::is_int(t)) {
    const int64_t v = a.item<int64_t>();
    return smallest_integer(v < 0, v < 0 ? -static_cast<uint64_t>(v) : static_cast<uint64_t>(v));
  }
  if (ir::is_complex(t)) {
    const std::complex<double> v = a.item<std::complex<double>>();
    return fits_float(v.real(), DType::float32) && fits_float(v.imag(), DType::float32) ? DType::complex64 : t;
  }
  if (!ir::is_float(t) || ir::is_half(t)) return t;
  const double v = a.item<double>();
  if (fits_float(v, DType::float16)) return DType::float16;
  return fits_float(v, DType::float32) ? DType::float32 : t;
}

iinfo::iinfo(DType t) : bits(static_cast<int>(8 * ir::size_of(t))), min(0), max(~uint64_t{0} >> (64 - bits)) {
  if (!ir::is_int(t)) throw ValueError("Invalid integer data type '" + std::string(ir::info(t).name) + "'.");
  if (!ir::is_signed_int(t)) return;
  max >>= 1;
  min = -static_cast<int64_t>(max) - 1;
}

finfo::finfo(DType given) {
  const DType t = ir::is_complex(given) ? ir::part_of(given) : given;
  if (!ir::is_float(t)) throw ValueError("data type '" + std::string(ir::info(t).name) + "' not inexact");
  bits = static_cast<int>(8 * ir::size_of(t));
  nmant = t == DType::float16 ? 10 : t == DType::bfloat16 ? 7 : t == DType::float32 ? 23 : 52;
  nexp = bits - 1 - nmant;
  maxexp = 1 << (nexp - 1);
  minexp = 2 - maxexp;
  eps = std::ldexp(1.0, -nmant);
  epsneg = eps / 2;
  max = std::ldexp(2.0 - eps, maxexp - 1);
  min = -max;
  tiny = smallest_normal = std::ldexp(1.0, minexp);
  smallest_subnormal = std::ldexp(1.0, minexp - nmant);
  precision = static_cast<int>(nmant * std::log10(2.0));
  resolution = std::pow(10.0, -precision);
  if (t == DType::float32) resolution = static_cast<float>(resolution);
  if (t == DType::float16) resolution = ir::from_float16(ir::to_float16(static_cast<float>(resolution)));
}

Array asarray(Arg x) { return x.array(); }
Array asarray(Arg x, DType dtype) {
  const Array a = x.array();
  return a.dtype() == dtype ? a : a.astype(dtype, x.here());
}
const Shape& shape(const Array& x) { return x.shape(); }
int64_t ndim(const Array& x) { return x.ndim(); }
int64_t size(const Array& x) { return x.size(); }

}  // namespace tarry::numpy
