/// CUDA C++ through nvcc: what a compiler of another house writes runs as well.

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>

#include "test/machine.h"

namespace cudasim {
namespace {

std::string find_nvcc() {
  for (const char* command : {"nvcc", "/usr/local/cuda/bin/nvcc"})
    if (std::system((std::string(command) + " --version > /dev/null 2>&1").c_str()) == 0) return command;
  return "";
}

std::string compile(int sm) {
  const std::string to =
      testing::TempDir() + "cudasim_kernels_" + std::to_string(sm) + "_" + std::to_string(getpid()) + ".ptx";
  const std::string command =
      find_nvcc() + " -ptx -arch=sm_" + std::to_string(sm) + " -o " + to + " " CUDASIM_KERNELS " > /dev/null 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::ifstream in(to);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::remove(to.c_str());
  return text;
}

class Nvcc : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (find_nvcc().empty()) GTEST_SKIP() << "SKIPPED: there is no nvcc on this machine, so nothing here was run";
    static std::map<int, std::string> texts;
    std::string& text = texts[GetParam()];
    if (text.empty()) text = compile(GetParam());
    module = m.load(text);
  }
  CUfunction function(const char* name) {
    CUfunction f = nullptr;
    EXPECT_CALL(cuModuleGetFunction(&f, module, name));
    return f;
  }
  Machine m{Machine::Settings{{"APPROX", "on"}, {"SM", "100"}}};
  CUmodule module = nullptr;
};
INSTANTIATE_TEST_SUITE_P(Sm, Nvcc, testing::Values(75, 90));

TEST_P(Nvcc, StructuresAndGridStrides) {
  std::vector<float> x(1000), y(1000);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i), y[i] = 0.5f;
  struct {
    float a = 2;
    long n = 1000;
    CUdeviceptr x, y;
  } p;
  p.x = m.upload(x);
  p.y = m.upload(y);
  EXPECT_CALL(m.run(function("axpy"), 3, 64, p));
  const auto got = m.download<float>(p.y, 1000);
  for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(got[i], 2 * x[i] + 0.5f);
}

TEST_P(Nvcc, ShufflesSharedMemoryAtomics) {
  std::vector<int> x(5000);
  std::iota(x.begin(), x.end(), -700);
  const CUdeviceptr in = m.upload(x), out = m.upload(std::vector<int>{0});
  EXPECT_CALL(m.run(function("sum"), 7, 192, in, out, int{5000}));
  EXPECT_EQ(m.download<int>(out, 1)[0], std::accumulate(x.begin(), x.end(), 0));
}

TEST_P(Nvcc, TilesInDynamicSharedMemory) {
  constexpr int kRows = 37, kColumns = 50;
  std::vector<double> x(kRows * kColumns);
  std::iota(x.begin(), x.end(), 0.25);
  CUdeviceptr in = m.upload(x), out = m.allocate(x.size() * 8);
  int rows = kRows, columns = kColumns;
  void* params[] = {&in, &out, &rows, &columns};
  EXPECT_CALL(cuLaunchKernel(function("transpose"), 4, 3, 1, 16, 16, 1, 16 * 17 * 8, nullptr, params, nullptr));
  const auto got = m.download<double>(out, x.size());
  for (int i = 0; i < kRows; ++i)
    for (int j = 0; j < kColumns; ++j) EXPECT_EQ(got[j * kRows + i], x[i * kColumns + j]);
}

TEST_P(Nvcc, SwitchesHalvesIntegersVotesLocalArrays) {
  std::vector<uint16_t> h(32);
  for (uint16_t i = 0; i < 32; ++i) h[i] = static_cast<uint16_t>(0x3c00 + i);  // 1 + i/1024
  const CUdeviceptr in = m.upload(h);
  const auto run = [&](int kind) {
    const CUdeviceptr out = m.allocate(32 * 8);
    EXPECT_CALL(m.run(function("mixed"), 1, 32, out, in, kind));
    return m.download<double>(out, 32);
  };
  std::vector<std::vector<double>> got;
  for (int kind = 0; kind <= 8; ++kind) got.push_back(run(kind));
  for (int i = 0; i < 32; ++i) {
    EXPECT_EQ(got[0][i], __builtin_popcount(i) + 100 * (i ? __builtin_clz(i) : 32));
    EXPECT_EQ(got[1][i], 1);
    const double x = 1 + i / 1024.0;
    // Halves between 1 and 2 lie 1/1024 apart.
    EXPECT_EQ(got[2][i], std::nearbyint((x * x + 0.5) * 1024) / 1024 * (1 << (i & 7)));
    EXPECT_NEAR(got[3][i], i / 3.0, i / 3.0 / 256);
    EXPECT_EQ(got[4][i], static_cast<double>((i * 1234567891LL) / (i - 13 ? i - 13 : 7) % 1001));
    EXPECT_EQ(got[5][i], 1 + 2 + 4.0 * 0xaaaaaaaau);
    int s = 0;
    for (int k = 0; k < 16; ++k) s += ((k * 7 + i) & 15) * i * (k & 1 ? 1 : -1);
    EXPECT_EQ(got[6][i], s);
    EXPECT_EQ(got[7][i], std::sqrt(double(i)) / 3.0 + std::fma(double(i), 0.1, 1e-17));
    EXPECT_EQ(got[8][i], std::fmod(i * 1e6, 7.25));
  }
}

TEST_P(Nvcc, ElementaryFunctionsOfItsLibrary) {
  std::vector<float> x(64);
  std::vector<double> y(64);
  for (size_t i = 0; i < x.size(); ++i) y[i] = x[i] = static_cast<float>(i) / 10 - 3;
  const CUdeviceptr px = m.upload(x), py = m.upload(y), a = m.allocate(64 * 16), b = m.allocate(64 * 32);
  EXPECT_CALL(m.run(function("elementary"), 1, 64, px, py, a, b));
  const auto f = m.download<float>(a, 256);
  const auto d = m.download<double>(b, 256);
  for (size_t i = 0; i < x.size(); ++i) {
    const double v = x[i];
    EXPECT_NEAR(f[4 * i], std::exp(v), 3e-7 * std::exp(v));
    EXPECT_NEAR(f[4 * i + 1], std::sin(double{1000 * x[i]}), 3e-7);
    EXPECT_NEAR(f[4 * i + 2], std::log(double{x[i] + 4}), 3e-7 * std::fabs(std::log(v + 4)) + 1e-8);
    EXPECT_NEAR(f[4 * i + 3], std::tanh(v), 3e-7);
    EXPECT_NEAR(d[4 * i], std::exp(v), 3e-16 * std::exp(v));
    EXPECT_NEAR(d[4 * i + 1], std::pow(v + 4, 1.7), 1e-15 * std::pow(v + 4, 1.7));
    EXPECT_NEAR(d[4 * i + 2], std::cos(1e6 * v), 5e-16);
    EXPECT_NEAR(d[4 * i + 3], std::erf(v), 5e-16);
  }
}

}  // namespace
}  // namespace cudasim
