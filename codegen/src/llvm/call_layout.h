#pragma once
/// What a compiled kernel and its launcher agree on.

#include <tarry/ir/kernel.h>
#include <tarry/ir/reduction.h>

#include <cstdint>
#include <vector>

namespace tarry::codegen {

/// Signature of every function of a compiled host kernel.
///
/// map:    `kernel` computes outer points [outer_begin, outer_end), counted over all outer axes but the
///         innermost in C order, and [inner_begin, inner_end) along that.
/// row:    `kernel` computes the rows of outer points [outer_begin, outer_end), counted over all outer axes.
/// column: as map.
/// split:  `kernel` folds blocks [inner_begin, inner_end) of the row of outer point outer_begin into 32
///         lanes for each reduction; `finish` folds the lanes of [inner_begin, inner_end) such chunks,
///         the last one incomplete where `outer_end` is 1, and does the row-level rest of outer_begin.
using KernelFunction = void(const int64_t* words, int64_t outer_begin, int64_t outer_end, int64_t inner_begin,
                            int64_t inner_end, void* scratch);

inline constexpr const char* kKernelSymbol = "kernel";
inline constexpr const char* kFinishSymbol = "finish";

/// Bits of the flags word.
inline constexpr int64_t kStreamingStores = 1;

/// Width in bytes that the launcher may count on vectors never to pass, and stores of the streaming
/// variant are aligned to.
inline constexpr int kMaxVectorBytes = 64;

/// Places in the argument block. Strides of memory accesses are in bytes.
struct CallLayout {
  explicit CallLayout(const ir::Kernel& k)
      : rank(k.outer_rank + k.row_rank),
        accesses(static_cast<int>(k.accesses.size())),
        scalars(static_cast<int>(k.scalars.size())) {}
  int flags() const { return 0; }
  int extent(int axis) const { return 1 + axis; }
  int base(int access) const { return 1 + rank + access * (1 + rank); }
  int stride(int access, int axis) const { return base(access) + 1 + axis; }
  int scalar(int slot) const { return 1 + rank + accesses * (1 + rank) + slot; }
  /// Offset in bytes of a scratch object from the start of the scratch memory.
  int scratch(int object) const { return scalar(scalars) + object; }
  int words(int scratch_objects) const { return scratch(scratch_objects); }

  int rank, accesses, scalars;
};

/// Memory that a kernel with rows keeps between its walks.
struct ScratchObject {
  enum class Kind : uint8_t {
    kept,     // an element-level value, once per element of the row
    lanes,    // 32 lanes of a reduction
    levels,   // the binary counter of a reduction
    per_row,  // a row-level value or the state of a scan (column), once per outer point of the strip
  };
  Kind kind;
  ir::Value value;
  int bytes;  // of one element
};
std::vector<ScratchObject> scratch_objects(const ir::Kernel& k, const ir::RowPlan& plan);

/// Bytes of a value of this dtype in scratch memory.
constexpr int scratch_bytes(ir::DType t) { return static_cast<int>(ir::size_of(t)); }

}  // namespace tarry::codegen
