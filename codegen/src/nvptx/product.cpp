/// Matrix products of integers, whose sums wrap around and so have no order.

#include "llvm/types.h"
#include "nvptx/emit.h"
#include "nvptx/places.h"

namespace tarry::codegen {

using llvm::Value;

namespace {

constexpr int kSide = 16;             // a block's threads stand in a square
constexpr int kEach = 4;              // elements that a thread has, along rows and along columns
constexpr int kTile = kSide * kEach;  // rows and columns of a tile
constexpr int kDepth = 8;             // of the pieces that are multiplied at once
static_assert(kSide * kSide == kBlockThreads && kTile == kProductTile);

enum Access { kLeft, kRight, kResult };
enum Axis { kBatch, kRow, kColumn, kAlong };

/// A tile of the result: each thread has elements that lie kSide apart. Numbers narrower than a word are words
/// meanwhile.
class Tiles {
 public:
  Tiles(llvm::Module& module, const GpuShape& shape, int index_bits)
      : device_(module, shape, GpuFunction::product_tiles, index_bits),
        frame_(device_.frame),
        b_(frame_.b),
        dtype_(frame_.kernel.accesses[kResult].dtype),
        type_(ir::size_of(dtype_) == 8 ? b_.getInt64Ty() : b_.getInt32Ty()) {
    frame_.close_prologue();
    for (Variable& sum : sums_) sum = frame_.variable(type_);
  }

  void emit() {
    Value* across = tiles_along(kColumn);
    Value* down = tiles_along(kRow);
    Value* total = b_.CreateMul(b_.CreateMul(across, down), frame_.extent(kBatch));
    x_ = b_.CreateAnd(device_.thread(), frame_.number(kSide - 1));
    y_ = b_.CreateUDiv(device_.thread(), frame_.number(kSide));
    device_.strided_loop(device_.block(), total, device_.blocks(), [&](Value* tile) {
      Value* rest = b_.CreateUDiv(tile, across);
      column_ = b_.CreateMul(b_.CreateSub(tile, b_.CreateMul(rest, across)), frame_.number(kTile));
      batch_ = b_.CreateUDiv(rest, down);
      row_ = b_.CreateMul(b_.CreateSub(rest, b_.CreateMul(batch_, down)), frame_.number(kTile));
      for (Variable& sum : sums_) sum.set(b_, llvm::ConstantInt::get(type_, 0));
      device_.strided_loop(frame_.number(0), frame_.extent(kAlong), frame_.number(kDepth), [&](Value* along) {
        bring(kLeft, row_, along);
        bring(kRight, column_, along);
        device_.barrier();
        for (int l = 0; l < kDepth; ++l) multiply(l);
        device_.barrier();
      });
      store();
    });
    frame_.finish();
  }

 private:
  Value* tiles_along(Axis axis) {
    return b_.CreateUDiv(b_.CreateAdd(frame_.extent(axis), frame_.number(kTile - 1)), frame_.number(kTile));
  }

  Value* distance(Access access, Axis axis, Value* at) {
    return b_.CreateNSWMul(device_.wide(at), device_.wide(frame_.stride(access, axis)));
  }

  /// Where an access has its element, `at` along the tile's axis.
  Value* address(Access access, Axis axis, Value* at, Axis other_axis, Value* other) {
    Value* bytes = b_.CreateAdd(distance(access, kBatch, batch_), distance(access, axis, at));
    return frame_.byte_offset(frame_.data(access), b_.CreateAdd(bytes, distance(access, other_axis, other)));
  }

  /// In shared memory a piece of the left and one of the right matrix, each kDepth lines of kTile elements.
  Value* near(Access access, Value* along, Value* at) {
    Value* line = b_.CreateAdd(along, frame_.number(access == kLeft ? 0 : kDepth));
    Value* element = b_.CreateAdd(b_.CreateMul(line, frame_.number(kTile)), at);
    static_assert(2 * kDepth * kTile * sizeof(int64_t) <= kSharedBytes);
    return b_.CreateGEP(type_, device_.shared(), element);
  }

  /// Zeros beyond the matrix. Neighbouring threads read along rows of either matrix.
  void bring(Access access, Value* first, Value* along) {
    const bool left = access == kLeft;
    const Axis axis = left ? kRow : kColumn;
    const int line = left ? kDepth : kTile;
    for (int turn = 0; turn < kDepth * kTile / kBlockThreads; ++turn) {
      Value* number = b_.CreateAdd(device_.thread(), frame_.number(int64_t{turn} * kBlockThreads));
      Value* inner = b_.CreateAnd(number, frame_.number(line - 1));
      Value* outer = b_.CreateUDiv(number, frame_.number(line));
      Value *at = left ? outer : inner, *deep = left ? inner : outer;
      Value *place = b_.CreateAdd(first, at), *depth = b_.CreateAdd(along, deep);
      Value* inside =
          b_.CreateAnd(b_.CreateICmpSLT(place, frame_.extent(axis)), b_.CreateICmpSLT(depth, frame_.extent(kAlong)));
      Variable element = frame_.variable(type_, llvm::ConstantInt::get(type_, 0));
      frame_.if_then(inside, [&] {
        Value* there = b_.CreateLoad(memory_type(b_.getContext(), dtype_), address(access, axis, place, kAlong, depth));
        element.set(b_, b_.CreateZExt(there, type_));
      });
      b_.CreateStore(element.get(b_), near(access, deep, at));
    }
  }

  void multiply(int l) {
    Value *left[kEach], *right[kEach];
    for (int i = 0; i < kEach; ++i) {
      left[i] = read_near(kLeft, l, y_, i);
      right[i] = read_near(kRight, l, x_, i);
    }
    for (int i = 0; i < kEach; ++i)
      for (int j = 0; j < kEach; ++j) {
        Variable& sum = sums_[i * kEach + j];
        Value* older = sum.get(b_);
        sum.set(b_, ir::is_bool(dtype_) ? b_.CreateOr(older, b_.CreateAnd(left[i], right[j]))
                                        : b_.CreateAdd(older, b_.CreateMul(left[i], right[j])));
      }
  }

  Value* read_near(Access access, int l, Value* at, int i) {
    return b_.CreateLoad(type_, near(access, frame_.number(l), b_.CreateAdd(at, frame_.number(int64_t{i} * kSide))));
  }

  void store() {
    for (int i = 0; i < kEach; ++i)
      for (int j = 0; j < kEach; ++j) {
        Value* row = b_.CreateAdd(row_, b_.CreateAdd(y_, frame_.number(int64_t{i} * kSide)));
        Value* column = b_.CreateAdd(column_, b_.CreateAdd(x_, frame_.number(int64_t{j} * kSide)));
        Value* inside =
            b_.CreateAnd(b_.CreateICmpSLT(row, frame_.extent(kRow)), b_.CreateICmpSLT(column, frame_.extent(kColumn)));
        frame_.if_then(inside, [&] {
          Value* sum = b_.CreateTrunc(sums_[i * kEach + j].get(b_), memory_type(b_.getContext(), dtype_));
          b_.CreateStore(sum, address(kResult, kRow, row, kColumn, column));
        });
      }
  }

  Device device_;
  Frame& frame_;
  Builder& b_;
  const ir::DType dtype_;
  llvm::Type* type_;
  Variable sums_[kEach * kEach];
  Value *x_ = nullptr, *y_ = nullptr, *batch_ = nullptr, *row_ = nullptr, *column_ = nullptr;
};

}  // namespace

void emit_product_tiles(llvm::Module& module, const GpuShape& shape, int index_bits) {
  Tiles(module, shape, index_bits).emit();
}

}  // namespace tarry::codegen
