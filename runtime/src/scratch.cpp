#include <tarry/ir/error.h>
#include <tarry/runtime/threads.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace tarry::runtime {
namespace {

constexpr size_t kAlignment = 64;

struct Scratch {
  void* memory = nullptr;
  size_t capacity = 0;
};
// Plain, so that a kernel that runs while the thread's destructors run still finds it.
thread_local Scratch scratch;

struct AtThreadEnd {
  ~AtThreadEnd() {
    std::free(scratch.memory);
    scratch = {};
  }
};

void grow(size_t bytes) {
  static thread_local AtThreadEnd at_end;
  (void)&at_end;
  const size_t capacity = std::max(bytes, 2 * scratch.capacity);
  if (capacity > SIZE_MAX / 2) throw MemoryError("Unable to allocate " + std::to_string(bytes) + " bytes of scratch");
  std::free(scratch.memory);
  scratch = {};
  const size_t rounded = (capacity + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, rounded);
  if (!memory) throw MemoryError("Unable to allocate " + std::to_string(bytes) + " bytes of scratch");
  scratch = {memory, rounded};
}

}  // namespace

void* thread_scratch(size_t bytes) {
  if (scratch.capacity < bytes || !scratch.memory) [[unlikely]]
    grow(std::max(bytes, kAlignment));
  return scratch.memory;
}

}  // namespace tarry::runtime
