#pragma once
/// The frame of the C++ programs: one function of one library at all sizes, a JSON object per size. As measure.py.

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>
#include <vector>

namespace libraries {

constexpr int64_t kRow = 1024;
constexpr double kWarmSeconds = 0.5;  // a compiler in the background may be done by then
constexpr double kSeconds = 0.25;
constexpr size_t kMostRuns = 2000;
constexpr int64_t kLarge = 1'000'000;
constexpr size_t kPage = 4096, kResults = 6;

struct Input {
  std::vector<std::vector<float>> arrays;
  int64_t rows, columns;  // 1 row but for softmax
};

inline Input make_input(std::string_view work, int64_t size) {
  std::minstd_rand bits(static_cast<unsigned>(size));
  std::uniform_real_distribution<float> draw(0.1f, 2);
  const bool softmax = work == "softmax";
  Input in{{}, softmax && size >= kRow ? size / kRow : 1, softmax ? std::min(size, kRow) : size};
  in.arrays.resize(softmax || work == "update" ? 1 : 3);
  for (auto& a : in.arrays) {
    a.resize(static_cast<size_t>(in.rows * in.columns));
    for (float& x : a) x = draw(bits);
  }
  return in;
}

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Median seconds of a call, over runs that fill kSeconds, or so many, once it is warm.
template <class Call>
double steady(Call& call) {
  for (const auto start = std::chrono::steady_clock::now(); seconds_since(start) < kWarmSeconds;) call();
  std::vector<double> times;
  const auto start = std::chrono::steady_clock::now();
  while (times.size() < kMostRuns && (times.size() < 3 || seconds_since(start) < kSeconds)) {
    const auto before = std::chrono::steady_clock::now();
    call();
    times.push_back(seconds_since(before));
  }
  times.erase(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4));
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

/// On a virtual machine whose host takes free memory away, a page that it has to bring back costs ten times what the
/// page itself does, whoever asks for it. So what the results of a first call may need was just in use. As measure.py.
inline void bring_memory_back(int64_t size) {
  if (size < kLarge) return;
  const size_t bytes = static_cast<size_t>(size) * sizeof(float) * kResults;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  madvise(memory, bytes, MADV_HUGEPAGE);
  for (size_t at = 0; at < bytes; at += kPage) static_cast<volatile char*>(memory)[at] = 1;
  munmap(memory, bytes);
}

inline float expected_element(std::string_view work, const Input& in, size_t i) {
  const float a = in.arrays[0][i];
  if (work == "update") return a * 0.999f + 0.001f;
  if (work == "softmax") {
    const size_t columns = static_cast<size_t>(in.columns);
    const float* row = in.arrays[0].data() + i / columns * columns;
    double sum = 0;
    for (size_t j = 0; j < columns; ++j) sum += std::exp(double(row[j]) - a);
    return static_cast<float>(1 / sum);
  }
  const float b = in.arrays[1][i], c = in.arrays[2][i];
  if (work == "ops4") return (a * b + c) * a - b;
  const float t = a * b + c, v = (t * t - a) / (std::fabs(b) + 1.5f), w = std::max(v, 0.1f * v);
  return std::sqrt(w * w + 2);
}

/// Measures work argv[1] at the sizes that follow, one after the other; after `--first` the first call alone, which is
/// that of the process if one size follows. `prepare(work, input)` gives a callable that computes the work anew, and
/// whose element(i) reads the result.
template <class Prepare>
int run(const char* library, int argc, char** argv, const Prepare& prepare) {
  const bool only_first = argc > 1 && std::string_view(argv[1]) == "--first";
  if (only_first) --argc, ++argv;
  const std::string_view work = argc > 1 ? argv[1] : "";
  for (int k = 2; k < argc; ++k) {
    const int64_t size = std::atoll(argv[k]);
    const Input in = make_input(work, size);
    auto call = prepare(work, in);
    bring_memory_back(size);
    const auto before = std::chrono::steady_clock::now();
    call();
    const double first = seconds_since(before);
    const size_t last = in.arrays[0].size() - 1;
    for (size_t i : {size_t{0}, last / 2, last})
      if (work != "update" && !(std::fabs(call.element(i) / expected_element(work, in, i) - 1) < 1e-4f)) {
        std::fprintf(stderr, "%s, %s of %lld: wrong result\n", library, argv[1], static_cast<long long>(size));
        return 1;
      }
    std::printf("{\"library\": \"%s\", \"work\": \"%s\", \"size\": %lld, ", library, argv[1],
                static_cast<long long>(size));
    if (only_first)
      std::printf("\"first\": %.9g}\n", first);
    else
      std::printf("\"resized\": %.9g, \"steady\": %.9g}\n", first, steady(call));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace libraries
