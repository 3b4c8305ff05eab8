#include "ptx/decode.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "ptx/site.h"

namespace cudasim {
namespace {

constexpr size_t kMaxStatements = 2000000;

size_t aligned(size_t at, size_t to) { return (at + to - 1) / to * to; }

/// One copy of a function: the entry, or what is inlined for one call.
struct Frame {
  explicit Frame(const Function& of) : f(of), registers(of.registers.size(), kNoSlot), variables(of.variables.size()) {}
  const Function& f;
  std::vector<uint32_t> registers;  // places, kNoSlot until used
  struct Place {
    bool is_known = false;
    Places::Address address{};
  };
  std::vector<Place> variables;
  int first_label = 0;
  int end_label = -1;  // where an inlined function returns to; the entry has none
};

const std::set<std::string>& special_names() {
  static const std::set<std::string> names = {"%tid.x",
                                              "%tid.y",
                                              "%tid.z",
                                              "%ntid.x",
                                              "%ntid.y",
                                              "%ntid.z",
                                              "%ctaid.x",
                                              "%ctaid.y",
                                              "%ctaid.z",
                                              "%nctaid.x",
                                              "%nctaid.y",
                                              "%nctaid.z",
                                              "%laneid",
                                              "%warpid",
                                              "%nwarpid",
                                              "%lanemask_eq",
                                              "%lanemask_lt",
                                              "%lanemask_le",
                                              "%lanemask_gt",
                                              "%lanemask_ge",
                                              "%smid",
                                              "%nsmid",
                                              "%dynamic_smem_size",
                                              "%total_smem_size"};
  return names;
}

class Decoder : public Places {
 public:
  Decoder(const Module& module, const Function& entry, const std::function<uint64_t(const std::string&)>& global)
      : module_(module), entry_(entry), global_(global) {}

  Program run() {
    describe_entry();
    Frame frame(entry_);
    for (int i = 0; i < entry_.num_params; ++i) {
      const Variable& p = entry_.param(i);
      program_.params.push_back({p.offset, p.bytes});
      frame.variables[entry_.num_returns + i] = {true, {Space::param, p.offset, false}};
    }
    body(frame);
    arrange(program_, code_, labels_);
    lay_out();
    return std::move(program_);
  }

  uint32_t slot(int reg) override {
    uint32_t& at = frame_->registers[reg];
    if (at != kNoSlot) return at;
    const Type t = frame_->f.registers[reg];
    at = new_slot(size_of(t), t == Type::pred);
    poisoned_.push_back({at, t});
    return at;
  }
  Type type(int reg) const override { return frame_->f.registers[reg]; }

  uint32_t constant(uint64_t bits, int bytes) override {
    if (bytes < 8) bits &= (uint64_t{1} << (8 * bytes)) - 1;
    const auto [place, is_new] = constant_slots_.emplace(std::pair{bits, bytes}, 0);
    if (is_new) {
      place->second = new_slot(bytes, false);
      constants_.push_back({place->second, static_cast<uint8_t>(bytes), bits});
    }
    return place->second;
  }

  uint32_t special(const std::string& name, int line) override {
    if (special_names().count(name) == 0) throw UnknownInstruction(line, "the register '" + name + "' is not known");
    const auto [place, is_new] = special_slots_.emplace(name, 0);
    if (is_new) {
      place->second = new_slot(4, false);
      program_.specials.push_back({place->second, name});
    }
    return place->second;
  }

  Address address(const Operand& symbol, int line) override {
    if (symbol.index >= 0) return own_variable(symbol.index);
    const Variable* v = module_.variable(symbol.name);
    if (!v) throw PtxError(line, "'" + symbol.name + "' is declared nowhere");
    if (v->space != Space::shared) return {v->space, global_(v->name), false};
    const auto known = shared_.find(v);
    return known != shared_.end() ? known->second : shared_[v] = place_shared(*v);
  }

  uint32_t dynamic_constant(uint64_t plus, int bytes) override {
    const uint32_t at = new_slot(bytes, false);
    dynamic_constants_.push_back(constants_.size());
    constants_.push_back({at, static_cast<uint8_t>(bytes), plus});
    return at;
  }
  uint32_t new_scratch() override { return new_slot(4, true); }
  MemoryPlan& new_plan() override { return program_.memory_plans.emplace_back(); }
  void add_dynamic(MemoryPlan& plan) override { dynamic_plans_.push_back(&plan); }

 private:
  void describe_entry() {
    program_.name = entry_.name;
    program_.sm = module_.sm;
    program_.version = module_.version;
    program_.max_threads = entry_.max_threads;
    program_.param_bytes = entry_.param_bytes();
    std::copy(entry_.required_threads, entry_.required_threads + 3, program_.required_threads);
    for (Type t : entry_.registers) program_.num_registers += t == Type::pred ? 0 : std::max(1, size_of(t) / 4);
  }

  uint32_t new_slot(int bytes, bool is_mask) {
    constexpr uint32_t kAlign = 64;  // of vector registers
    const uint32_t at = program_.register_bytes;
    program_.register_bytes += static_cast<uint32_t>(aligned(is_mask ? bytes : bytes * kLanes, kAlign));
    return at;
  }

  Address place_shared(const Variable& v) {
    if (v.is_extern) {
      program_.has_dynamic_shared = true;
      program_.dynamic_align = std::max(program_.dynamic_align, v.align);
      return {Space::shared, kSharedBegin, true};
    }
    const size_t at = aligned(program_.shared_bytes, v.align);
    program_.shared_bytes = at + v.bytes;
    return {Space::shared, kSharedBegin + at, false};
  }

  Address own_variable(int index) {
    Frame::Place& place = frame_->variables[index];
    if (place.is_known) return place.address;
    const Variable& v = frame_->f.variables[index];
    place.is_known = true;
    if (v.space == Space::shared) {
      const auto known = shared_.find(&v);
      place.address = known != shared_.end() ? known->second : shared_[&v] = place_shared(v);
      return place.address;
    }
    const size_t at = aligned(program_.local_bytes, std::max<size_t>(v.align, 16));
    program_.local_bytes = at + v.bytes;
    const bool is_param = v.space == Space::param;
    return place.address = {is_param ? Space::param : Space::local, is_param ? kCallParams + at : at, false};
  }

  void body(Frame& frame) {
    Frame* const outer = frame_;
    frame_ = &frame;
    const Function& f = frame.f;
    frame.first_label = static_cast<int>(labels_.size());
    labels_.resize(labels_.size() + f.labels.size(), -1);
    std::multimap<int, int> labels_at;
    for (size_t i = 0; i < f.labels.size(); ++i)
      labels_at.emplace(f.labels[i], frame.first_label + static_cast<int>(i));
    for (size_t s = 0; s <= f.statements.size(); ++s) {
      const auto [first, last] = labels_at.equal_range(static_cast<int>(s));
      for (auto l = first; l != last; ++l) labels_[l->second] = static_cast<int>(code_.size());
      if (s < f.statements.size()) statement(f.statements[s]);
    }
    frame_ = outer;
  }

  void statement(const Statement& s) {
    if (program_.statements.size() > kMaxStatements) throw PtxError(s.line, "too long, with all that is inlined");
    program_.statements.push_back({s.line, s.text, s.opcode});
    Opcode op(s.opcode);
    Flat flat;
    flat.instr.statement = static_cast<uint32_t>(program_.statements.size() - 1);
    if (s.guard >= 0) {
      flat.instr.guard = slot(s.guard);
      flat.instr.guard_negated = s.guard_negated;
    }
    if (op.base() == "bra") {
      op.has("uni");
      flat.kind = Flat::Kind::jump;
      flat.target = frame_->first_label + s.operands.at(0).index;
    } else if (op.base() == "brx") {
      if (!op.has("idx")) throw UnknownInstruction(s.line, "'" + s.opcode + "' is not known");
      op.has("uni");
      table(s, flat);
    } else if (op.base() == "ret" || op.base() == "exit") {
      op.has("uni");
      leave(op.base() == "ret", flat);
    } else if (op.base() == "call") {
      op.has("uni");
      return call(s, flat);
    } else {
      Site site(*this, s, op, flat);
      select(site);
    }
    if (!op.all_used()) throw UnknownInstruction(s.line, "'" + s.opcode + "' is not known");
    code_.push_back(std::move(flat));
  }

  void table(const Statement& s, Flat& flat) {
    if (s.guard >= 0) throw UnknownInstruction(s.line, "a guarded 'brx.idx' is not known");
    const auto found =
        s.operands.size() == 2 ? frame_->f.branch_targets.find(s.operands[1].name) : frame_->f.branch_targets.end();
    if (found == frame_->f.branch_targets.end() || s.operands[0].kind != Operand::Kind::reg)
      throw PtxError(s.line, "an index and the name of a table expected");
    flat.kind = Flat::Kind::table;
    flat.instr.src[0] = slot(s.operands[0].index);
    for (int label : found->second) flat.table.push_back(frame_->first_label + label);
  }

  void leave(bool returns, Flat& flat) {
    if (!returns || frame_->end_label < 0) {
      flat.kind = Flat::Kind::exit;
      return;
    }
    flat.kind = Flat::Kind::jump;
    flat.target = frame_->end_label;
  }

  /// Functions are inlined. Their parameters are the caller's own variables.
  void call(const Statement& s, Flat& flat) {
    size_t k = 0;
    std::vector<Operand> returns, args;
    if (s.operands.size() > k && s.operands[k].kind == Operand::Kind::list) returns = s.operands[k++].parts;
    const std::string name = s.operands.size() > k ? s.operands[k++].name : "";
    if (s.operands.size() > k && s.operands[k].kind == Operand::Kind::list) args = s.operands[k++].parts;
    const Function* f = module_.function(name);
    if (!f) throw UnknownInstruction(s.line, "a call of '" + name + "', which is not defined here,");
    for (const Function* caller : callers_)
      if (caller == f) throw UnknownInstruction(s.line, "a function that calls itself, '" + name + "',");
    if (static_cast<int>(returns.size()) != f->num_returns || static_cast<int>(args.size()) != f->num_params)
      throw PtxError(s.line, "the wrong number of parameters for '" + name + "'");
    const int end = static_cast<int>(labels_.size());
    labels_.push_back(-1);
    if (s.guard >= 0) {
      flat.kind = Flat::Kind::jump;
      flat.instr.guard_negated = !flat.instr.guard_negated;
      flat.target = end;
      code_.push_back(flat);
    }
    Frame frame(*f);
    frame.end_label = end;
    for (size_t i = 0; i < returns.size() + args.size(); ++i) {
      const Operand& o = i < returns.size() ? returns[i] : args[i - returns.size()];
      if (o.kind != Operand::Kind::symbol || o.index < 0)
        throw UnknownInstruction(s.line, "a parameter of a call that is no variable");
      frame.variables[i] = {true, own_variable(o.index)};
    }
    callers_.push_back(f);
    body(frame);
    callers_.pop_back();
    labels_[end] = static_cast<int>(code_.size());
  }

  void lay_out() {
    const size_t dynamic = aligned(program_.shared_bytes, program_.dynamic_align);
    for (size_t c : dynamic_constants_) constants_[c].value += dynamic;
    for (MemoryPlan* plan : dynamic_plans_) plan->displacement += static_cast<int64_t>(dynamic);
    // A float that was never written is a NaN, any other value an unlikely one.
    program_.registers.assign(program_.register_bytes, 0xCB);
    for (const auto& [at, type] : poisoned_)
      if (is_float(type)) std::memset(&program_.registers[at], 0xff, size_of(type) * kLanes);
    for (const auto& c : constants_)
      for (int l = 0; l < kLanes; ++l) std::memcpy(&program_.registers[c.slot + l * c.bytes], &c.value, c.bytes);
  }

  const Module& module_;
  const Function& entry_;
  const std::function<uint64_t(const std::string&)>& global_;
  Program program_;
  Frame* frame_ = nullptr;
  std::vector<const Function*> callers_;
  std::vector<Flat> code_;
  std::vector<int> labels_;
  struct Constant {
    uint32_t slot;
    uint8_t bytes;
    uint64_t value;
  };
  std::vector<Constant> constants_;
  std::map<std::pair<uint64_t, int>, uint32_t> constant_slots_;
  std::map<std::string, uint32_t> special_slots_;
  std::map<const Variable*, Address> shared_;
  std::vector<std::pair<uint32_t, Type>> poisoned_;
  std::vector<size_t> dynamic_constants_;
  std::vector<MemoryPlan*> dynamic_plans_;
};

}  // namespace

Program decode(const Module& module, const Function& entry, const std::function<uint64_t(const std::string&)>& global) {
  return Decoder(module, entry, global).run();
}

}  // namespace cudasim
