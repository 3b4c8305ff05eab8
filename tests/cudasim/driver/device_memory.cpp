#include "driver/device_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "ptx/fault.h"

namespace cudasim {
namespace {

/// Address space for each byte of memory, so that freed ranges rest before they are used again.
constexpr uint64_t kRoom = 4;
constexpr uint64_t kGap = 256;
constexpr size_t kRemembered = 4096;
constexpr uint64_t kLarge = 1 << 20;

uint64_t aligned(uint64_t n) { return (n + kAllocationAlign - 1) / kAllocationAlign * kAllocationAlign; }

uint8_t* address_space(uint64_t bytes) {
  void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  return static_cast<uint8_t*>(p);
}

}  // namespace

DeviceMemory::DeviceMemory(int ordinal, uint64_t bytes) : capacity_(bytes) {
  region_.base = kDeviceBase + (static_cast<uint64_t>(ordinal) << kDeviceShift);
  region_.bytes = std::min(aligned(bytes * kRoom) + (1 << 20), uint64_t{1} << kDeviceShift);
  region_.data = address_space(region_.bytes);
  region_.state = address_space(region_.bytes);
  cursor_ = region_.base + kGap;
}

DeviceMemory::~DeviceMemory() {
  munmap(region_.data, region_.bytes);
  munmap(region_.state, region_.bytes);
}

/// Where it is not, `next` is where to try again.
bool DeviceMemory::is_free(uint64_t from, uint64_t bytes, uint64_t& next) const {
  const uint64_t end = from + bytes + kGap;
  const auto overlaps = [&](const auto& ranges, auto size_of) {
    auto after = ranges.lower_bound(end);
    if (after == ranges.begin()) return false;
    --after;
    const uint64_t their_end = after->first + std::max<uint64_t>(1, size_of(after->second)) + kGap;
    if (their_end <= from) return false;
    next = aligned(their_end);
    return true;
  };
  return !overlaps(live_, [](const Allocation& a) { return a.bytes; }) &&
         !overlaps(releasing_, [](uint64_t n) { return n; });
}

Allocation* DeviceMemory::reserve(uint64_t bytes) {
  const uint64_t taken = aligned(bytes);
  if (taken > capacity_ || used_ > capacity_ - taken) return nullptr;
  const uint64_t last = region_.base + region_.bytes - taken - kGap;
  uint64_t at = cursor_, next = 0;
  for (bool wrapped = false; at > last || !is_free(at, taken, next); at = next) {
    if (at <= last && next <= last) continue;
    if (wrapped) return nullptr;
    wrapped = true;
    next = region_.base + kGap;
  }
  cursor_ = aligned(at + taken + kGap);
  used_ += taken;
  peak_ = std::max(peak_, used_);
  Allocation& a = live_[at];
  a.base = at;
  a.bytes = bytes;
  return &a;
}

void DeviceMemory::map(const Allocation& a) {
  const uint64_t at = a.base - region_.base;
  std::memset(region_.data + at, 0xCB, a.bytes);
  std::memset(region_.state + at, kUnwritten, a.bytes);
}

Allocation DeviceMemory::release(uint64_t base) {
  const Allocation a = live_.at(base);
  live_.erase(base);
  releasing_[base] = a.bytes;
  return a;
}

void DeviceMemory::unmap(const Allocation& a) {
  const uint64_t at = a.base - region_.base;
  if (a.bytes >= kLarge) {
    // Gives whole pages back to the system.
    constexpr uint64_t kPage = 4096;
    const uint64_t first = (at + kPage - 1) / kPage * kPage, end = (at + a.bytes) / kPage * kPage;
    madvise(region_.data + first, end - first, MADV_DONTNEED);
  }
  std::memset(region_.state + at, kFreed, a.bytes);
  used_ -= aligned(a.bytes);
  releasing_.erase(a.base);
  freed_.push_back(a);
  if (freed_.size() > kRemembered) freed_.pop_front();
}

Allocation* DeviceMemory::find(uint64_t address) {
  auto after = live_.upper_bound(address);
  if (after == live_.begin()) return nullptr;
  Allocation& a = std::prev(after)->second;
  return address - a.base < std::max<uint64_t>(a.bytes, 1) ? &a : nullptr;
}

std::string DeviceMemory::describe(uint64_t address, uint64_t bytes) const {
  const auto range = [](const Allocation& a) { return text(a.bytes, " bytes at ", hex(a.base)); };
  for (auto f = freed_.rbegin(); f != freed_.rend(); ++f)
    if (address - f->base < f->bytes && region_.state[address - region_.base] == kFreed)
      return text("freed: ", address - f->base, " bytes into what were ", range(*f));
  const auto after = live_.upper_bound(address);
  if (after != live_.begin()) {
    const Allocation& a = std::prev(after)->second;
    if (address >= a.base + a.bytes) {
      const uint64_t past = address - a.base - a.bytes;
      const bool other_is_nearer = after != live_.end() && after->first - address < past;
      if (!other_is_nearer) return text(past, " bytes past the end of ", range(a));
    } else if (address + bytes > a.base + a.bytes) {
      return text(address + bytes - a.base - a.bytes, " bytes more than ", range(a), " holds");
    } else {
      return text("inside ", range(a), ", not there yet in the order of its stream, or no more");
    }
  }
  if (after != live_.end()) return text(after->first - address, " bytes before ", range(after->second));
  return "nothing is there";
}

}  // namespace cudasim
