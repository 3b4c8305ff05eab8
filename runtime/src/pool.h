#pragma once
/// The two halves of the pool behind Buffer. Neither counts nor limits: buffer.cpp does.

#include <tarry/runtime/buffer.h>

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define TARRY_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TARRY_ASAN 1
#endif
#endif
#ifdef TARRY_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace tarry::runtime {

/// The pool's way into a block.
struct BufferAccess {
  static std::atomic<uint32_t>& references(BufferBlock* b) { return b->references_; }
  static bool& external(BufferBlock* b) { return b->external_; }
  static void*& data(BufferBlock* b) { return b->data_; }
  static size_t& bytes(BufferBlock* b) { return b->bytes_; }
  static size_t& capacity(BufferBlock* b) { return b->capacity_; }
  static BufferBlock*& next(BufferBlock* b) { return b->next_; }
  static DeviceMemory*& device(BufferBlock* b) { return b->device_; }
  static std::byte*& mapping(BufferBlock* b) { return b->mapping_; }
  static size_t& mapped(BufferBlock* b) { return b->mapped_; }
};

/// Largest request that the small half serves.
inline constexpr size_t kSmallLimit = 64 * 1024;

/// A block of at least `bytes` <= kSmallLimit, or null when the system has no memory.
BufferBlock* take_small(size_t bytes) noexcept;
void give_small(BufferBlock* block) noexcept;
/// Frees what the calling thread keeps.
void trim_small() noexcept;

/// A block of at least `bytes` > kSmallLimit, or null when the system has no memory.
BufferBlock* take_large(size_t bytes) noexcept;
void give_large(BufferBlock* block) noexcept;
void trim_large() noexcept;
/// Bytes of pages held, in use and kept.
size_t large_bytes_held() noexcept;

/// Lets an address sanitizer see the use of free blocks and of what lies past the bytes asked for.
inline void hide_content([[maybe_unused]] BufferBlock* block) {
#ifdef TARRY_ASAN
  ASAN_POISON_MEMORY_REGION(BufferAccess::data(block), BufferAccess::capacity(block));
#endif
}
inline void show_content([[maybe_unused]] BufferBlock* block, [[maybe_unused]] size_t bytes) {
#ifdef TARRY_ASAN
  ASAN_UNPOISON_MEMORY_REGION(BufferAccess::data(block), bytes);
#endif
}

}  // namespace tarry::runtime
