#include "interp/program.h"

#include <tarry/ir/error.h>
#include <tarry/ir/reduction.h>
#include <tarry/passes/math/loops.h>

#include "interp/pool.h"

#include <algorithm>
#include <string>

namespace tarry::codegen::interp {
namespace {

using ir::Graph;
using ir::Level;
using ir::Op;
using ir::OpClass;
using ir::Value;

class Translator {
 public:
  Translator(const ir::Kernel& kernel, LoopSet loops);
  Program run();

 private:
  struct SegmentInput {
    std::vector<Value> values;  // nodes to evaluate, by id
    Level level = Level::row;
    bool shares_results = false;  // other segments read what this one computes
    const ir::RowPlan::Phase* phase = nullptr;
  };

  void find_needed();
  void find_regions();
  void add_sources();
  Segment build(const SegmentInput& input);
  void open_regions(Value v, Segment& segment);
  void emit(Value v, const SegmentInput& input, Segment& segment);
  void emit_elementwise(Value v, Instruction& in);
  void emit_cold_end(Value v, Segment& segment, Instruction& in);
  void emit_reduce(Value v, Instruction& in);
  void emit_scan(Value v, Instruction& in);
  void add_input(Value v, Segment& segment, Instruction& in);
  Instruction store(Value v, Segment& segment);
  void place_stores(const std::vector<Instruction>& stores, Segment& segment);
  uint32_t new_slot(Slot::Home home, uint32_t at);
  uint32_t shared_row_slot(size_t size);
  std::vector<Value> needed_of(const std::vector<Value>& values) const;

  const ir::Kernel& kernel_;
  const LoopSet loops_;
  const Graph& graph_;
  const ir::RowPlan plan_;
  Program program_;
  std::vector<bool> needed_;
  std::vector<Value> region_;                     // by value: the cold_begin around it
  std::vector<Value> region_end_;                 // by cold_begin
  std::vector<uint32_t> shared_;                  // by value: slot known to all segments
  std::vector<uint32_t> local_;                   // by value: slot of the segment being built
  std::vector<uint32_t> expanded_;                // by value: element-level slot of a row-level value in this segment
  std::vector<bool> here_;                        // by value: evaluated in this segment
  std::vector<std::pair<Value, uint32_t>> open_;  // regions and their instructions
  uint32_t row_bytes_ = 0;
  PoolSize pool_;
};

Translator::Translator(const ir::Kernel& kernel, LoopSet loops)
    : kernel_(kernel),
      loops_(loops),
      graph_(kernel.body),
      plan_(ir::plan_rows(kernel)),
      region_(graph_.size()),
      region_end_(graph_.size()),
      shared_(graph_.size(), kNone) {}

void Translator::find_needed() {
  needed_.assign(graph_.size(), false);
  for (uint32_t id = graph_.size(); id-- > 0;) {
    const Value v{id};
    if (ir::is_store(graph_.op(v))) needed_[id] = true;
    if (!needed_[id]) continue;
    for (Value o : graph_.operands(v)) needed_[o.id] = true;
  }
}

void Translator::find_regions() {
  std::vector<Value> open;
  for (uint32_t id = 0; id < graph_.size(); ++id) {
    const Value v{id};
    if (graph_.op(v) == Op::cold_end) {
      region_end_[open.back().id] = v;
      open.pop_back();
    }
    if (!open.empty()) region_[id] = open.back();
    if (graph_.op(v) == Op::cold_begin) open.push_back(v);
  }
}

uint32_t Translator::new_slot(Slot::Home home, uint32_t at) {
  program_.slots.push_back({home, at});
  return static_cast<uint32_t>(program_.slots.size() - 1);
}

uint32_t Translator::shared_row_slot(size_t size) {
  const uint32_t slot = new_slot(Slot::Home::pool, row_bytes_);
  row_bytes_ += static_cast<uint32_t>(size);
  program_.row_slots.push_back(slot);
  return slot;
}

void Translator::add_sources() {
  for (uint32_t id = 0; id < graph_.size(); ++id) {
    const Value v{id};
    if (ir::is_complex(graph_.dtype(v))) throw TypeError("interpreter: complex numbers are not supported in kernels");
    if (graph_.op(v) == Op::constant) {
      shared_[id] = new_slot(Slot::Home::constant, static_cast<uint32_t>(program_.constants.size()));
      program_.constants.push_back(static_cast<uint64_t>(graph_.attr(v)));
    } else if (graph_.op(v) == Op::scalar) {
      shared_[id] = new_slot(Slot::Home::scalar, static_cast<uint32_t>(graph_.attr(v)));
    }
  }
}

std::vector<Value> Translator::needed_of(const std::vector<Value>& values) const {
  std::vector<Value> out;
  out.reserve(values.size());
  for (Value v : values)
    if (needed_[v.id]) out.push_back(v);
  std::sort(out.begin(), out.end());
  return out;
}

void Translator::add_input(Value v, Segment& segment, Instruction& in) {
  uint32_t slot = local_[v.id] != kNone ? local_[v.id] : shared_[v.id];
  if (slot == kNone) throw InternalError("interpreter: a value is used before it is known");
  if (local_[v.id] == kNone && plan_.level[v.id] == Level::row && !expanded_.empty()) {
    if (expanded_[v.id] == kNone) {
      const auto size = static_cast<uint8_t>(ir::size_of(graph_.dtype(v)));
      expanded_[v.id] = shared_row_slot(size);
      segment.expansions.push_back({slot, expanded_[v.id], size});
    }
    slot = expanded_[v.id];
  }
  in.input_size[in.num_inputs] = static_cast<uint8_t>(ir::size_of(graph_.dtype(v)));
  in.inputs[in.num_inputs++] = slot;
}

/// Enters the regions around `v` that end in this segment and are not open yet.
void Translator::open_regions(Value v, Segment& segment) {
  std::vector<Value> around;
  for (Value r = region_[v.id]; r.valid(); r = region_[r.id])
    if (here_[region_end_[r.id].id]) around.push_back(r);
  for (size_t depth = open_.size(); depth < around.size(); ++depth) {
    const Value begin = around[around.size() - 1 - depth];
    Instruction in;
    in.kind = Instruction::Kind::cold_begin;
    add_input(graph_.operand(begin, 0), segment, in);
    in.out = new_slot(Slot::Home::pool, 0);
    open_.emplace_back(begin, static_cast<uint32_t>(segment.code.size()));
    segment.code.push_back(in);
  }
}

void Translator::emit_elementwise(Value v, Instruction& in) {
  const Op op = graph_.op(v);
  const ir::DType result = graph_.dtype(v);
  const ir::DType operand = graph_.dtype(graph_.operand(v, 0));
  in.kind = Instruction::Kind::compute;
  in.loop = primitive_loop(loops_, op, result, operand);
  if (in.loop) return;
  in.kind = Instruction::Kind::compute_math;
  in.math = op == Op::cast ? passes::cast_loop(operand, result) : passes::elementwise_loop(op, operand);
  if (in.math) return;
  throw TypeError("interpreter: " + std::string(ir::info(op).name) + " does not take " +
                  std::string(ir::info(operand).name));
}

void Translator::emit_cold_end(Value v, Segment& segment, Instruction& in) {
  const Value begin = graph_.operand(v, 0);
  add_input(graph_.operand(begin, 0), segment, in);
  add_input(graph_.operand(v, 1), segment, in);
  add_input(graph_.operand(v, 2), segment, in);
  in.loop = primitive_loop(loops_, Op::select, graph_.dtype(v), graph_.dtype(v));
  in.kind = Instruction::Kind::compute;
  if (open_.empty() || open_.back().first != begin) return;  // nothing of the region is evaluated here
  Instruction& opening = segment.code[open_.back().second];
  in.kind = Instruction::Kind::cold_end;
  in.target = opening.out;
  opening.target = static_cast<uint32_t>(segment.code.size());
  open_.pop_back();
}

void Translator::emit_reduce(Value v, Instruction& in) {
  Reduction r;
  r.op = graph_.op(v);
  r.dtype = graph_.dtype(v);
  r.loops = reduce_loops(r.op, r.dtype);
  r.identity = ir::identity_bits(r.op, ir::accumulator(r.dtype));
  r.out = shared_[v.id] = shared_row_slot(ir::size_of(r.dtype));
  in.kind = Instruction::Kind::reduce;
  in.target = static_cast<uint32_t>(program_.reductions.size());
  program_.reductions.push_back(r);
}

void Translator::emit_scan(Value v, Instruction& in) {
  Scan s;
  s.dtype = graph_.dtype(v);
  const ir::DType accumulator = ir::accumulator(s.dtype);
  s.loop = scan_loop(graph_.op(v), accumulator);
  s.loops = reduce_loops(graph_.op(v), s.dtype);
  s.identity = ir::identity_bits(graph_.op(v), accumulator);
  in.kind = Instruction::Kind::scan;
  in.target = static_cast<uint32_t>(program_.scans.size());
  program_.scans.push_back(s);
}

void Translator::emit(Value v, const SegmentInput& input, Segment& segment) {
  const Op op = graph_.op(v);
  Instruction in;
  in.size = static_cast<uint8_t>(ir::size_of(graph_.dtype(v)));
  if (op == Op::load || op == Op::index || op == Op::load_at) {
    in.kind = op == Op::load    ? Instruction::Kind::load
              : op == Op::index ? Instruction::Kind::index
                                : Instruction::Kind::load_at;
    in.target = static_cast<uint32_t>(graph_.attr(v));
  }
  if (op == Op::cold_end) {
    emit_cold_end(v, segment, in);
  } else {
    for (Value o : graph_.operands(v)) add_input(o, segment, in);
  }
  if (ir::is_elementwise(op) || op == Op::bits || op == Op::within) emit_elementwise(v, in);
  if (ir::is_reduce(op)) return emit_reduce(v, in), segment.code.push_back(in);
  if (ir::class_of(op) == OpClass::scan) emit_scan(v, in);

  if (input.level == Level::uniform) {
    in.out = shared_[v.id] = new_slot(Slot::Home::uniform, program_.num_uniforms++);
  } else if (input.shares_results) {
    in.out = shared_[v.id] = shared_row_slot(in.size);
  } else {
    in.out = local_[v.id] = new_slot(Slot::Home::pool, kNone);
  }
  segment.code.push_back(in);
}

/// Lets values be computed where they will be stored. One place for each value; loads are no computation.
void Translator::place_stores(const std::vector<Instruction>& stores, Segment& segment) {
  for (const Instruction& store : stores) {
    if (store.kind != Instruction::Kind::store) continue;
    const uint32_t slot = store.inputs[0];
    const auto is_slot = [&](const Placement& p) { return p.slot == slot; };
    if (std::ranges::any_of(segment.stored, is_slot) || std::ranges::any_of(segment.kept, is_slot)) continue;
    const auto made = std::ranges::find_if(segment.code, [&](const Instruction& in) { return in.out == slot; });
    if (made == segment.code.end() || made->kind == Instruction::Kind::load) continue;
    segment.stored.push_back({slot, store.target});
  }
}

Instruction Translator::store(Value v, Segment& segment) {
  const Op op = graph_.op(v);
  Instruction in;
  in.kind = op == Op::store ? Instruction::Kind::store : Instruction::Kind::store_at;
  in.target = static_cast<uint32_t>(graph_.attr(v));
  for (Value o : graph_.operands(v)) add_input(o, segment, in);
  in.size = in.input_size[0];
  if (op == Op::store) return in;
  Update update;
  const ir::DType t = graph_.dtype(graph_.operand(v, 0));
  update.loop = update_loop(op, t);
  if (!update.loop) update.loops = reduce_loops(update_fold(op), t);
  in.update = static_cast<uint32_t>(program_.updates.size());
  program_.updates.push_back(update);
  return in;
}

Segment Translator::build(const SegmentInput& input) {
  Segment segment;
  if (input.values.empty() && !input.phase) return segment;
  segment.code.reserve(input.values.size());
  local_.assign(graph_.size(), kNone);
  expanded_.assign(input.level == Level::element ? graph_.size() : 0, kNone);
  here_.assign(graph_.size(), false);
  for (Value v : input.values) here_[v.id] = true;
  const auto kept_index = [&](Value v) {
    const auto at = std::ranges::find(plan_.kept, v);
    return at == plan_.kept.end() ? kNone : static_cast<uint32_t>(at - plan_.kept.begin());
  };
  if (input.phase) {
    for (Value v : input.phase->restored) {
      local_[v.id] = new_slot(Slot::Home::pool, 0);
      segment.restored.push_back({local_[v.id], kept_index(v)});
    }
  }

  std::vector<Instruction> stores;
  for (Value v : input.values) {
    if (graph_.op(v) == Op::cold_begin) continue;
    if (ir::is_store(graph_.op(v))) {
      stores.push_back(store(v, segment));
      continue;
    }
    open_regions(v, segment);
    emit(v, input, segment);
    if (input.phase && kept_index(v) != kNone) segment.kept.push_back({local_[v.id], kept_index(v)});
  }
  place_stores(stores, segment);
  // Every read of the old content comes before the first write, as where a result takes an operand's buffer.
  segment.code.insert(segment.code.end(), stores.begin(), stores.end());
  for (const Instruction& in : segment.code) {
    if (in.kind != Instruction::Kind::load)
      ++segment.others;
    else if (along_lanes(program_.accesses[in.target]) == ir::StrideClass::unit)
      segment.load_bytes += in.size;
  }
  program_.num_stores += static_cast<uint32_t>(stores.size());
  assign_pool(program_, segment, pool_);
  return segment;
}

Program Translator::run() {
  program_.accesses = kernel_.accesses;
  program_.outer_rank = kernel_.outer_rank;
  program_.has_rows = kernel_.row_rank > 0;
  program_.in_order = ir::is_ordered(kernel_);
  program_.slots.reserve(graph_.size() + 1);
  find_needed();
  find_regions();
  add_sources();

  SegmentInput uniform{.values = {}, .level = Level::uniform, .shares_results = true};
  for (uint32_t id = 0; id < graph_.size(); ++id)
    if (needed_[id] && plan_.level[id] == Level::uniform && shared_[id] == kNone) uniform.values.push_back({id});
  program_.uniform = build(uniform);

  std::vector<Value> last;
  last.reserve(graph_.size());
  last = plan_.after;
  for (const ir::RowPlan::Phase& planned : plan_.phases) {
    if (!program_.has_rows) {
      last.insert(last.end(), planned.before.begin(), planned.before.end());
      continue;
    }
    Phase phase;
    phase.before = build({.values = needed_of(planned.before), .level = Level::row, .shares_results = true});
    phase.first_reduction = static_cast<uint32_t>(program_.reductions.size());
    const auto scans_before = program_.scans.size();
    phase.walk = build({.values = needed_of(planned.elements), .level = Level::element, .phase = &planned});
    phase.num_reductions = static_cast<uint32_t>(program_.reductions.size()) - phase.first_reduction;
    phase.in_order = program_.scans.size() > scans_before;
    program_.phases.push_back(std::move(phase));
  }
  program_.after = build({.values = needed_of(last), .level = Level::row});
  for (Value v : plan_.kept) program_.kept.push_back(static_cast<uint8_t>(ir::size_of(graph_.dtype(v))));

  for (uint32_t slot : pool_.cold_slots) program_.slots[slot].at += pool_.hot;
  for (uint32_t slot : program_.row_slots) program_.slots[slot].at += pool_.hot + pool_.cold;
  program_.pool_bytes = pool_.hot + pool_.cold + row_bytes_;
  program_.chunk_bytes = pool_.hot;
  program_.load_bytes = program_.after.load_bytes;
  for (const Phase& phase : program_.phases) program_.load_bytes = std::max(program_.load_bytes, phase.walk.load_bytes);
  return std::move(program_);
}

}  // namespace

Program translate(const ir::Kernel& kernel, LoopSet loops) { return Translator(kernel, loops).run(); }

}  // namespace tarry::codegen::interp
