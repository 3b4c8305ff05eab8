#include "tarry_side.h"

#include <tarry/runtime/threads.h>
#include <tarry/tarry.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace bench {

void settle(const std::function<void()>& run) {
  constexpr auto kPatience = std::chrono::seconds(30);
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    const auto interpreted = tarry::stats().kernels_interpreted;
    run();
    if (tarry::stats().kernels_interpreted == interpreted) return;
    if (std::chrono::steady_clock::now() - start > kPatience) throw std::runtime_error("its kernels stay interpreted");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

int kernels_launched_by(const std::function<void()>& run) {
  const auto before = tarry::stats().kernels_launched;
  run();
  return static_cast<int>(tarry::stats().kernels_launched - before);
}

ThreadLimit::ThreadLimit(int threads) : before_(tarry::runtime::num_threads()) {
  if (threads > 0) tarry::runtime::set_num_threads(threads);
}

ThreadLimit::~ThreadLimit() { tarry::runtime::set_num_threads(before_); }

}  // namespace bench
