#include "interp_support.h"

namespace tarry::test {
namespace {

uint64_t from_double(DType t, double x) {
  switch (t) {
    case DType::float16: return ir::to_float16(x);
    case DType::bfloat16: return ir::to_bfloat16(x);
    case DType::float32: return std::bit_cast<uint32_t>(static_cast<float>(x));
    default: return std::bit_cast<uint64_t>(x);
  }
}

/// Bit patterns at the edges of a format with so many bits, of which `mantissa` are explicit.
std::vector<uint64_t> edge_patterns(int width, int mantissa) {
  const uint64_t one_unit = 1ull << mantissa;
  const uint64_t infinity = ((1ull << (width - 1)) - 1) & ~(one_unit - 1);
  const uint64_t sign = 1ull << (width - 1);
  std::vector<uint64_t> edges;
  for (uint64_t magnitude : {uint64_t{0}, uint64_t{1}, uint64_t{2}, one_unit - 1, one_unit, one_unit + 1, infinity - 1,
                             infinity, infinity + one_unit / 2})
    for (uint64_t s : {uint64_t{0}, sign}) edges.push_back(magnitude | s);
  return edges;
}

std::vector<uint64_t> float_patterns(DType t) {
  switch (t) {
    case DType::float16: return edge_patterns(16, 10);
    case DType::bfloat16: return edge_patterns(16, 7);
    case DType::float32: return edge_patterns(32, 23);
    default: return edge_patterns(64, 52);
  }
}

}  // namespace

Data special_values(DType t) {
  Data d(t);
  if (ir::is_bool(t)) {
    d.push(0);
    d.push(1);
    return d;
  }
  if (ir::is_float(t)) {
    for (uint64_t bits : float_patterns(t)) d.push(bits);
    for (double x : {0.5,
                     1.0,
                     1.5,
                     2.5,
                     3.0,
                     7.0,
                     0.1,
                     127.0,
                     128.0,
                     255.5,
                     300.75,
                     65504.0,
                     65520.0,
                     2147483647.0,
                     2147483648.0,
                     4294967296.0,
                     9223372036854775807.0,
                     18446744073709551615.0,
                     1e19,
                     3e38,
                     1e-7})
      for (double sign : {1.0, -1.0}) d.push(from_double(t, sign * x));
  } else {
    const int width = static_cast<int>(8 * ir::size_of(t));
    const uint64_t top = 1ull << (width - 1);
    for (uint64_t x : {0ull, 1ull, 2ull, 3ull, 5ull, 7ull, 10ull, static_cast<unsigned long long>(width) - 1,
                       static_cast<unsigned long long>(width), static_cast<unsigned long long>(width) + 1, 100ull})
      for (uint64_t bits : {uint64_t{x}, uint64_t{0} - x, top - x, top + x}) d.push(bits);
  }
  std::mt19937_64 random(7);
  for (int i = 0; i < 8; ++i) d.push(random());
  return d;
}

Data random_values(DType t, size_t n, uint64_t seed) {
  Data d(t, n);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> moderate(-2, 2);
  for (size_t i = 0; i < n; ++i) {
    if (ir::is_bool(t))
      d.set(i, random() & 1);
    else if (ir::is_float(t))
      d.set(i, from_double(t, moderate(random)));
    else
      d.set(i, random());
  }
  return d;
}

}  // namespace tarry::test
