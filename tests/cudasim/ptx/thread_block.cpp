#include "ptx/thread_block.h"

#include <algorithm>
#include <map>

namespace cudasim {
ThreadBlock::ThreadBlock(LaunchState& launch)
    : launch_(launch), threads_(launch.shape.block[0] * launch.shape.block[1] * launch.shape.block[2]) {
  const Program& p = launch.program;
  const size_t fixed = p.has_dynamic_shared ? (p.shared_bytes + p.dynamic_align - 1) / p.dynamic_align * p.dynamic_align
                                            : p.shared_bytes;
  shared_.resize(fixed + launch.shape.dynamic_shared);
  if (launch.options.find_races && threads_ > kLanes) marks_.resize(shared_.size());
  for (uint32_t first = 0; first < threads_; first += kLanes)
    warps_.push_back(std::make_unique<Warp>(launch, *this, static_cast<int>(first / kLanes)));
  if (launch.options.order == WarpOrder::reversed) std::reverse(warps_.begin(), warps_.end());
}

void ThreadBlock::run(uint32_t x, uint32_t y, uint32_t z) {
  index_[0] = x;
  index_[1] = y;
  index_[2] = z;
  std::fill(shared_.begin(), shared_.end(), 0xCB);
  shared_state_.assign(shared_.size(), kUnwritten);
  ++epoch_;
  for (auto& w : warps_) w->start();
  for (;;) {
    bool moved = false, all_done = true;
    for (auto& w : warps_) {
      moved |= turn(*w);
      all_done &= w->state() == Warp::State::done;
    }
    if (all_done) return;
    if (open_barriers() || moved) continue;
    std::string where;
    for (auto& w : warps_)
      if (w->state() != Warp::State::done) where += (where.empty() ? "" : ", ") + w->where();
    const Warp& first =
        **std::find_if(warps_.begin(), warps_.end(), [](auto& w) { return w->state() != Warp::State::done; });
    first.fault(Fault::Kind::deadlock, first.barrier().closing, std::countr_zero(first.waiting()),
                "the warps of a block wait for each other: " + where);
  }
}

/// True where the warp ran.
bool ThreadBlock::turn(Warp& w) {
  if (w.state() != Warp::State::ready) return false;
  w.run(launch_.options.order == WarpOrder::lockstep ? 1 : Warp::kPatience);
  return true;
}

/// A barrier opens once as many threads have come as it names, or all that are left.
bool ThreadBlock::open_barriers() {
  std::map<uint32_t, std::vector<Warp*>> at;
  size_t living = 0;
  for (auto& w : warps_) {
    living += w->state() != Warp::State::done;
    if (w->state() != Warp::State::at_barrier) continue;
    const Instr& i = w->barrier().closing;
    at[w->reg<uint32_t>(i.src[0])[std::countr_zero(w->waiting())]].push_back(w.get());
  }
  bool opened = false;
  for (auto& [id, warps] : at) {
    Warp& first = *warps[0];
    const Instr& i = first.barrier().closing;
    const int lane = std::countr_zero(first.waiting());
    size_t needed = living;
    if (i.src[1] != kNoSlot) {
      const uint32_t threads = first.reg<uint32_t>(i.src[1])[lane];
      if (threads == 0 || threads % kLanes != 0)
        first.fault(Fault::Kind::undefined, i, lane, text("a barrier of ", threads, " threads"));
      needed = threads / kLanes;
    }
    if (warps.size() > needed) first.fault(Fault::Kind::undefined, i, lane, "more threads than the barrier is for");
    if (warps.size() < needed) continue;
    finish_barrier(id, warps);
    opened = true;
  }
  if (opened) ++epoch_;
  return opened;
}

/// Hands out what bar.red reduces.
void ThreadBlock::finish_barrier(uint32_t, const std::vector<Warp*>& warps) {
  uint32_t count = 0;
  bool all = true, any = false;
  for (Warp* w : warps) {
    const Instr& i = w->barrier().closing;
    if (i.src[2] == kNoSlot) continue;
    const uint32_t holds = (i.extra & 1) ? ~w->mask(i.src[2]) : w->mask(i.src[2]);
    count += std::popcount(holds & w->live());
    any |= (holds & w->live()) != 0;
    all &= (holds & w->live()) == w->live();
  }
  for (Warp* w : warps) {
    const Instr& i = w->barrier().closing;
    if (i.dst != kNoSlot) {
      if (i.extra >> 1 == 0) {
        for (int l = 0; l < kLanes; ++l) w->reg<uint32_t>(i.dst)[l] = count;
      } else {
        const bool holds = i.extra >> 1 == 1 ? all : any;
        w->mask(i.dst) = holds ? w->mask(i.dst) | w->live() : w->mask(i.dst) & ~w->live();
      }
    }
    w->leave_barrier();
  }
}

uint8_t* ThreadBlock::shared(Warp& w, const Instr& i, uint64_t address, unsigned bytes, bool write, bool atomic,
                             int lane) {
  const uint64_t offset = address - kSharedBegin;
  if (offset >= shared_.size() || bytes > shared_.size() - offset)
    w.fault(Fault::Kind::illegal_address, i, lane,
            text(write ? "writes " : "reads ", bytes, " bytes at ", static_cast<int64_t>(offset), " of ",
                 shared_.size(), " bytes of shared memory"));
  if (write)
    std::memset(&shared_state_[offset], kWritten, bytes);
  else if (!may_read(&shared_state_[offset], bytes))
    w.fault(Fault::Kind::unwritten_memory, i, lane,
            text("reads ", bytes, " bytes at ", offset, " of shared memory, never written"));
  if (!marks_.empty()) check_race(w, i, offset, bytes, write, atomic, lane);
  return &shared_[offset];
}

/// Between two barriers no warp may read what another writes.
void ThreadBlock::check_race(Warp& w, const Instr& i, uint64_t offset, unsigned bytes, bool write, bool atomic,
                             int lane) {
  const uint16_t me = static_cast<uint16_t>(w.number() + 1);
  for (uint64_t at = offset; at < offset + bytes; ++at) {
    Mark& mark = marks_[at];
    if (mark.epoch != epoch_) mark = {epoch_, 0, 0, false, true};
    const bool both_atomic = atomic && mark.atomic_write;
    if (mark.writer != 0 && mark.writer != me && !both_atomic)
      w.fault(Fault::Kind::race, i, lane,
              text("warp ", w.number(), write ? " writes" : " reads", " shared memory at ", at, ", which warp ",
                   mark.writer - 1, " wrote, without a barrier between"));
    if (write && mark.reader != 0 && mark.reader != me && !(atomic && mark.atomic_reads))
      w.fault(Fault::Kind::race, i, lane,
              text("warp ", w.number(), " writes shared memory at ", at, ", which ",
                   mark.reader == kSeveral ? std::string("others") : text("warp ", mark.reader - 1),
                   " read, without a barrier between"));
    if (write) {
      mark.writer = me;
      mark.atomic_write = atomic;
    } else {
      mark.reader = mark.reader == 0 || mark.reader == me ? me : kSeveral;
      mark.atomic_reads &= atomic;
    }
  }
}

void run_kernel(const Program& program, const LaunchShape& shape, const std::vector<uint8_t>& params,
                GlobalMemory& memory, const LaunchOptions& options, LaunchCounters& counters) {
  counters.block_threads.assign(program.blocks.size(), 0);
  LaunchState state{program, shape, params, memory, options, counters, memory.own()};
  ThreadBlock block(state);
  const uint64_t rows = shape.grid[0], planes = rows * shape.grid[1], all = planes * shape.grid[2];
  for (uint64_t n = 0; n < all; ++n) {
    const uint64_t at = options.order == WarpOrder::reversed ? all - 1 - n : n;
    block.run(static_cast<uint32_t>(at % rows), static_cast<uint32_t>(at % planes / rows),
              static_cast<uint32_t>(at / planes));
  }
}

}  // namespace cudasim
