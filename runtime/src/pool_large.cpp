/// Large blocks: whole pages from the system, kept in one shared pool when released.
///
/// Fresh pages cost more to clear than a kernel costs to fill, so released blocks are kept; but kept blocks must not
/// make a program larger than it is. The rule: blocks in use and blocks kept together never exceed the recent height of
/// blocks in use, plus an allowance that starts at 0. When a block is missed soon after the rule gave it back, the
/// allowance grows by its size, so a loop over arrays of several sizes settles and a straight program pays nothing.

#include "pool.h"

#include <sys/mman.h>
#include <tarry/runtime/fork.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <utility>

namespace tarry::runtime {
namespace {

constexpr size_t kHugePage = 2 * 1024 * 1024;
constexpr uint64_t kHeightWindow = 1024;  // requests after which an old height is forgotten

constexpr size_t round_up(size_t n, size_t step) { return (n + step - 1) / step * step; }

/// How much larger than needed a kept block may be.
constexpr size_t slack(size_t capacity) { return capacity / (capacity < 1024 * 1024 ? 16 : 128); }

size_t page_size() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

/// Whole pages; huge ones where that is little more than needed: every page costs a fault when it is touched first.
size_t capacity_for(size_t bytes) {
  const size_t pages = round_up(bytes, page_size()), huge = round_up(bytes, std::max(kHugePage, page_size()));
  return pages >= kHugePage && huge - pages <= pages / 16 ? huge : pages;
}

/// `bytes` is a multiple of the page size.
void* map_pages(size_t bytes) noexcept {
  const size_t page = page_size(), alignment = bytes >= kHugePage ? std::max(kHugePage, page) : page;
  const size_t span = bytes + alignment - page;
  void* mapped = mmap(nullptr, span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<std::byte*>(mapped);
  const size_t address = reinterpret_cast<size_t>(begin);
  const size_t before = round_up(address, alignment) - address, after = span - before - bytes;
  if (before) munmap(begin, before);
  if (after) munmap(begin + before + bytes, after);
  if (bytes >= kHugePage) madvise(begin + before, bytes, MADV_HUGEPAGE);
  return begin + before;
}

/// Blocks of up to half a huge page are cut from one: where each page costs a fault when it is touched first,
/// a hundred of them cost more than to clear all of a huge one. Each is a mapping of its own from then on.
class HugePage {
 public:
  static bool cuts(size_t bytes) { return bytes <= kHugePage / 2 && page_size() < kHugePage; }

  /// Null when the system has no memory.
  void* cut(size_t bytes) noexcept {
    const std::lock_guard lock(mutex_);
    if (left_ < bytes) {
      forget();
      void* const fresh = map_pages(kHugePage);
      if (!fresh) return nullptr;
      begin_ = static_cast<std::byte*>(fresh);
      left_ = kHugePage;
    }
    left_ -= bytes;
    return std::exchange(begin_, begin_ + bytes);
  }

  void give_back() noexcept {
    const std::lock_guard lock(mutex_);
    forget();
  }

  static HugePage& instance() {
    static constinit MadeOnce<HugePage> page;
    return page.get();
  }

 private:
  void forget() noexcept {
    if (left_ > 0) munmap(begin_, left_);
    left_ = 0;
  }

  ForkMutex mutex_;
  std::byte* begin_ = nullptr;  // of what was not cut yet
  size_t left_ = 0;
};

void* new_memory(size_t capacity) noexcept {
  if (HugePage::cuts(capacity))
    if (void* memory = HugePage::instance().cut(capacity)) return memory;
  return map_pages(capacity);
}

void free_block(BufferBlock* block) noexcept {
  show_content(block, BufferAccess::capacity(block));
  munmap(BufferAccess::data(block), BufferAccess::capacity(block));
  delete block;
}

void free_list(BufferBlock* list) noexcept {
  while (BufferBlock* block = list) {
    list = BufferAccess::next(block);
    free_block(block);
  }
}

class LargePool {
 public:
  /// A kept block that fits, or null; either way `capacity` bytes more are in use. `excess` gets blocks to free.
  BufferBlock* take(size_t capacity, BufferBlock*& excess) {
    const std::lock_guard lock(mutex_);
    if (++requests_ % kHeightWindow == 0) {
      former_height_ = height_;
      height_ = in_use_;
    }
    BufferBlock* block = nullptr;
    const auto found = by_size_.lower_bound({capacity, 0, nullptr});
    if (found != by_size_.end() && found->capacity <= capacity + slack(capacity)) {
      block = found->block;
      forget(*found);
      capacity = BufferAccess::capacity(block);
    } else {
      regret(capacity);
    }
    in_use_ += capacity;
    height_ = std::max(height_, in_use_);
    if (!block) excess = remove_excess();
    return block;
  }

  /// The system refused `capacity` bytes.
  void not_taken(size_t capacity) {
    const std::lock_guard lock(mutex_);
    in_use_ -= capacity;
  }

  /// Returns blocks to free.
  BufferBlock* give(BufferBlock* block) noexcept {
    const std::lock_guard lock(mutex_);
    const size_t capacity = BufferAccess::capacity(block);
    in_use_ -= capacity;
    const Kept entry{capacity, ~++clock_, block};
    try {
      by_size_.insert(entry);
      by_age_.emplace(clock_, entry);
    } catch (const std::bad_alloc&) {
      by_size_.erase(entry);
      BufferAccess::next(block) = nullptr;
      return block;
    }
    kept_ += capacity;
    return remove_excess();
  }

  size_t held() noexcept {
    const std::lock_guard lock(mutex_);
    return in_use_ + kept_;
  }

  /// All kept blocks, to free; also forgets what it learned of the program.
  BufferBlock* remove_all() noexcept {
    const std::lock_guard lock(mutex_);
    allowance_ = 0;
    height_ = former_height_ = in_use_;
    given_back_.fill(0);
    BufferBlock* list = nullptr;
    while (!by_age_.empty()) remove_oldest(list);
    return list;
  }

 private:
  struct Kept {
    size_t capacity;
    uint64_t youth;  // the complement of the time of release: of equal blocks the one released last comes first
    BufferBlock* block;
    bool operator<(const Kept& o) const { return capacity != o.capacity ? capacity < o.capacity : youth < o.youth; }
  };

  void forget(Kept entry) noexcept {
    by_age_.erase(~entry.youth);
    by_size_.erase(entry);
    kept_ -= entry.capacity;
  }

  void remove_oldest(BufferBlock*& list) noexcept {
    const Kept entry = by_age_.begin()->second;
    forget(entry);
    BufferAccess::next(entry.block) = list;
    list = entry.block;
  }

  BufferBlock* remove_excess() noexcept {
    const size_t most = std::max(height_, former_height_) + allowance_;
    BufferBlock* list = nullptr;
    while (in_use_ + kept_ > most && !by_age_.empty()) {
      remove_oldest(list);
      given_back_[given_back_at_++ % given_back_.size()] = BufferAccess::capacity(list);
    }
    return list;
  }

  /// Grows the allowance when a block that would fit was given back a short while ago.
  void regret(size_t capacity) noexcept {
    for (size_t& size : given_back_) {
      if (size < capacity || size > capacity + slack(capacity)) continue;
      allowance_ = std::min<size_t>(allowance_ + size, memory_limit() / 4);
      size = 0;
      return;
    }
  }

  ForkMutex mutex_;
  std::set<Kept> by_size_;
  std::map<uint64_t, Kept> by_age_;
  std::array<size_t, 32> given_back_{};
  size_t given_back_at_ = 0;
  size_t in_use_ = 0, kept_ = 0, height_ = 0, former_height_ = 0, allowance_ = 0;
  uint64_t requests_ = 0, clock_ = 0;
};

LargePool& large_pool() {
  static constinit MadeOnce<LargePool> pool;
  return pool.get();
}

}  // namespace

BufferBlock* take_large(size_t bytes) noexcept {
  const size_t capacity = capacity_for(bytes);
  BufferBlock* excess = nullptr;
  BufferBlock* block = large_pool().take(capacity, excess);
  free_list(excess);
  if (!block) {
    void* memory = new_memory(capacity);
    if (!memory) {
      trim_large();
      memory = new_memory(capacity);
    }
    if (memory) block = new (std::nothrow) BufferBlock;
    if (!block) {
      if (memory) munmap(memory, capacity);
      large_pool().not_taken(capacity);
      return nullptr;
    }
    BufferAccess::data(block) = memory;
    BufferAccess::capacity(block) = capacity;
    hide_content(block);
  }
  show_content(block, bytes);
  return block;
}

void give_large(BufferBlock* block) noexcept {
  hide_content(block);
  free_list(large_pool().give(block));
}

void trim_large() noexcept {
  free_list(large_pool().remove_all());
  HugePage::instance().give_back();
}

size_t large_bytes_held() noexcept { return large_pool().held(); }

}  // namespace tarry::runtime
