#pragma once
/// One GPU's context, as device.h promises it.

#include "cuda/driver.h"
#include "cuda/pool.h"
#include "cuda/staging.h"

#include <tarry/runtime/cuda/device.h>
#include <tarry/runtime/fork.h>

#include <array>
#include <atomic>
#include <string>

struct cublasContext;

namespace tarry::runtime::cuda {

class DriverSession final : public Session {
 public:
  /// `again`: the GPU's last session ended by an error, so that its context has to be begun anew.
  DriverSession(const Driver& driver, int number, int device, Properties properties, bool again);

  int place() const override { return number_ + 1; }
  int device() const override { return number_; }
  const Properties& properties() const { return properties_; }
  /// When a session has ended: returns when no thread is within a call of it any more. Till then its context stays, as
  /// does the pinned memory that copies go through.
  void wait_until_left() const;
  bool usable() const { return !lost_.load(std::memory_order_acquire) && !left_behind(); }

  Buffer allocate(size_t bytes) override;
  void trim() override;
  void upload(const Buffer& to, size_t offset, const void* from, size_t bytes) override;
  void download(void* to, const Buffer& from, size_t offset, size_t bytes) override;
  void copy(const Buffer& to, size_t to_offset, const Buffer& from, size_t from_offset, size_t bytes) override;
  std::shared_ptr<const Module> load(const std::string& ptx, const Purpose& purpose) override;
  void launch(const GridLaunch& launch, const Purpose& purpose) override;
  std::string why_no_product(const DeviceProduct& product) override;
  void multiply(const DeviceProduct& product, const Purpose& purpose) override;
  void check() const override;
  void finish() override;

 private:
  friend class DriverModule;
  /// A thread is within a call for a scope, if the session has not ended.
  class Within {
   public:
    explicit Within(const DriverSession& s);
    ~Within();
    Within(const Within&) = delete;
    explicit operator bool() const { return inside_; }

   private:
    const DriverSession& session_;
    const bool inside_;
  };
  /// Likewise, and the context is that of the calling thread; the program's own is put back. Throws DeviceError when
  /// the session has ended.
  class Current {
   public:
    explicit Current(const DriverSession& s);
    ~Current();

   private:
    const Within within_;
    const DriverSession& session_;
  };
  struct Launched {
    std::string kernel;
    ir::Location where;
  };

  void release(uint64_t address, size_t bytes, size_t capacity) noexcept override;
  bool left_behind() const { return generation_ != fork_generation(); }
  void expect(Result r, const char* call, const Purpose& purpose = {}) const;
  [[noreturn]] void refuse(Result r, const char* call, const Purpose& purpose) const;
  [[noreturn]] void refuse_memory(Result r, size_t bytes) const;
  void end(const std::string& why) const;
  std::string name() const { return "gpu(" + std::to_string(number_) + ")"; }
  std::string recent_text() const;
  void wait_for(Slot& slot);
  std::string begin_products();
  void begin_last_word(const Buffer& buffer);
  void owns(const Buffer& buffer) const;
  void copy_from_peer(const Buffer& to, size_t to_offset, const DriverSession& peer, uint64_t from, size_t bytes);

  const Driver& driver_;
  const int number_;  // as in gpu(0)
  const int device_;  // the driver's word for it
  const Properties properties_;
  const uint64_t generation_ = fork_generation();
  ContextHandle context_ = nullptr;
  StreamHandle stream_ = nullptr;
  Staging staging_;
  ForkMutex products_mutex_;
  cublasContext* blas_ = nullptr;  // begun at the first product
  std::string why_no_blas_;        // or why that failed
  mutable ForkMutex mutex_;        // of what follows; not held during calls that wait
  DevicePool pool_;
  std::array<Launched, 4> recent_;  // kernels, a ring
  size_t launches_ = 0;
  std::array<bool, 64> peers_{};  // that were asked for access
  mutable std::string why_lost_;
  mutable std::atomic<bool> lost_{false};
  mutable std::atomic<int> within_{0};  // threads, as often as they are
};

}  // namespace tarry::runtime::cuda
