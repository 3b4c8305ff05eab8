/// Which lanes of a warp run next. Each lane stands at a basic block; those that stand at the first one go on together,
/// so that lanes which went different ways meet again where the ways do.

#include "ptx/warp.h"

#include <algorithm>
#include <new>

#include "ptx/lanes.h"
#include "ptx/thread_block.h"

namespace cudasim {

Warp::Warp(LaunchState& launch, ThreadBlock& block, int number) : launch_(launch), block_(block), number_(number) {
  constexpr size_t kAlign = 64;
  const size_t bytes = (launch.program.register_bytes + kAlign) / kAlign * kAlign;
  registers_.reset(static_cast<uint8_t*>(std::aligned_alloc(kAlign, bytes)));
  if (!registers_) throw std::bad_alloc();
}

void Warp::start() {
  const Program& p = launch_.program;
  const uint32_t lanes = std::min<uint32_t>(kLanes, block_.threads() - number_ * kLanes);
  live_ = lanes == kLanes ? kAllLanes : (uint32_t{1} << lanes) - 1;
  waiting_ = 0;
  state_ = State::ready;
  last_first_ = false;
  waited_ = 0;
  std::fill(at_, at_ + kLanes, 0);
  std::memcpy(registers_.get(), p.registers.data(), p.register_bytes);
  for (const Program::Special& s : p.specials) set_special(s);
  local_.assign(p.local_bytes * kLanes, 0xCB);
  local_state_.assign(p.local_bytes * kLanes, kUnwritten);
}

void Warp::set_special(const Program::Special& s) {
  const LaunchShape& shape = launch_.shape;
  const auto every = [&](auto value_of) {
    for (int l = 0; l < kLanes; ++l) reg<uint32_t>(s.slot)[l] = value_of(static_cast<uint32_t>(l));
  };
  const int axis = s.name.back() - 'x';
  const std::string stem = s.name.substr(0, s.name.find('.'));
  const auto thread = [&](uint32_t lane) { return number_ * kLanes + lane; };
  if (stem == "%tid") {
    every([&](uint32_t l) {
      const uint32_t t = thread(l);
      if (axis == 0) return t % shape.block[0];
      if (axis == 1) return t / shape.block[0] % shape.block[1];
      return t / shape.block[0] / shape.block[1];
    });
  } else if (stem == "%ntid") {
    every([&](uint32_t) { return shape.block[axis]; });
  } else if (stem == "%ctaid") {
    every([&](uint32_t) { return block_.index(axis); });
  } else if (stem == "%nctaid") {
    every([&](uint32_t) { return shape.grid[axis]; });
  } else if (stem == "%laneid") {
    every([](uint32_t l) { return l; });
  } else if (stem == "%warpid") {
    every([&](uint32_t) { return static_cast<uint32_t>(number_); });
  } else if (stem == "%nwarpid") {
    every([&](uint32_t) { return (block_.threads() + kLanes - 1) / kLanes; });
  } else if (stem == "%lanemask_eq") {
    every([](uint32_t l) { return 1u << l; });
  } else if (stem == "%lanemask_lt") {
    every([](uint32_t l) { return (1u << l) - 1; });
  } else if (stem == "%lanemask_le") {
    every([](uint32_t l) { return (2u << l) - 1; });
  } else if (stem == "%lanemask_gt") {
    every([](uint32_t l) { return ~((2u << l) - 1); });
  } else if (stem == "%lanemask_ge") {
    every([](uint32_t l) { return ~((1u << l) - 1); });
  } else if (stem == "%dynamic_smem_size") {
    every([&](uint32_t) { return shape.dynamic_shared; });
  } else if (stem == "%total_smem_size") {
    every([&](uint32_t) { return static_cast<uint32_t>(block_.shared_bytes()); });
  } else {  // %smid, %nsmid
    every([&](uint32_t) { return stem == "%nsmid" ? 1u : 0u; });
  }
}

void Warp::run(uint64_t quantum) {
  const uint64_t given = quantum;
  uint32_t lanes = 0, block = 0;
  while (state_ == State::ready) {
    if (!pick(lanes, block)) {
      if (!settle()) return;
      continue;
    }
    run_blocks(lanes, block, quantum);
    if (quantum == 0) {
      // A lane that waits for another in a loop must not keep it from running.
      waited_ += given;
      if (waited_ >= kPatience) {
        last_first_ = !last_first_;
        waited_ = 0;
      }
      return;
    }
  }
}

/// Lanes that may run: those at the first of the blocks where lanes stand.
bool Warp::pick(uint32_t& lanes, uint32_t& block) {
  const uint32_t ready = live_ & ~waiting_;
  if (ready == 0) return false;
  block = at_[std::countr_zero(ready)];
  each_lane(ready, [&](int l) { block = last_first_ ? std::max(block, at_[l]) : std::min(block, at_[l]); });
  lanes = 0;
  each_lane(ready, [&](int l) { lanes |= at_[l] == block ? uint32_t{1} << l : 0; });
  return true;
}

/// All living lanes wait. True where some go on at once.
bool Warp::settle() {
  if (live_ == 0) {
    state_ = State::done;
    return false;
  }
  uint32_t first = at_[std::countr_zero(live_)];
  uint32_t together = 0;
  each_lane(live_, [&](int l) { together |= at_[l] == first ? uint32_t{1} << l : 0; });
  const Block& b = launch_.program.blocks[first];
  if (together == live_ && b.end == Block::End::barrier) {
    state_ = State::at_barrier;
    return false;
  }
  // Members that have left the kernel are no longer waited for.
  uint32_t rest = live_;
  while (rest != 0) {
    const uint32_t block = at_[std::countr_zero(rest)];
    uint32_t here = 0;
    each_lane(rest, [&](int l) { here |= at_[l] == block ? uint32_t{1} << l : 0; });
    rest &= ~here;
    const Block& waits = launch_.program.blocks[block];
    if (waits.end != Block::End::converge) continue;
    waiting_ &= ~here;
    const uint32_t went = converged(waits, here, block);
    if (went == 0) continue;
    move(went, waits.next);
    return true;
  }
  fault(Fault::Kind::deadlock, b.closing, std::countr_zero(live_),
        "the lanes of a warp wait for each other: " + where());
}

/// Lanes whose members have all come have run the closing instruction; the others wait.
uint32_t Warp::converged(const Block& b, uint32_t lanes, uint32_t block) {
  const Instr& i = b.closing;
  each_lane(lanes, [&](int l) { at_[l] = block; });
  const uint32_t* const members = i.members == kNoSlot ? nullptr : reg<uint32_t>(i.members);
  // Those that came earlier and wait here.
  each_lane(waiting_ & live_, [&](int l) { lanes |= at_[l] == block ? uint32_t{1} << l : 0; });
  uint32_t went = 0, rest = guarded(i, lanes);
  went |= lanes & ~rest;
  while (rest != 0) {
    const int leader = std::countr_zero(rest);
    const uint32_t named = members ? members[leader] : kAllLanes;
    uint32_t group = 0;
    each_lane(rest, [&](int l) { group |= !members || members[l] == named ? uint32_t{1} << l : 0; });
    if ((group & ~named) != 0)
      fault(Fault::Kind::undefined, i, std::countr_zero(group & ~named),
            text("lanes ", hex(group), " run it for the members ", hex(named)));
    rest &= ~group;
    if ((named & live_ & ~group) != 0) {
      waiting_ |= group;
      continue;
    }
    i.run(*this, i, group);
    went |= group;
  }
  waiting_ &= ~went;
  return went;
}

/// To another block; returns it.
uint32_t Warp::move(uint32_t lanes, uint32_t block) {
  each_lane(lanes, [&](int l) { at_[l] = block; });
  return block;
}

void Warp::exit(uint32_t lanes) {
  live_ &= ~lanes;
  if (live_ == 0) state_ = State::done;
}

void Warp::leave_barrier() {
  const uint32_t next = launch_.program.blocks[at_[std::countr_zero(live_)]].next;
  move(live_, next);
  waiting_ = 0;
  state_ = State::ready;
}

/// Block after block for as long as the lanes stay together and no others stand at an earlier block.
void Warp::run_blocks(uint32_t lanes, uint32_t block, uint64_t& quantum) {
  const Program& program = launch_.program;
  LaunchCounters& counters = launch_.counters;
  const bool alone = lanes == (live_ & ~waiting_);
  while (quantum > 0) {
    --quantum;
    const Block& b = program.blocks[block];
    const Instr* const last = program.instrs.data() + b.last;
    for (const Instr* i = program.instrs.data() + b.first; i != last; ++i) {
      if (i->guard == kNoSlot) {
        i->run(*this, *i, lanes);
      } else if (const uint32_t some = guarded(*i, lanes)) {
        i->run(*this, *i, some);
      }
    }
    const int threads = std::popcount(lanes);
    counters.warp_instructions += b.count;
    counters.thread_instructions += static_cast<uint64_t>(b.count) * threads;
    counters.block_threads[block] += threads;
    if (counters.warp_instructions > launch_.options.max_instructions)
      fault(Fault::Kind::timeout, b.closing, std::countr_zero(lanes), "the kernel does not come to an end");

    uint32_t next = b.next;
    switch (b.end) {
      case Block::End::next: break;
      case Block::End::jump: next = b.target; break;
      case Block::End::branch: {
        const uint32_t taken = guarded(b.closing, lanes);
        if (taken == lanes) {
          next = b.target;
        } else if (taken != 0) {
          move(taken, b.target);
          move(lanes & ~taken, b.next);
          return;
        }
        break;
      }
      case Block::End::table: {
        const uint32_t* index = reg<uint32_t>(b.closing.src[0]);
        each_lane(lanes, [&](int l) {
          if (index[l] >= b.table.size()) fault(Fault::Kind::undefined, b.closing, l, "an index beyond its table");
          at_[l] = b.table[index[l]];
        });
        return;
      }
      case Block::End::exit: {
        const uint32_t leaving = guarded(b.closing, lanes);
        move(lanes & ~leaving, b.next);
        exit(leaving);
        return;
      }
      case Block::End::barrier: {
        const uint32_t stay = guarded(b.closing, lanes);
        move(stay, block);
        move(lanes & ~stay, b.next);
        waiting_ |= stay;
        return;
      }
      case Block::End::converge: {
        const uint32_t went = converged(b, lanes, block);
        if (went != lanes) {
          move(went, b.next);
          return;
        }
        break;
      }
    }
    if (!alone) {
      move(lanes, next);
      return;
    }
    block = next;
  }
  move(lanes, block);
}

std::string Warp::where() const {
  std::string all;
  uint32_t rest = live_;
  while (rest != 0) {
    const uint32_t block = at_[std::countr_zero(rest)];
    uint32_t here = 0;
    each_lane(rest, [&](int l) { here |= at_[l] == block ? uint32_t{1} << l : 0; });
    rest &= ~here;
    const Block& b = launch_.program.blocks[block];
    const Program::Line& line = launch_.program.statements[b.closing.statement];
    if (!all.empty()) all += ", ";
    all += text("lanes ", hex(here), " of warp ", number_, (here & waiting_) ? " at '" : " before '", line.text,
                "' (line ", line.number, ")");
  }
  return all;
}

void Warp::fault(Fault::Kind kind, const Instr& i, int lane, const std::string& what) const {
  const Program::Line& line = launch_.program.statements[i.statement];
  const uint32_t thread = static_cast<uint32_t>(number_ * kLanes + lane);
  const uint32_t* n = launch_.shape.block;
  throw Fault(kind, text(what, "; kernel ", launch_.program.name, ", line ", line.number, ": ", line.text, "; block (",
                         block_.index(0), ", ", block_.index(1), ", ", block_.index(2), "), thread (", thread % n[0],
                         ", ", thread / n[0] % n[1], ", ", thread / n[0] / n[1], ")"));
}

}  // namespace cudasim
