#pragma once
/// Arrays for the peers, and their contents.

#include <sys/mman.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <new>

namespace bench {

/// Memory of its own pages, huge ones where the system gives them.
template <class T>
class Block {
 public:
  explicit Block(int64_t n) : size_(n), bytes_((n * sizeof(T) + kHuge - 1) / kHuge * kHuge + kHuge) {
    mapped_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped_ == MAP_FAILED) throw std::bad_alloc();
    madvise(mapped_, bytes_, MADV_HUGEPAGE);
    data_ = reinterpret_cast<T*>((reinterpret_cast<uintptr_t>(mapped_) + kHuge - 1) / kHuge * kHuge);
  }
  /// Uniform in [low, high), the same on each run.
  Block(int64_t n, double low, double high, uint64_t seed) : Block(n) {
    for (int64_t i = 0; i < n; ++i) {
      uint64_t z = (seed << 40) + static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15;  // splitmix64
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      data_[i] = static_cast<T>(low + (high - low) * static_cast<double>(z >> 40) * 0x1p-24);
    }
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { munmap(mapped_, bytes_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  int64_t size() const { return size_; }

 private:
  static constexpr size_t kHuge = size_t{1} << 21;
  int64_t size_;
  size_t bytes_;
  void* mapped_;
  T* data_;
};

/// Largest |a - b| / max(|b|, floor); infinite where one of them is no number.
template <class T>
double largest_difference(const T* a, const T* b, int64_t n, double floor) {
  double worst = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double difference = std::abs(double(a[i]) - double(b[i])) / std::fmax(std::abs(double(b[i])), floor);
    if (!(difference <= worst)) worst = std::isnan(difference) ? INFINITY : difference;
  }
  return worst;
}

}  // namespace bench
