#include "peers.h"
#include "vectors.h"

extern "C" {
F32 LIBMVEC_F32(v_expf)(F32);
F32 LIBMVEC_F32(v_logf)(F32);
F32 LIBMVEC_F32(v_erff)(F32);
}

namespace {

F32 cdf_erf(F32 d) { return 0.5f + 0.5f * LIBMVEC_F32(v_erff)(d * 0.70710678f); }

/// Abramowitz and Stegun 26.2.17, absolute error 7.5e-8.
F32 cdf_hull(F32 d) {
  const F32 magnitude = __builtin_elementwise_abs(d);
  const F32 k = 1.0f / (0.2316419f * magnitude + 1.0f);
  F32 p = F32{} + 1.330274429f;
  p = p * k - 1.821255978f;
  p = p * k + 1.781477937f;
  p = p * k - 0.356563782f;
  p = p * k + 0.319381530f;
  const F32 tail = 0.39894228f * LIBMVEC_F32(v_expf)(-0.5f * d * d) * p * k;
  return d > 0.0f ? 1.0f - tail : tail;
}

struct Prices {
  F32 call, put;
};

Prices prices(F32 spot, F32 discounted_strike, F32 cdf_1, F32 cdf_2) {
  return {spot * cdf_1 - discounted_strike * cdf_2, discounted_strike * (1.0f - cdf_2) - spot * (1.0f - cdf_1)};
}

/// All of one vector before the next. n is a multiple of a vector.
template <F32 (*cdf)(F32)>
void by_vectors(const float* spot, const float* strike, const float* time, float rate, float volatility, float* call,
                float* put, int64_t n) {
  const float drift = rate + 0.5f * volatility * volatility;
  share(n, 1024, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += kLanes) {
      const F32 s = load(spot + i), k = load(strike + i), t = load(time + i);
      const F32 spread = volatility * __builtin_elementwise_sqrt(t);
      const F32 d1 = (LIBMVEC_F32(v_logf)(s / k) + drift * t) / spread;
      const F32 cdf_1 = cdf(d1), cdf_2 = cdf(d1 - spread);
      const Prices p = prices(s, k * LIBMVEC_F32(v_expf)(-rate * t), cdf_1, cdf_2);
      store(call + i, p.call);
      store(put + i, p.put);
    }
  });
}

/// One function after the other over blocks that stay in L1, then both results past the caches: with a function call
/// between two streamed stores the half-filled lines would be written more than once. n is a multiple of a block.
void by_blocks(const float* spot, const float* strike, const float* time, float rate, float volatility, float* call,
               float* put, int64_t n) {
  constexpr int64_t kBlock = 512;
  const float drift = rate + 0.5f * volatility * volatility;
  share(n, kBlock, [=](int64_t begin, int64_t end) {
    alignas(64) float logs[kBlock], discounts[kBlock], cdf_1[kBlock], cdf_2[kBlock];
    for (int64_t i = begin; i < end; i += kBlock) {
      for (int64_t j = 0; j < kBlock; j += kLanes)
        store(logs + j, LIBMVEC_F32(v_logf)(load(spot + i + j) / load(strike + i + j)));
      for (int64_t j = 0; j < kBlock; j += kLanes)
        store(discounts + j, LIBMVEC_F32(v_expf)(-rate * load(time + i + j)));
      for (int64_t j = 0; j < kBlock; j += kLanes) {
        const F32 t = load(time + i + j), spread = volatility * __builtin_elementwise_sqrt(t);
        const F32 d1 = (load(logs + j) + drift * t) / spread;
        store(cdf_1 + j, d1);
        store(cdf_2 + j, d1 - spread);
      }
      for (int64_t j = 0; j < kBlock; j += kLanes) store(cdf_1 + j, cdf_erf(load(cdf_1 + j)));
      for (int64_t j = 0; j < kBlock; j += kLanes) store(cdf_2 + j, cdf_erf(load(cdf_2 + j)));
      for (int64_t j = 0; j < kBlock; j += kLanes) {
        const F32 discounted = load(strike + i + j) * load(discounts + j);
        const Prices p = prices(load(spot + i + j), discounted, load(cdf_1 + j), load(cdf_2 + j));
        stream(call + i + j, p.call);
        stream(put + i + j, p.put);
      }
    }
    stream_fence();
  });
}

}  // namespace

void peer_black_scholes_erf(const float* spot, const float* strike, const float* time, float rate, float volatility,
                            float* call, float* put, int64_t n) {
  by_vectors<cdf_erf>(spot, strike, time, rate, volatility, call, put, n);
}
void peer_black_scholes_erf_blocks(const float* spot, const float* strike, const float* time, float rate,
                                   float volatility, float* call, float* put, int64_t n) {
  by_blocks(spot, strike, time, rate, volatility, call, put, n);
}
void peer_black_scholes_hull(const float* spot, const float* strike, const float* time, float rate, float volatility,
                             float* call, float* put, int64_t n) {
  by_vectors<cdf_hull>(spot, strike, time, rate, volatility, call, put, n);
}
