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

/// The element at `data`, zero-extended.
uint64_t load_element(DType t, const void* data);
void store_element(DType t, uint64_t bits, void* data);

}  // namespace tarry::frontend
