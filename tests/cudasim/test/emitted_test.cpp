/// What tarry-opt writes loads, every entry of it, for every capability. That it gives the right numbers is tested
/// beside the backend, in tests/codegen.

#include <cstdio>
#include <filesystem>

#include "test/machine.h"

namespace cudasim {
namespace {

std::string output_of(const std::string& command) {
  std::string all;
  std::FILE* pipe = popen(command.c_str(), "r");
  char chunk[4096];
  for (size_t n; (n = fread(chunk, 1, sizeof chunk, pipe)) > 0;) all.append(chunk, n);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return all;
}

class Emitted : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Sm, Emitted, testing::Values(75, 80, 90));

TEST_P(Emitted, EveryEntryLoads) {
  int entries = 0;
  for (const auto& file : std::filesystem::directory_iterator(CUDASIM_IR)) {
    if (file.path().extension() != ".ir") continue;
    const std::string all =
        output_of(TARRY_OPT " --emit=ptx --sm=" + std::to_string(GetParam()) + " " + file.path().string());
    // One module for each kernel of the file.
    for (size_t begin = all.find(".version"), end; begin != all.npos; begin = end) {
      end = all.find(".version", begin + 1);
      Machine m;
      const std::string text = all.substr(begin, end == all.npos ? end : end - begin);
      const CUmodule module = m.load(text);
      for (size_t at = 0; (at = text.find(".entry ", at)) != text.npos; ++entries) {
        at += 7;
        CUfunction f;
        EXPECT_CALL(cuModuleGetFunction(&f, module, text.substr(at, text.find('(', at) - at).c_str())) << file.path();
      }
    }
  }
  EXPECT_GE(entries, 6);
}

}  // namespace
}  // namespace cudasim
