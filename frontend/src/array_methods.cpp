/// The members of Array that are functions of tarry::numpy.

#include <tarry/numpy.h>

namespace tarry {

Array Array::transpose(const Axes& axes, Here here) const { return numpy::transpose(Arg(*this, here), axes); }
Array Array::ravel(Here here) const { return numpy::ravel(Arg(*this, here)); }
Array Array::flatten(Here here) const { return copy(here).reshape(-1, here); }
Array Array::squeeze(const Axes& axes, Here here) const { return numpy::squeeze(Arg(*this, here), axes); }

#define TARRY_REDUCTION(name)                                                    \
  Array Array::name(const Axes& axes, KeepDims keep, Here here) const {          \
    return numpy::name(Arg(*this, here), axes, keep);                            \
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
Array Array::dot(Arg other) const { return numpy::dot(Arg(*this, other.here()), other); }

}  // namespace tarry
