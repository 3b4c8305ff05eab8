#pragma once
/// Memory for the short lists of a small flush, which should not spend its time in malloc.

#include <cstddef>
#include <memory_resource>

namespace tarry::runtime {

/// A piece of the stack, then the heap. Nothing is used again before the end. What
/// std::pmr::monotonic_buffer_resource would do, in a few instructions for its hundred and fifty.
template <size_t kBytes>
class Room final : public std::pmr::memory_resource {
 public:
  Room() = default;
  Room(const Room&) = delete;

 private:
  void* do_allocate(size_t bytes, size_t alignment) override {
    const size_t at = (used_ + alignment - 1) & ~(alignment - 1);
    if (alignment > alignof(std::max_align_t) || at > kBytes || bytes > kBytes - at)
      return heap()->allocate(bytes, alignment);
    used_ = at + bytes;
    return memory_ + at;
  }
  void do_deallocate(void* p, size_t bytes, size_t alignment) override {
    const auto* const at = static_cast<const std::byte*>(p);
    if (at < memory_ || at >= memory_ + kBytes) heap()->deallocate(p, bytes, alignment);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }
  static std::pmr::memory_resource* heap() { return std::pmr::new_delete_resource(); }

  size_t used_ = 0;
  alignas(std::max_align_t) std::byte memory_[kBytes];
};

}  // namespace tarry::runtime
