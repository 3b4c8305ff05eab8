#pragma once
/// LAPACK's routines of one type of number, as found in the library.

#include <tarry/ir/error.h>
#include <tarry/runtime/fork.h>
#include <tarry/runtime/lapack.h>

#include <concepts>
#include <string>
#include <type_traits>

#include "blas_library.h"

namespace tarry::runtime::lapack {

using Int = int32_t;

/// Fortran's routines: everything by address; the lengths of texts come last.
template <class... Args>
using Routine = void (*)(Args...);

/// Those of complex numbers take real work areas as well.
template <class T>
struct Spectral;
template <>
struct Spectral<double> {
  using T = double;
  Routine<const char*, const Int*, const Int*, T*, const Int*, double*, T*, const Int*, T*, const Int*, T*, const Int*,
          Int*, Int*, size_t>
      gesdd = nullptr;
  Routine<const char*, const char*, const Int*, T*, const Int*, double*, T*, const Int*, Int*, const Int*, Int*, size_t,
          size_t>
      heevd = nullptr;
  Routine<const Int*, const Int*, const Int*, T*, const Int*, T*, const Int*, double*, const double*, Int*, T*,
          const Int*, Int*, Int*>
      gelsd = nullptr;
};
template <>
struct Spectral<Complex> {
  using T = Complex;
  Routine<const char*, const Int*, const Int*, T*, const Int*, double*, T*, const Int*, T*, const Int*, T*, const Int*,
          double*, Int*, Int*, size_t>
      gesdd = nullptr;
  Routine<const char*, const char*, const Int*, T*, const Int*, double*, T*, const Int*, double*, const Int*, Int*,
          const Int*, Int*, size_t, size_t>
      heevd = nullptr;
  Routine<const Int*, const Int*, const Int*, T*, const Int*, T*, const Int*, double*, const double*, Int*, T*,
          const Int*, double*, Int*, Int*>
      gelsd = nullptr;
};

template <class T>
struct Library : Spectral<T> {
  Routine<const Int*, const Int*, T*, const Int*, Int*, T*, const Int*, Int*> gesv = nullptr;
  Routine<const Int*, const Int*, T*, const Int*, Int*, Int*> getrf = nullptr;
  Routine<const Int*, T*, const Int*, const Int*, T*, const Int*, Int*> getri = nullptr;
  Routine<const char*, const Int*, T*, const Int*, Int*, size_t> potrf = nullptr;
  Routine<const Int*, const Int*, T*, const Int*, T*, T*, const Int*, Int*> geqrf = nullptr;
  Routine<const Int*, const Int*, const Int*, T*, const Int*, const T*, T*, const Int*, Int*> ungqr = nullptr;
  bool complete = true;

  Library() {
    const bool real = std::same_as<T, double>;  // which has other names for two of them
    find(this->gesv, "gesv");
    find(this->getrf, "getrf");
    find(this->getri, "getri");
    find(this->potrf, "potrf");
    find(this->geqrf, "geqrf");
    find(this->ungqr, real ? "orgqr" : "ungqr");
    find(this->gesdd, "gesdd");
    find(this->heevd, real ? "syevd" : "heevd");
    find(this->gelsd, "gelsd");
  }

 private:
  template <class R>
  void find(R& routine, const std::string& name) {
    void* const address = lapack_symbol(((std::same_as<T, double> ? "d" : "z") + name + "_").c_str());
    routine = reinterpret_cast<R>(address);
    complete &= address != nullptr;
  }
};

template <class T>
const Library<T>& library() {
  static constinit MadeOnce<const Library<T>> made;
  const Library<T>& l = made.get([] { return new Library<T>; });
  if (!l.complete)
    throw DeviceError("there is no LAPACK: install libopenblas0-serial, or liblapack3, for linear algebra");
  return l;
}

}  // namespace tarry::runtime::lapack
