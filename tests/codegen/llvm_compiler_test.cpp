/// The compiler as a library: what it refuses, what it survives, and text for people.

#include "../operator_new.h"
#include "interp_support.h"

#include "cpu/compiler_library.h"

#include <tarry/ir/error.h>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace {

thread_local int until_failure = 0;  // 0: none is due

bool is_refused() { return until_failure && --until_failure == 0; }

}  // namespace

namespace tarry::test {
namespace {

ir::Kernel doubled() {
  KernelMaker maker;
  const Value x = maker.read(DType::float32);
  maker.write(maker.same(Op::add, x, x));
  for (ir::Access& a : maker.kernel.accesses) a.outer = ir::StrideClass::unit;
  return maker.kernel;
}

void expect_doubles(const codegen::Executable& e) {
  float x[5] = {1, 2, 3, 4, 5}, y[5];
  Launcher({5}).operand(x, {1}).operand(y, {1}).run(e);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(y[i], 2 * x[i]);
}

/// Runs body in a child of this process and gives its exit status.
template <class Body>
int in_child(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    int status = 99;
    try {
      status = body();
    } catch (...) {
    }
    _exit(status);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// First, before this process has loaded the library.
TEST(LlvmCompiler, AMissingLibraryIsADeviceError) {
  const int status = in_child([] {
    setenv("TARRY_LLVM_LIBRARY", "/nonexistent/libtarry-llvm.so", 1);
    try {
      codegen::llvm_cpu().compile(doubled());
    } catch (const DeviceError& e) {
      return std::string(e.what()).find("/nonexistent/libtarry-llvm.so") == std::string::npos ? 1 : 0;
    }
    return 2;
  });
  EXPECT_EQ(status, 0);
}

TEST(LlvmCompiler, WritesTextForPeople) {
  const std::string ir = codegen::emit_host_text(doubled(), codegen::HostText::llvm_ir);
  EXPECT_NE(ir.find("define void @kernel("), ir.npos);
  EXPECT_NE(ir.find("fadd <"), ir.npos);
  const std::string assembly = codegen::emit_host_text(doubled(), codegen::HostText::assembly);
  EXPECT_NE(assembly.find("kernel:"), assembly.npos);
  EXPECT_EQ(assembly.find("call"), assembly.npos);
}

TEST(LlvmCompiler, EmitsTheWidthThatIsAskedFor) {
  const ir::Kernel kernel = doubled();
  auto text = [&](int vector_bytes) {
    return codegen::run_compiler({&kernel, codegen::CompilerOutput::llvm_ir, 0, vector_bytes});
  };
  // A map takes two registers at once, up to a cache line.
  EXPECT_NE(text(16).find("fadd <8 x float>"), std::string::npos);
  EXPECT_EQ(text(16).find("fadd <16 x float>"), std::string::npos);
  EXPECT_NE(text(32).find("fadd <16 x float>"), std::string::npos);
  EXPECT_NE(text(64).find("fadd <16 x float>"), std::string::npos);
  EXPECT_EQ(text(64).find("fadd <32 x float>"), std::string::npos);
}

/// LLVM's passes are set up once and run on one kernel after the other.
TEST(LlvmCompiler, RemembersNothingOfEarlierKernels) {
  KernelMaker sums(1, 1);
  sums.write(sums.same(Op::reduce_sum, sums.read(DType::float32, true)));
  auto object = [](const ir::Kernel& kernel) {
    return codegen::run_compiler({&kernel, codegen::CompilerOutput::object, 0, 0});
  };
  const std::string map = object(doubled()), row = object(sums.kernel);
  EXPECT_NE(map, row);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(object(doubled()), map);
    EXPECT_EQ(object(sums.kernel), row);
  }
}

/// LLVM ends the process over code that it cannot select; here that must end the request alone. Warp
/// shuffles on a GPU too old for them are such code.
TEST(LlvmCompiler, SurvivesWhereLlvmGivesUp) {
  KernelMaker maker(1, 1);
  maker.write(maker.same(Op::reduce_sum, maker.read(DType::float32, true)));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THROW(codegen::run_compiler({&maker.kernel, codegen::CompilerOutput::ptx, 20, 0}), InternalError);
    expect_doubles(*codegen::llvm_cpu().compile(doubled()));
  }
}

TEST(LlvmCompiler, RefusesWhatIsNoKernel) {
  KernelMaker maker;
  maker.write(maker.same(Op::reduce_sum, maker.read(DType::float32)));
  EXPECT_THROW(codegen::llvm_cpu().compile(maker.kernel), InternalError);
  expect_doubles(*codegen::llvm_cpu().compile(doubled()));
}

TEST(LlvmCompiler, ServesManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([] { expect_doubles(*codegen::llvm_cpu().compile(doubled())); });
  for (std::thread& t : threads) t.join();
}

/// The signals that a thread blocks, one bit each.
uint64_t blocked_by(const std::filesystem::path& thread) {
  std::ifstream status(thread / "status");
  const std::string name = "SigBlk:";
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::stoull(line.substr(name.size()), nullptr, 16);
  return 0;
}

TEST(LlvmCompiler, TakesNoSignals) {
  constexpr uint64_t kUser1 = uint64_t{1} << (SIGUSR1 - 1), kInterrupt = uint64_t{1} << (SIGINT - 1);
  const std::filesystem::path self = "/proc/self/task/" + std::to_string(gettid());
  const uint64_t before = blocked_by(self);
  ASSERT_EQ(before & kUser1, 0U);
  expect_doubles(*codegen::llvm_cpu().compile(doubled()));
  EXPECT_EQ(blocked_by(self), before);
  int others = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    if (thread.path().filename() == self.filename()) continue;
    ++others;
    EXPECT_EQ(~blocked_by(thread.path()) & (kUser1 | kInterrupt), 0U) << thread.path();
  }
  EXPECT_GT(others, 0);
}

TEST(LlvmCompiler, WorksInAChild) {
  expect_doubles(*codegen::llvm_cpu().compile(doubled()));
  EXPECT_EQ(in_child([] {
              float x = 4, y = 0;
              Launcher({1}).operand(&x, {1}).operand(&y, {1}).run(*codegen::llvm_cpu().compile(doubled()));
              return y == 8 ? 0 : 1;
            }),
            0);
}

TEST(LlvmCompiler, WorksInAChildThatHadNoMemoryAtFirst) {
  const ir::Kernel kernel = doubled();
  const auto compile = [&] { return codegen::run_compiler({&kernel, codegen::CompilerOutput::object, 0, 0}); };
  const std::string object = compile();
  for (int n = 1; n <= 4; ++n)
    EXPECT_EQ(in_child([&] {
                alarm(20);  // it does not wait for ever
                until_failure = n;
                try {
                  compile();
                } catch (const std::exception&) {
                }
                until_failure = 0;
                return compile() == object ? 0 : 1;
              }),
              0)
        << "request " << n;
}

}  // namespace
}  // namespace tarry::test
