#include "../child.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tarry/runtime/disk_cache.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace tarry::runtime {
namespace {

namespace fs = std::filesystem;
using test::child_succeeds;

class DiskCacheFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "tarry_cache_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    outer_ = name;
    folder_ = name + "/kernels";
  }
  void TearDown() override { fs::remove_all(outer_); }
  fs::path only_file() const { return fs::directory_iterator(folder_)->path(); }

  std::string outer_, folder_;
};

TEST_F(DiskCacheFolder, FindsWhatItKept) {
  DiskCache cache(folder_, 1 << 20);
  const std::string value("code\0with zeros", 15);
  EXPECT_FALSE(cache.find("key"));
  cache.keep("key", value);
  EXPECT_EQ(cache.find("key"), value);
  EXPECT_FALSE(cache.find("another key"));
  EXPECT_EQ(DiskCache(folder_, 1 << 20).find("key"), value);
  struct stat s;
  ASSERT_EQ(stat(folder_.c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0700u);
}

TEST_F(DiskCacheFolder, TheLastOfOneKeyCounts) {
  DiskCache cache(folder_, 1 << 20);
  cache.keep("key", "old");
  cache.keep("key", "new");
  EXPECT_EQ(cache.find("key"), "new");
}

TEST_F(DiskCacheFolder, ADamagedFileIsAbsent) {
  DiskCache cache(folder_, 1 << 20);
  cache.keep("key", "value");
  const fs::path file = only_file();
  std::ifstream in(file, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    std::ofstream(file, std::ios::binary) << changed;
    EXPECT_FALSE(cache.find("key")) << "byte " << i;
    std::ofstream(file, std::ios::binary) << whole.substr(0, i);
    EXPECT_FALSE(cache.find("key")) << i << " bytes";
  }
  std::ofstream(file, std::ios::binary) << whole + "x";
  EXPECT_FALSE(cache.find("key"));
  cache.keep("key", "again");
  EXPECT_EQ(cache.find("key"), "again");
}

// What has no end, or waits for a writer, is not read.
TEST_F(DiskCacheFolder, WhatIsNoPlainFileIsAbsent) {
  DiskCache cache(folder_, 1 << 20);
  cache.keep("key", "value");
  const fs::path file = only_file();
  const auto is_absent = [&](const char* what) {
    EXPECT_TRUE(child_succeeds([&] {
      alarm(10);
      return !cache.find("key");
    })) << what;
    fs::remove_all(file);
  };
  fs::remove(file);
  ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
  is_absent("a pipe");
  fs::create_symlink("/dev/zero", file);
  is_absent("a device without end");
  fs::create_symlink(file, file);
  is_absent("a link to itself");
  fs::create_directory(file);
  is_absent("a folder");
  std::ofstream(file).put('t');
  fs::resize_file(file, uint64_t{1} << 40);
  is_absent("a file larger than all that is kept");
  cache.keep("key", "again");
  EXPECT_EQ(cache.find("key"), "again");
}

TEST_F(DiskCacheFolder, ALimitOfFileSizesEndsNoProcess) {
  EXPECT_TRUE(child_succeeds([&] {
    const rlimit limit{100, 100};
    setrlimit(RLIMIT_FSIZE, &limit);
    DiskCache cache(folder_, 1 << 20);
    cache.keep("key", std::string(1000, 'x'));
    sigset_t pending;
    sigpending(&pending);
    return !cache.find("key") && fs::is_empty(folder_) && !sigismember(&pending, SIGXFSZ);
  }));
}

TEST_F(DiskCacheFolder, AFileOfAnotherKeyIsNotTaken) {
  DiskCache cache(folder_, 1 << 20);
  cache.keep("one", "1");
  const fs::path one = only_file();
  cache.keep("two", "2");
  for (const auto& e : fs::directory_iterator(folder_))
    if (e.path() != one) fs::copy_file(one, e.path(), fs::copy_options::overwrite_existing);
  EXPECT_FALSE(cache.find("two"));
  EXPECT_EQ(cache.find("one"), "1");
}

TEST_F(DiskCacheFolder, AFolderOthersMayWriteToIsNotUsed) {
  DiskCache cache(folder_, 1 << 20);
  cache.keep("key", "value");
  fs::permissions(folder_, fs::perms::others_write, fs::perm_options::add);
  EXPECT_FALSE(cache.find("key"));
  cache.keep("other", "value");
  fs::permissions(folder_, fs::perms::others_write, fs::perm_options::remove);
  EXPECT_TRUE(cache.find("key"));
  EXPECT_FALSE(cache.find("other"));
}

TEST_F(DiskCacheFolder, WithoutAFolderNothingHappens) {
  DiskCache none("", 1 << 20);
  none.keep("key", "value");
  EXPECT_FALSE(none.find("key"));
  std::ofstream(folder_) << "a file";
  DiskCache file(folder_, 1 << 20);
  file.keep("key", "value");
  EXPECT_FALSE(file.find("key"));
}

TEST_F(DiskCacheFolder, WhatWasUnusedForLongestGoesFirst) {
  DiskCache cache(folder_, 40000);
  const std::string value(10000, 'v');
  auto age = std::chrono::hours(10);
  for (const char* key : {"a", "b", "c"}) {
    cache.keep(key, value);
    for (const auto& e : fs::directory_iterator(folder_))
      if (fs::file_time_type::clock::now() - e.last_write_time() < std::chrono::hours(1))
        fs::last_write_time(e.path(), fs::file_time_type::clock::now() - age);
    age -= std::chrono::hours(2);
  }
  EXPECT_TRUE(cache.find("a"));  // and thereby used
  cache.keep("d", value);
  EXPECT_TRUE(cache.find("a"));
  EXPECT_FALSE(cache.find("b"));
  EXPECT_TRUE(cache.find("d"));
}

TEST_F(DiskCacheFolder, IsNotLookedThroughAtEachWrite) {
  constexpr uint64_t kMost = 1 << 20;
  DiskCache cache(folder_, kMost);
  cache.keep("first", "1");
  const fs::path half_written = folder_ + "/0.kernel.1.1.new";
  int looks = 0;
  for (int i = 0; i < 2000; ++i) {
    if (!fs::exists(half_written)) {
      std::ofstream(half_written).put('t');
      fs::last_write_time(half_written, fs::file_time_type::clock::now() - std::chrono::hours(30));
    }
    cache.keep(std::to_string(i), std::string(1000, 'v'));
    looks += !fs::exists(half_written);
    if (i % 100 != 99) continue;
    uint64_t total = 0;
    for (const auto& e : fs::directory_iterator(folder_)) total += e.file_size();
    EXPECT_LE(total, kMost);
  }
  EXPECT_GT(looks, 100);
  EXPECT_LT(looks, 150);
}

TEST_F(DiskCacheFolder, ManyProcessesAtOnce) {
  constexpr int kProcesses = 8, kTurns = 50;
  const std::string value(5000, 'x');
  for (int p = 0; p < kProcesses; ++p) {
    if (fork() != 0) continue;
    DiskCache cache(folder_, 1 << 20);
    bool good = true;
    for (int i = 0; i < kTurns; ++i) {
      const std::string key = "key " + std::to_string(i % 5);
      cache.keep(key, key + value);
      const auto found = cache.find(key);
      good &= !found || *found == key + value;
    }
    _exit(good ? 0 : 1);
  }
  for (int p = 0; p < kProcesses; ++p) {
    int status = 1;
    wait(&status);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 5);
}

}  // namespace
}  // namespace tarry::runtime
