// The parts of complex arrays, as users see them.

#include <tarry/numpy/complex.h>

#include <tarry/numpy.h>

#include "cell.h"
#include "formula.h"
#include "place.h"
#include "view.h"

#include <limits>

namespace tarry::numpy {

using frontend::cell_of;
using frontend::Recorder;
using frontend::Term;
using ir::Op;

Array real(Arg x) { return iscomplexobj(x) ? frontend::view_of_part(x, 0) : x.array(); }

Array imag(Arg x) {
  const frontend::Near near(x);
  if (iscomplexobj(x)) return frontend::view_of_part(x, 1);
  return broadcast_to(zeros({}, cell_of(x).dtype, x.here()), cell_of(x).shape);
}

Array conjugate(Arg x) {
  Recorder r("conjugate", x.here());
  auto [v] = r.operands(frontend::Typing::arithmetic, x);
  return r.result(ir::is_complex(r.dtype(v)) ? joined(conj(frontend::parts(r, v))) : v);
}
Array conj(Arg x) { return conjugate(x); }

Array angle(Arg x, bool deg) {
  const Array at = iscomplexobj(x) ? arctan2(imag(x), real(x)) : arctan2(imag(x), x);
  return deg ? at * (180 / 3.141592653589793) : at;
}

Array iscomplex(Arg x) { return imag(x) != 0; }
Array isreal(Arg x) { return imag(x) == 0; }
bool iscomplexobj(Arg x) { return ir::is_complex(cell_of(x).dtype); }
bool isrealobj(Arg x) { return !iscomplexobj(x); }

Array real_if_close(Arg x, double tol) {
  if (!iscomplexobj(x)) return x.array();
  const bool wide = cell_of(x).dtype == DType::complex128;
  if (tol > 1)
    tol *= wide ? std::numeric_limits<double>::epsilon() : static_cast<double>(std::numeric_limits<float>::epsilon());
  return All()(absolute(imag(x)) < tol).item<bool>() ? real(x) : x.array();
}

}  // namespace tarry::numpy

namespace tarry {

Array Array::real(Here here) const { return numpy::real(Arg(*this, here)); }
Array Array::imag(Here here) const { return numpy::imag(Arg(*this, here)); }
Array Array::conj(Here here) const { return numpy::conj(Arg(*this, here)); }

}  // namespace tarry
