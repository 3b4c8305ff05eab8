#pragma once
/// Copies of a GPU's buffers on the host, for the steps of a plan that run there.

#include <tarry/passes/plan.h>
#include <tarry/runtime/cuda/device.h>

#include <unordered_map>
#include <vector>

namespace tarry::codegen {

class Mirror {
 public:
  explicit Mirror(runtime::cuda::Session& session) : session_(session) {}

  /// Gets the memory for a copy, so that nothing below fails for want of it. Where the copy will be.
  std::byte* add(const runtime::Buffer& buffer);
  /// Something on the device writes it, or has: a copy is old.
  void written_on_device(const runtime::Buffer& buffer);
  /// The copy, up to date where anything was written yet.
  std::byte* read(const runtime::Buffer& buffer);
  /// The copy was written: the device gets it.
  void give_back(const runtime::Buffer& buffer);

 private:
  struct Copy {
    runtime::Buffer host;
    bool defined = false;  // the device's buffer holds something
    bool current = false;
  };
  runtime::cuda::Session& session_;
  std::unordered_map<const void*, Copy> copies_;  // by identity
};

}  // namespace tarry::codegen
