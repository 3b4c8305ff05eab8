#include <pthread.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace tarry::runtime {
namespace {

constexpr size_t kAlignment = 64;
/// What most kernels of the interpreter have enough of. Pages that nobody touches cost nothing.
constexpr size_t kLeast = 256 << 10;
/// What a thread keeps at most.
constexpr size_t kMost = 8 << 20;

struct Scratch {
  void* memory = nullptr;
  size_t capacity = 0;
};
// Plain, so that a kernel that runs while the thread's destructors run still finds it.
[[gnu::tls_model("initial-exec")]] thread_local Scratch scratch;

/// Frees a thread's scratch behind all of its C++ destructors, some of which run kernels: glibc calls those of keys
/// last.
pthread_key_t freeing_key() {
  static const pthread_key_t key = [] {
    pthread_key_t made;
    if (pthread_key_create(&made, [](void* memory) {
          std::free(memory);
          scratch = {};
        }) != 0)
      throw MemoryError("no thread-specific key is left");
    return made;
  }();
  return key;
}

void grow(size_t bytes) {
  const pthread_key_t key = freeing_key();
  // Twice as much as before, so that growing step by step does not go on for long; but nobody asked for more than that.
  const size_t capacity = std::max({bytes, std::min(2 * scratch.capacity, kMost), kLeast});
  if (capacity > SIZE_MAX / 2) throw MemoryError("Unable to allocate " + std::to_string(bytes) + " bytes of scratch");
  std::free(scratch.memory);
  scratch = {};
  pthread_setspecific(key, nullptr);
  const size_t rounded = (capacity + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, rounded);
  if (!memory) throw MemoryError("Unable to allocate " + std::to_string(bytes) + " bytes of scratch");
  scratch = {memory, rounded};
  pthread_setspecific(key, memory);
}

}  // namespace

void trim_thread_scratch() noexcept {
  if (scratch.capacity <= kMost) [[likely]]
    return;
  std::free(scratch.memory);
  scratch = {};
  pthread_setspecific(freeing_key(), nullptr);
}

void* thread_scratch(size_t bytes) {
  if (scratch.capacity < bytes) [[unlikely]]
    grow(bytes);
  return scratch.memory;
}

}  // namespace tarry::runtime
