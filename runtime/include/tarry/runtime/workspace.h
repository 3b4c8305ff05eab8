#pragma once
/// The memory that the steps of a plan need while they run, one after the other.

#include <tarry/runtime/buffer.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <vector>

namespace tarry::runtime {

/// Throws MemoryError: no address space has so much.
[[noreturn]] void refuse_size(size_t n, size_t size);

/// Pieces of a block, all free again at once. What does not fit has a block of its own.
template <class Block>
class Arena {
 public:
  static constexpr size_t kAlignment = 64;

  /// Begins with memory that somebody else has.
  explicit Arena(std::span<std::byte> first = {}) : base_(first.data()), capacity_(first.size()) {}

  void clear() {
    if (taken_ > most_) most_ = taken_;
    used_ = taken_ = 0;
    if (!more_.empty()) [[unlikely]]
      more_.clear();
  }
  std::byte* take(size_t n, size_t size) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2) [[unlikely]]
      refuse_size(n, size);
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    taken_ += bytes;
    if (bytes > capacity_ - used_) [[unlikely]]
      return take_more(bytes);
    used_ += bytes;
    return base_ + used_ - bytes;
  }
  /// From now on there is one block for as much as was ever taken between two times of clear().
  void settle() {
    clear();
    if (most_ <= capacity_) return;
    held_ = Block::allocate(most_);
    base_ = static_cast<std::byte*>(held_.data());
    capacity_ = most_;
  }

 private:
  std::byte* take_more(size_t bytes) {
    return static_cast<std::byte*>(more_.emplace_back(Block::allocate(bytes)).data());
  }

  std::byte* base_;
  size_t capacity_, used_ = 0;
  size_t taken_ = 0, most_ = 0;  // since clear(); ever
  Block held_;                   // at `base_`, if settle() got it
  std::vector<Block> more_;
};

/// What a step takes is its own until the next one begins. Once a step has written over an array that was there before,
/// those behind it must not fail for want of memory. They are rehearsed ahead: each takes what it will need, its
/// thread's scratch included, and returns before it writes anything; all of it is then there when it runs.
///
///   for each step: begin(), the step                    or, when it must not fail:
///
///   begin_rehearsal(); for each step: begin(), the step; end_rehearsal();
///   for each step: begin(), the step                    takes nothing from the system
///
/// Pieces are aligned to 64, their content is undefined.
class Workspace {
 public:
  Workspace() = default;
  Workspace(const Workspace&) = delete;
  /// The calling thread's scratch is trimmed.
  ~Workspace();

  /// A step begins: what the one before has taken is free again.
  void begin() {
    lists_.clear();
    arrays_.clear();
  }
  /// For lists and partial results. Throws std::bad_alloc, and MemoryError for more than there are addresses.
  std::byte* take(size_t bytes) { return lists_.take(bytes, 1); }
  /// So many numbers, or other things that need no construction.
  template <class T>
  std::span<T> take_list(size_t n) {
    return {reinterpret_cast<T*>(lists_.take(n, sizeof(T))), n};
  }
  /// For what is as large as an array, and is counted like one: stats().bytes_live, TARRY_MEMORY_LIMIT. Throws
  /// MemoryError.
  template <class T>
  T* take_array(size_t n) {
    return reinterpret_cast<T*>(arrays_.take(n, sizeof(T)));
  }

  void begin_rehearsal() { rehearses_ = true; }
  /// Gets at once what the step that took most has taken. Throws MemoryError and std::bad_alloc.
  void end_rehearsal();
  /// Whether a step is to return when it has all its memory.
  bool rehearses() const { return rehearses_; }

 private:
  static constexpr size_t kInPlace = 2048;

  class HeapBlock {
   public:
    static HeapBlock allocate(size_t bytes) {
      HeapBlock block;
      block.memory_.reset(new (std::align_val_t{kAlignment}) std::byte[bytes]);
      return block;
    }
    void* data() const { return memory_.get(); }

   private:
    struct Free {
      void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{kAlignment}); }
    };
    std::unique_ptr<std::byte[], Free> memory_;
  };
  static constexpr size_t kAlignment = Arena<Buffer>::kAlignment;

  alignas(kAlignment) std::byte in_place_[kInPlace];
  Arena<HeapBlock> lists_{in_place_};
  Arena<Buffer> arrays_;
  bool rehearses_ = false;
};

}  // namespace tarry::runtime
