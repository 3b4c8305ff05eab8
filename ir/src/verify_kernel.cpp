#include <tarry/ir/text.h>
#include <tarry/ir/verify.h>

#include "verify_node.h"

namespace tarry::ir {
namespace {

bool allowed(Op op) {
  switch (class_of(op)) {
    case OpClass::source: return op == Op::constant || op == Op::scalar;
    case OpClass::elementwise:
    case OpClass::reduce:
    case OpClass::scan:
    case OpClass::kernel: return true;
    case OpClass::movement:
    case OpClass::gather:
    case OpClass::update:
    case OpClass::library:
    case OpClass::transform: return false;
  }
  return false;
}

class KernelVerifier {
 public:
  explicit KernelVerifier(const Kernel& k)
      : k_(k), g_(k.body), levels_(g_.size(), Level::uniform), region_(g_.size()), open_(g_.size(), false) {}

  void run();

 private:
  void header();
  void access(size_t index);
  void node(Value v);
  void visibility(Value v);
  void region(Value v);
  void memory(Value v);
  void fold(Value v);
  const Access& declared(Value v, Access::Kind kind, const char* what);

  const Kernel& k_;
  const Graph& g_;
  std::vector<Level> levels_;
  std::vector<Value> region_;  // by value: the cold_begin it stands in, or invalid
  std::vector<bool> open_;     // by cold_begin: not closed yet
  std::vector<Value> stack_;   // open regions, outermost first
};

void KernelVerifier::run() {
  header();
  for (uint32_t id = 0; id < g_.size(); ++id) node({id});
  if (!stack_.empty()) broken(stack_.back(), "the region is not closed");
  if (!g_.outputs.empty()) broken({}, "a kernel has stores, not outputs");
  if (k_.schedule == Schedule::split && plan_rows(k_).phases.size() > 1)
    broken({}, "a split kernel walks along its rows once");
}

void KernelVerifier::header() {
  if (k_.outer_rank < 1) broken({}, "a kernel has at least one outer axis");
  if (k_.row_rank < 0) broken({}, "the number of row axes is negative");
  if ((k_.schedule == Schedule::map) != (k_.row_rank == 0))
    broken({}, "the schedule is map just when there are no row axes");
  for (size_t i = 0; i < k_.accesses.size(); ++i) access(i);
}

void KernelVerifier::access(size_t index) {
  const Access& a = k_.accesses[index];
  const std::string name = "access " + std::to_string(index) + " ";
  if (a.in_row && k_.row_rank == 0) broken({}, name + "varies in a row, but there are no row axes");
  if (!a.in_row && a.row != StrideClass::zero) broken({}, name + "has a row stride, but does not vary in the row");
  if (a.kind == Access::Kind::scatter && k_.row_rank > 0) broken({}, name + "is scattered to along rows");
  if (a.kind == Access::Kind::index && a.dtype != DType::int64) broken({}, name + "is an index and must be i64");
}

void KernelVerifier::node(Value v) {
  if (!allowed(g_.op(v))) broken(v, "is an op of the array level");
  if (!g_.shape(v).empty()) broken(v, "values of a kernel are 0-d");
  verify_types(g_, v);
  visibility(v);
  memory(v);
  levels_[v.id] = level_of(k_, levels_, v);
  region(v);
  fold(v);
}

void KernelVerifier::visibility(Value v) {
  for (Value o : g_.operands(v)) {
    if (region_[o.id].valid() && !open_[region_[o.id].id]) broken(v, "uses a value of a closed region");
    if (g_.op(o) == Op::cold_begin && !open_[o.id]) broken(v, "its region is closed already");
  }
}

void KernelVerifier::region(Value v) {
  if (g_.op(v) == Op::cold_end) {
    if (stack_.empty() || stack_.back() != g_.operand(v, 0)) broken(v, "closes a region that is not the innermost");
    if (region_[g_.operand(v, 2).id] == stack_.back()) broken(v, "the fast value must stand outside the region");
    open_[stack_.back().id] = false;
    stack_.pop_back();
  }
  if (!stack_.empty()) region_[v.id] = stack_.back();
  if (g_.op(v) == Op::cold_begin) {
    open_[v.id] = true;
    stack_.push_back(v);
  }
}

const Access& KernelVerifier::declared(Value v, Access::Kind kind, const char* what) {
  if (g_.attr(v) >= static_cast<int64_t>(k_.accesses.size())) broken(v, "there is no such access");
  const Access& a = k_.accesses[g_.attr(v)];
  if (a.kind != kind) broken(v, std::string("needs an access of kind ") + what);
  return a;
}

void KernelVerifier::memory(Value v) {
  switch (g_.op(v)) {
    case Op::scalar:
      if (g_.attr(v) >= static_cast<int64_t>(k_.scalars.size())) broken(v, "there is no such scalar");
      if (k_.scalars[g_.attr(v)] != g_.dtype(v)) broken(v, "the scalar is declared with another dtype");
      return;
    case Op::index: declared(v, Access::Kind::index, "index"); return;
    case Op::within:
      if (levels_[g_.operand(v, 1).id] != Level::uniform) broken(v, "the size varies");
      return;
    case Op::load: {
      const Access& a = declared(v, Access::Kind::read, "read");
      if (a.dtype != g_.dtype(v)) broken(v, "the access has another dtype");
      return;
    }
    case Op::load_at: {
      const Access& a = declared(v, Access::Kind::gather, "gather");
      if (a.dtype != g_.dtype(v)) broken(v, "the access has another dtype");
      return;
    }
    case Op::store:
    case Op::store_at:
    case Op::add_at:
    case Op::mul_at:
    case Op::min_at:
    case Op::max_at: {
      const bool at = is_store_at(g_.op(v));
      const Access& a = declared(v, at ? Access::Kind::scatter : Access::Kind::write, at ? "scatter" : "write");
      if (a.dtype != g_.dtype(g_.operand(v, 0))) broken(v, "the access has another dtype");
      if (levels_[g_.operand(v, 0).id] == Level::element && !a.in_row)
        broken(v, "stores an element-level value to an access that does not vary in the row");
      if (!stack_.empty()) broken(v, "a store in a cold region");
      return;
    }
    default: return;
  }
}

void KernelVerifier::fold(Value v) {
  if (!is_reduce(g_.op(v)) && class_of(g_.op(v)) != OpClass::scan) return;
  if (k_.row_rank == 0) broken(v, "needs row axes");
  if (!g_.attrs(v).empty()) broken(v, "takes no axes: it runs along the row");
  if (k_.schedule == Schedule::split && !is_reduce(g_.op(v))) broken(v, "a split kernel has no scans");
  if (!stack_.empty()) broken(v, "a reduction or scan in a cold region");
}

}  // namespace

void verify(const Kernel& k) {
  report(
      k.body, [&] { KernelVerifier(k).run(); }, [&] { return print(k); });
}

}  // namespace tarry::ir
