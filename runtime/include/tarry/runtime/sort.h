#pragma once
/// Sorting and searching. The order of elements is NumPy's: NaNs come last and are equal, as are the two zeros.

#include <tarry/ir/dtype.h>
#include <tarry/runtime/workspace.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace tarry::runtime {

/// An array as it lies; strides in elements.
struct ArrayRef {
  std::byte* data = nullptr;
  std::span<const int64_t> shape, strides;
};

/// result[…, i, …] = the index along `axis` of the element that comes i-th; equal ones keep their order. `result` is
/// int64, has x's shape and overlaps nothing. Rows are spread over the pool. Any real dtype. A step of
/// `workspace`: throws MemoryError before the result has changed.
void argsort(ir::DType dtype, const ArrayRef& x, int64_t axis, const ArrayRef& result, Workspace& workspace);

/// result[…, i, …] = the element that comes i-th, in x's dtype. Likewise.
void sort(ir::DType dtype, const ArrayRef& x, int64_t axis, const ArrayRef& result, Workspace& workspace);

/// For each element of `values` how many of the sorted 1-d array stand before it, with `right` those equal to it too.
/// `result` is int64 and has the shape of `values`. Likewise.
void search(ir::DType dtype, const ArrayRef& sorted, const ArrayRef& values, bool right, const ArrayRef& result,
            Workspace& workspace);

}  // namespace tarry::runtime
