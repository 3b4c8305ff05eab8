// Random programs on a GPU give the bits that they give on the host, however they are looked at: all but cuBLAS, which
// is not there here, so that matrix products are the host's. TARRY_SEED replays one, TARRY_PROGRAMS sets how many.
#include "program.h"

#include "stand_in.h"

#include <tarry/runtime/config.h>

#include <gtest/gtest.h>

namespace {

using namespace programs;

/// How each line ended, and the bits of every array that is left.
std::vector<std::string> results_of(Program& program, tarry::Context context) {
  tarry::ContextScope with(context);
  program.run();
  std::vector<std::string> results;
  for (const Line& l : program.lines()) results.push_back(l.error);
  for (const Named& n : program.arrays()) results.push_back(n.name + " " + bits(n.array));
  return results;
}

constexpr int kParts = 4, kSteps = 25;

class RandomProgramsOnGpu : public testing::TestWithParam<int> {};

TEST_P(RandomProgramsOnGpu, GiveTheBitsOfTheHost) {
  tarry::runtime::set_tier(tarry::runtime::Tier::interpreter);
  const int all = setting("TARRY_PROGRAMS", 160), replay = setting("TARRY_SEED", 0);
  const uint64_t launches = tarry::test::stand_in_counters().launches;
  for (int seed = replay ? replay : 1 + GetParam(); seed <= (replay ? replay : all); seed += replay ? 1 : kParts) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto number = static_cast<uint32_t>(seed);
    Program here(number, Looking::always, kSteps),
        there(number, seed % 3 ? Looking::sometimes : Looking::never, kSteps);
    const std::vector<std::string> expected = results_of(here, tarry::cpu()), found = results_of(there, tarry::gpu(0));
    ASSERT_EQ(found.size(), expected.size()) << here.text();
    for (size_t i = 0; i < found.size(); ++i)
      ASSERT_TRUE(found[i] == expected[i]) << "result " << i << "\n"
                                           << found[i].substr(0, 200) << "\n"
                                           << expected[i].substr(0, 200) << "\n"
                                           << here.text();
  }
  EXPECT_GT(tarry::test::stand_in_counters().launches, launches + static_cast<uint64_t>(replay ? 0 : all));
  EXPECT_EQ(tarry::test::stand_in_violations(), "");
}

INSTANTIATE_TEST_SUITE_P(Part, RandomProgramsOnGpu, testing::Range(0, kParts));

}  // namespace
