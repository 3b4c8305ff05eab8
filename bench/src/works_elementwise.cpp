#include "memory.h"
#include "programs.h"
#include "works.h"

#include <peers/peers.h>

#include <cmath>
#include <memory>

namespace bench {
namespace {

using Floats = Block<float>;

Comparison chain() {
  constexpr int64_t n = int64_t{1} << 24;
  struct Data {
    Floats a{n, -4, 4, 1}, b{n, -4, 4, 2}, c{n, -4, 4, 3}, y{n};
    Array ta = array_of(a), tb = array_of(b), tc = array_of(c), ty;
  };
  auto d = std::make_shared<Data>();
  const auto peer = [d](ChainPeer* form) {
    return [d, form] { form(d->a.data(), d->b.data(), d->c.data(), d->y.data(), n); };
  };
  Comparison row;
  row.name = "12-op chain, 16 M float32";
  row.bar = 1.05;
  row.bytes = 4.0 * 4 * n;
  row.tarry = [d] {
    d->ty = Array();  // its buffer serves again, as y does by hand
    d->ty = chain_of_12(d->ta, d->tb, d->tc);
    tarry::eval(d->ty);
  };
  row.error = [d] { return largest_difference(d->ty, d->y, 1); };
  row.tolerance = 2e-6;
  row.peers = {{"loop", peer(peer_chain_loop)},
               {"streaming stores", peer(peer_chain_stream)},
               {"streaming stores and prefetch", peer(peer_chain_prefetch)}};
  return row;
}

Comparison sum() {
  constexpr int64_t n = int64_t{1} << 24;
  struct Data {
    Floats x{n, -1, 1, 1}, y{n, -1, 1, 2};
    float total = 0;
    Array tx = array_of(x), ty = array_of(y), ttotal;
  };
  auto d = std::make_shared<Data>();
  const auto peer = [d](SumPeer* form) { return [d, form] { d->total = form(d->x.data(), d->y.data(), n); }; };
  Comparison row;
  row.name = "sum(x*y+x), 16 M float32";
  row.bar = 1.05;
  row.bytes = 2.0 * 4 * n;
  row.tarry = [d] {
    d->ttotal = Array();  // or it would still be known
    d->ttotal = np::sum(d->tx * d->ty + d->tx);
    tarry::eval(d->ttotal);
  };
  row.error = [d] { return std::abs(d->ttotal.item<float>() - d->total) / n; };  // a term is about 1
  row.tolerance = 1e-6;
  row.peers = {{"loop", peer(peer_sum_loop)},
               {"eight accumulators", peer(peer_sum_accumulators)},
               {"eight accumulators and prefetch", peer(peer_sum_prefetch)}};
  return row;
}

Comparison stencil() {
  constexpr int64_t n = 4096;
  struct Data {
    Floats x{n * n, 0, 1, 1}, y{(n - 2) * (n - 2)};
    Array tx = array_of(x, {n, n}), ty;
  };
  auto d = std::make_shared<Data>();
  const auto peer = [d](StencilPeer* form) { return [d, form] { form(d->x.data(), d->y.data(), n, n); }; };
  Comparison row;
  row.name = "5-point stencil, 4096 x 4096 float32";
  row.bar = 1.10;
  row.bytes = 4.0 * (n * n + (n - 2) * (n - 2));
  row.tarry = [d] {
    d->ty = Array();
    d->ty = stencil_by_slices(d->tx);
    tarry::eval(d->ty);
  };
  row.error = [d] { return largest_difference(d->ty, d->y, 1); };
  row.tolerance = 1e-6;
  row.peers = {{"loop", peer(peer_stencil_loop)},
               {"streaming stores", peer(peer_stencil_stream)},
               {"streaming stores and prefetch", peer(peer_stencil_prefetch)}};
  return row;
}

/// In L2, where a loop waits for the divider. By the caller alone on both sides.
Comparison division() {
  constexpr int64_t n = int64_t{1} << 15;
  constexpr float s = 1.7f;
  struct Data {
    Floats x{n, -4, 4, 1}, y{n};
    Array tx = array_of(x), ty;
  };
  auto d = std::make_shared<Data>();
  Comparison row;
  row.name = "x / s, 32,768 float32";
  row.bar = 1.1;  // also where the divider is fast, and dividing is all there is to do
  row.items = n;
  row.threads = 1;
  row.tarry = [d] {
    d->ty = Array();
    d->ty = d->tx / s;
    tarry::eval(d->ty);
  };
  row.error = [d] { return largest_difference(d->ty, d->y, 1); };
  row.tolerance = 0;
  row.peers = {{"loop", [d] { peer_divide(d->x.data(), s, d->y.data(), n); }}};
  return row;
}

Comparison black_scholes() {
  constexpr int64_t n = int64_t{1} << 22;
  struct Data {
    Floats spot{n, 5, 30, 1}, strike{n, 1, 100, 2}, time{n, 0.25, 10, 3}, call{n}, put{n};
    Array tspot = array_of(spot), tstrike = array_of(strike), ttime = array_of(time);
    Prices prices;
  };
  auto d = std::make_shared<Data>();
  const auto peer = [d](BlackScholesPeer* form) {
    return [d, form] {
      form(d->spot.data(), d->strike.data(), d->time.data(), 0.02f, 0.30f, d->call.data(), d->put.data(), n);
    };
  };
  Comparison row;
  row.name = "Black-Scholes, 4 M float32";
  row.bar = 1.0;
  row.bytes = 5.0 * 4 * n;
  row.tarry = [d] {
    d->prices = {};
    d->prices = black_scholes_prices(d->tspot, d->tstrike, d->ttime, 0.02, 0.30);
    tarry::eval(d->prices.call, d->prices.put);
  };
  row.error = [d] {
    return std::fmax(largest_difference(d->prices.call, d->call, 1), largest_difference(d->prices.put, d->put, 1));
  };
  row.tolerance = 2e-5;
  row.peers = {{"libmvec log, exp, erf", peer(peer_black_scholes_erf)},
               {"libmvec log, exp, erf by blocks, streaming stores", peer(peer_black_scholes_erf_blocks)},
               {"libmvec log, exp, Hull's normal distribution", peer(peer_black_scholes_hull)}};
  return row;
}

}  // namespace

std::vector<Work> elementwise_works() {
  return {
      {"chain", chain}, {"sum", sum}, {"stencil", stencil}, {"division", division}, {"black_scholes", black_scholes}};
}

}  // namespace bench
