/// Whatever the compiler, its threads, its memory and its folder come to: a program goes on, with the same bits.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cstdint>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Outcome {
  std::string text;
  int status = -1;
};

/// `variables` as in "TARRY_TIER=llvm"; a program that hangs is ended.
Outcome run(const std::string& variables, const std::string& arguments) {
  const std::string command = "timeout 60 env " + variables + " " ADVERSE_PROGRAM " " + arguments + " 2>&1";
  Outcome outcome;
  FILE* const out = popen(command.c_str(), "r");
  if (!out) return outcome;
  char line[256];
  while (fgets(line, sizeof line, out)) outcome.text += line;
  outcome.status = pclose(out);
  return outcome;
}

const std::string& expected() {
  static const std::string text = run("TARRY_TIER=interp", "nothing").text;
  return text;
}

void expect_same(const std::string& variables, const std::string& arguments) {
  for (const char* tier : {"auto", "llvm"}) {
    const Outcome now = run(variables + " TARRY_TIER=" + tier, arguments);
    EXPECT_EQ(now.status, 0) << tier << " " << arguments;
    EXPECT_EQ(now.text, expected()) << tier << " " << arguments;
  }
}

class Adverse : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "tarry_adverse_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    outer_ = name;
    folder_ = name + "/kernels";
    ASSERT_EQ(std::count(expected().begin(), expected().end(), '\n'), 12);
  }
  void TearDown() override { fs::remove_all(outer_); }
  std::string cached() const { return "TARRY_CACHE_DIR=" + folder_; }

  std::string outer_, folder_;
};

TEST_F(Adverse, NoMemoryForTheCompiler) {
  for (int mebibytes : {2, 30, 67, 73, 130, 200, 300, 500, 520, 560, 700})
    expect_same("TARRY_CACHE_DIR=off", "memory " + std::to_string(mebibytes));
}

TEST_F(Adverse, NoMemoryInsideOfTheCompiler) {
  for (const char* from_and_every : {"1 1", "5 1", "300 3", "1500 100000", "5000 100000", "9000 100000", "20000 7"})
    expect_same("TARRY_CACHE_DIR=off", std::string("new ") + from_and_every);
}

TEST_F(Adverse, NoThreads) {
  for (int threads : {0, 1, 2, 3}) expect_same("TARRY_CACHE_DIR=off", "threads " + std::to_string(threads));
}

TEST_F(Adverse, NoRoomForFiles) {
  for (int bytes : {0, 10, 2000}) {
    expect_same(cached(), "files " + std::to_string(bytes));
    for (const auto& e : fs::directory_iterator(folder_)) EXPECT_EQ(e.path().extension(), ".kernel") << e.path();
  }
}

TEST_F(Adverse, TheFolderGoesAway) { expect_same(cached(), "folder " + folder_); }

TEST_F(Adverse, TheFolderIsNone) {
  for (const char* folder : {"/dev/null/kernels", "/proc", "/etc/passwd", "relative/to/nothing"})
    expect_same("-C " + outer_ + " TARRY_CACHE_DIR=" + folder, "nothing");
}

TEST_F(Adverse, FilesAreDamagedInAnyWay) {
  const auto write = [](const fs::path& file, std::streamoff at, const char* text) {
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(at) << text;
  };
  const std::function<void(const fs::path&)> damages[] = {
      [](const fs::path& f) { fs::resize_file(f, 0); },
      [](const fs::path& f) { fs::resize_file(f, 10); },
      [](const fs::path& f) { fs::resize_file(f, 40); },
      [](const fs::path& f) { fs::resize_file(f, fs::file_size(f) - 1); },
      [](const fs::path& f) { fs::resize_file(f, fs::file_size(f) + 1); },
      [](const fs::path& f) { fs::resize_file(f, uint64_t{1} << 40); },
      [&](const fs::path& f) { write(f, 8, "\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f"); },
      [&](const fs::path& f) { write(f, 16, "\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f"); },
      [&](const fs::path& f) { write(f, static_cast<std::streamoff>(fs::file_size(f)) - 100, "damage"); },
      [](const fs::path& f) { fs::remove(f), mkfifo(f.c_str(), 0600); },
      [](const fs::path& f) { fs::remove(f), fs::create_symlink("/dev/zero", f); },
      [](const fs::path& f) { fs::remove(f), fs::create_directory(f); }};
  for (const auto& damage : damages) {
    fs::remove_all(folder_);
    ASSERT_EQ(run(cached() + " TARRY_TIER=llvm", "nothing").text, expected());
    std::vector<fs::path> files;
    for (const auto& e : fs::directory_iterator(folder_)) files.push_back(e.path());
    ASSERT_GE(files.size(), 4u);
    for (const fs::path& file : files) damage(file);
    expect_same(cached(), "nothing");
  }
}

TEST_F(Adverse, ManyProcessesAndOneWhoRemoves) {
  std::vector<std::thread> programs;
  std::vector<Outcome> runs(6);
  for (size_t i = 0; i < runs.size(); ++i)
    programs.emplace_back(
        [&, i] { runs[i] = run(cached() + (i % 2 ? " TARRY_TIER=llvm" : " TARRY_TIER=auto"), "nothing"); });
  for (int i = 0; i < 300; ++i) {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  for (std::thread& t : programs) t.join();
  for (const Outcome& r : runs) EXPECT_EQ(r.text, expected());
  expect_same(cached(), "nothing");
}

TEST_F(Adverse, CompilersThatAreNone) {
  for (const char* library : {"/nowhere.so", "/etc/passwd", "/tmp"})
    expect_same(std::string("TARRY_CACHE_DIR=off TARRY_LLVM_LIBRARY=") + library, "nothing");
  for (const char* what :
       {"throws an error", "throws a number", "fails", "gives nothing", "gives no code", "says nothing at all"})
    expect_same(
        std::string("TARRY_CACHE_DIR=off TARRY_LLVM_LIBRARY=" ODD_COMPILER_LIBRARY " ODD_COMPILER='") + what + "'",
        "nothing");
}

TEST_F(Adverse, ATierThatIsNoneIsAnError) {
  const Outcome wrong = run("TARRY_TIER=fast", "nothing");
  EXPECT_NE(wrong.text.find("TARRY_TIER='fast' is not a tier (auto, interp or llvm)"), std::string::npos) << wrong.text;
  EXPECT_EQ(WEXITSTATUS(wrong.status), 1);
}

}  // namespace
