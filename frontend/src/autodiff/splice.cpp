// Recording a transformed region.

#include "autodiff/region.h"
#include "autodiff/residuals.h"
#include "flush.h"

#include <unordered_map>

namespace tarry::frontend {
namespace {

using ir::Value;

/// Holds what later nodes still read, and computes it when much is pending.
class Splicer {
 public:
  Splicer(Trace& trace, const Transformed& t)
      : trace_(trace), t_(t), made_(t.graph.size()), left_(t.uses), residuals_(trace, t, made_) {}
  ~Splicer() {
    for (Value v : held_)
      if (left_[v.id] != 0) trace_.let_go(made_[v.id]);
  }

  void set(Value v, Value in_trace) { made_[v.id] = in_trace; }

  /// The function's own nodes. The transform may have been made for another one that looks the same: lines are then
  /// those of this one.
  void set_own(std::span<const Value> values) {
    for (uint32_t id = 0; id < t_.own_nodes; ++id) {
      made_[id] = values[id];
      if (!values[id].valid()) continue;
      const ir::Location was = t_.graph.location({id}), is = trace_.graph.location(values[id]);
      if (was.bits != is.bits) lines_.emplace(was.bits, is);
    }
  }

  void record(Value v) {
    const ir::Graph& g = t_.graph;
    operands_.clear();
    for (Value o : g.operands(v)) operands_.push_back(made_[o.id]);
    ++trace_.ops_recorded;
    made_[v.id] = trace_.add(g.op(v), g.dtype(v), g.shape(v), operands_, g.attrs(v), line_of(v));
    trace_.hold(made_[v.id]);
    held_.push_back(v);
    for (Value o : g.operands(v)) release(o);
    if (trace_.due() || g.op(v) == ir::Op::checkpoint) compute_front();
  }

  /// The outputs, held once for each; the caller lets them go.
  std::vector<Value> outputs() {
    std::vector<Value> values;
    for (Value v : t_.graph.outputs) {
      values.push_back(made_[v.id]);
      trace_.hold(made_[v.id]);
    }
    return values;
  }

 private:
  ir::Location line_of(Value v) const {
    const ir::Location where = t_.graph.location(v);
    if (lines_.empty()) return where;
    const auto at = lines_.find(where.bits);
    return at == lines_.end() ? where : at->second;
  }

  void release(Value o) {
    if (--left_[o.id] == 0 && o.id >= t_.own_nodes + t_.seeds.size()) trace_.let_go(made_[o.id]);
  }

  /// What is held and was not computed yet.
  void compute_front() {
    std::vector<Value> front;
    std::erase_if(held_, [&](Value v) { return left_[v.id] == 0; });
    for (Value v : held_) {
      const Value in_trace = made_[v.id];
      const bool free = ir::class_of(trace_.graph.op(in_trace)) == ir::OpClass::source;
      if (!free && !trace_.stored(in_trace) && !trace_.abstract(in_trace)) front.push_back(in_trace);
    }
    if (!front.empty()) {
      residuals_.add_kept(front, left_);
      flush(trace_, front);
      residuals_.release_read(left_);
    }
    trace_.reset_limits();
  }

  Trace& trace_;
  const Transformed& t_;
  std::vector<Value> made_;     // in the trace, by node
  std::vector<uint32_t> left_;  // reads to come, by node
  std::vector<Value> held_;
  std::vector<Value> operands_;
  std::unordered_map<uint64_t, ir::Location> lines_;  // of the function's nodes, where they are not the transform's
  Residuals residuals_;
};

}  // namespace

std::vector<Value> record(Trace& trace, const Transformed& t, std::span<const Value> values,
                          std::span<const Value> seeds) {
  Splicer s(trace, t);
  s.set_own(values);
  for (size_t i = 0; i < seeds.size(); ++i) s.set(t.seeds[i], seeds[i]);
  for (Value v : t.order) s.record(v);
  return s.outputs();
}

}  // namespace tarry::frontend
