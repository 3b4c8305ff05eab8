/// The members of Array and its operators.

#include <tarry/array.h>

#include "broadcast.h"
#include "index.h"
#include "masked.h"
#include "observe.h"
#include "operators.h"
#include "record.h"
#include "selected.h"
#include "ufunc.h"
#include "value.h"
#include "view.h"

#include <tarry/ir/error.h>

namespace tarry {

using namespace frontend;
namespace op = frontend::operators;

Array Arg::array() const {
  raw_cell(*this);
  return HandleAccess::make(CellPointer::share(static_cast<Cell*>(cell())));
}

const Shape& Array::shape() const { return cell_of(*this).shape; }

int64_t Array::size() const { return ir::num_elements(shape()); }
DType Array::dtype() const { return raw_cell(*this).dtype; }

int64_t Array::len() const {
  if (ndim() == 0) throw TypeError("len() of unsized object");
  return shape()[0];
}

// ---- indexing and writing ----------------------------------------------------------------------

Array Array::operator[](const Index& i) { return index(*this, i); }
const Array Array::operator[](const Index& i) const { return index(*this, i); }

namespace {

/// What the op means on an array without a name.
void update_in_place(const Ufunc& f, const Array& target, const Arg& other) {
  Cell& cell = raw_cell(target);
  raw_cell(other);
  if (is_masked(cell))
    call_in_place_masked(f, cell, other);
  else if (cell.selected)
    call_in_place_selected(f, cell, other);
  else
    call_in_place(f, target, other);
}

/// A number is immutable, as in Python: `+=` gives the name another value.
bool update_number(const Ufunc& f, Array& target, const Arg& other) {
  if (!raw_cell(target).weak) return false;
  target = call(f, Arg(target, other.here()), other);
  return true;
}

}  // namespace

Array Array::operator=(Arg value) && {
  assign(*this, value);
  return *this;
}

#define TARRY_OPERATOR(symbol, ufunc)                           \
  Array& Array::operator symbol##=(Arg other)& {                \
    if (update_number(ufunc, *this, other)) return *this;       \
    cell_of(*this); /* a name has what was selected, counted */ \
    raw_cell(other);                                            \
    call_in_place(ufunc, *this, other);                         \
    return *this;                                               \
  }                                                             \
  Array Array::operator symbol##=(Arg other)&& {                \
    update_in_place(ufunc, *this, other);                       \
    return *this;                                               \
  }                                                             \
  Array operator symbol(Arg a, Arg b) { return call(ufunc, a, b); }
TARRY_OPERATOR(+, op::add)
TARRY_OPERATOR(-, op::subtract)
TARRY_OPERATOR(*, op::multiply)
TARRY_OPERATOR(/, op::divide)
TARRY_OPERATOR(%, op::remainder)
TARRY_OPERATOR(&, op::bitwise_and)
TARRY_OPERATOR(|, op::bitwise_or)
TARRY_OPERATOR(^, op::bitwise_xor)
TARRY_OPERATOR(<<, op::left_shift)
TARRY_OPERATOR(>>, op::right_shift)
#undef TARRY_OPERATOR

Array operator==(Arg a, Arg b) { return call(op::equal, a, b); }
Array operator!=(Arg a, Arg b) { return call(op::not_equal, a, b); }
Array operator<(Arg a, Arg b) { return call(op::less, a, b); }
Array operator<=(Arg a, Arg b) { return call(op::less_equal, a, b); }
Array operator>(Arg a, Arg b) { return call(op::greater, a, b); }
Array operator>=(Arg a, Arg b) { return call(op::greater_equal, a, b); }
Array operator-(Arg a) { return call(op::negative, a); }
Array operator~(Arg a) { return call(op::invert, a); }
Array operator!(const Array& a) { return call(op::logical_not, Arg(a, Here(nullptr, 0))); }
Array operator+(Arg a) {
  Recorder r("positive", a.here());
  return r.result(r.operands(Typing::number, a)[0]);
}

// ---- methods -----------------------------------------------------------------------------------

Array Array::T(Here here) const {
  Movement m = Movement::whole(shape());
  std::reverse(m.axis.begin(), m.axis.end());
  std::reverse(m.extent.begin(), m.extent.end());
  return view(Arg(*this, here), m);
}

Array Array::reshape(const Shape& to, Here here) const { return frontend::reshape(Arg(*this, here), to); }

Array Array::astype(DType dtype, Here here) const {
  Recorder r("astype", here);
  return r.strong_result(r.cast(r.read(Arg(*this, here)), dtype), Layout::like);
}

Array Array::copy(Here here) const {
  Recorder r("copy", here);
  return r.strong_result(r.read(Arg(*this, here)), Layout::c);
}

void Array::fill(Arg value) const { set_item(*this, Index(numpy::ellipsis), value); }

}  // namespace tarry
