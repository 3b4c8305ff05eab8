// Looking changes nothing: random imperative programs (program.h) give the same bits whether nothing is looked at
// before the end, everything at once, or now and then; interpreted or compiled; on one thread or two. A failure names
// its seed; TARRY_SEED replays it, TARRY_PROGRAMS sets how many are run.
#include "program.h"
#include "ways.h"

#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>
#include <tarry/runtime/threads.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace {

using namespace programs;
using tarry::runtime::Tier;

/// What a run gives: how each line ended, and the bits of every array that is left.
std::vector<std::string> results_of(Program& program) {
  program.run();
  std::vector<std::string> results;
  for (const Line& l : program.lines()) results.push_back(l.error);
  for (const Named& n : program.arrays()) results.push_back(bits(n.array));
  return results;
}

/// Runs each program in the first way and in the others; where there are more than two, each seed takes the next one.
void check(const std::vector<Way>& ways, uint32_t first, uint32_t last, int most_steps = 40) {
  if (const int replay = setting("TARRY_SEED", 0)) first = last = static_cast<uint32_t>(replay);
  size_t refused = 0, lines = 0;
  uint64_t launched = 0, interpreted = 0;  // where they were to be compiled
  for (uint32_t seed = first; seed <= last; ++seed) {
    const Way* both[] = {&ways[0], &ways[1 + seed % (ways.size() - 1)]};
    std::vector<std::string> expected;
    for (const Way* way : both) {
      tarry::runtime::set_tier(way->tier);
      tarry::runtime::set_num_threads(way->threads);
      Program program(seed, way->looking, most_steps);
      const tarry::runtime::Stats before = tarry::runtime::stats();
      const std::vector<std::string> results = results_of(program);
      if (way->tier == Tier::llvm) {
        const tarry::runtime::Stats after = tarry::runtime::stats();
        launched += after.kernels_launched - before.kernels_launched;
        interpreted += after.kernels_interpreted - before.kernels_interpreted;
      }
      if (way == both[0]) {
        expected = results;
        for (const Line& l : program.lines()) refused += !l.error.empty();
        lines += program.lines().size();
        continue;
      }
      ASSERT_EQ(results.size(), expected.size()) << "seed " << seed << ", " << way->name;
      for (size_t i = 0; i < results.size(); ++i)
        ASSERT_TRUE(results[i] == expected[i])
            << "seed " << seed << ", " << way->name << ", result " << i << " differs from " << ways[0].name << "\n"
            << results[i].substr(0, 200) << "\n"
            << expected[i].substr(0, 200) << "\n"
            << program.text();
    }
  }
  // A program whose lines are all refused would show nothing.
  EXPECT_LT(refused * 5, lines);
  // Where no compiler is found, the interpreter stands in for it, and the bits would be equal for that reason.
  EXPECT_EQ(interpreted, 0u) << "of " << launched << " kernels";
}

uint32_t count(int otherwise) { return static_cast<uint32_t>(setting("TARRY_PROGRAMS", otherwise)); }

/// Parts, so that they run side by side.
constexpr uint32_t kParts = 8;

class RandomPrograms : public testing::TestWithParam<uint32_t> {
 protected:
  uint32_t first(uint32_t all) const { return 1 + GetParam() * (all / kParts); }
  uint32_t last(uint32_t all) const { return (GetParam() + 1) * (all / kParts); }
};

TEST_P(RandomPrograms, LookingChangesNoBitInterpreted) {
  const uint32_t all = count(20000);
  check({{"looking at everything", Looking::always, Tier::interpreter, 1},
         {"looking at the end", Looking::never, Tier::interpreter, 1},
         {"looking now and then", Looking::sometimes, Tier::interpreter, 2}},
        first(all), last(all));
}

TEST_P(RandomPrograms, CompiledGivesTheBitsOfInterpreted) {
  const uint32_t all = count(2000);
  check({{"interpreted", Looking::always, Tier::interpreter, 1},
         {"compiled, looking at the end", Looking::never, Tier::llvm, 1},
         {"compiled, looking now and then", Looking::sometimes, Tier::llvm, 1}},
        first(all), last(all), 14);
}

INSTANTIATE_TEST_SUITE_P(Part, RandomPrograms, testing::Range(0u, kParts));

}  // namespace
