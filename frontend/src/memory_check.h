#pragma once
/// Arrays that no memory holds are refused at the call, however little of them would ever be computed.

#include <tarry/types.h>

#include <span>

namespace tarry::frontend {

/// Throws ValueError in NumPy's words: "array is too big; …".
[[noreturn]] void refuse_size();

/// What a new array of this type and shape would need. Throws ValueError when the axes are too many or the bytes exceed
/// int64, MemoryError, in NumPy's words, when they exceed the memory limit.
void check_memory(DType dtype, std::span<const int64_t> shape);

/// As check_memory, for a view: it needs no memory, and yet its bytes have to be countable.
void check_countable(DType dtype, std::span<const int64_t> shape);

}  // namespace tarry::frontend
