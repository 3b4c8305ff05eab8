#pragma once
/// Pooled host memory, and memory of devices.
///
/// Blocks up to 64 KiB are kept by the thread that released them and reused without a lock. Larger ones are rounded to
/// pages, aligned to 2 MiB and offered huge pages from 4 MiB on, and kept by one shared pool that never lets blocks in
/// use and kept ones together exceed what the program itself needed at its recent height. Nothing here is destroyed
/// at exit: buffers may be released by static destructors.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace tarry::runtime {

/// Where the memory of a device comes from. Never destroyed.
class DeviceMemory {
 public:
  /// From 1 on; 0 is the host.
  virtual int place() const = 0;

 protected:
  ~DeviceMemory() = default;

 private:
  friend class Buffer;
  virtual void release(uint64_t address, size_t bytes, size_t capacity) noexcept = 0;
};

/// One allocation: aligned to 64 bytes, its size a class of the pool. Reference counted, because
/// arrays, traces and views hold it at once.
class BufferBlock {
 public:
  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }  // as asked for

 private:
  friend class Buffer;
  friend struct BufferAccess;
  std::atomic<uint32_t> references_{1};
  bool external_ = false;  // the user's memory: never pooled, never donated
  void* data_ = nullptr;
  size_t bytes_ = 0;
  size_t capacity_ = 0;
  BufferBlock* next_ = nullptr;     // while it is free
  DeviceMemory* device_ = nullptr;  // whose address `data_` is
  std::byte* mapping_ = nullptr;    // where the file begins that `data_` lies in
  size_t mapped_ = 0;
};

/// A handle to a block; null when default-made.
class Buffer {
 public:
  Buffer() = default;
  /// From the pool. Content undefined. 0 bytes gives a valid empty block. Throws MemoryError with the size asked for,
  /// the bytes live and the limit (TARRY_MEMORY_LIMIT), leaving everything as it was.
  static Buffer allocate(size_t bytes);
  /// Memory that belongs to the user and outlives the buffer.
  static Buffer external(void* data, size_t bytes);
  /// `bytes` of a file that is mapped as a whole, from `offset` on. The last handle unmaps it. Takes the mapping over
  /// only when it does not throw.
  static Buffer mapped(void* mapping, size_t mapped_bytes, size_t offset, size_t bytes);
  /// Memory of a device, which the last handle gives back.
  static Buffer on_device(DeviceMemory& device, uint64_t address, size_t bytes, size_t capacity);

  Buffer(const Buffer& o) : block_(o.block_) { retain(); }
  Buffer(Buffer&& o) noexcept : block_(std::exchange(o.block_, nullptr)) {}
  Buffer& operator=(Buffer o) noexcept {
    std::swap(block_, o.block_);
    return *this;
  }
  ~Buffer() {
    if (block_) release();
  }

  explicit operator bool() const { return block_ != nullptr; }
  /// On the host.
  void* data() const { return block_->data_; }
  /// 0 is the host, others are those of DeviceMemory::place.
  int place() const { return block_->device_ ? block_->device_->place() : 0; }
  DeviceMemory* device_memory() const { return block_->device_; }
  uint64_t device_address() const { return reinterpret_cast<uint64_t>(block_->data_); }
  size_t bytes() const { return block_->bytes_; }
  bool is_external() const { return block_->external_; }
  /// Whether this handle is the only one.
  bool unique() const { return block_->references_.load(std::memory_order_acquire) == 1; }
  friend bool operator==(const Buffer& a, const Buffer& b) { return a.block_ == b.block_; }
  const void* identity() const { return block_; }

 private:
  explicit Buffer(BufferBlock* block) : block_(block) {}
  void retain() {
    if (block_) block_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept;  // the last one gives the block back to the pool
  BufferBlock* block_ = nullptr;
};

/// Gives free blocks that the pool keeps for reuse back to the system: the large ones, and the small ones of the
/// calling thread (other threads keep at most 2 MiB each).
void trim_pool();

/// Bytes that buffers may use together; what they use is stats().bytes_live.
uint64_t memory_limit();
/// For tests: replaces the limit from now on; 0 means the one the environment or the machine gives.
void set_memory_limit(uint64_t bytes);

/// For tests: the n-th allocation from now on (1 is the next) throws MemoryError; 0 turns it off.
void fail_allocation(uint64_t nth);

}  // namespace tarry::runtime
