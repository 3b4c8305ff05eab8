#include <tarry/ir/error.h>

#include "llvm/points.h"
#include "llvm/row_fold.h"
#include "llvm/row_overlap.h"
#include "llvm/schedules.h"
#include "llvm/types.h"

namespace tarry::codegen {
namespace {

/// Elements of rows that gain by it, as measured; of longer ones two are not near at once.
constexpr int64_t kLongestOverlapping = 2048;

class RowEmitter {
 public:
  RowEmitter(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes)
      : frame_(module, kernel, kKernelSymbol),
        live_(live_nodes(kernel.body)),
        plan_(ir::plan_rows(kernel)),
        scratch_(frame_, plan_),
        lanes_(choose_lanes(kernel, live_, vector_bytes)),
        uniform_(frame_, 1),
        row_(frame_, 1, &uniform_),
        body_(frame_, lanes_, &row_),
        next_(frame_, lanes_, &uniform_) {}

  void emit() {
    emit_uniforms(frame_, uniform_, plan_.level, live_);
    length_ = row_length(frame_);
    std::vector<int> axes, all;
    for (int a = 0; a < frame_.kernel.outer_rank; ++a) axes.push_back(a);
    for (size_t a = 0; a < frame_.kernel.accesses.size(); ++a) all.push_back(static_cast<int>(a));
    Odometer outer(frame_, axes, all);
    outer.set(frame_.outer_begin);
    const bool overlap = rows_overlap(frame_.kernel, plan_, live_);
    if (overlap) start_overlapping();
    frame_.for_loop(frame_.outer_begin, frame_.outer_end, 1, [&](llvm::Value* row) {
      if (overlap) return emit_overlapping(outer, row);
      const Walk::Offset offset = [&](int access) { return outer.offset(access); };
      row_.start_group();
      for (int p = 0; p < phases(); ++p) emit_phase(p, offset);
      emit_after(offset);
      outer.advance();
    });
    frame_.finish();
  }

 private:
  int phases() const { return static_cast<int>(plan_.phases.size()); }

  void emit_phase(int p, const Walk::Offset& offset) {
    emit_before(p, offset);
    if (plan_.phases[p].elements.empty()) return;
    std::optional<RowWalk> whole;
    if (is_light_fold(frame_.kernel, plan_, plan_.phases[p], lanes_)) {
      whole.emplace(RowWalk::of_whole_blocks(frame_, plan_, scratch_, {p, &body_}));
      whole->start({offset});
    }
    RowWalk walk(frame_, plan_, scratch_, {{p, &body_}});
    walk.start({offset});
    if (!walk.reduces()) return walk.run_elements(frame_.b.getInt64(0), length_);
    const std::vector<llvm::Value*> folded = fold_row(frame_, scratch_, walk, length_, whole ? &*whole : nullptr);
    for (size_t i = 0; i < folded.size(); ++i) row_.bind(walk.accumulators()[i]->node(), folded[i]);
  }

  void emit_before(int p, const Walk::Offset& offset) {
    Point origin(frame_, offset);
    row_.emit(living(plan_.phases[p].before), origin);
  }

  void emit_after(const Walk::Offset& offset) {
    Point origin(frame_, offset);
    row_.emit(living(plan_.after), origin);
  }

  /// Nothing is known of the first row yet.
  void start_overlapping() {
    Builder& b = frame_.b;
    known_ = frame_.variable(b.getInt1Ty(), b.getFalse());
    for (ir::Value v : plan_.phases.front().elements)
      if (ir::is_reduce(frame_.kernel.body.op(v)))
        ahead_.emplace_back(v, frame_.variable(register_type(b.getContext(), frame_.kernel.body.dtype(v))));
  }

  /// The last phase of a row and the first one of the next in one walk; the first one alone where it is not known yet,
  /// and the last one alone where no row follows, or where rows are long: far again when the next one has been read.
  void emit_overlapping(Odometer& outer, llvm::Value* row) {
    Builder& b = frame_.b;
    const int last = phases() - 1;
    std::vector<llvm::Value*> offsets;
    for (size_t a = 0; a < frame_.kernel.accesses.size(); ++a) offsets.push_back(outer.offset(static_cast<int>(a)));
    const Walk::Offset here = [&](int access) { return offsets[access]; };
    outer.advance();
    const Walk::Offset behind = [&](int access) { return outer.offset(access); };

    row_.start_group();
    frame_.if_then(b.CreateNot(known_.get(b)), [&] { fold_ahead({{0, &next_}}, {here}); });
    for (auto& [node, value] : ahead_) row_.bind(node, value.get(b));
    for (int p = 1; p < last; ++p) emit_phase(p, here);
    emit_before(last, here);
    llvm::Value* follows = b.CreateICmpSLT(b.CreateAdd(row, b.getInt64(1)), frame_.outer_end);
    llvm::Value* both = b.CreateAnd(follows, b.CreateICmpSLE(length_, b.getInt64(kLongestOverlapping)));
    known_.set(b, both);
    frame_.if_else(
        both,
        [&] {
          fold_ahead({{last, &body_}, {0, &next_}}, {here, behind});
        },
        [&] {
          RowWalk alone(frame_, plan_, scratch_, {{last, &body_}});
          alone.start({here});
          alone.run_elements(b.getInt64(0), length_);
        });
    emit_after(here);
  }

  void fold_ahead(const std::vector<RowWalk::Part>& parts, const std::vector<Walk::Offset>& offsets) {
    RowWalk walk(frame_, plan_, scratch_, parts);
    walk.start(offsets);
    const std::vector<llvm::Value*> folded = fold_row(frame_, scratch_, walk, length_);
    for (size_t i = 0; i < ahead_.size(); ++i) ahead_[i].second.set(frame_.b, folded[i]);
  }

  std::vector<ir::Value> living(const std::vector<ir::Value>& nodes) const {
    std::vector<ir::Value> some;
    for (ir::Value v : nodes)
      if (live_[v.id]) some.push_back(v);
    return some;
  }

  Frame frame_;
  const std::vector<bool> live_;
  const ir::RowPlan plan_;
  Scratch scratch_;
  const int lanes_;
  Body uniform_, row_, body_, next_;
  llvm::Value* length_ = nullptr;
  // Where rows overlap.
  Variable known_;                                     // whether the first phase of the row is
  std::vector<std::pair<ir::Value, Variable>> ahead_;  // its reductions
};

}  // namespace

void emit_row(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes) {
  RowEmitter(module, kernel, vector_bytes).emit();
}

}  // namespace tarry::codegen
