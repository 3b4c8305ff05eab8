/// The members of Array that are functions of tarry::numpy.

#include "index.h"

#include <tarry/numpy.h>

namespace tarry {

Array Array::transpose(const Axes& axes, Here here) const { return numpy::transpose(Arg(*this, here), axes); }
Array Array::ravel(Here here) const { return numpy::ravel(Arg(*this, here)); }
Array Array::flatten(Here here) const { return copy(here).reshape(-1, here); }
Array Array::squeeze(const Axes& axes, Here here) const { return numpy::squeeze(Arg(*this, here), axes); }

#define TARRY_REDUCTION(name)                                           \
  Array Array::name(const Axes& axes, KeepDims keep, Here here) const { \
    return numpy::name(Arg(*this, here), axes, keep);                   \
  }
TARRY_REDUCTION(sum)
TARRY_REDUCTION(prod)
TARRY_REDUCTION(mean)
TARRY_REDUCTION(max)
TARRY_REDUCTION(min)
TARRY_REDUCTION(any)
TARRY_REDUCTION(all)
#undef TARRY_REDUCTION

Array Array::var(const Axes& axes, KeepDims keep, double ddof, Here here) const {
  return numpy::var(Arg(*this, here), axes, keep, ddof);
}
Array Array::std(const Axes& axes, KeepDims keep, double ddof, Here here) const {
  return numpy::std(Arg(*this, here), axes, keep, ddof);
}
Array Array::argmax(Here here) const { return numpy::argmax(Arg(*this, here)); }
Array Array::argmax(Dim axis, Here here) const { return numpy::argmax(Arg(*this, here), axis); }
Array Array::argmin(Here here) const { return numpy::argmin(Arg(*this, here)); }
Array Array::argmin(Dim axis, Here here) const { return numpy::argmin(Arg(*this, here), axis); }
Array Array::cumsum(Here here) const { return numpy::cumsum(Arg(*this, here)); }
Array Array::cumsum(Dim axis, Here here) const { return numpy::cumsum(Arg(*this, here), axis); }
Array Array::cumprod(Here here) const { return numpy::cumprod(Arg(*this, here)); }
Array Array::cumprod(Dim axis, Here here) const { return numpy::cumprod(Arg(*this, here), axis); }
Array Array::clip(Arg low, Arg high) const { return numpy::clip(Arg(*this, low.here()), low, high); }
Array Array::round(int decimals, Here here) const { return numpy::round(Arg(*this, here), decimals); }
Array Array::swapaxes(Dim first, Dim second, Here here) const {
  return numpy::swapaxes(Arg(*this, here), first, second);
}
Array Array::diagonal(int64_t offset, Dim axis1, Dim axis2, Here here) const {
  return numpy::diagonal(Arg(*this, here), offset, axis1, axis2);
}
Array Array::trace(int64_t offset, Dim axis1, Dim axis2, Here here) const {
  return numpy::trace(Arg(*this, here), offset, axis1, axis2);
}
Array Array::repeat(int64_t count, Here here) const { return numpy::repeat(Arg(*this, here), count); }
Array Array::repeat(int64_t count, Dim axis, Here here) const { return numpy::repeat(Arg(*this, here), count, axis); }
Array Array::take(Arg indices) const { return numpy::take(Arg(*this, indices.here()), indices); }
Array Array::take(Arg indices, Dim axis) const { return numpy::take(Arg(*this, indices.here()), indices, axis); }
void Array::put(Arg indices, Arg values) const { numpy::put(*this, indices, values); }
std::vector<Array> Array::nonzero(Here here) const { return numpy::nonzero(Arg(*this, here)); }
Array Array::argsort(Dim axis, Here here) const { return numpy::argsort(Arg(*this, here), axis); }
Array Array::searchsorted(Arg values) const { return numpy::searchsorted(Arg(*this, values.here()), values); }
void Array::sort(Dim axis, Here here) const {
  Array sorted = numpy::sort(Arg(*this, here), axis);
  frontend::set_item(*this, Index(numpy::ellipsis), Arg(sorted, here));
}
Array Array::dot(Arg other) const { return numpy::dot(Arg(*this, other.here()), other); }

}  // namespace tarry
