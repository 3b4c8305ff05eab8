// One work in tarry and by hand on the stand-in for the driver, whose report then has what both executed.
// usage: gpu-counts WORK TEXT, TEXT being what nvcc makes of by_hand.cu

#include "src/programs.h"

#include <driver/calls.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using bench::Array;
using bench::Block;
namespace np = tarry::numpy;
using namespace cudasim;

void check(CUresult code) {
  if (code == CUDA_SUCCESS) return;
  const char* name = nullptr;
  cuGetErrorName(code, &name);
  throw std::runtime_error(name ? name : "an unknown error");
}

/// The kernels by hand, and memory for them.
class ByHand {
 public:
  explicit ByHand(const char* file) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CUcontext context = nullptr;
    check(cuInit(0));
    check(cuDevicePrimaryCtxRetain(&context, 0));
    check(cuCtxSetCurrent(context));
    check(cuModuleLoadData(&module_, text.c_str()));
    check(cuDeviceGetAttribute(&processors_, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 0));
  }

  CUdeviceptr allocate(size_t bytes) {
    CUdeviceptr p = 0;
    check(cuMemAlloc_v2(&p, bytes));
    return p;
  }
  template <class T>
  CUdeviceptr upload(const Block<T>& values) {
    const size_t bytes = static_cast<size_t>(values.size()) * sizeof(T);
    const CUdeviceptr p = allocate(bytes);
    check(cuMemcpyHtoD_v2(p, values.data(), bytes));
    return p;
  }
  std::vector<float> download(CUdeviceptr p, int64_t n) {
    std::vector<float> values(static_cast<size_t>(n));
    check(cuMemcpyDtoH_v2(values.data(), p, values.size() * sizeof(float)));
    return values;
  }

  struct Size {
    unsigned x = 1, y = 1;
  };
  template <class... Args>
  void launch(const char* name, Size grid, Size block, Args... args) {
    CUfunction f = nullptr;
    check(cuModuleGetFunction(&f, module_, name));
    void* params[] = {&args...};
    check(cuLaunchKernel(f, grid.x, grid.y, 1, block.x, block.y, 1, 0, nullptr, params, nullptr));
    check(cuCtxSynchronize());
  }
  /// As many blocks as the device holds at once, where there is work for them.
  unsigned blocks(int64_t threads) const {
    return static_cast<unsigned>(std::min<int64_t>((threads + kThreads - 1) / kThreads, 8 * processors_));
  }

  static constexpr unsigned kThreads = 256;

 private:
  CUmodule module_ = nullptr;
  int processors_ = 0;
};

struct Outcome {
  int64_t elements = 0;
  std::vector<float> tarry, by_hand;
};

constexpr int64_t kMany = int64_t{1} << 20;
constexpr int kRows = 1024, kColumns = 1024;

std::vector<float> values_of(const Array& x) { return x.to_vector<float>(); }

Outcome chain(ByHand& by_hand) {
  const Block<float> a(kMany, -4, 4, 1), b(kMany, -4, 4, 2), c(kMany, -4, 4, 3);
  Outcome o{kMany, values_of(bench::chain_of_12(bench::array_of(a), bench::array_of(b), bench::array_of(c))), {}};
  const CUdeviceptr y = by_hand.allocate(kMany * sizeof(float));
  by_hand.launch("chain", {by_hand.blocks(kMany / 4)}, {ByHand::kThreads}, by_hand.upload(a), by_hand.upload(b),
                 by_hand.upload(c), y, static_cast<int>(kMany));
  o.by_hand = by_hand.download(y, kMany);
  return o;
}

Outcome sum(ByHand& by_hand) {
  const Block<float> x(kMany, 0, 1, 1), y(kMany, 0, 1, 2);
  const Array tx = bench::array_of(x), ty = bench::array_of(y);
  Outcome o{kMany, {np::sum(tx * ty + tx).item<float>()}, {}};
  const unsigned blocks = by_hand.blocks(kMany / 4);
  const CUdeviceptr parts = by_hand.allocate(blocks * sizeof(float)), total = by_hand.allocate(sizeof(float));
  by_hand.launch("sum", {blocks}, {ByHand::kThreads}, by_hand.upload(x), by_hand.upload(y), parts,
                 static_cast<int>(kMany));
  by_hand.launch("sum_parts", {1}, {ByHand::kThreads}, parts, total, static_cast<int>(blocks));
  o.by_hand = by_hand.download(total, 1);
  return o;
}

Outcome stencil_with(ByHand& by_hand, bool keeps) {
  constexpr int64_t kInner = int64_t{kRows - 2} * (kColumns - 2);
  const Block<float> x(int64_t{kRows} * kColumns, 0, 1, 1);
  Outcome o{kInner, values_of(bench::stencil_by_slices(bench::array_of(x, {kRows, kColumns}))), {}};
  const CUdeviceptr y = by_hand.allocate(kInner * sizeof(float));
  const unsigned across = (kColumns - 2 + ByHand::kThreads - 1) / ByHand::kThreads;
  constexpr int kStrip = 64;
  if (keeps)
    by_hand.launch("stencil_kept", {across, (kRows - 2 + kStrip - 1) / kStrip}, {ByHand::kThreads}, by_hand.upload(x),
                   y, kRows, kColumns, kStrip);
  else
    by_hand.launch("stencil", {across, kRows / kStrip}, {ByHand::kThreads}, by_hand.upload(x), y, kRows, kColumns);
  o.by_hand = by_hand.download(y, kInner);
  return o;
}

Outcome rows_with(ByHand& by_hand, const char* kernel, const std::function<Array(const Array&)>& program) {
  constexpr int64_t n = int64_t{kRows} * kColumns;
  const Block<float> x(n, -4, 4, 1);
  Outcome o{n, values_of(program(bench::array_of(x, {kRows, kColumns}))), {}};
  const CUdeviceptr y = by_hand.allocate(n * sizeof(float));
  by_hand.launch(kernel, {by_hand.blocks(int64_t{kRows} * 32)}, {ByHand::kThreads}, by_hand.upload(x), y, kRows,
                 kColumns);
  o.by_hand = by_hand.download(y, n);
  return o;
}

Array square_softmax_of_rows(const Array& x) {
  const Array d = x - np::max(x, 1, tarry::keepdims), e = d * d;
  return e / np::sum(e, 1, tarry::keepdims);
}

Outcome layernorm(ByHand& by_hand) {
  constexpr int64_t n = int64_t{kRows} * kColumns;
  const Block<float> x(n, -4, 4, 1), scale(kColumns, 0.5, 1.5, 2), shift(kColumns, -1, 1, 3);
  Outcome o{n,
            values_of(bench::layernorm_of_rows(bench::array_of(x, {kRows, kColumns}), bench::array_of(scale),
                                               bench::array_of(shift))),
            {}};
  const CUdeviceptr y = by_hand.allocate(n * sizeof(float));
  by_hand.launch("layernorm", {by_hand.blocks(int64_t{kRows} * 32)}, {ByHand::kThreads}, by_hand.upload(x),
                 by_hand.upload(scale), by_hand.upload(shift), y, kRows, kColumns);
  o.by_hand = by_hand.download(y, n);
  return o;
}

Outcome gather(ByHand& by_hand) {
  const Block<float> x(kMany, -4, 4, 1);
  const Block<int64_t> indices(kMany, -static_cast<double>(kMany), static_cast<double>(kMany), 2);
  Outcome o{kMany, values_of(np::take(bench::array_of(x), bench::array_of(indices))), {}};
  const CUdeviceptr y = by_hand.allocate(kMany * sizeof(float));
  by_hand.launch("gather", {by_hand.blocks(kMany / 4)}, {ByHand::kThreads}, by_hand.upload(x), by_hand.upload(indices),
                 y, static_cast<int>(kMany), static_cast<long long>(kMany));
  o.by_hand = by_hand.download(y, kMany);
  return o;
}

Outcome transpose_add(ByHand& by_hand) {
  constexpr int64_t n = int64_t{kRows} * kColumns;
  constexpr unsigned kTile = 32;
  const Block<float> x(n, -4, 4, 1), z(n, -4, 4, 2);
  const Array tx = bench::array_of(x, {kColumns, kRows}), tz = bench::array_of(z, {kRows, kColumns});
  Outcome o{n, values_of(tx.T() + tz), {}};
  const CUdeviceptr y = by_hand.allocate(n * sizeof(float));
  by_hand.launch("transpose_add", {kColumns / kTile, kRows / kTile}, {kTile, 8}, by_hand.upload(x), by_hand.upload(z),
                 y, kRows, kColumns);
  o.by_hand = by_hand.download(y, n);
  return o;
}

const std::map<std::string, std::function<Outcome(ByHand&)>>& works() {
  static const std::map<std::string, std::function<Outcome(ByHand&)>> all{
      {"chain", chain},
      {"sum", sum},
      {"stencil", [](ByHand& b) { return stencil_with(b, false); }},
      {"stencil_kept", [](ByHand& b) { return stencil_with(b, true); }},
      {"softmax", [](ByHand& b) { return rows_with(b, "softmax", bench::softmax_of_rows); }},
      {"square_softmax", [](ByHand& b) { return rows_with(b, "square_softmax", square_softmax_of_rows); }},
      {"layernorm", layernorm},
      {"gather", gather},
      {"transpose_add", transpose_add}};
  return all;
}

double largest_difference(const Outcome& o) {
  if (o.tarry.size() != o.by_hand.size()) return std::numeric_limits<double>::infinity();
  return bench::largest_difference(o.tarry.data(), o.by_hand.data(), static_cast<int64_t>(o.tarry.size()), 1e-2);
}

}  // namespace

int main(int argc, char** argv) try {
  const auto work = works().find(argc > 1 ? argv[1] : "");
  if (argc != 3 || work == works().end()) {
    std::fprintf(stderr, "usage: gpu-counts WORK TEXT\n");
    return 2;
  }
  tarry::set_context(tarry::gpu(0));
  ByHand by_hand(argv[2]);
  const Outcome outcome = work->second(by_hand);
  constexpr double kTolerance = 1e-4;
  const double difference = largest_difference(outcome);
  if (!(difference <= kTolerance)) throw std::runtime_error("the results differ by " + std::to_string(difference));
  std::printf("%lld\n", static_cast<long long>(outcome.elements));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "gpu-counts: %s\n", error.what());
  return 1;
}
