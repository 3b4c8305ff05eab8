#pragma once
/// NVIDIA GPUs through their driver.
///
/// A Session is a GPU's primary context as this process has it, with one stream in which everything happens in the
/// order in which it was asked for, by any thread. All but download() and finish() return at once. A call that the
/// driver refuses throws: MemoryError where memory is short, else DeviceError with the call and, where one is known,
/// the kernel and the user's line. An error that the driver does not recover from ends the session, not the process:
/// what lies in its memory is lost, and whoever asks for the GPU again gets a new session.

#include <tarry/ir/dtype.h>
#include <tarry/ir/location.h>
#include <tarry/runtime/buffer.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tarry::runtime::cuda {

class Session;

/// What kernels are chosen by.
struct Properties {
  std::string name;
  int capability = 0;  // 75 for 7.5
  int multiprocessors = 1;
  int64_t shared_bytes = 48 * 1024;  // that a block may have without being asked for specially
  uint64_t memory = 0;               // bytes
};

/// GPUs that the driver shows; 0 without one. Never throws.
int num_devices() noexcept;
/// Throws DeviceError unless there is a GPU `device`, saying what was looked for and where. Begins nothing there.
void expect_device(int device);
/// What gpu(i) is. Throws DeviceError as session_of does.
const Properties& properties_of(int device);
/// The session of GPU `device`, begun at the first call. Throws DeviceError when there is no driver or no such GPU,
/// saying what was looked for and where. Sessions are never destroyed.
Session& session_of(int device);

/// What a call is made for, for messages.
struct Purpose {
  std::string_view kernel;
  ir::Location where;
};

/// A kernel's text, loaded into one session. The last owner unloads it.
class Module {
 public:
  virtual ~Module() = default;
  /// Throws DeviceError when the text has no such function.
  virtual void* function(const char* name) const = 0;
};

struct GridLaunch {
  void* function = nullptr;
  uint32_t blocks = 0, threads = 0, shared_bytes = 0;  // in x alone
  std::span<const uint64_t> words;                     // the function's only parameter, by value
};

/// Element (i, j) of matrix `b` at address + (b*batch_stride + i*row_stride + j*column_stride) elements.
struct DeviceMatrix {
  uint64_t address = 0;
  int64_t batch_stride = 0, row_stride = 0, column_stride = 0;
};
/// c[b] = a[b] · b[b], of (m, k) and (k, n).
struct DeviceProduct {
  ir::DType dtype = ir::DType::float32;
  int64_t batch = 1, m = 0, n = 0, k = 0;
  DeviceMatrix a, b, c;
};

class Session : public DeviceMemory {
 public:
  virtual ~Session() = default;
  virtual int device() const = 0;

  /// From the session's pool; its bytes count as stats().device_bytes_live. Content undefined. What is released is
  /// handed out again at once: whoever gets it comes later in the stream.
  virtual Buffer allocate(size_t bytes) = 0;
  /// Gives what the pool keeps for reuse back to the driver.
  virtual void trim() = 0;

  /// Copies; offsets in bytes. The host's memory may be changed or freed as soon as upload() returns.
  virtual void upload(const Buffer& to, size_t offset, const void* from, size_t bytes) = 0;
  /// Waits for all that was asked for before.
  virtual void download(void* to, const Buffer& from, size_t offset, size_t bytes) = 0;
  /// From this session's or another GPU's memory into this session's.
  virtual void copy(const Buffer& to, size_t to_offset, const Buffer& from, size_t from_offset, size_t bytes) = 0;

  virtual std::shared_ptr<const Module> load(const std::string& ptx, const Purpose& purpose) = 0;
  virtual void launch(const GridLaunch& launch, const Purpose& purpose) = 0;

  /// Why the host has to compute a product; empty where cuBLAS can. Begins it.
  virtual std::string why_no_product(const DeviceProduct& product) = 0;
  virtual void multiply(const DeviceProduct& product, const Purpose& purpose) = 0;

  /// Throws DeviceError when the session has ended.
  virtual void check() const = 0;
  /// Waits until everything is done, and throws what went wrong.
  virtual void finish() = 0;
};

/// The session that a buffer's memory belongs to; null for the host's.
inline Session* session_of(const Buffer& buffer) { return static_cast<Session*>(buffer.device_memory()); }

/// Why no GPU can compute a product, wherever it lies; empty where cuBLAS can. Loads it, and asks no driver.
std::string why_no_product(const DeviceProduct& product);

/// Gives what all pools keep back to their drivers.
void trim_pools();

}  // namespace tarry::runtime::cuda
