#include "blas/gemm.h"

#include <complex>
#include <cstring>
#include <vector>

#include "cudasim.h"
#include "ptx/round.h"

namespace cudasim {
namespace {

const unsigned char* readable(uint64_t address, size_t bytes) {
  return static_cast<const unsigned char*>(cudasimReach(address, bytes, 0));
}
unsigned char* writable(uint64_t address, size_t bytes) {
  return static_cast<unsigned char*>(cudasimReach(address, bytes, 1));
}

template <class T>
T load(Element t, const unsigned char* at) {
  uint16_t half;
  switch (t) {
    case Element::f16: std::memcpy(&half, at, 2); return T(from_half(half));
    case Element::bf16: std::memcpy(&half, at, 2); return T(from_brain(half));
    default:
      T x;
      std::memcpy(&x, at, sizeof x);
      return x;
  }
}

template <class T>
void store(Element t, unsigned char* at, T x) {
  if constexpr (std::is_same_v<T, float>) {
    if (t == Element::f16 || t == Element::bf16) {
      const uint16_t half = t == Element::f16 ? to_half(x) : to_brain(x);
      std::memcpy(at, &half, sizeof half);
      return;
    }
  }
  std::memcpy(at, &x, sizeof x);
}

template <class T>
T conjugate(T x) {
  if constexpr (std::is_floating_point_v<T>)
    return x;
  else
    return std::conj(x);
}

/// op(matrix), `rows` × `columns`, column after column.
template <class T>
std::vector<T> packed(const Matrix& m, int64_t number, Op op, int64_t rows, int64_t columns) {
  std::vector<T> all(static_cast<size_t>(rows * columns));
  const int64_t size = static_cast<int64_t>(size_of(m.type));
  const bool turned = op != Op::none;
  const int64_t stored_rows = turned ? columns : rows, stored_columns = turned ? rows : columns;
  for (int64_t j = 0; j < stored_columns && stored_rows > 0; ++j) {
    const uint64_t at = m.address + static_cast<uint64_t>((number * m.stride + j * m.leading) * size);
    const unsigned char* column = readable(at, static_cast<size_t>(stored_rows * size));
    for (int64_t i = 0; i < stored_rows; ++i) {
      const T x = load<T>(m.type, column + i * size);
      all[static_cast<size_t>(turned ? i * rows + j : j * rows + i)] = op == Op::adjoint ? conjugate(x) : x;
    }
  }
  return all;
}

template <class T>
void run_as(const Gemm& g) {
  T alpha, beta;
  std::memcpy(&alpha, g.scalars_on_device ? readable(g.alpha, sizeof alpha) : g.alpha_bits, sizeof alpha);
  std::memcpy(&beta, g.scalars_on_device ? readable(g.beta, sizeof beta) : g.beta_bits, sizeof beta);
  const int64_t size = static_cast<int64_t>(size_of(g.c.type));
  std::vector<T> sums(static_cast<size_t>(g.m));
  for (int64_t number = 0; number < g.batch; ++number) {
    const bool multiplies = alpha != T(0);
    const std::vector<T> a = packed<T>(g.a, number, g.op_a, g.m, multiplies ? g.k : 0);
    const std::vector<T> b = packed<T>(g.b, number, g.op_b, multiplies ? g.k : 0, g.n);
    for (int64_t j = 0; j < g.n; ++j) {
      std::fill(sums.begin(), sums.end(), T(0));
      for (int64_t l = 0; multiplies && l < g.k; ++l) {
        const T factor = b[static_cast<size_t>(j * g.k + l)];
        const T* column = &a[static_cast<size_t>(l * g.m)];
        for (int64_t i = 0; i < g.m; ++i) sums[static_cast<size_t>(i)] += column[i] * factor;
      }
      const uint64_t at = g.c.address + static_cast<uint64_t>((number * g.c.stride + j * g.c.leading) * size);
      const size_t bytes = static_cast<size_t>(g.m * size);
      // With beta = 0 what was there does not matter, be it a NaN or nothing at all.
      const unsigned char* old = beta != T(0) ? readable(at, bytes) : nullptr;
      unsigned char* to = writable(at, bytes);
      for (int64_t i = 0; i < g.m; ++i) {
        T x = alpha * sums[static_cast<size_t>(i)];
        if (old) x += beta * load<T>(g.c.type, old + i * size);
        store(g.c.type, to + i * size, x);
      }
    }
  }
}

bool is_small(Element t) { return t == Element::f16 || t == Element::bf16; }

}  // namespace

size_t size_of(Element t) {
  switch (t) {
    case Element::f16:
    case Element::bf16: return 2;
    case Element::f32: return 4;
    case Element::f64:
    case Element::c32: return 8;
    case Element::c64: return 16;
  }
  return 0;
}

bool is_known(const Gemm& g) {
  if (size_of(g.a.type) == 0 || g.a.type != g.b.type) return false;
  return g.c.type == g.a.type || (is_small(g.a.type) && g.c.type == Element::f32);
}

Element sum_type(const Gemm& g) { return is_small(g.a.type) ? Element::f32 : g.a.type; }

void run(const Gemm& g) {
  if (g.m == 0 || g.n == 0) return;
  switch (sum_type(g)) {
    case Element::f64: return run_as<double>(g);
    case Element::c32: return run_as<std::complex<float>>(g);
    case Element::c64: return run_as<std::complex<double>>(g);
    default: return run_as<float>(g);
  }
}

}  // namespace cudasim
