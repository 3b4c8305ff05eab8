#pragma once
/// One launch of a program: what all its workers share.

#include <tarry/codegen/backend.h>

#include "interp/program.h"
#include "interp/space.h"

#include <span>

namespace tarry::codegen::interp {

struct Run {
  Run(const Program& program, const Launch& launch, runtime::Workspace& workspace);

  const Program& program;
  const Launch& launch;
  AxisGroup outer;
  AxisGroup row;
  int64_t positions;              // along a row
  bool reads_ahead;               // memory is far away: what the next chunk reads is asked for
  int64_t chunk_lanes;            // capacity of a chunk, a multiple of 64
  Tiling tiling;                  // of the outer points
  bool compute_in_place = false;  // results may be computed straight into the memory of write accesses
  bool streams = false;           // results go around the cache
  bool copy_reads = false;        // reads must not point into memory that a store will change
  std::span<uint64_t> uniforms;

  std::byte* address(uint32_t access, int64_t offset) const {
    // Offsets of masked lanes may leave the array, so this is integer arithmetic.
    return reinterpret_cast<std::byte*>(reinterpret_cast<uintptr_t>(launch.operands[access].data) +
                                        static_cast<uintptr_t>(offset) * ir::size_of(program.accesses[access].dtype));
  }

 private:
  int64_t footprint() const;
  int64_t choose_chunk() const;
  int64_t choose_rows() const;
  bool prefers_across() const;
  void find_overlaps();
  void decide_streaming();
};

/// Runs it all, over as many threads as it is worth.
void execute(const Program& program, const Launch& launch, runtime::Workspace& workspace);

}  // namespace tarry::codegen::interp
