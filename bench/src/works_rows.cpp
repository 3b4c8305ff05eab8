#include "memory.h"
#include "programs.h"
#include "works.h"

#include <peers/peers.h>

#include <memory>

namespace bench {
namespace {

constexpr int64_t kRows = 4096, kColumns = 1024;

struct Data {
  Block<float> x{kRows * kColumns, -4, 4, 1}, y{kRows * kColumns};
  Block<float> scale{kColumns, 0.5, 1.5, 2}, shift{kColumns, -1, 1, 3};
  Array tx = array_of(x, {kRows, kColumns}), tscale = array_of(scale), tshift = array_of(shift), ty;
};

Comparison softmax() {
  auto d = std::make_shared<Data>();
  const auto peer = [d](SoftmaxPeer* form) { return [d, form] { form(d->x.data(), d->y.data(), kRows, kColumns); }; };
  Comparison row;
  row.name = "softmax of rows, 4096 x 1024 float32";
  row.bar = 1.10;
  row.bytes = 2.0 * 4 * kRows * kColumns;
  row.tarry = [d] {
    d->ty = Array();
    d->ty = softmax_of_rows(d->tx);
    tarry::eval(d->ty);
  };
  row.error = [d] { return largest_difference(d->ty, d->y, 1e-6); };
  row.tolerance = 4e-6;
  row.peers = {{"libmvec exp", peer(peer_softmax_libmvec)},
               {"exp inlined", peer(peer_softmax_polynomial)},
               {"exp inlined, streaming stores", peer(peer_softmax_polynomial_stream)}};
  return row;
}

Comparison layernorm() {
  auto d = std::make_shared<Data>();
  const auto peer = [d](LayernormPeer* form) {
    return [d, form] { form(d->x.data(), d->scale.data(), d->shift.data(), d->y.data(), kRows, kColumns); };
  };
  Comparison row;
  row.name = "layernorm of rows, 4096 x 1024 float32";
  row.bar = 1.10;
  row.bytes = 2.0 * 4 * kRows * kColumns;
  row.tarry = [d] {
    d->ty = Array();
    d->ty = layernorm_of_rows(d->tx, d->tscale, d->tshift);
    tarry::eval(d->ty);
  };
  row.error = [d] { return largest_difference(d->ty, d->y, 1); };
  row.tolerance = 4e-6;
  row.peers = {{"two walks", peer(peer_layernorm_two_walks)},
               {"one walk", peer(peer_layernorm_one_walk)},
               {"two walks, streaming stores", peer(peer_layernorm_two_walks_stream)},
               {"one walk, streaming stores", peer(peer_layernorm_one_walk_stream)}};
  return row;
}

}  // namespace

std::vector<Work> row_works() { return {{"softmax", softmax}, {"layernorm", layernorm}}; }

}  // namespace bench
