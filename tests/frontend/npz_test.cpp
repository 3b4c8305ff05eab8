// .npz archives: those that NumPy wrote (tests/data/npz), our own, and damaged ones.
#include <gtest/gtest.h>
#include <tarry/tarry.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace {

namespace np = tarry::numpy;
namespace fs = std::filesystem;
using tarry::Array;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

fs::path scratch(const std::string& name) {
  return fs::temp_directory_path() / ("tarry_npz_" + std::to_string(getpid()) + "_" + name);
}

TEST(Npz, ReadsWhatNumPyWrote) {
  for (const char* file : {"stored.npz", "deflated.npz"}) {
    const auto all = np::loadz(std::string(TARRY_TEST_DATA "/npz/") + file);
    ASSERT_EQ(all.size(), 5u) << file;
    EXPECT_TRUE(np::array_equal(all.at("w"), np::arange(6).reshape({2, 3})));
    EXPECT_EQ(all.at("w").dtype(), tarry::float32);
    EXPECT_TRUE(np::array_equal(all.at("fortran"), np::eye(3, 4)));
    EXPECT_EQ(all.at("swapped").to_vector<int>(), (std::vector<int>{1, -2}));
    EXPECT_EQ(all.at("none").shape(), (tarry::Shape{0, 3}));
    EXPECT_EQ(all.at("scalar").item<int>(), 7);
  }
}

TEST(Npz, ReadsWhatItWrote) {
  const Array many = np::random::default_rng(1).standard_normal({300, 400});
  for (bool compress : {false, true}) {
    const fs::path path = scratch(compress ? "small.npz" : "plain.npz");
    const std::vector<std::pair<std::string, Array>> arrays = {
        {"w", many}, {"b", np::arange(5).T()}, {"zeros", np::zeros({100, 100})}, {"flag", np::array(true)}};
    if (compress)
      np::savez_compressed(path, arrays);
    else
      np::savez(path, arrays);
    const auto all = np::loadz(path);
    ASSERT_EQ(all.size(), 4u);
    EXPECT_TRUE(np::array_equal(all.at("w"), many));
    EXPECT_EQ(all.at("flag").dtype(), tarry::bool_);
    EXPECT_EQ(all.at("zeros").shape(), (tarry::Shape{100, 100}));
    if (compress) {
      EXPECT_LT(fs::file_size(path), 300 * 400 * 8 + 5000u);
    }
    fs::remove(path);
  }
}

TEST(Npz, AppendsItsEndingAndRefusesNames) {
  const fs::path path = scratch("ending");
  np::savez(path, {{"x", np::arange(3)}});
  EXPECT_TRUE(fs::exists(path.string() + ".npz"));
  fs::remove(path.string() + ".npz");
  EXPECT_THROW(np::savez(path, {{"x", np::arange(3)}, {"x", np::arange(3)}}), tarry::ValueError);
  EXPECT_THROW(np::savez(path, {{std::string(70'000, 'x'), np::arange(3)}}), tarry::ValueError);
  EXPECT_FALSE(fs::exists(path.string() + ".npz"));
  EXPECT_THROW(np::savez("/nowhere/x.npz", {{"x", np::arange(3)}}), tarry::IOError);
  EXPECT_THROW(np::loadz("/nowhere/x.npz"), tarry::IOError);
}

/// Whatever is cut off or changed, it is an IOError (or nobody's business, as a date), never a wrong array.
TEST(Npz, DamageIsSaid) {
  const fs::path path = scratch("damaged.npz");
  std::mt19937 random(3);
  for (const char* file : {"stored.npz", "deflated.npz"}) {
    const std::string whole = slurp(fs::path(TARRY_TEST_DATA "/npz") / file);
    for (int i = 0; i < 600; ++i) {
      std::string content = whole;
      if (i % 3 == 0)
        content.resize(random() % whole.size());
      else
        for (int k = 0; k < 1 + i % 4; ++k) content[random() % whole.size()] = static_cast<char>(random());
      std::ofstream(path, std::ios::binary) << content;
      try {
        for (const auto& [name, array] : np::loadz(path)) static_cast<void>(array.to_vector<double>());
      } catch (const tarry::IOError& e) {
        EXPECT_NE(std::string(e.what()).find("cannot read"), std::string::npos) << e.what();
      } catch (const tarry::MemoryError&) {
      }
    }
  }
  fs::remove(path);
}

}  // namespace
