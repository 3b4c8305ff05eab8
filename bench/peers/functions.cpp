#include "peers.h"
#include "vectors.h"

// One line per function of one argument: the library's vector routine over arrays of a multiple of a vector.
#define FUNCTION(name)                                                                              \
  extern "C" F32 LIBMVEC_F32(v_##name##f)(F32);                                                     \
  extern "C" F64 LIBMVEC_F64(v_##name)(F64);                                                        \
  void peer_##name##_f32(const float* x, float* y, int64_t n) {                                     \
    for (int64_t i = 0; i < n; i += kLanes) store(y + i, LIBMVEC_F32(v_##name##f)(load(x + i)));    \
  }                                                                                                 \
  void peer_##name##_f64(const double* x, double* y, int64_t n) {                                   \
    for (int64_t i = 0; i < n; i += kLanes64)                                                       \
      *reinterpret_cast<F64*>(y + i) = LIBMVEC_F64(v_##name)(*reinterpret_cast<const F64*>(x + i)); \
  }

FUNCTION(exp)
FUNCTION(log)
FUNCTION(sin)
FUNCTION(cos)
FUNCTION(tanh)
FUNCTION(erf)

extern "C" F32 LIBMVEC_F32(vv_powf)(F32, F32);
extern "C" F64 LIBMVEC_F64(vv_pow)(F64, F64);

void peer_pow_f32(const float* x, const float* e, float* y, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) store(y + i, LIBMVEC_F32(vv_powf)(load(x + i), load(e + i)));
}

void peer_pow_f64(const double* x, const double* e, double* y, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes64)
    *reinterpret_cast<F64*>(y + i) =
        LIBMVEC_F64(vv_pow)(*reinterpret_cast<const F64*>(x + i), *reinterpret_cast<const F64*>(e + i));
}

void peer_divide(const float* x, float s, float* y, int64_t n) {
#pragma clang fp reassociate(off) reciprocal(off)
  for (int64_t i = 0; i < n; i += kLanes) store(y + i, load(x + i) / s);
}
