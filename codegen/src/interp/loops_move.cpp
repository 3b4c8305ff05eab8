#include "interp/lanewise.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tarry::codegen::interp {
namespace {

template <class T>
void gather(std::byte* lanes, int64_t lane_stride, const std::byte* memory, int64_t stride, int64_t n) {
  T* r = reinterpret_cast<T*>(lanes);
  const T* a = reinterpret_cast<const T*>(memory);
  if (lane_stride != 1) {
    for (int64_t i = 0; i < n; ++i) r[i * lane_stride] = a[i * stride];
  } else if (stride == 1) {
    std::memcpy(r, a, n * sizeof(T));
  } else if (stride == -1) {
    for (int64_t i = 0; i < n; ++i) r[i] = a[-i];
  } else {
    for (int64_t i = 0; i < n; ++i) r[i] = a[i * stride];
  }
}

template <class T>
void scatter(std::byte* memory, int64_t stride, const std::byte* lanes, int64_t lane_stride, int64_t n) {
  T* r = reinterpret_cast<T*>(memory);
  const T* a = reinterpret_cast<const T*>(lanes);
  if (stride == 1 && lane_stride == 1) {
    std::memcpy(r, a, n * sizeof(T));
  } else {
    for (int64_t i = 0; i < n; ++i) r[i * stride] = a[i * lane_stride];
  }
}

template <class T>
void gather_masked(std::byte* lanes, int64_t lane_stride, const std::byte* memory, int64_t stride,
                   const std::byte* mask, int64_t n) {
  T* r = reinterpret_cast<T*>(lanes);
  const T* a = reinterpret_cast<const T*>(memory);
  for (int64_t i = 0; i < n; ++i)
    if (static_cast<uint8_t>(mask[i * lane_stride])) r[i * lane_stride] = a[i * stride];
}

template <class T>
void gather_at(std::byte* lanes, int64_t lane_stride, const std::byte* memory, int64_t stride, const int64_t* offsets,
               const std::byte* mask, int64_t n) {
  T* r = reinterpret_cast<T*>(lanes);
  const T* a = reinterpret_cast<const T*>(memory);
  if (!mask) {
    for (int64_t i = 0; i < n; ++i) r[i * lane_stride] = a[i * stride + offsets[i * lane_stride]];
    return;
  }
  for (int64_t i = 0; i < n; ++i)
    if (static_cast<uint8_t>(mask[i * lane_stride])) r[i * lane_stride] = a[i * stride + offsets[i * lane_stride]];
}

template <class T>
void fill(std::byte* lanes, const std::byte* value, int64_t n) {
  T* r = reinterpret_cast<T*>(lanes);
  const T x = *reinterpret_cast<const T*>(value);
  for (int64_t i = 0; i < n; ++i) r[i] = x;
}

template <class T>
constexpr MoveLoops kMoves{gather<T>, scatter<T>, gather_masked<T>, gather_at<T>, fill<T>};

}  // namespace

const MoveLoops& move_loops(size_t element_size) {
  switch (element_size) {
    case 1: return kMoves<uint8_t>;
    case 2: return kMoves<uint16_t>;
    case 4: return kMoves<uint32_t>;
    default: return kMoves<uint64_t>;
  }
}

#if defined(__x86_64__)
void stream(std::byte* memory, const std::byte* lanes, int64_t bytes) {
  constexpr int64_t kLine = 64;
  const auto past_line = static_cast<int64_t>(reinterpret_cast<uintptr_t>(memory) % kLine);
  const int64_t head = past_line ? std::min(kLine - past_line, bytes) : 0;
  std::memcpy(memory, lanes, head);
  int64_t at = head;
  for (; at + kLine <= bytes; at += kLine) {
    const auto* from = reinterpret_cast<const __m256i*>(lanes + at);
    auto* to = reinterpret_cast<__m256i*>(memory + at);
    _mm256_stream_si256(to, _mm256_loadu_si256(from));
    _mm256_stream_si256(to + 1, _mm256_loadu_si256(from + 1));
  }
  std::memcpy(memory + at, lanes + at, bytes - at);
}
void stream_fence() { _mm_sfence(); }
#else
void stream(std::byte* memory, const std::byte* lanes, int64_t bytes) { std::memcpy(memory, lanes, bytes); }
void stream_fence() {}
#endif

void index_lanes(std::byte* lanes, int64_t lane_stride, int64_t start, int64_t stride, int64_t n) {
  int64_t* r = reinterpret_cast<int64_t*>(lanes);
  for (int64_t i = 0; i < n; ++i) r[i * lane_stride] = start + i * stride;
}

bool any_lane(const std::byte* mask, int64_t n) {
  const uint8_t* m = reinterpret_cast<const uint8_t*>(mask);
  uint8_t seen = 0;
  for (int64_t i = 0; i < n; ++i) seen |= m[i];
  return seen != 0;
}

bool all_lanes(const std::byte* mask, int64_t n) { return std::memchr(mask, 0, n) == nullptr; }

}  // namespace tarry::codegen::interp
