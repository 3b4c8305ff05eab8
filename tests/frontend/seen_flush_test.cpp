// A loop over the same arrays is known by its nodes, also when it was run over other arrays before. No result shows
// that, only the time.
#include "cell.h"
#include "known_plan.h"
#include "plan_cache.h"
#include "trace.h"
#include "value.h"

#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace tarry::frontend {
namespace {

/// Runs a turn; whether the flush is then known by its nodes.
bool is_seen_after_turn(const Array& x) {
  const Array y = x * x + x;
  Trace& own = Trace::current();
  uint64_t key = 0;
  {
    TraceLock lock(own);
    const ir::Value root = value_of(own, cell_of(y), {});
    key = place_key(own, std::span(&root, 1));
  }
  eval(y);
  TraceLock lock(own);
  const std::unique_ptr<SeenFlush>& seen = own.recent_plans->place(key).seen;
  return seen && seen->epoch == own.epoch();
}

TEST(SeenFlush, ALoopOverOtherArraysIsSeenLikeTheFirst) {
  for (int64_t size : {5, 7, 5, 9}) {
    const Array x = np::array(std::vector<double>(static_cast<size_t>(size), 0.5));
    bool seen = false;
    for (int turn = 0; turn < 8; ++turn) seen = is_seen_after_turn(x);
    EXPECT_TRUE(seen) << size;
  }
}

}  // namespace
}  // namespace tarry::frontend
