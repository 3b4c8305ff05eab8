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
    if (goes_in_stages(frame_.kernel, plan_, live_)) {
      Builder& b = frame_.b;
      llvm::Value* rows = b.CreateSub(frame_.outer_end, frame_.outer_begin);
      llvm::Value* bytes = b.CreateMul(length_, b.getInt64(first_read_size()));
      llvm::Value* longest = b.getInt64(longest_in_stages(frame_.kernel, plan_));
      llvm::Value* pays =
          b.CreateAnd(b.CreateICmpSGE(rows, b.getInt64(kFewestInStages)), b.CreateICmpSLE(bytes, longest));
      in_stages_ = true;
      frame_.if_else(pays, [&] { emit_in_stages(); }, [&] { emit_one_by_one(); });
    } else {
      emit_one_by_one();
    }
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

  void emit_one_by_one() {
    Odometer outer = rows();
    frame_.for_loop(frame_.outer_begin, frame_.outer_end, 1, [&](llvm::Value*) {
      const Walk::Offset offset = [&](int access) { return outer.offset(access); };
      row_.start_group();
      for (int p = 0; p < phases(); ++p) emit_phase(p, offset);
      emit_after(offset);
      outer.advance();
    });
  }

  void emit_phase(int p, const Walk::Offset& offset) {
    emit_before(p, offset);
    if (plan_.phases[p].elements.empty()) return;
    std::optional<RowWalk> whole;
    if (!in_stages_ && is_light_fold(frame_.kernel, plan_, plan_.phases[p], lanes_)) {
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
    row.emit(living(plan_.phases[p].before), origin);
  }

  void emit_after(const Walk::Offset& offset) {
    Point origin(frame_, offset);
    row_.emit(living(plan_.after), origin);
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
  void bind(Body& row, const Folded& folded) {
    for (auto& [node, value] : folded) row.bind(node, value.get(frame_.b));
  }
  void fold_into(const std::vector<Folded*>& targets, RowWalk& walk, RowWalk* whole = nullptr) {
    const std::vector<llvm::Value*> values = fold_row(frame_, scratch_, walk, length_, whole);
    size_t i = 0;
    for (Folded* target : targets)
      for (auto& [node, value] : *target) value.set(frame_.b, values[i++]);
  }
  /// One phase of one row.
  void fold_alone(Folded& target, const RowWalk::Part& part, const Walk::Offset& offset) {
    RowWalk walk(frame_, plan_, scratch_, {part});
    walk.start({offset});
    fold_into({&target}, walk);
  }

  /// The last phase of a row, the middle one of the row behind it and the first one of the row behind that, in one
  /// walk. Behind the last row the last one stands in for those that are not there, and what it gives is not used.
  void emit_in_stages() {
    Builder& b = frame_.b;
    const size_t accesses = frame_.kernel.accesses.size();
    Odometer newest = rows();
    std::vector<Variable> here_at, behind_at;
    for (size_t a = 0; a < accesses; ++a) {
      here_at.push_back(frame_.variable(b.getInt64Ty(), newest.offset(static_cast<int>(a))));
      behind_at.push_back(frame_.variable(b.getInt64Ty()));
    }
    const Walk::Offset here = [&](int access) { return here_at[access].get(b); };
    const Walk::Offset behind = [&](int access) { return behind_at[access].get(b); };
    const Walk::Offset last = [&](int access) { return newest.offset(access); };
    const auto leave_behind = [&] {
      for (size_t a = 0; a < accesses; ++a) behind_at[a].set(b, newest.offset(static_cast<int>(a)));
    };

    Folded first_here = folded_by(0), first_behind = folded_by(0), first_last = folded_by(0);
    Folded second_here = folded_by(1), second_behind = folded_by(1);
    fold_alone(first_here, {0, &next_}, last);
    row_behind_.start_group();
    bind(row_behind_, first_here);
    emit_before(1, here, row_behind_);
    fold_alone(second_here, {1, &middle_}, here);
    newest.advance();
    fold_alone(first_behind, {0, &next_}, last);
    leave_behind();
    newest.advance();

    frame_.for_loop(frame_.outer_begin, frame_.outer_end, 1, [&](llvm::Value* row) {
      row_.start_group();
      bind(row_, first_here);
      emit_before(1, here);
      bind(row_, second_here);
      emit_before(2, here);
      row_behind_.start_group();
      bind(row_behind_, first_behind);
      emit_before(1, behind, row_behind_);
      const std::vector<RowWalk::Part> parts = {{2, &body_}, {1, &middle_}, {0, &next_}};
      RowWalk whole = RowWalk::of_whole_blocks(frame_, plan_, scratch_, parts);
      whole.start({here, behind, last});
      RowWalk walk(frame_, plan_, scratch_, parts);
      walk.start({here, behind, last});
      fold_into({&second_behind, &first_last}, walk, &whole);
      emit_after(here);
      pass_on(first_here, first_behind);
      pass_on(first_behind, first_last);
      pass_on(second_here, second_behind);
      for (size_t a = 0; a < accesses; ++a) here_at[a].set(b, behind_at[a].get(b));
      leave_behind();
      frame_.if_then(b.CreateICmpSLT(b.CreateAdd(row, b.getInt64(3)), frame_.outer_end), [&] { newest.advance(); });
    });
  }
  void pass_on(const Folded& to, const Folded& from) {
    for (size_t i = 0; i < to.size(); ++i) to[i].second.set(frame_.b, from[i].second.get(frame_.b));
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
  Body uniform_, row_, body_;
  Body row_behind_, middle_, next_;  // of rows that go along
  llvm::Value* length_ = nullptr;
  bool in_stages_ = false;  // nearly all rows are
};

}  // namespace

void emit_row(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes) {
  RowEmitter(module, kernel, vector_bytes).emit();
}

}  // namespace tarry::codegen
