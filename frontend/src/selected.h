#pragma once
/// What an index with arrays in it showed: a copy, which remembers for a while where it came from. While it has no
/// name, assigning to it writes there: `x[index] = 3`. It keeps neither the source nor the index alive.

#include "cell.h"
#include "ufunc.h"

#include <tarry/index.h>

#include <memory>

namespace tarry::frontend {

struct SelectedInfo;

/// Lets a result know that it is `source[index]`.
void remember_selection(Cell& result, const Array& source, const Index& index);

/// `source[index] = value`; false where the source or the index is no more.
bool write_selected(Cell& cell, const Arg& value);

/// `f(source[index], value, out=source[index])`; repeated places get the value of one of them.
void call_in_place_selected(const Ufunc& f, Cell& cell, const Arg& value);

}  // namespace tarry::frontend
