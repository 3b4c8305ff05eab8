#pragma once
/// One function for each opcode: it reads the modifiers, names the operands' types and chooses the handler. The table
/// in select.cpp lists them all.

#include <cstdint>

#include "ptx/lanes.h"
#include "ptx/site.h"

namespace cudasim {

void select_add(Site&);
void select_sub(Site&);
void select_mul(Site&);
void select_mad(Site&);
void select_carry(Site&);  // those with .cc, addc, subc, madc
void select_mul24(Site&);
void select_mad24(Site&);
void select_sad(Site&);
void select_div(Site&);
void select_rem(Site&);
void select_abs(Site&);
void select_neg(Site&);
void select_min(Site&);
void select_max(Site&);
void select_fma(Site&);
void select_sqrt(Site&);
void select_rcp(Site&);
void select_approximation(Site&);
void select_copysign(Site&);
void select_testp(Site&);

void select_and(Site&);
void select_or(Site&);
void select_xor(Site&);
void select_not(Site&);
void select_cnot(Site&);
void select_lop3(Site&);
void select_shl(Site&);
void select_shr(Site&);
void select_shf(Site&);
void select_prmt(Site&);
void select_bfe(Site&);
void select_bfi(Site&);
void select_bfind(Site&);
void select_brev(Site&);
void select_popc(Site&);
void select_clz(Site&);
void select_szext(Site&);
void select_bmsk(Site&);
void select_dp4a(Site&);

void select_setp(Site&);
void select_set(Site&);
void select_selp(Site&);
void select_slct(Site&);

void select_mov(Site&);
void select_cvt(Site&);
void select_cvta(Site&);
void select_isspacep(Site&);

void select_ld(Site&);
void select_st(Site&);
void select_atom(Site&);
void select_red(Site&);
void select_nothing(Site&);  // fences, prefetches, hints

void select_bar(Site&);
void select_shfl(Site&);
void select_vote(Site&);
void select_match(Site&);
void select_redux(Site&);
void select_elect(Site&);
void select_activemask(Site&);
void select_trap(Site&);

/// Halves and pairs of them; false where the type is none of theirs.
bool select_half_arithmetic(Site&, const std::string& op, Type t);
bool is_half(Type t);

/// Calls `f.operator()<T>()` with the C++ type of an integer type, unsigned for bits; unknown for all others.
template <class F>
auto with_integer(Site& site, Type t, F f) {
  switch (t) {
    case Type::b8:
    case Type::u8: return f.template operator()<uint8_t>();
    case Type::s8: return f.template operator()<int8_t>();
    case Type::b16:
    case Type::u16: return f.template operator()<uint16_t>();
    case Type::s16: return f.template operator()<int16_t>();
    case Type::b32:
    case Type::u32: return f.template operator()<uint32_t>();
    case Type::s32: return f.template operator()<int32_t>();
    case Type::b64:
    case Type::u64: return f.template operator()<uint64_t>();
    case Type::s64: return f.template operator()<int64_t>();
    default: site.unknown();
  }
}

/// The unsigned type of as many bits.
template <class F>
auto with_bits(Site& site, Type t, F f) {
  switch (size_of(t)) {
    case 2: return f.template operator()<uint16_t>();
    case 4: return f.template operator()<uint32_t>();
    case 8: return f.template operator()<uint64_t>();
    default: site.unknown();
  }
}

template <class F>
auto with_float(Site& site, Type t, F f) {
  if (t == Type::f32) return f.template operator()<float>();
  if (t == Type::f64) return f.template operator()<double>();
  site.unknown();
}

}  // namespace cudasim
