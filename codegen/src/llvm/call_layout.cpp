#include "llvm/call_layout.h"

namespace tarry::codegen {
namespace {

using Kind = ScratchObject::Kind;

/// Row-level values that something behind their own walk over the strip reads: nearly all of them; which
/// ones is not worth finding out.
void add_per_point(const ir::Kernel& k, const ir::RowPlan& plan, std::vector<ScratchObject>& objects) {
  for (uint32_t id = 0; id < k.body.size(); ++id) {
    const ir::Value v{id};
    const ir::Op op = k.body.op(v);
    if (ir::class_of(op) == ir::OpClass::scan)
      objects.push_back({Kind::per_row, v, scratch_bytes(ir::accumulator(k.body.dtype(v)))});
    else if (plan.level[id] == ir::Level::row && op != ir::Op::store && op != ir::Op::cold_begin)
      objects.push_back({Kind::per_row, v, scratch_bytes(k.body.dtype(v))});
  }
}

}  // namespace

std::vector<ScratchObject> scratch_objects(const ir::Kernel& k, const ir::RowPlan& plan) {
  std::vector<ScratchObject> objects;
  for (ir::Value v : plan.kept) objects.push_back({Kind::kept, v, scratch_bytes(k.body.dtype(v))});
  for (const ir::RowPlan::Phase& phase : plan.phases) {
    for (ir::Value v : phase.elements) {
      if (!ir::is_reduce(k.body.op(v))) continue;
      const int bytes = scratch_bytes(ir::accumulator(k.body.dtype(v)));
      objects.push_back({Kind::levels, v, bytes});
      if (k.schedule != ir::Schedule::row) objects.push_back({Kind::lanes, v, bytes});
    }
  }
  if (k.schedule == ir::Schedule::column) add_per_point(k, plan, objects);
  return objects;
}

}  // namespace tarry::codegen
