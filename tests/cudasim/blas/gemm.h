#pragma once
/// One matrix product, computed as it stands in the formula.

#include <cstddef>
#include <cstdint>

namespace cudasim {

/// cudaDataType's numbers.
enum class Element : int { f32 = 0, f64 = 1, f16 = 2, c32 = 4, c64 = 5, bf16 = 14 };
size_t size_of(Element t);

enum class Op : int { none = 0, transpose = 1, adjoint = 2 };

struct Matrix {
  uint64_t address;
  Element type;
  int64_t leading;
  int64_t stride;  // from one of a batch to the next, in elements
};

struct Gemm {
  Op op_a, op_b;
  int64_t m, n, k;
  Matrix a, b, c;
  int64_t batch;
  bool scalars_on_device;
  uint64_t alpha, beta;  // device addresses
  alignas(16) unsigned char alpha_bits[16], beta_bits[16];
};

/// Whether the products of these types are known.
bool is_known(const Gemm& g);
/// The type of alpha and beta, and of the sums.
Element sum_type(const Gemm& g);
/// Reads and writes through cudasimReach, so that what is out of bounds or was never written ends it.
void run(const Gemm& g);

}  // namespace cudasim
