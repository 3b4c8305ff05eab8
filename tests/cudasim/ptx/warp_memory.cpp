/// Where an address leads to, and whether it may.

#include <algorithm>

#include "ptx/lanes.h"
#include "ptx/thread_block.h"

namespace cudasim {
namespace {

const char* verb(bool write) { return write ? "writes" : "reads"; }

}  // namespace

uint8_t* Warp::at(const Instr& i, const MemoryPlan& plan, uint64_t address, unsigned bytes, bool write, int lane) {
  if (address % bytes != 0) [[unlikely]]
    fault(Fault::Kind::misaligned_address, i, lane,
          text(verb(write), " ", bytes, " bytes at ", hex(address), ", which is not aligned"));
  switch (plan.space) {
    case Space::global:
    case Space::constant: return at_global(i, address, bytes, write, lane);
    case Space::shared: return block_.shared(*this, i, address, bytes, write, plan.is_strong, lane);
    case Space::local: return at_local(i, address, bytes, write, lane);
    case Space::param: return at_param(i, address, bytes, write, lane);
    case Space::generic: break;
  }
  if (address - kSharedWindow < kWindowBytes)
    return block_.shared(*this, i, address - kSharedWindow, bytes, write, plan.is_strong, lane);
  if (address - kLocalWindow < kWindowBytes) return at_local(i, address - kLocalWindow, bytes, write, lane);
  if (address - kParamWindow < kWindowBytes) return at_param(i, address - kParamWindow, bytes, write, lane);
  return at_global(i, address, bytes, write, lane);
}

uint8_t* Warp::at_global(const Instr& i, uint64_t address, unsigned bytes, bool write, int lane) {
  const Region* region = &launch_.own;
  Region other;
  if (!region->holds(address, bytes)) [[unlikely]] {
    other = launch_.memory.other(address);
    region = &other;
    if (!region->holds(address, bytes))
      fault(Fault::Kind::illegal_address, i, lane,
            text(verb(write), " ", bytes, " bytes at ", hex(address), ": ", launch_.memory.describe(address, bytes)));
  }
  const uint64_t offset = address - region->base;
  if (region->state) {
    uint8_t* const state = region->state + offset;
    if (write) {
      if (!may_write(state, bytes)) [[unlikely]]
        fault(Fault::Kind::illegal_address, i, lane,
              text("writes ", bytes, " bytes at ", hex(address), ": ", launch_.memory.describe(address, bytes)));
      std::memset(state, kWritten, bytes);
    } else if (!may_read(state, bytes)) [[unlikely]] {
      const bool mapped = may_write(state, bytes);
      fault(mapped ? Fault::Kind::unwritten_memory : Fault::Kind::illegal_address, i, lane,
            text("reads ", bytes, " bytes at ", hex(address), ": ",
                 mapped ? "never written" : launch_.memory.describe(address, bytes)));
    }
  }
  return region->data + offset;
}

uint8_t* Warp::at_local(const Instr& i, uint64_t address, unsigned bytes, bool write, int lane) {
  const size_t size = launch_.program.local_bytes;
  if (address > size || bytes > size - address)
    fault(Fault::Kind::illegal_address, i, lane,
          text(verb(write), " ", bytes, " bytes at ", address, " of ", size, " bytes of local memory"));
  const size_t offset = lane * size + address;
  if (write)
    std::memset(&local_state_[offset], kWritten, bytes);
  else if (!may_read(&local_state_[offset], bytes))
    fault(Fault::Kind::unwritten_memory, i, lane, text("reads local memory at ", address, ", never written"));
  return &local_[offset];
}

uint8_t* Warp::at_param(const Instr& i, uint64_t address, unsigned bytes, bool write, int lane) {
  if (address >= kCallParams) return at_local(i, address - kCallParams, bytes, write, lane);
  const std::vector<uint8_t>& params = launch_.params;
  if (write) fault(Fault::Kind::illegal_address, i, lane, "writes a parameter of the kernel");
  if (address > params.size() || bytes > params.size() - address)
    fault(Fault::Kind::illegal_address, i, lane,
          text("reads ", bytes, " bytes at ", address, " of ", params.size(), " bytes of parameters"));
  return const_cast<uint8_t*>(params.data() + address);
}

void Warp::count_global(const Instr& i, const MemoryPlan& plan, uint32_t lanes, bool write) {
  if (plan.space == Space::shared || plan.space == Space::local || plan.space == Space::param) return;
  const unsigned bytes = plan.bytes * plan.count;
  uint64_t touched = 0, sectors = 0, before = ~uint64_t{0};
  uint64_t seen[kLanes * 2];
  each_lane(lanes, [&](int l) {
    const uint64_t address = address_of(i, plan, l);
    if (address - kSharedWindow < kParamWindow + kWindowBytes - kSharedWindow) return;
    touched += bytes;
    const uint64_t sector = address / 32;
    if (sector == before) return;
    before = sector;
    seen[sectors++] = sector;
  });
  if (!std::is_sorted(seen, seen + sectors)) std::sort(seen, seen + sectors);
  sectors = std::unique(seen, seen + sectors) - seen;
  LaunchCounters& c = launch_.counters;
  (write ? c.global_written : c.global_read) += touched;
  (write ? c.global_sectors_written : c.global_sectors_read) += sectors;
}

}  // namespace cudasim
