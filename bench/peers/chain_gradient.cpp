#include "peers.h"
#include "vectors.h"

#include <cmath>

namespace {

/// Derivatives of sqrt(w·w + 2) of the 12-op chain; 0.1·v stands for v where that is larger, half of each where both
/// are.
template <class T>
struct Gradient {
  T a, b, c;
  Gradient(T x, T y, T z) {
    const T t = x * y + z, u = t * t - x, d = __builtin_elementwise_abs(y) + 1.5f, v = u / d;
    const T w = __builtin_elementwise_max(v, 0.1f * v);
    const T of_w = w / __builtin_elementwise_sqrt(w * w + 2.0f);
    const T of_u = (v > 0.0f ? of_w : v < 0.0f ? 0.1f * of_w : 0.55f * of_w) / d;
    c = of_u * (t + t);
    a = c * y - of_u;
    const T of_d = of_u * v;
    b = c * x - (y > 0.0f ? of_d : y < 0.0f ? -of_d : T{});
  }
};

template <bool all>
void gradient_loop(const float* a, const float* b, const float* c, float* ga, float* gb, float* gc, int64_t n) {
  share(n, kLanes, [=](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      const Gradient g(load(a + i), load(b + i), load(c + i));
      store(ga + i, g.a);
      if constexpr (all) {
        store(gb + i, g.b);
        store(gc + i, g.c);
      }
    }
    for (; i < end; ++i) {
      const Gradient g(a[i], b[i], c[i]);
      ga[i] = g.a;
      if constexpr (all) {
        gb[i] = g.b;
        gc[i] = g.c;
      }
    }
  });
}

}  // namespace

void peer_chain_gradient(const float* a, const float* b, const float* c, float* ga, int64_t n) {
  gradient_loop<false>(a, b, c, ga, nullptr, nullptr, n);
}

void peer_chain_gradients(const float* a, const float* b, const float* c, float* ga, float* gb, float* gc, int64_t n) {
  gradient_loop<true>(a, b, c, ga, gb, gc, n);
}
