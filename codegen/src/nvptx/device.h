#pragma once
/// A GPU function under construction: threads, warps, barriers and shared memory.

#include <functional>

#include "llvm/frame.h"
#include "nvptx/layout.h"

namespace tarry::codegen {

class Device {
 public:
  Device(llvm::Module& module, const ir::Kernel& kernel, const char* symbol, int scratch_objects);

  llvm::Value* thread();
  llvm::Value* lane() { return frame.b.CreateAnd(thread(), frame.b.getInt64(kWarpThreads - 1)); }
  llvm::Value* warp() { return frame.b.CreateLShr(thread(), frame.b.getInt64(5)); }
  llvm::Value* block();
  llvm::Value* blocks();
  llvm::Value* global_thread();
  llvm::Value* global_threads();
  /// All threads of the block arrive before one goes on; their writes are seen.
  void barrier();
  /// The value that lane + by has; all lanes of the warp take part.
  llvm::Value* shuffle_down(llvm::Value* v, int by);
  /// The value that a lane has.
  llvm::Value* broadcast(llvm::Value* v, llvm::Value* lane);

  /// Gives the thread block so much shared memory; throws DeviceError beyond what every GPU has.
  void declare_shared(int64_t bytes);
  /// `offset` bytes from its start.
  llvm::Value* shared(int64_t offset);

  /// The memory of scratch object `i`, in global memory.
  llvm::Value* object(int i);
  /// for (i = begin; i < end; i += step) body(i), step known at run time alone
  void strided_loop(llvm::Value* begin, llvm::Value* end, llvm::Value* step,
                    const std::function<void(llvm::Value*)>& body);

  const GpuLayout layout;
  Frame frame;

 private:
  llvm::Value* index(llvm::Intrinsic::ID id);
  llvm::Value* shuffle(llvm::Intrinsic::ID id, llvm::Value* v, llvm::Value* argument);
  llvm::GlobalVariable* shared_ = nullptr;
};

}  // namespace tarry::codegen
