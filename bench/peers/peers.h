#pragma once
/// What a specialist would write by hand for each row of the table. Several forms stand where it depends on the
/// machine which is best; the harness measures against the fastest one. All run on all OpenMP threads, except the
/// division and the elementary functions, which run on the caller alone. Arrays are aligned to 64 bytes.

#include <cstdint>

extern "C" {

/// y ← sqrt(w·w + 2) of the 12-op chain.
using ChainPeer = void(const float* a, const float* b, const float* c, float* y, int64_t n);
ChainPeer peer_chain_loop;      // the compiler's vectors
ChainPeer peer_chain_stream;    // non-temporal stores
ChainPeer peer_chain_prefetch;  // the same, reading ahead by software

/// Derivatives of Σ sqrt(w·w + 2) of the chain, with respect to a, and to a, b and c.
void peer_chain_gradient(const float* a, const float* b, const float* c, float* ga, int64_t n);
void peer_chain_gradients(const float* a, const float* b, const float* c, float* ga, float* gb, float* gc, int64_t n);

/// Σ x·y + x.
using SumPeer = float(const float* x, const float* y, int64_t n);
SumPeer peer_sum_loop;          // the compiler's reduction
SumPeer peer_sum_accumulators;  // eight vector accumulators
SumPeer peer_sum_prefetch;      // the same, reading ahead by software

/// y (rows - 2, columns - 2) ← 0.25·(up + down + left + right) - centre, of x (rows, columns).
using StencilPeer = void(const float* x, float* y, int64_t rows, int64_t columns);
StencilPeer peer_stencil_loop;      // a row at a time
StencilPeer peer_stencil_stream;    // non-temporal stores
StencilPeer peer_stencil_prefetch;  // the same, reading ahead by software

/// y ← x / s, correctly rounded.
void peer_divide(const float* x, float s, float* y, int64_t n);

/// Each row ← exp(row - max) / Σ exp(row - max).
using SoftmaxPeer = void(const float* x, float* y, int64_t rows, int64_t columns);
SoftmaxPeer peer_softmax_libmvec;            // exp of the vector math library
SoftmaxPeer peer_softmax_polynomial;         // exp inlined
SoftmaxPeer peer_softmax_polynomial_stream;  // and the last walk with non-temporal stores

/// Each row ← (row - mean) / sqrt(variance + 1e-5) · scale + shift.
using LayernormPeer = void(const float* x, const float* scale, const float* shift, float* y, int64_t rows,
                           int64_t columns);
LayernormPeer peer_layernorm_two_walks;         // mean, then variance
LayernormPeer peer_layernorm_one_walk;          // Σ x and Σ x² at once
LayernormPeer peer_layernorm_two_walks_stream;  // with non-temporal stores
LayernormPeer peer_layernorm_one_walk_stream;

/// European call and put.
using BlackScholesPeer = void(const float* spot, const float* strike, const float* time, float rate, float volatility,
                              float* call, float* put, int64_t n);
BlackScholesPeer peer_black_scholes_erf;         // log, exp, erf of the vector math library
BlackScholesPeer peer_black_scholes_erf_blocks;  // one function after the other in L1, non-temporal stores
BlackScholesPeer peer_black_scholes_hull;        // the normal distribution by Abramowitz and Stegun 26.2.17

/// y ← f(x), by the vector math library.
using FunctionPeer32 = void(const float* x, float* y, int64_t n);
using FunctionPeer64 = void(const double* x, double* y, int64_t n);
FunctionPeer32 peer_exp_f32, peer_log_f32, peer_sin_f32, peer_cos_f32, peer_tanh_f32, peer_erf_f32;
FunctionPeer64 peer_exp_f64, peer_log_f64, peer_sin_f64, peer_cos_f64, peer_tanh_f64, peer_erf_f64;
/// y ← x to the power e.
void peer_pow_f32(const float* x, const float* e, float* y, int64_t n);
void peer_pow_f64(const double* x, const double* e, double* y, int64_t n);

/// Runs body(data, thread) once on each OpenMP thread.
void peer_on_each_thread(void (*body)(void* data, int thread), void* data);
/// The compiler of the peers.
const char* peer_compiler();
}
