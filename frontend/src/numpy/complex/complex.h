#pragma once
/// What NumPy computes with complex numbers, composed of real ops: executors never see one.

#include "record.h"

#include <initializer_list>
#include <span>

namespace tarry::frontend {

/// An elementwise op whose operands are complex; not those that work part by part (Recorder::op adds them as
/// nodes). Throws NumPy's TypeError where it has no loop.
Term complex_op(Recorder& r, Op op, std::initializer_list<Term> operands);

/// reduce_prod: a tree of products, whose form follows from the number of elements. reduce_min and reduce_max:
/// the first of the extreme elements by the order of pairs; one with a NaN is extreme.
Term complex_reduce(Recorder& r, Op op, Term x, std::span<const int64_t> axes);
/// Products of the elements up to each one, along an axis: log2 n products of arrays.
Term complex_cumprod(Recorder& r, Term x, int64_t axis);
/// By real part, then imaginary; elements with NaN come last, in NumPy's order.
Term complex_argsort(Recorder& r, Term x, int64_t axis);
/// As Recorder::search, in NumPy's order; each value is compared with every element.
Term complex_search(Recorder& r, Op op, Term sorted, Term values);
/// Where complex x is as extreme as op (reduce_min or reduce_max) says, along axes, as bools. NaNs are, where there
/// are any, and then nothing else is.
Term complex_extremes(Recorder& r, Op op, Term x, std::span<const int64_t> axes);

}  // namespace tarry::frontend
