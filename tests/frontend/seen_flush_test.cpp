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

/// Looks at a value; in how many runs its flush is then known by its nodes, 0 where it is not.
size_t runs_seen_after(const Array& y) {
  Trace& own = Trace::current();
  uint64_t key = 0;
  {
    TraceLock lock(own);
    const ir::Value root = value_of(own, cell_of(y), {});
    key = place_key(own, std::span(&root, 1));
  }
  eval(y);
  TraceLock lock(own);
  const SeenFlush& seen = own.recent_plans->place(key).seen;
  return !seen.forgotten && !seen.runs.empty() && seen.runs.back()->epoch == own.epoch() ? seen.runs.size() : 0;
}

TEST(SeenFlush, ALoopOverOtherArraysIsSeenLikeTheFirst) {
  for (int64_t size : {5, 7, 5, 9}) {
    const Array x = np::array(std::vector<double>(static_cast<size_t>(size), 0.5));
    size_t seen = 0;
    for (int turn = 0; turn < 8; ++turn) seen = runs_seen_after(x * x + x);
    EXPECT_EQ(seen, 1u) << size;
  }
}

TEST(SeenFlush, ALoopThatKeepsAnotherNameForATurnIsSeen) {
  Array x = np::linspace(0, 1, 12).copy();
  size_t seen = 0;
  for (int turn = 0; turn < 8; ++turn) {
    const Array old = x;
    x = x * 0.5 + 0.25;
    x = x + old * 0.125;
    seen = runs_seen_after(x);
  }
  EXPECT_EQ(seen, 1u);
}

TEST(SeenFlush, ALongLoopIsSeenPieceByPiece) {
  for (const int turns : {100, 128, 1000, 2000}) {
    Array x = np::linspace(0, 1, 12).copy();
    size_t seen = 0;
    for (int round = 0; round < 10; ++round) {
      for (int i = 0; i < turns; ++i) x = x * 0.99 + 0.01;
      seen = runs_seen_after(x);
    }
    EXPECT_GE(seen, static_cast<size_t>(turns) / 16) << turns;
  }
}

}  // namespace
}  // namespace tarry::frontend
