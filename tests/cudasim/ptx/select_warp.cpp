/// What lanes do together: barriers, shuffles, votes.

#include <algorithm>
#include <bit>

#include "ptx/select.h"

namespace cudasim {
namespace {

/// bar.sync a{, b}; bar.red.op d, a{, b}, p; bar.warp.sync m.
void select_barrier_of_block(Site& s) {
  s.flat.kind = Flat::Kind::barrier;
  size_t k = 0;
  const bool reduces = s.op.has("red");
  std::string op;
  if (reduces) {
    op = s.op.one_of({"popc", "and", "or"});
    if (op.empty()) s.unknown();
    s.op.has("aligned");
    const Type t = s.op.type();
    s.dst(k++, op == "popc" ? Type::u32 : Type::pred);
    if (t != (op == "popc" ? Type::u32 : Type::pred)) s.unknown();
  } else if (!s.op.has("sync")) {
    s.unknown();
  }
  s.op.has("aligned");
  const size_t left = s.count() - k - reduces;
  if (left < 1 || left > 2) s.fail("a barrier, and perhaps a number of threads, expected");
  s.instr.src[0] = s.value(s.operand(k++), Type::u32);
  if (left == 2) s.instr.src[1] = s.value(s.operand(k++), Type::u32);
  if (reduces) {
    s.instr.src[2] = s.value(s.operand(k), Type::pred);
    s.instr.extra = (s.operand(k).negated ? 1 : 0) | (op == "and" ? 2 : op == "or" ? 4 : 0);
  }
}

}  // namespace

void select_bar(Site& s) {
  if (s.op.has("cluster")) s.unknown();
  if (!s.op.has("warp")) {
    s.op.has("cta");
    return select_barrier_of_block(s);
  }
  if (!s.op.has("sync")) s.unknown();
  s.expect(1);
  s.members(0);
  s.flat.kind = Flat::Kind::converge;
  s.instr.run = [](Warp&, const Instr&, uint32_t) {};
}

namespace {

enum Way : uint32_t { kUp, kDown, kButterfly, kIndex };

struct Source {
  int lane;
  bool inside;
};

Source source_of(uint32_t way, int lane, uint32_t b, uint32_t c) {
  const int by = static_cast<int>(b & 31), bound = static_cast<int>(c & 31), segment = static_cast<int>(c >> 8 & 31);
  const int last = (lane & segment) | (bound & ~segment), first = lane & segment;
  int from = lane;
  bool inside = false;
  switch (way) {
    case kUp:
      from = lane - by;
      inside = from >= last;
      break;
    case kDown:
      from = lane + by;
      inside = from <= last;
      break;
    case kButterfly:
      from = lane ^ by;
      inside = from <= last;
      break;
    default: from = first | (by & ~segment); inside = from <= last;
  }
  return {inside ? from : lane, inside};
}

/// What a lane that is not there would have given.
constexpr uint32_t kNobody = 0xCBCBCBCB;

void run_shuffle(Warp& w, const Instr& i, uint32_t lanes) {
  uint32_t values[kLanes];
  std::copy_n(w.reg<uint32_t>(i.src[0]), kLanes, values);
  uint32_t holds = 0;
  uint32_t results[kLanes];
  each_lane(lanes, [&](int l) {
    const Source from = source_of(i.extra, l, w.reg<uint32_t>(i.src[1])[l], w.reg<uint32_t>(i.src[2])[l]);
    results[l] = lanes >> from.lane & 1 ? values[from.lane] : kNobody;
    holds |= uint32_t{from.inside} << l;
  });
  each_lane(lanes, [&](int l) { w.reg<uint32_t>(i.dst)[l] = results[l]; });
  if (i.dst2 != kNoSlot) w.mask(i.dst2) = (w.mask(i.dst2) & ~lanes) | holds;
}

}  // namespace

void select_shfl(Site& s) {
  if (!s.op.has("sync")) s.unknown();
  const std::string way = s.op.one_of({"up", "down", "bfly", "idx"});
  if (way.empty() || s.op.type() != Type::b32) s.unknown();
  s.instr.extra = way == "up" ? kUp : way == "down" ? kDown : way == "bfly" ? kButterfly : kIndex;
  s.expect(5);
  const Operand& d = s.operand(0);
  const bool two = d.kind == Operand::Kind::pair;
  s.instr.dst = s.result(two ? d.parts[0] : d, Type::b32);
  if (two && d.parts[1].kind != Operand::Kind::sink) s.instr.dst2 = s.result(d.parts[1], Type::pred);
  for (size_t k = 1; k < 4; ++k) s.src(k, Type::b32);
  s.members(4);
  s.flat.kind = Flat::Kind::converge;
  s.instr.run = run_shuffle;
}

namespace {

enum Vote : uint32_t { kAll, kAny, kUniform, kBallot };

void run_vote(Warp& w, const Instr& i, uint32_t lanes) {
  const uint32_t vote = i.extra >> 1;
  const uint32_t holds = (i.extra & 1 ? ~w.mask(i.src[0]) : w.mask(i.src[0])) & lanes;
  if (vote == kBallot) {
    each_lane(lanes, [&](int l) { w.reg<uint32_t>(i.dst)[l] = holds; });
    return;
  }
  const bool all = holds == lanes, any = holds != 0;
  const bool result = vote == kAll ? all : vote == kAny ? any : all || !any;
  uint32_t& d = w.mask(i.dst);
  d = result ? d | lanes : d & ~lanes;
}

}  // namespace

void select_vote(Site& s) {
  if (!s.op.has("sync")) s.unknown();
  const std::string vote = s.op.one_of({"all", "any", "uni", "ballot"});
  const Type t = s.op.type();
  if (vote.empty() || t != (vote == "ballot" ? Type::b32 : Type::pred)) s.unknown();
  s.expect(3);
  s.dst(0, t);
  s.predicate(1);
  s.members(2);
  s.instr.extra = (vote == "all"   ? kAll
                   : vote == "any" ? kAny
                   : vote == "uni" ? kUniform
                                   : kBallot)
                      << 1 |
                  (s.operand(1).negated ? 1 : 0);
  s.flat.kind = Flat::Kind::converge;
  s.instr.run = run_vote;
}

namespace {

template <class T>
void run_match_any(Warp& w, const Instr& i, uint32_t lanes) {
  uint32_t results[kLanes] = {};
  const T* const a = w.reg<T>(i.src[0]);
  each_lane(lanes, [&](int l) { each_lane(lanes, [&](int k) { results[l] |= uint32_t{a[k] == a[l]} << k; }); });
  each_lane(lanes, [&](int l) { w.reg<uint32_t>(i.dst)[l] = results[l]; });
}

template <class T>
void run_match_all(Warp& w, const Instr& i, uint32_t lanes) {
  const T* const a = w.reg<T>(i.src[0]);
  bool same = true;
  each_lane(lanes, [&](int l) { same &= a[l] == a[std::countr_zero(lanes)]; });
  each_lane(lanes, [&](int l) { w.reg<uint32_t>(i.dst)[l] = same ? lanes : 0; });
  if (i.dst2 != kNoSlot) w.mask(i.dst2) = same ? w.mask(i.dst2) | lanes : w.mask(i.dst2) & ~lanes;
}

}  // namespace

void select_match(Site& s) {
  const std::string how = s.op.one_of({"any", "all"});
  if (!s.op.has("sync") || how.empty()) s.unknown();
  const Type t = s.op.type();
  if (t != Type::b32 && t != Type::b64) s.unknown();
  s.expect(3);
  const Operand& d = s.operand(0);
  const bool two = d.kind == Operand::Kind::pair;
  s.instr.dst = s.result(two ? d.parts[0] : d, Type::b32);
  if (two && d.parts[1].kind != Operand::Kind::sink) s.instr.dst2 = s.result(d.parts[1], Type::pred);
  s.src(1, t);
  s.members(2);
  s.flat.kind = Flat::Kind::converge;
  if (how == "any")
    s.instr.run = t == Type::b32 ? run_match_any<uint32_t> : run_match_any<uint64_t>;
  else
    s.instr.run = t == Type::b32 ? run_match_all<uint32_t> : run_match_all<uint64_t>;
}

namespace {

template <class T, class F>
Handler reduction(F) {
  return [](Warp& w, const Instr& i, uint32_t lanes) {
    const T* const a = w.reg<T>(i.src[0]);
    const int first = std::countr_zero(lanes);
    T all = a[first];
    each_lane(lanes & (lanes - 1), [&](int l) { all = static_cast<T>(F{}(all, a[l])); });
    each_lane(lanes, [&](int l) { w.reg<T>(i.dst)[l] = all; });
  };
}

}  // namespace

void select_redux(Site& s) {
  if (!s.op.has("sync")) s.unknown();
  const std::string op = s.op.one_of({"add", "min", "max", "and", "or", "xor"});
  const Type t = s.op.type();
  const bool bits = op == "and" || op == "or" || op == "xor";
  if (op.empty() || (bits ? t != Type::b32 : t != Type::u32 && t != Type::s32)) s.unknown();
  s.expect(3);
  s.dst(0, t);
  s.src(1, t);
  s.members(2);
  s.flat.kind = Flat::Kind::converge;
  using U = uint32_t;
  using I = int32_t;
  if (op == "add") s.instr.run = reduction<U>([](U a, U b) { return a + b; });
  if (op == "and") s.instr.run = reduction<U>([](U a, U b) { return a & b; });
  if (op == "or") s.instr.run = reduction<U>([](U a, U b) { return a | b; });
  if (op == "xor") s.instr.run = reduction<U>([](U a, U b) { return a ^ b; });
  if (op == "min" && t == Type::u32) s.instr.run = reduction<U>([](U a, U b) { return std::min(a, b); });
  if (op == "max" && t == Type::u32) s.instr.run = reduction<U>([](U a, U b) { return std::max(a, b); });
  if (op == "min" && t == Type::s32) s.instr.run = reduction<I>([](I a, I b) { return std::min(a, b); });
  if (op == "max" && t == Type::s32) s.instr.run = reduction<I>([](I a, I b) { return std::max(a, b); });
}

/// The first of the members.
void select_elect(Site& s) {
  if (!s.op.has("sync")) s.unknown();
  s.expect(2);
  const Operand& d = s.operand(0);
  if (d.kind != Operand::Kind::pair) s.fail("d|p expected");
  if (d.parts[0].kind != Operand::Kind::sink) s.instr.dst = s.result(d.parts[0], Type::b32);
  s.instr.dst2 = s.result(d.parts[1], Type::pred);
  s.members(1);
  s.flat.kind = Flat::Kind::converge;
  s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
    const uint32_t leader = static_cast<uint32_t>(std::countr_zero(lanes));
    if (i.dst != kNoSlot) each_lane(lanes, [&](int l) { w.reg<uint32_t>(i.dst)[l] = leader; });
    w.mask(i.dst2) = (w.mask(i.dst2) & ~lanes) | uint32_t{1} << leader;
  };
}

void select_activemask(Site& s) {
  if (s.op.type() != Type::b32) s.unknown();
  s.expect(1);
  s.dst(0, Type::b32);
  s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
    each_lane(lanes, [&](int l) { w.reg<uint32_t>(i.dst)[l] = lanes; });
  };
}

void select_trap(Site& s) {
  s.expect(0);
  s.instr.run = [](Warp& w, const Instr& i, uint32_t lanes) {
    w.fault(Fault::Kind::trap, i, std::countr_zero(lanes), "the kernel stops itself");
  };
}

}  // namespace cudasim
