#include <sys/mman.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/buffer.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/size_text.h>
#include <tarry/runtime/stats.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "machine.h"
#include "pool.h"

namespace tarry::runtime {
namespace {

std::atomic<uint64_t> limit{0};          // 0: not known yet
std::atomic<uint64_t> until_failure{0};  // 0: no failure is due

uint64_t limit_of_environment() {
  const uint64_t wanted = config().memory_limit;
  return wanted ? wanted : usable_memory();
}

[[noreturn]] void refuse(size_t bytes, const char* why) {
  const uint64_t live = bytes_live();
  throw MemoryError("Unable to allocate " + size_text(bytes) + " (" + std::to_string(bytes) + " bytes): " + why + "; " +
                    size_text(live) + " (" + std::to_string(live) + " bytes) in use, limit " +
                    size_text(memory_limit()) + " (" + std::to_string(memory_limit()) +
                    " bytes, TARRY_MEMORY_LIMIT sets it)");
}

void count_down_to_failure(size_t bytes) {
  uint64_t n = until_failure.load(std::memory_order_relaxed);
  while (n && !until_failure.compare_exchange_weak(n, n - 1, std::memory_order_relaxed)) {
  }
  if (n == 1) refuse(bytes, "a failure was injected");
}

/// A thread keeps at most so many bytes counted that its buffers have given back.
constexpr uint64_t kMostSpare = 256 * 1024;

bool take_spare(std::atomic<uint64_t>& spare, size_t bytes) {
  uint64_t s = spare.load(std::memory_order_relaxed);
  while (s >= bytes)
    if (spare.compare_exchange_weak(s, s - bytes, std::memory_order_relaxed)) return true;
  return false;
}

/// Counts bytes as live unless that would pass the limit. Returns what is live then; of other threads it may count too
/// much by what they hold spare.
uint64_t reserve(size_t bytes) {
  auto& counted = memory_counters().bytes_live;
  auto& spare = counters().spare_bytes;
  const uint64_t most = memory_limit();
  uint64_t now = counted.load(std::memory_order_relaxed);
  if (now > most || !take_spare(spare, bytes)) {
    bool tried_all = false;
    do {
      while (bytes > most || now > most - bytes) {
        if (std::exchange(tried_all, true)) refuse(bytes, "it would exceed the limit");
        give_up_spare_bytes();
        now = counted.load(std::memory_order_relaxed);
      }
    } while (!counted.compare_exchange_weak(now, now + bytes, std::memory_order_relaxed));
    now += bytes;
  }
  return now - std::min(now, spare.load(std::memory_order_relaxed));
}

void give_back(size_t bytes) {
  auto& spare = counters().spare_bytes;
  uint64_t s = spare.load(std::memory_order_relaxed);
  while (s + bytes <= kMostSpare)
    if (spare.compare_exchange_weak(s, s + bytes, std::memory_order_relaxed)) return;
  memory_counters().bytes_live.fetch_sub(bytes, std::memory_order_relaxed);
}

void raise_peak(uint64_t live) {
  auto& counter = memory_counters().bytes_peak;
  uint64_t peak = counter.load(std::memory_order_relaxed);
  while (peak < live && !counter.compare_exchange_weak(peak, live, std::memory_order_relaxed)) {
  }
}

}  // namespace

uint64_t memory_limit() {
  uint64_t bytes = limit.load(std::memory_order_relaxed);
  if (bytes == 0) [[unlikely]] {
    // Sizes are rounded up and mapped with room for alignment; half of the range keeps that from overflowing.
    bytes = std::min<uint64_t>(limit_of_environment(), std::numeric_limits<size_t>::max() / 2);
    limit.store(bytes, std::memory_order_relaxed);
  }
  return bytes;
}

void set_memory_limit(uint64_t bytes) {
  limit.store(std::min<uint64_t>(bytes, std::numeric_limits<size_t>::max() / 2), std::memory_order_relaxed);
}

void fail_allocation(uint64_t nth) { until_failure.store(nth, std::memory_order_relaxed); }

Buffer Buffer::allocate(size_t bytes) {
  if (until_failure.load(std::memory_order_relaxed)) [[unlikely]]
    count_down_to_failure(bytes);
  const uint64_t live = reserve(bytes);
  BufferBlock* block = bytes <= kSmallLimit ? take_small(bytes) : take_large(bytes);
  if (!block) {
    give_back(bytes);
    refuse(bytes, "the system has no more memory");
  }
  raise_peak(live);
  BufferAccess::bytes(block) = bytes;
  BufferAccess::references(block).store(1, std::memory_order_relaxed);
  return Buffer(block);
}

Buffer Buffer::external(void* data, size_t bytes) {
  auto block = std::make_unique<BufferBlock>();
  BufferAccess::data(block.get()) = data;
  BufferAccess::bytes(block.get()) = bytes;
  BufferAccess::capacity(block.get()) = bytes;
  BufferAccess::external(block.get()) = true;
  return Buffer(block.release());
}

Buffer Buffer::mapped(void* mapping, size_t mapped_bytes, size_t offset, size_t bytes) {
  Buffer buffer = external(static_cast<std::byte*>(mapping) + offset, bytes);
  BufferAccess::mapping(buffer.block_) = static_cast<std::byte*>(mapping);
  BufferAccess::mapped(buffer.block_) = mapped_bytes;
  return buffer;
}

Buffer Buffer::on_device(DeviceMemory& device, uint64_t address, size_t bytes, size_t capacity) {
  auto block = std::make_unique<BufferBlock>();
  BufferAccess::data(block.get()) = reinterpret_cast<void*>(address);
  BufferAccess::bytes(block.get()) = bytes;
  BufferAccess::capacity(block.get()) = capacity;
  BufferAccess::device(block.get()) = &device;
  return Buffer(block.release());
}

void Buffer::release() noexcept {
  if (block_->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (block_->device_) {
    block_->device_->release(device_address(), block_->bytes_, block_->capacity_);
    delete block_;
    return;
  }
  if (block_->external_) {
    if (block_->mapping_) munmap(block_->mapping_, block_->mapped_);
    delete block_;
    return;
  }
  give_back(block_->bytes_);
  if (block_->capacity_ <= kSmallLimit)
    give_small(block_);
  else
    give_large(block_);
}

void trim_pool() {
  trim_small();
  trim_large();
}

}  // namespace tarry::runtime
