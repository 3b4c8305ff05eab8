// Arrays whose elements stay in their file.
#include <tarry/insight.h>
#include <tarry/runtime/buffer.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace fs = std::filesystem;
namespace np = tarry::numpy;
using tarry::Array;

namespace {

using List = std::vector<double>;
const fs::path kData = TARRY_TEST_DATA "/npy";

class NpyMap : public testing::Test {
 protected:
  NpyMap() { fs::create_directories(folder_); }
  ~NpyMap() override { fs::remove_all(folder_); }
  std::string file(const Array& x) {
    const std::string path = (folder_ / "a.npy").string();
    np::save(path, x);
    return path;
  }
  const fs::path folder_ = fs::path(testing::TempDir()) / ("npy_map_" + std::to_string(getpid()));
};

TEST_F(NpyMap, EveryFormIsReadAsLoadReadsIt) {
  int mapped = 0;
  for (const auto& entry : fs::directory_iterator(kData)) {
    const std::string path = entry.path().string();
    const Array expected = np::load(path);
    for (const char* mode : {"r", "c"}) {
      const uint64_t live = tarry::stats().bytes_live;
      const Array x = np::load(path, mode);
      mapped += x.size() > 0 && tarry::stats().bytes_live == live;
      EXPECT_EQ(x.shape(), expected.shape()) << path;
      EXPECT_EQ(x.dtype(), expected.dtype()) << path;
      EXPECT_EQ(np::repr(x), np::repr(expected)) << path;
      EXPECT_TRUE(np::array_equal(x.T() * 1, expected.T() * 1)) << path;
    }
  }
  EXPECT_GT(mapped, 60);
}

TEST_F(NpyMap, ReadOnlyIsReadOnly) {
  Array x = np::load(file(np::arange(6.0).reshape({2, 3})), "r");
  EXPECT_THROW(x[0] = 1.0, tarry::ValueError);
  Array v = x[1];
  EXPECT_THROW(v += 1, tarry::ValueError);
  EXPECT_THROW(np::add_at(x, np::array({0}), 1.0), tarry::ValueError);
  EXPECT_EQ((x + 1).to_vector<double>(), (List{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(Array(x[x > 2]).to_vector<double>(), (List{3, 4, 5}));
  Array own = x.copy();
  own += 1;
  EXPECT_EQ(double(own[{0, 0}]), 1);
}

TEST_F(NpyMap, CopyOnWriteLeavesTheFile) {
  const std::string path = file(np::arange(4.0));
  Array x = np::load(path, "c"), v = x[np::slice(1, 3)];
  const Array before = x + 0;
  v *= 10;
  EXPECT_EQ(x.to_vector<double>(), (List{0, 10, 20, 3}));
  EXPECT_EQ(before.to_vector<double>(), (List{0, 1, 2, 3}));
  EXPECT_EQ(np::load(path).to_vector<double>(), (List{0, 1, 2, 3}));
}

TEST_F(NpyMap, WritesGoThrough) {
  for (const bool fortran : {false, true}) {
    const Array given = np::arange(6.0).reshape({2, 3});
    const std::string path = file(fortran ? given.reshape({3, 2}).T() : given);
    {
      Array x = np::load(path, "r+");
      x[0] = np::array({7.0, 8.0, 9.0});
      x[{np::all, 1}] += 0.5;
      EXPECT_EQ(np::load(path).to_vector<double>(), x.to_vector<double>());
    }
    EXPECT_EQ(Array(np::load(path)[0]).to_vector<double>(), (List{7, 8.5, 9}));
    // What another writes is seen.
    Array x = np::load(path, "r+");
    const Array y = np::load(path, "r+");
    x[{1, 2}] = -1.0;
    EXPECT_EQ(double(y[{1, 2}]), -1);
  }
}

TEST_F(NpyMap, TheFileOutlivesItsName) {
  const std::string path = file(np::arange(5.0));
  const Array x = np::load(path, "r"), y = x[np::slice(3, np::none)];
  fs::remove(path);
  EXPECT_EQ(y.to_vector<double>(), (List{3, 4}));
}

TEST_F(NpyMap, LargerThanAllMemory) {
  // A file with a hole: its size is 1 TiB, its content a header.
  const std::string path = file(np::zeros({1}, tarry::uint8));
  const uint64_t extent = uint64_t{1} << 40;
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(extent) + ",), }";
  header.resize(117, ' ');
  header += '\n';
  std::ofstream(path, std::ios::binary) << std::string("\x93NUMPY\x01\x00\x76\x00", 10) << header;
  std::error_code refused;
  fs::resize_file(path, 128 + extent, refused);
  if (refused) GTEST_SKIP() << "the file system has no files of 1 TiB";
  {
    Array x = np::load(path, "r+");
    EXPECT_EQ(x.size(), static_cast<int64_t>(extent));
    x[-1] = 5;
    x[np::slice(1000, 1004)] = 1;
    EXPECT_EQ(int64_t(np::sum(x[np::slice(-1000, np::none)])), 5);
    EXPECT_EQ(int64_t(np::sum(x[np::slice(np::none, 2000)])), 4);
  }
  EXPECT_EQ(int64_t(np::load(path, "r")[-1]), 5);
  tarry::runtime::set_memory_limit(extent / 2);
  EXPECT_THROW((void)np::load(path), tarry::MemoryError);
  tarry::runtime::set_memory_limit(0);
}

TEST_F(NpyMap, WhatCannotBeMapped) {
  EXPECT_THROW(np::load((kData / "float64_big.npy").string(), "r+"), tarry::ValueError);
  EXPECT_THROW(np::load((folder_ / "none.npy").string(), "r"), tarry::IOError);
  EXPECT_THROW(np::load(file(np::arange(3.0)), "w+"), tarry::ValueError);
  const std::string path = file(np::arange(100.0));
  fs::resize_file(path, 500);
  for (const char* mode : {"r", "c", "r+"}) EXPECT_THROW(np::load(path, mode), tarry::IOError);
  // A header that leaves the elements off their alignment.
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n";
  std::ofstream(path, std::ios::binary) << std::string("\x93NUMPY\x01\x00", 8) << static_cast<char>(header.size())
                                        << '\0' << header << std::string("\0\0\0\0\0\0\xf0\x3f", 8);
  EXPECT_EQ(double(np::load(path, "r")[0]), 1);
  EXPECT_THROW(np::load(path, "r+"), tarry::ValueError);
  // Bools that are neither 0 nor 1.
  header = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }\n";
  std::ofstream(path, std::ios::binary) << std::string("\x93NUMPY\x01\x00", 8) << static_cast<char>(header.size())
                                        << '\0' << header << std::string("\0\2\1", 3);
  EXPECT_EQ(int64_t(np::sum(np::load(path, "c"))), 2);
}

}  // namespace
