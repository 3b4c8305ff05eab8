#pragma once
/// A device for tests: memory, modules and launches in a line each. Every failed call fails the test.

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "cudasim.h"
#include "driver/calls.h"

namespace cudasim {

std::string name_of(CUresult code);
#define EXPECT_CALL(call) EXPECT_EQ(name_of(call), "CUDA_SUCCESS") << cudasimViolations()
#define EXPECT_CODE(call, code) EXPECT_EQ(name_of(call), #code) << cudasimViolations()

/// A fresh driver with what the environment says but for these settings, and a current context.
class Machine {
 public:
  using Settings = std::vector<std::pair<std::string, std::string>>;
  Machine() : Machine(Settings()) {}
  explicit Machine(Settings settings);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  CUmodule load(const std::string& ptx);
  CUfunction function(const std::string& ptx, const std::string& name = "f");
  CUdeviceptr allocate(size_t bytes);
  template <class T>
  CUdeviceptr upload(const std::vector<T>& values) {
    const CUdeviceptr p = allocate(values.size() * sizeof(T));
    EXPECT_CALL(cuMemcpyHtoD_v2(p, values.data(), values.size() * sizeof(T)));
    return p;
  }
  template <class T>
  std::vector<T> download(CUdeviceptr p, size_t n) {
    std::vector<T> values(n);
    EXPECT_CALL(cuMemcpyDtoH_v2(values.data(), p, n * sizeof(T)));
    return values;
  }
  /// Starts and waits; what came of it.
  template <class... Args>
  CUresult run(CUfunction f, unsigned blocks, unsigned threads, Args... args) {
    void* params[] = {&args..., nullptr};
    const CUresult started = cuLaunchKernel(f, blocks, 1, 1, threads, 1, 1, 0, nullptr, params, nullptr);
    return started != CUDA_SUCCESS ? started : cuCtxSynchronize();
  }
  CUcontext context() const { return context_; }

 private:
  Settings settings_;
  CUcontext context_ = nullptr;
};

/// A module with an entry `f` of pointers a, b, …, each in a register %a, %b, … as a global address, thread in %t (32
/// bits) and %i (64 bits), and any code behind.
std::string kernel_text(int pointers, const std::string& code, const std::string& before = "", int sm = 75);

}  // namespace cudasim
