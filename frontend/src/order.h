#pragma once
/// In which order the axes of results lie: NumPy's K order.

#include "cell.h"

#include <span>

namespace tarry::frontend {

/// The axes from the fastest to the slowest, as NumPy's iterator sorts them for these operands, whose
/// strides are given for all `ndim` axes one operand after the other (0: repeated or of extent 1).
ir::Ints sort_axes(size_t ndim, std::span<const int64_t> strides);

/// Strides of a compact array whose axes, fastest first, are `axes`.
ir::Strides compact_strides(std::span<const int64_t> shape, std::span<const int64_t> axes);

/// The strides of an elementwise result over these cells. Empty: C order.
ir::Strides keep_order(std::span<const int64_t> shape, std::span<const CellPointer> cells);

/// Of a new array in the order of an existing one of as many axes: C order and Fortran order stay, else the larger
/// strides come first, repeated axes last. Empty: C order.
ir::Strides order_like(std::span<const int64_t> shape, const Cell& cell);
/// Strides of Fortran order. Empty where that is C order too.
ir::Strides fortran_strides(std::span<const int64_t> shape);
/// The axes from the fastest to the slowest, as numpy.concatenate sorts them; `added` (or -1) is an axis that the
/// arrays do not have yet.
ir::Ints join_axes(std::span<const Array> arrays, size_t ndim, int64_t added);

/// The axes slowest first, as ir::Program::output_order wants them. Empty: C order.
ir::Ints output_order(const Cell& cell);

/// Whether these are the strides of a compact array in C order; axes of extent 1 do not count.
bool is_c_order(std::span<const int64_t> shape, std::span<const int64_t> strides);
/// Likewise in Fortran order.
bool is_f_order(std::span<const int64_t> shape, std::span<const int64_t> strides);
/// Whether an elementwise result lies in C order where all operands are like this one, of whatever ranks.
bool gives_c_order(const Cell& cell);
/// Whether two sets of strides place all elements alike.
bool same_places(std::span<const int64_t> shape, std::span<const int64_t> a, std::span<const int64_t> b);

}  // namespace tarry::frontend
