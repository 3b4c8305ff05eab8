// explain, ir_text and TARRY_DUMP say what is run, and run nothing themselves.
#include <tarry/ir/text.h>
#include <tarry/ir/verify.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <sstream>
#include <string>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

size_t count(const std::string& text, const std::string& words) {
  size_t n = 0;
  for (size_t at = text.find(words); at != text.npos; at = text.find(words, at + 1)) ++n;
  return n;
}

testing::AssertionResult has(const std::string& text, const std::string& words) {
  if (text.find(words) != text.npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no \"" << words << "\" in\n" << text;
}

TEST(Explain, OneKernelForAChain) {
  const Array a = np::ones({4, 5}, tarry::float32), b = np::ones({4, 5}, tarry::float32);
  tarry::eval(a, b);
  const std::string text = tarry::explain(np::sqrt(a * b + a));
  EXPECT_EQ(count(text, "a step of its own"), 1u) << text;
  EXPECT_TRUE(has(text, "step 0: kernel (map) of 3 ops over (20,)"));
  EXPECT_TRUE(has(text, "reads  input 0 at 0 strides (1,)"));
  EXPECT_TRUE(has(text, "writes buffer"));
  EXPECT_TRUE(has(text, "because: output (insight_test.cpp:"));
}

TEST(Explain, ViewsAreReadWhereTheyLie) {
  const Array a = np::ones({6, 4});
  tarry::eval(a);
  const std::string text = tarry::explain(a[{np::slice(1, np::none, 2), np::slice(np::none, np::none, -1)}] + 1.0);
  EXPECT_TRUE(has(text, "reads  input 0 at 3 strides (8, -1)"));
}

TEST(Explain, SaysWhyStepsAreApart) {
  const Array a = np::ones({100});
  tarry::eval(a);
  const int line = __LINE__ + 1;
  const Array spread = np::exp(a) - np::sum(np::exp(a) * 0.5);
  const std::string text = tarry::explain(spread);
  EXPECT_EQ(count(text, "a step of its own because: "), 2u) << text;
  EXPECT_TRUE(has(text, "kernel (split)"));
  EXPECT_TRUE(has(text, "the reduction runs over another space (insight_test.cpp:" + std::to_string(line) + ")"));
  EXPECT_TRUE(has(tarry::explain(np::cumsum(a) * 2.0), "a scan runs in order"));
}

TEST(Explain, ShowsMatrixProducts) {
  const Array a = np::ones({2, 30, 40}), b = np::ones({2, 40, 50});
  tarry::eval(a, b);
  EXPECT_TRUE(has(tarry::explain(np::matmul(a, b)), "matrix product, batch 2: (30, 40) x (40, 50)"));
}

/// The number behind these words.
int64_t number_behind(const std::string& text, const std::string& words) {
  const size_t at = text.find(words);
  return at == std::string::npos ? -1 : std::stoll(text.substr(at + words.size()));
}

TEST(Explain, ListsTheResidualsOfAGradient) {
  constexpr int64_t n = 96, matrix = n * n * 8;
  const Array x = np::ones({n, n}) * 0.01, w = np::ones({n, n}) * 0.02;
  tarry::eval(x, w);
  const auto loss = [&](const Array& weights) {
    Array h = x;
    for (int i = 0; i < 4; ++i) h = np::tanh(np::matmul(h, weights));
    return np::sum(h * h);
  };
  tarry::reset_stats();
  const uint64_t before = tarry::stats().bytes_live;
  const Array gradient = tarry::grad(loss)(w);
  const std::string text = tarry::explain(gradient);
  const int64_t most = number_behind(text, "kept between steps, at most ");
  EXPECT_GE(count(text, " bytes, from step "), 4u) << text;
  EXPECT_GE(most, 4 * matrix) << text;  // the value of each layer
  EXPECT_LE(most, 7 * matrix) << text;  // and what the walk back is at
  tarry::eval(gradient);
  // What it took is what was listed, and the result.
  EXPECT_LE(static_cast<int64_t>(tarry::stats().bytes_peak - before), most + matrix + 4096) << text;
}

TEST(Explain, SaysWhichSegmentOfALoopRepeatsAndHowManyTimes) {
  const Array a = np::linspace(0.5, 0.75, 8), b = np::linspace(0.125, 0.25, 8);
  tarry::eval(a, b);
  Array x = a;
  for (int i = 0; i < 500; ++i) x = np::maximum(x * a + b * (0.1 + i), b) - a * x;
  const Array y = np::sum(x) * 2.0;
  const std::string text = tarry::explain(y);
  ASSERT_TRUE(has(text, "a loop: a segment of 6 operations (")) << text;
  const int64_t turns = number_behind(text, " repeats ");
  EXPECT_GE(turns, 490) << text;
  EXPECT_LE(turns, 500) << text;
  // Each kind of piece is told of once, with how many times it runs, and that is what is launched.
  int64_t launches = 0, in_pieces = 0, times = 1, length = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("before it:") || line.starts_with("after it:")) times = 1, length = 0;
    if (has(line, " of it, ")) {
      times = number_behind(line, " of it, ");
      length = std::stoll(line);
      in_pieces += times * length;
    }
    if (line.starts_with("step ")) launches += times;
  }
  EXPECT_EQ(in_pieces, turns) << text;
  EXPECT_LE(count(text, "\nstep "), 8u) << text;
  tarry::reset_stats();
  tarry::eval(y);
  EXPECT_EQ(tarry::stats().kernels_launched, static_cast<uint64_t>(launches)) << text;
}

TEST(Explain, NothingIsRunForWhatIsKnown) {
  const Array a = np::ones({3}) * 2.0;
  tarry::eval(a);
  EXPECT_EQ(tarry::explain(a), "nothing to run\n");
  EXPECT_EQ(tarry::explain(a[{np::slice(1, np::none)}]), "nothing to run\n");
}

TEST(Explain, RunsNothing) {
  const Array x = np::ones({1000}) * 3.0 + 1.0;
  tarry::reset_stats();
  const std::string first = tarry::explain(x), trace = tarry::ir_text(x);
  EXPECT_EQ(tarry::explain(x), first);
  EXPECT_EQ(tarry::ir_text(x), trace);
  const tarry::Stats stats = tarry::stats();
  EXPECT_EQ(stats.flushes + stats.kernels_launched + stats.kernels_compiled + stats.plans_made, 0u);
  EXPECT_EQ(double(x[999]), 4.0);
}

TEST(Ir, IsAProgramThatCanBeReadBack) {
  const Array a = np::arange(12).reshape({3, 4}).astype(tarry::float32);
  tarry::eval(a);
  const int line = __LINE__ + 1;
  const Array y = np::tanh(a.T() * 0.25f);
  const std::string text = tarry::ir_text(y);
  EXPECT_TRUE(has(text, "program @trace {"));
  EXPECT_TRUE(has(text, "input 0: strides (1, 4)")) << "a transposed view is a parameter with its strides";
  EXPECT_TRUE(has(text, "tanh"));
  EXPECT_TRUE(has(text, "insight_test.cpp:" + std::to_string(line)));
  const tarry::ir::File file = tarry::ir::parse_file(text);
  ASSERT_EQ(file.functions.size(), 1u);
  const auto& program = std::get<tarry::ir::Program>(file.functions[0].body);
  tarry::ir::verify(program);
  EXPECT_EQ(tarry::ir_text(y), text);
}

TEST(Ir, HoldsWhatTheArrayDependsOnAlone) {
  const Array a = np::ones({5});
  tarry::eval(a);
  const Array other = np::cosh(a), y = np::sin(a);
  const std::string text = tarry::ir_text(y);
  EXPECT_TRUE(has(text, "= sin %"));
  EXPECT_EQ(count(text, "cosh"), 0u) << text;
}

/// What the program dump_program leaves on the standard error under these variables.
std::string dumped(const std::string& variables) {
  const std::string command = "env " + variables + " '" TARRY_DUMP_PROGRAM "' 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot start " + command);
  std::string text;
  std::array<char, 4096> part;
  while (const size_t n = fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), n);
  EXPECT_EQ(pclose(pipe), 0) << text;
  return text;
}

TEST(Dump, IsSilentUnlessAsked) {
  EXPECT_EQ(dumped("-u TARRY_DUMP"), "sum 21\n");
  EXPECT_EQ(dumped("TARRY_DUMP="), "sum 21\n");
}

TEST(Dump, ShowsEachStageByItself) {
  const std::string stages[][2] = {{"trace", "program @trace {"},
                                   {"plan", "step 0: kernel (row)"},
                                   {"kernel", "schedule row"},
                                   {"llvm", "define "},
                                   {"asm", ".text"},
                                   {"ptx", ".target sm_75"}};
  for (const auto& [stage, sign] : stages) {
    const std::string text = dumped("TARRY_DUMP=" + stage);
    EXPECT_TRUE(has(text, "; ---- " + stage + "\n"));
    EXPECT_TRUE(has(text, sign));
    EXPECT_TRUE(has(text, "sum 21\n"));
    EXPECT_EQ(count(text, "; ---- "), 1u) << stage << "\n" << text;
  }
}

TEST(Dump, ShowsPassesThatChangedSomething) {
  const std::string text = dumped("TARRY_DUMP=passes");
  EXPECT_TRUE(has(text, "; ---- simplify\n"));
  EXPECT_TRUE(has(text, "reduce_sum"));
  EXPECT_EQ(count(text, "neg"), 0u) << text;
}

TEST(Dump, ShowsAllInTheOrderOfTheStages) {
  const std::string text = dumped("TARRY_DUMP=all");
  size_t last = 0;
  for (const char* stage : {"trace", "simplify", "plan", "kernel", "llvm", "asm", "ptx"}) {
    const size_t at = text.find("; ---- " + std::string(stage) + "\n");
    ASSERT_NE(at, text.npos) << stage << "\n" << text;
    EXPECT_GE(at, last) << stage;
    last = at;
  }
}

TEST(Dump, WorksOnEveryTier) {
  for (const char* tier : {"interp", "llvm", "auto"})
    EXPECT_TRUE(has(dumped(std::string("TARRY_DUMP=llvm,ptx TARRY_TIER=") + tier), ".target sm_75"));
}

/// A program runs all the same.
TEST(Dump, SaysWhyThereIsNoCode) {
  const std::string text = dumped("TARRY_DUMP=llvm TARRY_TIER=interp TARRY_LLVM_LIBRARY=/nowhere/libtarry-llvm.so");
  EXPECT_TRUE(has(text, "; not to be had: cannot load the compiler"));
  EXPECT_TRUE(has(text, "sum 21\n"));
}

}  // namespace
