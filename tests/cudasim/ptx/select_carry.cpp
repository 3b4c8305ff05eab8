/// Arithmetic on numbers of several words: each lane has a carry that .cc sets and addc, subc and madc add in.

#include "ptx/select_float.h"

namespace cudasim {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr uint32_t kReads = 1, kWrites = 2, kSubtracts = 4, kMultiplies = 8, kHigh = 16;

template <class T, class Signed>
void run_carry(Warp& w, const Instr& i, uint32_t lanes) {
  constexpr int kBits = 8 * sizeof(T);
  const bool is_product = i.extra & kMultiplies;
  uint32_t& carries = w.mask(i.dst2);
  uint32_t out = 0;
  each_lane(lanes, [&](int l) {
    T a = w.reg<T>(i.src[0])[l], b = w.reg<T>(i.src[1])[l];
    if (is_product) {
      const Wide product = static_cast<Wide>(static_cast<Signed>(a)) * static_cast<Wide>(static_cast<Signed>(b));
      a = static_cast<T>(i.extra & kHigh ? product >> kBits : product);
      b = w.reg<T>(i.src[2])[l];
    }
    const Wide in = i.extra & kReads ? carries >> l & 1 : 0;
    const Wide sum = i.extra & kSubtracts ? Wide{a} - b - in : Wide{a} + b + in;
    w.reg<T>(i.dst)[l] = static_cast<T>(sum);
    out |= static_cast<uint32_t>(sum >> kBits & 1) << l;
  });
  if (i.extra & kWrites) carries = (carries & ~lanes) | out;
}

}  // namespace

void select_carry(Site& s) {
  const std::string& base = s.op.base();
  const std::string stem = base.substr(0, 3);
  if (stem != "add" && stem != "sub" && stem != "mad") s.unknown();
  uint32_t how = (base.back() == 'c' ? kReads : 0) | (s.op.has("cc") ? kWrites : 0);
  if (stem == "sub") how |= kSubtracts;
  if (stem == "mad") {
    const std::string part = s.op.one_of({"lo", "hi"});
    if (part.empty()) s.unknown();
    how |= kMultiplies | (part == "hi" ? kHigh : 0);
  }
  const Type t = s.op.type();
  if (how & kMultiplies)
    ternary_of(s, t);
  else
    binary(s, t);
  s.instr.dst2 = s.places.carry();
  s.instr.extra = how;
  switch (t) {
    case Type::u32: s.instr.run = run_carry<uint32_t, uint32_t>; break;
    case Type::s32: s.instr.run = run_carry<uint32_t, int32_t>; break;
    case Type::u64: s.instr.run = run_carry<uint64_t, uint64_t>; break;
    case Type::s64: s.instr.run = run_carry<uint64_t, int64_t>; break;
    default: s.unknown();
  }
}

}  // namespace cudasim
