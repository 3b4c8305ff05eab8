#pragma once
/// What the selection of a handler knows of one instruction.

#include <cstdint>
#include <string>
#include <vector>

#include "ptx/fault.h"
#include "ptx/flow.h"
#include "ptx/module.h"
#include "ptx/program.h"

namespace cudasim {

/// "mul.wide.s32" in parts. What nobody asked for makes the instruction unknown, so that no modifier is passed over.
class Opcode {
 public:
  explicit Opcode(const std::string& text);
  const std::string& base() const { return parts_[0]; }
  bool has(std::string_view part);
  /// The first of them that is there, or an empty string.
  std::string one_of(std::initializer_list<const char*> parts);
  /// The next part that is a type; Type::none where there is no more.
  Type type();
  bool all_used() const;

 private:
  std::vector<std::string> parts_;
  std::vector<bool> used_;
};

/// Where operands lie.
class Places {
 public:
  virtual ~Places() = default;
  virtual uint32_t slot(int reg) = 0;
  virtual Type type(int reg) const = 0;
  virtual uint32_t constant(uint64_t bits, int bytes) = 0;
  virtual uint32_t special(const std::string& name, int line) = 0;
  struct Address {
    Space space;
    uint64_t at;
    bool is_dynamic;  // the end of the fixed shared memory is added later
  };
  virtual Address address(const Operand& symbol, int line) = 0;
  virtual uint32_t dynamic_constant(uint64_t plus, int bytes) = 0;
  /// Room for a predicate.
  virtual uint32_t new_scratch() = 0;
  /// The lanes' carries.
  virtual uint32_t carry() = 0;
  virtual MemoryPlan& new_plan() = 0;
  virtual void add_dynamic(MemoryPlan& plan) = 0;
};

class Site {
 public:
  Site(Places& places, const Statement& s, Opcode& op, Flat& flat)
      : op(op), flat(flat), instr(flat.instr), places(places), statement(s) {}

  Opcode& op;
  Flat& flat;
  Instr& instr;
  Places& places;
  const Statement& statement;

  size_t count() const { return statement.operands.size(); }
  const Operand& operand(size_t k) const;
  void expect(size_t operands) const;

  /// Operands in the order in which they are asked for become the instruction's sources.
  void dst(size_t k, Type t) { instr.dst = result(operand(k), t); }
  void src(size_t k, Type t) { instr.src[sources_++] = value(operand(k), t); }
  void predicate(size_t k) { src(k, Type::pred); }
  void members(size_t k) { instr.members = value(operand(k), Type::b32); }
  /// The place of a register that is written, of exactly this size.
  uint32_t result(const Operand& o, Type t);
  /// The place of a register, constant or address.
  uint32_t value(const Operand& o, Type t);
  /// A register of any size that is at least the type's.
  uint32_t wide_result(const Operand& o, Type t, int& bytes);
  uint32_t wide_value(const Operand& o, Type t, int& bytes);
  /// [register or variable + displacement] becomes a plan's address and source 0.
  void address(const Operand& o, MemoryPlan& plan);

  [[noreturn]] void unknown() const;
  [[noreturn]] void fail(const std::string& what) const;

 private:
  int sources_ = 0;
};

/// Chooses the handler. Throws PtxError or UnknownInstruction.
void select(Site& site);

}  // namespace cudasim
