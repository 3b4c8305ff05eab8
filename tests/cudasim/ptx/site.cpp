#include "ptx/site.h"

#include <cstring>

namespace cudasim {

Opcode::Opcode(const std::string& text) {
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t dot = std::min(text.find('.', begin), text.size());
    parts_.push_back(text.substr(begin, dot - begin));
    begin = dot + 1;
  }
  used_.resize(parts_.size());
  used_[0] = true;
}

bool Opcode::has(std::string_view part) {
  for (size_t i = 1; i < parts_.size(); ++i) {
    if (used_[i] || parts_[i] != part) continue;
    used_[i] = true;
    return true;
  }
  return false;
}

std::string Opcode::one_of(std::initializer_list<const char*> parts) {
  for (const char* part : parts)
    if (has(part)) return part;
  return "";
}

Type Opcode::type() {
  for (size_t i = 1; i < parts_.size(); ++i) {
    if (used_[i]) continue;
    const Type t = type_of(parts_[i]);
    if (t == Type::none) continue;
    used_[i] = true;
    return t;
  }
  return Type::none;
}

bool Opcode::all_used() const {
  for (bool used : used_)
    if (!used) return false;
  return true;
}

const Operand& Site::operand(size_t k) const {
  if (k >= count()) fail("an operand is missing");
  return statement.operands[k];
}

void Site::expect(size_t operands) const {
  if (count() != operands) fail(text(operands, " operands expected, not ", count()));
}

void Site::unknown() const { throw UnknownInstruction(statement.line, "'" + statement.opcode + "' is not known"); }

void Site::fail(const std::string& what) const { throw PtxError(statement.line, statement.text + ": " + what); }

uint32_t Site::wide_result(const Operand& o, Type t, int& bytes) {
  if (o.kind == Operand::Kind::sink) return bytes = 0, kNoSlot;
  if (o.kind != Operand::Kind::reg) fail("a register to write expected");
  const Type have = places.type(o.index);
  if ((have == Type::pred) != (t == Type::pred) || size_of(have) < size_of(t))
    fail(text("'", o.name, "' of type ", name_of(have), " where ", name_of(t), " is written"));
  bytes = size_of(have);
  return places.slot(o.index);
}

uint32_t Site::result(const Operand& o, Type t) {
  int bytes;
  const uint32_t slot = wide_result(o, t, bytes);
  if (bytes != size_of(t) && o.kind != Operand::Kind::sink)
    fail(text("'", o.name, "' has ", bytes, " bytes where ", name_of(t), " is written"));
  if (o.kind == Operand::Kind::sink) fail("a result that goes nowhere");
  return slot;
}

namespace {

/// A number as the bits of a type.
uint64_t bits_as(const Operand& o, Type t) {
  double wide;
  float narrow;
  if (o.kind == Operand::Kind::f64 && t == Type::f32) {
    std::memcpy(&wide, &o.value, sizeof wide);
    narrow = static_cast<float>(wide);
    uint32_t bits;
    std::memcpy(&bits, &narrow, sizeof bits);
    return bits;
  }
  if (o.kind == Operand::Kind::f32 && t == Type::f64) {
    const uint32_t bits = static_cast<uint32_t>(o.value);
    std::memcpy(&narrow, &bits, sizeof narrow);
    wide = narrow;
    uint64_t all;
    std::memcpy(&all, &wide, sizeof all);
    return all;
  }
  return o.value;
}

}  // namespace

uint32_t Site::wide_value(const Operand& o, Type t, int& bytes) {
  bytes = size_of(t);
  switch (o.kind) {
    case Operand::Kind::reg: {
      const Type have = places.type(o.index);
      if ((have == Type::pred) != (t == Type::pred) || size_of(have) < size_of(t))
        fail(text("'", o.name, "' of type ", name_of(have), " where ", name_of(t), " is read"));
      bytes = size_of(have);
      return places.slot(o.index);
    }
    case Operand::Kind::special: {
      bytes = 4;
      const uint32_t slot = places.special(o.name, statement.line);
      if (size_of(t) > 4 || t == Type::pred) fail(text("'", o.name, "' has 32 bits"));
      return slot;
    }
    case Operand::Kind::integer:
      if (t == Type::pred) return places.constant(o.value != 0 ? kAllLanes : 0, 4);
      if (t == Type::f32 || t == Type::f64) fail("an integer where a float is read");
      return places.constant(o.value, bytes);
    case Operand::Kind::f32:
    case Operand::Kind::f64:
      if (t == Type::pred) fail("a float where a predicate is read");
      return places.constant(bits_as(o, t), bytes);
    case Operand::Kind::symbol: {
      const Places::Address a = places.address(o, statement.line);
      const bool is_short = a.space != Space::global && a.space != Space::constant;
      if (bytes != 8 && !(bytes == 4 && is_short)) fail("an address has 64 bits");
      return a.is_dynamic ? places.dynamic_constant(a.at + o.value, bytes) : places.constant(a.at + o.value, bytes);
    }
    default: fail("an operand of another kind expected");
  }
}

uint32_t Site::value(const Operand& o, Type t) {
  int bytes;
  const uint32_t slot = wide_value(o, t, bytes);
  if (bytes != size_of(t)) fail(text("'", o.name, "' has ", bytes, " bytes where ", name_of(t), " is read"));
  return slot;
}

void Site::address(const Operand& o, MemoryPlan& plan) {
  if (o.kind != Operand::Kind::address || o.parts.size() != 1) fail("an address expected");
  const Operand& base = o.parts[0];
  plan.displacement = static_cast<int64_t>(o.value);
  plan.wide_address = true;
  uint32_t slot;
  if (base.kind == Operand::Kind::reg) {
    plan.wide_address = size_of(places.type(base.index)) == 8;
    slot = value(base, plan.wide_address ? Type::b64 : Type::b32);
  } else if (base.kind == Operand::Kind::symbol) {
    const Places::Address a = places.address(base, statement.line);
    const bool same = a.space == plan.space || (a.space == Space::global && plan.space == Space::generic);
    if (!same) fail("'" + base.name + "' lies in another space");
    plan.displacement += static_cast<int64_t>(a.at);
    if (a.is_dynamic) places.add_dynamic(plan);
    slot = places.constant(0, 8);
  } else {
    slot = value(base, Type::b64);
  }
  instr.src[sources_++] = slot;
}

}  // namespace cudasim
