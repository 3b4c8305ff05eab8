#pragma once
/// A GPU function under construction: threads, warps, barriers, shared and scratch memory.

#include <functional>

#include "llvm/frame.h"
#include "nvptx/shape.h"

namespace tarry::codegen {

inline constexpr unsigned kGlobalMemory = 1;
inline constexpr unsigned kSharedMemory = 3;

class Device {
 public:
  Device(llvm::Module& module, const GpuShape& shape, GpuFunctionOf function, int index_bits);

  // Numbers, in the index type.
  llvm::Value* thread();
  llvm::Value* lane() { return frame.b.CreateAnd(thread(), frame.number(kWarpThreads - 1)); }
  llvm::Value* warp() { return frame.b.CreateLShr(thread(), frame.number(5)); }
  llvm::Value* block();
  llvm::Value* blocks();
  llvm::Value* global_thread();
  llvm::Value* global_threads();
  /// An index as i64.
  llvm::Value* wide(llvm::Value* index) { return frame.b.CreateSExt(index, frame.b.getInt64Ty()); }

  /// From now on maxima and minima of float32 may be any NaN where one is NaN, and a zero of either sign: an
  /// instruction each, which GPUs have from compute capability 80 on.
  void extrema_are_loose(bool loose) { loose_ = loose; }
  bool has_loose(ir::Op op, ir::DType t) const;
  /// As emit_fold has it, but for what may be loose.
  llvm::Value* fold(ir::Op op, ir::DType t, llvm::Value* older, llvm::Value* newer);

  /// All threads of the block arrive before one goes on; their writes are seen.
  void barrier();
  /// The value that lane + by (an i32) has, or that a lane has; all lanes of the warp take part.
  llvm::Value* shuffle_down(llvm::Value* v, int by);
  llvm::Value* shuffle_up(llvm::Value* v, int by);
  llvm::Value* shuffle_from(llvm::Value* v, llvm::Value* lane);
  /// The value that the lane has whose number differs in the bit `by`.
  llvm::Value* shuffle_across(llvm::Value* v, int by);

  /// kSharedBytes that the text declares for the block, where the function asks for them.
  llvm::Value* shared();
  /// What launches ask for on top.
  llvm::Value* dynamic_shared();

  /// The memory of scratch object `i`, in global memory.
  llvm::Value* object(int i);
  /// for (i = begin; i < end; i += step) body(i), one turn after the other: a turn has memory accesses enough, and
  /// several at once would take registers of which other threads can make more.
  void strided_loop(llvm::Value* begin, llvm::Value* end, llvm::Value* step,
                    const std::function<void(llvm::Value*)>& body);
  /// The same where begin < end.
  void entered_loop(llvm::Value* begin, llvm::Value* end, llvm::Value* step,
                    const std::function<void(llvm::Value*)>& body);

  const GpuShape& shape;
  const GpuLayout layout;
  Frame frame;

 private:
  llvm::Value* index(llvm::Intrinsic::ID id);
  llvm::MDNode* not_unrolled();
  /// `entered`: null for always.
  void loop_where(llvm::Value* entered, llvm::Value* begin, llvm::Value* end, llvm::Value* step,
                  const std::function<void(llvm::Value*)>& body);
  struct Shuffle {
    llvm::Intrinsic::ID of_integers, of_floats;
  };
  llvm::Value* shuffle(Shuffle which, llvm::Value* v, llvm::Value* argument, int clamp);
  llvm::Value* shared_ = nullptr;
  bool loose_ = false;
};

}  // namespace tarry::codegen
