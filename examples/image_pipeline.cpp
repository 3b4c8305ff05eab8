// Finds the edges of a photograph, written as a NumPy user would write it.
//
//   image_pipeline INPUT.npy OUTPUT_FOLDER
//
// Prints what was recorded, run and compiled, and how long each part took, beside the same pipeline computed op by op.

#include <tarry/tarry.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "op_by_op.h"
#include "png_file.h"

namespace np = tarry::numpy;
using tarry::Array;

namespace {

const tarry::Slice kFirst = np::slice(np::none, -2), kMiddle = np::slice(1, -1), kLast = np::slice(2, np::none);

/// The 3 × 3 binomial blur, one axis after the other. A is Array, or OpByOp for comparison.
template <class A>
A blur(const A& x) {
  A rows = (x[kFirst] + 2 * x[kMiddle] + x[kLast]) / 4;
  return (rows[{np::all, kFirst}] + 2 * rows[{np::all, kMiddle}] + rows[{np::all, kLast}]) / 4;
}

/// Length of the Sobel gradient.
template <class A>
A gradient(const A& x) {
  A smooth_rows = x[kFirst] + 2 * x[kMiddle] + x[kLast];
  A smooth_columns = x[{np::all, kFirst}] + 2 * x[{np::all, kMiddle}] + x[{np::all, kLast}];
  A across = smooth_rows[{np::all, kLast}] - smooth_rows[{np::all, kFirst}];
  A down = smooth_columns[kLast] - smooth_columns[kFirst];
  return np::sqrt(across * across + down * down);
}

struct Result {
  Array edges;    // float32, normalised gradient
  Array picture;  // uint8: the blurred photograph with its edges white
};

/// `say` is where the value in the middle is printed.
template <class A>
Result find_edges(const A& photograph, std::ostream* say) {
  A blurred = blur(photograph);
  A strength = gradient(blurred);
  A mean = np::mean(strength), deviation = np::std(strength);
  A edges = (strength - mean) / deviation;
  A strongest = np::max(edges);
  if (say) *say << "strongest edge: " << strongest << " deviations above the mean\n";

  // A photograph with few strong edges shows weaker ones too.
  double threshold = 2.0;
  if (strongest > 6.0) threshold = 1.5;

  A shown = blurred[{kMiddle, kMiddle}].copy();
  A mask = edges > threshold;
  shown[mask] = 1.0;
  return {edges, np::rint(A(np::clip(A(255 * shown), 0, 255))).astype(tarry::uint8)};
}

double milliseconds(const std::function<void()>& work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Runs one part and prints what it took.
void part(const char* name, const std::function<void()>& work) {
  auto before = tarry::stats();
  double time = milliseconds(work);
  auto after = tarry::stats();
  std::printf("%-34s %6lu %9lu %12lu %10lu %11.2f\n", name, after.ops_recorded - before.ops_recorded,
              after.kernels_launched - before.kernels_launched, after.kernels_interpreted - before.kernels_interpreted,
              after.kernels_compiled - before.kernels_compiled, time);
}

void table_head() {
  std::printf("\n%-34s %6s %9s %12s %10s %11s\n", "part", "ops", "kernels", "interpreted", "compiled", "ms");
}

/// Until LLVM has compiled all kernels: each has to do some work for that.
void warm_up(const std::function<void()>& work) {
  for (int i = 0; i < 300; ++i) {
    const auto before = tarry::stats().kernels_interpreted;
    work();
    if (tarry::stats().kernels_interpreted == before) return;
    tarry::finish_compiling();
  }
}

/// The median of many runs.
double steady(const std::function<void()>& work) {
  warm_up(work);
  std::vector<double> times;
  for (int i = 0; i < 31; ++i) times.push_back(milliseconds(work));
  std::nth_element(times.begin(), times.begin() + 15, times.end());
  return times[15];
}

bool same_bits(const Array& a, const Array& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         std::memcmp(a.data<float>(), b.data<float>(), a.nbytes()) == 0;
}

void run(const std::string& input, const std::string& folder) {
  Array photograph;
  Result fused;
  table_head();
  part("load", [&] { photograph = np::load(input).astype(tarry::float32) / 255; });
  std::printf("  %s: shape %s\n", input.c_str(), tarry::ir::tuple_text(photograph.shape()).c_str());
  std::fflush(stdout);
  part("edges, looked at in the middle", [&] { fused = find_edges(photograph, &std::cout); });
  std::cout << "\nWhat is left to run:\n" << tarry::explain(fused.picture);
  table_head();
  part("the picture", [&] { tarry::eval(fused.edges, fused.picture); });
  part("save PNG", [&] { example::write_png(folder + "/edges.png", fused.picture); });
  part("save .npy", [&] { np::save(folder + "/edges.npy", fused.edges); });

  auto whole = [&] {
    Result r = find_edges(photograph, nullptr);
    tarry::eval(r.edges, r.picture);
  };
  Result single;
  auto op_by_op = [&] {
    single = find_edges(example::OpByOp(photograph), nullptr);
    tarry::eval(single.edges, single.picture);
  };
  table_head();
  part("the whole again", whole);
  part("the same, op by op", op_by_op);
  double lazy_ms = steady(whole), single_ms = steady(op_by_op);
  std::printf("\nsteady state: %.3f ms, op by op %.3f ms (%.1f times)\n", lazy_ms, single_ms, single_ms / lazy_ms);
  std::printf("same bits: %s\n", same_bits(fused.edges, single.edges) ? "yes" : "no");
  auto all = tarry::stats();
  std::printf("compiled in all: %lu kernels, %.1f ms inside LLVM; peak memory %.1f MiB\n", all.kernels_compiled,
              static_cast<double>(all.compile_microseconds) / 1000, static_cast<double>(all.bytes_peak) / (1 << 20));
  std::printf("wrote %s/edges.png and %s/edges.npy\n", folder.c_str(), folder.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s INPUT.npy OUTPUT_FOLDER\n", argv[0]);
    return 2;
  }
  try {
    run(argv[1], argv[2]);
  } catch (const tarry::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
