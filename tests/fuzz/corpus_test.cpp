// What fuzzing found worth keeping, and damaged forms of it, without a fuzzer.
#include "targets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

namespace {

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class Fuzz : public testing::TestWithParam<fuzz::Target> {};

TEST_P(Fuzz, CorpusAndItsDamagedFormsAreTakenOrRefused) {
  std::mt19937 random(1);
  const auto pick = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(TARRY_CORPUS "/") + GetParam().name)) {
    const std::string whole = content(entry.path());
    GetParam().run(whole);
    ++files;
    for (int i = 0; i < 20 && !whole.empty(); ++i) {
      std::string damaged = whole;
      for (size_t n = 1 + pick(3); n > 0; --n) damaged[pick(damaged.size())] = static_cast<char>(pick(256));
      if (pick(4) == 0) damaged.resize(pick(damaged.size()));
      GetParam().run(damaged);
    }
  }
  EXPECT_GT(files, 0u);
}

INSTANTIATE_TEST_SUITE_P(Target, Fuzz, testing::ValuesIn(fuzz::kTargets),
                         [](const auto& t) { return std::string(t.param.name); });

}  // namespace
