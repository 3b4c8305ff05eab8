#include "nvptx/emit.h"

#include "llvm/types.h"

#include <llvm/IR/InstIterator.h>

#include <vector>

namespace tarry::codegen {
namespace {

/// LLVM reads float32 lanes that are widened right into registers of float64, which no assembler takes: so they are
/// widened one by one.
void widen_lane_by_lane(llvm::Module& module) {
  std::vector<llvm::FPExtInst*> wide;
  for (llvm::Function& f : module)
    for (llvm::Instruction& i : llvm::instructions(f))
      if (auto* extend = llvm::dyn_cast<llvm::FPExtInst>(&i); extend && extend->getType()->isVectorTy())
        wide.push_back(extend);
  for (llvm::FPExtInst* extend : wide) {
    Builder b(extend->getParent(), extend->getIterator(), llvm::InstSimplifyFolder(module.getDataLayout()));
    llvm::Value* lanes = llvm::PoisonValue::get(extend->getType());
    for (int lane = 0; lane < lanes_of(extend->getType()); ++lane) {
      llvm::Value* narrow = b.CreateExtractElement(extend->getOperand(0), static_cast<uint64_t>(lane));
      lanes = b.CreateInsertElement(lanes, b.CreateFPExt(narrow, extend->getType()->getScalarType()),
                                    static_cast<uint64_t>(lane));
    }
    extend->replaceAllUsesWith(lanes);
    extend->eraseFromParent();
  }
}

}  // namespace

void emit_gpu(llvm::Module& module, const GpuShape& shape, int sm, int index_bits) {
  for (const GpuFunctionOf& which : shape.functions) {
    const GpuFunction f = which.function;
    switch (f) {
      case GpuFunction::points:
      case GpuFunction::clear:
      case GpuFunction::claim:
      case GpuFunction::pairs: emit_points(module, shape, which, index_bits); break;
      case GpuFunction::carried: emit_carried(module, shape, index_bits); break;
      case GpuFunction::fold_points: emit_fold_points(module, shape, which, index_bits); break;
      case GpuFunction::sort_runs: emit_sort_runs(module, shape, index_bits); break;
      case GpuFunction::merge_runs: emit_merge_runs(module, shape, index_bits); break;
      case GpuFunction::product_tiles: emit_product_tiles(module, shape, index_bits); break;
      case GpuFunction::keys: emit_keys(module, shape, index_bits); break;
      case GpuFunction::positions: emit_positions(module, shape, index_bits); break;
      case GpuFunction::elements: emit_elements(module, shape, index_bits); break;
      case GpuFunction::search: emit_search(module, shape, index_bits); break;
      case GpuFunction::rows:
      case GpuFunction::rows_wide:
      case GpuFunction::rows_far: emit_rows(module, shape, f, sm, index_bits); break;
      case GpuFunction::finish_rows: emit_finish_rows(module, shape, index_bits); break;
      case GpuFunction::walk_chunks:
      case GpuFunction::fold_chunks: emit_part_of_rows(module, shape, which, index_bits); break;
      case GpuFunction::columns:
      case GpuFunction::columns_wide: emit_columns(module, shape, f, index_bits); break;
      case GpuFunction::finish_columns: emit_finish_columns(module, shape, index_bits); break;
      case GpuFunction::scans: emit_scans(module, shape, index_bits); break;
    }
  }
  widen_lane_by_lane(module);
}

}  // namespace tarry::codegen
