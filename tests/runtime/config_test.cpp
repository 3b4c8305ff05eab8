#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/stats.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>

#include "machine.h"

namespace tarry::runtime {
namespace {

std::map<std::string, std::string> variables;

const char* variable(const char* name) {
  const auto found = variables.find(name);
  return found == variables.end() ? nullptr : found->second.c_str();
}

TEST(Config, IsEmptyWithoutVariables) {
  variables.clear();
  Config c;
  read_config(c, variable);
  EXPECT_EQ(c.num_threads, 0);
  EXPECT_EQ(c.tier, Tier::automatic);
  EXPECT_EQ(c.memory_limit, 0u);
  EXPECT_EQ(c.passes + c.dump + c.log + c.cache_dir, "");
}

TEST(Config, ReadsEveryVariable) {
  variables = {{"TARRY_NUM_THREADS", "3"}, {"TARRY_TIER", "interp"},     {"TARRY_MEMORY_LIMIT", "2G"},
               {"TARRY_PASSES", "a,b"},    {"TARRY_DUMP", "trace,plan"}, {"TARRY_LOG", "cache,compile"},
               {"TARRY_CACHE_DIR", "/y"}};
  Config c;
  read_config(c, variable);
  EXPECT_EQ(c.num_threads, 3);
  EXPECT_EQ(c.tier, Tier::interpreter);
  EXPECT_EQ(c.memory_limit, uint64_t{2} << 30);
  EXPECT_EQ(c.passes, "a,b");
  EXPECT_TRUE(c.logs("cache") && c.logs("compile"));
  EXPECT_FALSE(c.logs("fallback"));
  EXPECT_EQ(c.cache_dir, "/y");
  EXPECT_TRUE(c.dumps("trace") && c.dumps("plan"));
  EXPECT_FALSE(c.dumps("tra") || c.dumps("") || c.dumps("llvm"));
}

TEST(Config, DumpsAndLogsAll) {
  Config c;
  c.dump = c.log = "all";
  EXPECT_TRUE(c.dumps("ptx"));
  EXPECT_TRUE(c.logs("cache"));
}

TEST(Config, SizesHaveSuffixes) {
  for (const auto& [text, bytes] : std::map<std::string, uint64_t>{
           {"17", 17}, {"5k", 5 << 10}, {"5K", 5 << 10}, {"7M", 7 << 20}, {"3T", uint64_t{3} << 40}}) {
    variables = {{"TARRY_MEMORY_LIMIT", text}};
    Config c;
    read_config(c, variable);
    EXPECT_EQ(c.memory_limit, bytes) << text;
  }
}

TEST(Config, RefusesWhatItCannotRead) {
  for (const auto& [name, text] : std::multimap<std::string, std::string>{{"TARRY_MEMORY_LIMIT", "12X"},
                                                                          {"TARRY_MEMORY_LIMIT", "-1"},
                                                                          {"TARRY_MEMORY_LIMIT", "G"},
                                                                          {"TARRY_MEMORY_LIMIT", "1GB"},
                                                                          {"TARRY_MEMORY_LIMIT", "99999999999G"},
                                                                          {"TARRY_NUM_THREADS", "two"},
                                                                          {"TARRY_NUM_THREADS", "-1"},
                                                                          {"TARRY_NUM_THREADS", "3.5"},
                                                                          {"TARRY_NUM_THREADS", "1000000"},
                                                                          {"TARRY_TIER", "jit"},
                                                                          {"TARRY_DUMP", "plan,kernels"},
                                                                          {"TARRY_LOG", "nocache"},
                                                                          {"TARRY_LOG", "1"}}) {
    variables = {{name, text}};
    Config c;
    try {
      read_config(c, variable);
      ADD_FAILURE() << name << "=" << text << " was taken";
    } catch (const ValueError& error) {
      EXPECT_NE(std::string(error.what()).find(name + "='" + text + "'"), std::string::npos) << error.what();
    }
  }
}

TEST(Config, TierCanBeReplaced) {
  const Tier before = config().tier;
  set_tier(Tier::interpreter);
  EXPECT_EQ(config().tier, Tier::interpreter);
  set_tier(before);
}

TEST(Stats, ResetKeepsWhatIsLive) {
  count(&Counters::flushes, 3);
  EXPECT_GE(stats().flushes, 3u);
  const uint64_t live = stats().bytes_live;
  reset_stats();
  EXPECT_EQ(stats().flushes, 0u);
  EXPECT_EQ(stats().bytes_live, live);
  EXPECT_EQ(stats().bytes_peak, live);
}

/// A made-up tree of control groups.
class Cgroups : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "tarry_cgroups_XXXXXX";  // tests run side by side
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    places_.root = name;
    places_.membership = places_.root + "/membership";
  }
  void TearDown() override { std::filesystem::remove_all(places_.root); }
  void write(const std::string& file, const std::string& text) {
    const std::filesystem::path path = places_.root + "/" + file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text << "\n";
  }
  CgroupPlaces places_;
};

TEST_F(Cgroups, NoneMeansNoLimit) {
  EXPECT_EQ(cgroup_memory_limit(places_), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(cgroup_core_limit(places_), std::numeric_limits<int32_t>::max());
}

TEST_F(Cgroups, TheLowestLimitOnTheWayUpCounts) {
  write("membership", "0::/a/b");
  write("a/b/memory.max", "max");
  write("a/memory.max", "1000000");
  write("a/b/cpu.max", "max 100000");
  write("a/cpu.max", "250000 100000");
  EXPECT_EQ(cgroup_memory_limit(places_), 1000000u);
  EXPECT_EQ(cgroup_core_limit(places_), 3);
}

TEST_F(Cgroups, InsideAContainerTheRootCounts) {
  write("membership", "0::/a/path/that/is/not/mounted");
  write("memory.max", "5000");
  EXPECT_EQ(cgroup_memory_limit(places_), 5000u);
}

TEST_F(Cgroups, VersionOne) {
  write("membership", "9:name=systemd:/\n4:memory:/box\n1:cpu,cpuacct:/box\n0::/");
  write("memory/box/memory.limit_in_bytes", "7000");
  write("memory/memory.limit_in_bytes", "9223372036854771712");
  write("cpu/box/cpu.cfs_quota_us", "100000");
  write("cpu/box/cpu.cfs_period_us", "100000");
  EXPECT_EQ(cgroup_memory_limit(places_), 7000u);
  EXPECT_EQ(cgroup_core_limit(places_), 1);
}

TEST(Machine, HasCoresAndMemory) {
  EXPECT_GE(usable_cores(), 1);
  EXPECT_GE(usable_memory(), uint64_t{64} << 20);
}

}  // namespace
}  // namespace tarry::runtime
