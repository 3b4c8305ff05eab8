#include <tarry/ir/error.h>

#include "llvm/column_walk.h"
#include "llvm/schedules.h"

namespace tarry::codegen {
namespace {

class ColumnEmitter {
 public:
  ColumnEmitter(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes)
      : frame_(module, kernel, kKernelSymbol),
        live_(live_nodes(kernel.body)),
        plan_(ir::plan_rows(kernel)),
        lanes_(choose_lanes(kernel, live_, vector_bytes)),
        uniform_(frame_, 1),
        strip_(frame_, plan_, lanes_) {}

  void emit() {
    emit_uniforms(frame_, uniform_, plan_.level, live_);
    length_ = row_length(frame_);
    strip_.open(length_);
    std::vector<int> axes, all;
    for (int a = 0; a + 1 < frame_.kernel.outer_rank; ++a) axes.push_back(a);
    for (size_t a = 0; a < frame_.kernel.accesses.size(); ++a) all.push_back(static_cast<int>(a));
    Odometer outer(frame_, axes, all);
    outer.set(frame_.outer_begin);
    frame_.for_loop(frame_.outer_begin, frame_.outer_end, 1, [&](llvm::Value*) {
      const Offset offset = [&](int access) { return outer.offset(access); };
      for (size_t p = 0; p < plan_.phases.size(); ++p) {
        emit_points(plan_.phases[p].before, offset);
        emit_phase(static_cast<int>(p), offset);
      }
      emit_points(plan_.after, offset);
      outer.advance();
    });
    frame_.finish();
  }

 private:
  using Offset = std::function<llvm::Value*(int)>;

  /// Row-level nodes, for every column of the strip.
  void emit_points(const std::vector<ir::Value>& all, const Offset& offset) {
    std::vector<ir::Value> nodes;
    for (ir::Value v : all)
      if (live_[v.id]) nodes.push_back(v);
    if (nodes.empty()) return;
    ColumnWalk walk(frame_, strip_, uniform_, nodes, {});
    walk.start(offset);
    walk.run_strip(nullptr);
  }

  void emit_phase(int p, const Offset& offset) {
    const ir::RowPlan::Phase& phase = plan_.phases[p];
    if (phase.elements.empty()) return;
    Builder& b = frame_.b;
    ColumnWalk walk(frame_, strip_, uniform_, phase.elements, phase.restored);
    std::vector<int> axes;
    for (int a = 0; a < frame_.kernel.row_rank; ++a) axes.push_back(frame_.kernel.outer_rank + a);
    Odometer rows(frame_, axes, accesses_of(frame_.kernel, phase.elements));
    rows.set(b.getInt64(0));
    for (ir::Value v : walk.scans()) strip_.fill_scan(v);

    Variable block = frame_.variable(b.getInt64Ty(), b.getInt64(0));
    frame_.for_loop(b.getInt64(0), length_, ir::kReduceBlock, [&](llvm::Value* begin) {
      llvm::Value* end = b.CreateAdd(begin, b.getInt64(ir::kReduceBlock));
      end = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, end, length_);
      for (ir::Value v : walk.reductions()) strip_.fill_missing_lanes(v, b.CreateSub(end, begin));
      frame_.for_loop(begin, end, 1, [&](llvm::Value* row) {
        walk.start([&](int access) { return b.CreateAdd(offset(access), rows.offset(access)); });
        walk.run_strip(row);
        rows.advance();
      });
      for (ir::Value v : walk.reductions()) strip_.push_block(v, block.get(b));
      block.set(b, b.CreateAdd(block.get(b), b.getInt64(1)));
    });
    for (ir::Value v : walk.reductions()) strip_.finish(v, block.get(b));
  }

  Frame frame_;
  const std::vector<bool> live_;
  const ir::RowPlan plan_;
  const int lanes_;
  Body uniform_;
  Strip strip_;
  llvm::Value* length_ = nullptr;
};

}  // namespace

void emit_column(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes) {
  ColumnEmitter(module, kernel, vector_bytes).emit();
}

}  // namespace tarry::codegen
