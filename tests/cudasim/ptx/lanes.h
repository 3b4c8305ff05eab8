#pragma once
/// Loops over the lanes of a warp.

#include <bit>
#include <cstdint>
#include <tuple>
#include <utility>

#include "ptx/program.h"
#include "ptx/warp.h"

namespace cudasim {

template <class F>
inline void each_lane(uint32_t lanes, F f) {
  for (; lanes != 0; lanes &= lanes - 1) f(std::countr_zero(lanes));
}

namespace detail {

template <class F, class D, class... S, size_t... K>
inline void run_lanes(Warp& w, const Instr& i, uint32_t lanes, std::index_sequence<K...>) {
  D* const d = w.reg<D>(i.dst);
  const std::tuple<const S*...> s{w.reg<S>(i.src[K])...};
  if (lanes == kAllLanes) {
    // Places are equal or apart.
#pragma GCC ivdep
    for (int l = 0; l < kLanes; ++l) d[l] = static_cast<D>(F{}(std::get<K>(s)[l]...));
  } else {
    each_lane(lanes, [&](int l) { d[l] = static_cast<D>(F{}(std::get<K>(s)[l]...)); });
  }
}

template <class F, class D, class... S>
void run_lanes(Warp& w, const Instr& i, uint32_t lanes) {
  run_lanes<F, D, S...>(w, i, lanes, std::index_sequence_for<S...>());
}

template <class F, class... S, size_t... K>
inline void run_test(Warp& w, const Instr& i, uint32_t lanes, std::index_sequence<K...>) {
  const std::tuple<const S*...> s{w.reg<S>(i.src[K])...};
  uint32_t holds = 0;
  for (int l = 0; l < kLanes; ++l) holds |= static_cast<uint32_t>(F{}(std::get<K>(s)[l]...)) << l;
  uint32_t& d = w.mask(i.dst);
  d = (d & ~lanes) | (holds & lanes);
}

template <class F, class... S>
void run_test(Warp& w, const Instr& i, uint32_t lanes) {
  run_test<F, S...>(w, i, lanes, std::index_sequence_for<S...>());
}

}  // namespace detail

/// A handler that applies a function without state to each lane: D d = f(S a, …).
template <class D, class... S, class F>
Handler lanes_of(F) {
  return &detail::run_lanes<F, D, S...>;
}

/// A handler that makes a predicate: bool f(S a, …).
template <class... S, class F>
Handler test_of(F) {
  return &detail::run_test<F, S...>;
}

}  // namespace cudasim
