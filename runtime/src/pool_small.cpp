/// Small blocks: header and content in one piece of the heap, kept in lists of the thread that released them. The lists
/// need no lock, and no thread ever waits for another.

#include "pool.h"

#include <cstdlib>
#include <new>

namespace tarry::runtime {
namespace {

constexpr size_t kHeader = 64;
static_assert(sizeof(BufferBlock) <= kHeader);
constexpr size_t kFineStep = 64, kFineLimit = 4096, kCoarseStep = 1024;
constexpr size_t kFineClasses = kFineLimit / kFineStep;
constexpr size_t kClasses = kFineClasses + (kSmallLimit - kFineLimit) / kCoarseStep;
constexpr size_t kKeptPerThread = 2 * 1024 * 1024;

constexpr size_t class_of(size_t bytes) {
  if (bytes <= kFineLimit) return bytes == 0 ? 0 : (bytes - 1) / kFineStep;
  return kFineClasses + (bytes - kFineLimit - 1) / kCoarseStep;
}
constexpr size_t capacity_of(size_t c) {
  return c < kFineClasses ? (c + 1) * kFineStep : kFineLimit + (c - kFineClasses + 1) * kCoarseStep;
}
static_assert(class_of(kSmallLimit) == kClasses - 1 && capacity_of(kClasses - 1) == kSmallLimit);
static_assert(capacity_of(class_of(4097)) == 5120 && capacity_of(class_of(64)) == 64 &&
              capacity_of(class_of(65)) == 128);

struct Lists {
  BufferBlock* head[kClasses] = {};
  size_t kept = 0;
};

// A plain pointer, so that its use costs no guard and stays legal when the thread's destructors have run.
[[gnu::tls_model("initial-exec")]] thread_local Lists* lists = nullptr;
[[gnu::tls_model("initial-exec")]] thread_local bool thread_is_ending = false;

void free_block(BufferBlock* block) noexcept {
  show_content(block, BufferAccess::capacity(block));
  block->~BufferBlock();
  std::free(block);
}

void free_all(Lists& from) noexcept {
  for (BufferBlock*& head : from.head) {
    while (BufferBlock* block = head) {
      head = BufferAccess::next(block);
      free_block(block);
    }
  }
  from.kept = 0;
}

struct AtThreadEnd {
  ~AtThreadEnd() {
    thread_is_ending = true;
    if (!lists) return;
    free_all(*lists);
    delete lists;
    lists = nullptr;
  }
};

/// The thread's lists, made at the first use; null at the end of the thread, where blocks go straight to the heap.
Lists* thread_lists() noexcept {
  if (lists) [[likely]]
    return lists;
  if (thread_is_ending) return nullptr;
  static thread_local AtThreadEnd at_end;
  (void)&at_end;
  return lists = new (std::nothrow) Lists;
}

}  // namespace

BufferBlock* take_small(size_t bytes) noexcept {
  const size_t c = class_of(bytes);
  if (Lists* own = thread_lists()) {
    if (BufferBlock* block = own->head[c]) {
      own->head[c] = BufferAccess::next(block);
      own->kept -= kHeader + capacity_of(c);
      show_content(block, bytes);
      return block;
    }
  }
  void* memory = std::aligned_alloc(kHeader, kHeader + capacity_of(c));
  if (!memory) return nullptr;
  auto* block = new (memory) BufferBlock;
  BufferAccess::data(block) = static_cast<std::byte*>(memory) + kHeader;
  BufferAccess::capacity(block) = capacity_of(c);
  hide_content(block);
  show_content(block, bytes);
  return block;
}

void give_small(BufferBlock* block) noexcept {
  Lists* own = thread_lists();
  if (!own) return free_block(block);
  const size_t capacity = BufferAccess::capacity(block), c = class_of(capacity);
  if (own->kept + kHeader + capacity > kKeptPerThread) free_all(*own);
  hide_content(block);
  BufferAccess::next(block) = own->head[c];
  own->head[c] = block;
  own->kept += kHeader + capacity;
}

void trim_small() noexcept {
  if (lists) free_all(*lists);
}

}  // namespace tarry::runtime
