#pragma once
/// What a GPU kernel and whoever launches it agree on.
///
/// Every kernel has one parameter, a block of 64-bit words by value: those of CallLayout, with byte
/// strides; then for each of `scratch_objects` the device address of its memory; then the words below.
/// Blocks have kBlockThreads threads, grids any number of blocks.
///
/// map:    `kernel` and, where that can do better, `kernel_vector`: points of all outer axes but the
///         innermost, and [inner_begin, inner_end) along that. `kernel_vector` takes groups of
///         `vector lanes` neighbours, whole ones, and needs every access of unit stride class aligned to
///         so many elements.
/// row:    a thread block for each row. Kept values: [blocks of the grid][row length].
/// split:  `kernel`, a thread block for each chunk of chunk_blocks blocks (a power of two) of a row,
///         leaves 32 lanes, [row][chunk][32]; `finish`, a thread block for each row, does the rest.
/// column: a thread for each column. Scratch objects: [elements][threads of the grid], of which kept has
///         the row length, lanes min(32, row length), levels these times the bits of the number of blocks.

#include "llvm/call_layout.h"

namespace tarry::codegen {

inline constexpr int kBlockThreads = 256;
inline constexpr int kWarpThreads = 32;
inline constexpr int kBlockWarps = kBlockThreads / kWarpThreads;
inline constexpr const char* kVectorSymbol = "kernel_vector";

/// Levels of a binary counter in shared memory: rows of up to 2^32 elements, or chunks.
inline constexpr int kSharedLevels = 24;

struct GpuLayout : CallLayout {
  GpuLayout(const ir::Kernel& k, int scratch_objects) : CallLayout(k), objects(scratch_objects) {}
  int inner_begin() const { return CallLayout::words(objects); }
  int inner_end() const { return inner_begin() + 1; }
  int chunk_blocks() const { return inner_begin(); }
  int words() const { return inner_begin() + 2; }
  int objects;
};

}  // namespace tarry::codegen
