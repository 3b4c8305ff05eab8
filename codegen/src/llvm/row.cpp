#include <tarry/ir/error.h>

#include "llvm/points.h"
#include "llvm/row_fold.h"
#include "llvm/row_overlap.h"
#include "llvm/schedules.h"
#include "llvm/types.h"

namespace tarry::codegen {
namespace {

/// Rows of a piece from which it pays to begin three at once.
constexpr int64_t kFewestInStages = 4;

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
        row_behind_(frame_, 1, &uniform_),
        middle_(frame_, lanes_, &row_behind_),
        next_(frame_, lanes_, &uniform_) {}

  void emit() {
    emit_uniforms(frame_, uniform_, plan_.level, live_);
    length_ = row_length(frame_);
    Odometer outer = rows();
    if (goes_in_stages(frame_.kernel, plan_, live_))
      emit_in_stages(outer);
    else
      emit_one_by_one(outer);
    frame_.finish();
  }

 private:
  /// The reductions of a phase, of one row.
  using Folded = std::vector<std::pair<ir::Value, Variable>>;

  int phases() const { return static_cast<int>(plan_.phases.size()); }

  /// At the first row.
  Odometer rows() {
    std::vector<int> axes, all;
    for (int a = 0; a < frame_.kernel.outer_rank; ++a) axes.push_back(a);
    for (size_t a = 0; a < frame_.kernel.accesses.size(); ++a) all.push_back(static_cast<int>(a));
    Odometer outer(frame_, axes, all);
    outer.set(frame_.outer_begin);
    return outer;
  }

  void emit_one_by_one(Odometer& outer) {
    frame_.for_loop(frame_.outer_begin, frame_.outer_end, 1, [&](llvm::Value*) {
      const Walk::Offset offset = [&](int access) { return outer.offset(access); };
      row_.start_group();
      for (int p = 0; p < phases(); ++p) emit_phase(p, offset, true);
      emit_after(offset);
      outer.advance();
    });
  }

  /// `by_blocks`: a light fold has a walk of its own for whole blocks.
  void emit_phase(int p, const Walk::Offset& offset, bool by_blocks) {
    emit_before(p, offset);
    if (plan_.phases[p].elements.empty()) return;
    std::optional<RowWalk> whole;
    if (by_blocks && is_light_fold(frame_.kernel, plan_, plan_.phases[p], lanes_)) {
      whole.emplace(RowWalk::of_whole_blocks(frame_, plan_, scratch_, {{p, &body_}}));
      whole->start({offset});
    }
    RowWalk walk(frame_, plan_, scratch_, {{p, &body_}});
    walk.start({offset});
    if (!walk.reduces()) return walk.run_elements(frame_.b.getInt64(0), length_);
    const std::vector<llvm::Value*> folded = fold_row(frame_, scratch_, walk, length_, whole ? &*whole : nullptr);
    for (size_t i = 0; i < folded.size(); ++i) row_.bind(walk.accumulators()[i]->node(), folded[i]);
  }

  void emit_before(int p, const Walk::Offset& offset) { emit_before(p, offset, row_); }
  void emit_before(int p, const Walk::Offset& offset, Body& row) {
    Point origin(frame_, offset);
    row.emit(living(plan_.phases[p].before, live_), origin);
  }

  void emit_after(const Walk::Offset& offset) {
    Point origin(frame_, offset);
    row_.emit(living(plan_.after, live_), origin);
  }

  int64_t first_read_size() const {
    const ir::Graph& g = frame_.kernel.body;
    for (ir::Value v : plan_.phases[0].elements)
      if (g.op(v) == ir::Op::load) return static_cast<int64_t>(ir::size_of(g.dtype(v)));
    throw InternalError("rows that go along together and read nothing");
  }

  Folded folded_by(int phase) {
    Folded all;
    for (ir::Value v : plan_.phases[phase].elements)
      if (ir::is_reduce(frame_.kernel.body.op(v)))
        all.emplace_back(v, frame_.variable(register_type(frame_.b.getContext(), frame_.kernel.body.dtype(v))));
    return all;
  }
  void take(const Folded& folded, Body& row) {
    for (auto& [node, value] : folded) value.set(frame_.b, row.value(node));
  }
  void bind(Body& row, const Folded& folded) {
    for (auto& [node, value] : folded) row.bind(node, value.get(frame_.b));
  }
  void pass_on(const Folded& to, const Folded& from) {
    for (size_t i = 0; i < to.size(); ++i) to[i].second.set(frame_.b, from[i].second.get(frame_.b));
  }

  /// Where a row lies, and what its first phases have folded.
  struct Stage {
    std::vector<Variable> offsets;
    Folded first, second;
  };
  Stage make_stage() {
    std::vector<Variable> offsets;
    for (size_t a = 0; a < frame_.kernel.accesses.size(); ++a)
      offsets.push_back(frame_.variable(frame_.b.getInt64Ty()));
    return {std::move(offsets), folded_by(0), folded_by(1)};
  }
  Walk::Offset offset_in(const Stage& s) {
    return [this, &s](int access) { return s.offsets[access].get(frame_.b); };
  }
  void place(Stage& s, Odometer& rows) {
    for (size_t a = 0; a < s.offsets.size(); ++a) s.offsets[a].set(frame_.b, rows.offset(static_cast<int>(a)));
  }
  /// All but what the second phase folds: of the row behind that is not there yet.
  void pass_on(Stage& to, Stage& from) {
    for (size_t a = 0; a < to.offsets.size(); ++a) to.offsets[a].set(frame_.b, from.offsets[a].get(frame_.b));
    pass_on(to.first, from.first);
  }

  /// Two rows begin alone, of which the first has its second phase behind it then, and the rest goes along together.
  /// Where that does not pay all rows go alone: both are one loop, since code takes time to compile.
  void emit_in_stages(Odometer& outer) {
    Builder& b = frame_.b;
    llvm::Value* rows = b.CreateSub(frame_.outer_end, frame_.outer_begin);
    llvm::Value* bytes = b.CreateMul(length_, b.getInt64(first_read_size()));
    llvm::Value* longest = b.getInt64(longest_in_stages(frame_.kernel, plan_));
    llvm::Value* together =
        b.CreateAnd(b.CreateICmpSGE(rows, b.getInt64(kFewestInStages)), b.CreateICmpSLE(bytes, longest));
    llvm::Value* first_two = b.CreateAdd(frame_.outer_begin, b.getInt64(2));
    llvm::Value* alone_end = b.CreateSelect(together, first_two, frame_.outer_end);
    Stage here = make_stage(), behind = make_stage();
    frame_.for_loop(frame_.outer_begin, alone_end, 1, [&](llvm::Value* row) {
      const Walk::Offset offset = [&](int access) { return outer.offset(access); };
      row_.start_group();
      emit_phase(0, offset, false);
      pass_on(here, behind);
      place(behind, outer);
      take(behind.first, row_);
      llvm::Value* second = b.CreateAnd(together, b.CreateICmpNE(row, frame_.outer_begin));
      frame_.if_then(b.CreateNot(second), [&] {
        emit_phase(1, offset, false);
        take(here.second, row_);
        frame_.if_then(b.CreateNot(together), [&] {
          emit_phase(2, offset, false);
          emit_after(offset);
        });
      });
      outer.advance();
    });
    frame_.if_then(together, [&] { emit_together(outer, here, behind); });
  }

  /// The last phase of a row, the middle one of the row behind it and the first one of the row behind that, in one
  /// walk. Behind the last row the last one stands in for those that are not there, and what it gives is not used.
  void emit_together(Odometer& newest, Stage& here, Stage& behind) {
    Builder& b = frame_.b;
    const Walk::Offset of_here = offset_in(here), of_behind = offset_in(behind);
    const Walk::Offset of_newest = [&](int access) { return newest.offset(access); };
    Folded first_of_newest = folded_by(0);
    frame_.for_loop(frame_.outer_begin, frame_.outer_end, 1, [&](llvm::Value* row) {
      row_.start_group();
      bind(row_, here.first);
      emit_before(1, of_here);
      bind(row_, here.second);
      emit_before(2, of_here);
      row_behind_.start_group();
      bind(row_behind_, behind.first);
      emit_before(1, of_behind, row_behind_);
      const std::vector<RowWalk::Part> parts = {{2, &body_}, {1, &middle_}, {0, &next_}};
      const std::vector<Walk::Offset> offsets = {of_here, of_behind, of_newest};
      std::optional<RowWalk> whole;
      if (stages_take_whole_blocks(frame_.kernel, plan_)) {
        whole.emplace(RowWalk::of_whole_blocks(frame_, plan_, scratch_, parts));
        whole->start(offsets);
      }
      RowWalk walk(frame_, plan_, scratch_, parts);
      walk.start(offsets);
      const std::vector<llvm::Value*> folded = fold_row(frame_, scratch_, walk, length_, whole ? &*whole : nullptr);
      emit_after(of_here);
      size_t i = 0;
      for (const Folded* f : {&behind.second, &first_of_newest})
        for (auto& [node, value] : *f) value.set(b, folded[i++]);
      pass_on(here, behind);
      pass_on(here.second, behind.second);
      place(behind, newest);
      pass_on(behind.first, first_of_newest);
      frame_.if_then(b.CreateICmpSLT(b.CreateAdd(row, b.getInt64(3)), frame_.outer_end), [&] { newest.advance(); });
    });
  }

  Frame frame_;
  const std::vector<bool> live_;
  const ir::RowPlan plan_;
  Scratch scratch_;
  const int lanes_;
  Body uniform_, row_, body_;
  Body row_behind_, middle_, next_;  // of rows that go along
  llvm::Value* length_ = nullptr;
};

}  // namespace

void emit_row(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes) {
  RowEmitter(module, kernel, vector_bytes).emit();
}

}  // namespace tarry::codegen
