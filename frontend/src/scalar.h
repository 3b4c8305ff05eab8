#pragma once
/// Single elements on the host.

#include <tarry/types.h>

#include <string_view>

namespace tarry::frontend {

/// The bits of a C++ scalar in an array's dtype: as NumPy converts a Python number. Throws ValueError,
/// in the words of NumPy's OverflowError, when an integer does not fit an integer dtype.
uint64_t convert_weak(DType from, uint64_t bits, DType to);

/// Whether an integer scalar fits.
bool fits(DType from, uint64_t bits, DType to);

/// An element as double, int64 or truth value.
double as_double(DType t, uint64_t bits);
bool is_nonzero(DType t, uint64_t bits);

/// An element of one type as one of another, as C++ converts; float to integer as the cast op does.
uint64_t convert_element(DType from, uint64_t bits, DType to);

/// A number of any dtype: its bits, zero-extended; of a complex one those of its parts.
struct HostNumber {
  uint64_t bits = 0, imag_bits = 0;
};
/// As convert_element. Complex to real drops the imaginary part; to bool: whether a part is nonzero.
HostNumber convert_number(DType from, HostNumber value, DType to);
/// As convert_weak.
HostNumber convert_weak_number(DType from, HostNumber value, DType to);
HostNumber load_number(DType t, const void* data);
void store_number(DType t, HostNumber value, void* data);

/// The element at `data`, zero-extended; its dtype is real.
uint64_t load_element(DType t, const void* data);
void store_element(DType t, uint64_t bits, void* data);

}  // namespace tarry::frontend
