/// How a session moves memory.

#include "cuda/session.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <mutex>

namespace tarry::runtime::cuda {
namespace {

/// A slot for a scope.
class Borrowed {
 public:
  explicit Borrowed(Staging& staging) : staging_(&staging), slot_(staging.take()) {}
  Borrowed(Borrowed&& o) noexcept : staging_(o.staging_), slot_(std::exchange(o.slot_, nullptr)) {}
  Borrowed& operator=(Borrowed&&) = delete;
  ~Borrowed() {
    if (slot_) staging_->give(slot_);
  }
  explicit operator bool() const { return slot_ != nullptr; }
  Slot& operator*() const { return *slot_; }
  Slot* operator->() const { return slot_; }

 private:
  Staging* staging_;
  Slot* slot_;
};

}  // namespace

void DriverSession::wait_for(Slot& slot) {
  if (!slot.pending) return;
  slot.pending = false;
  expect(driver_.event_synchronize(slot.event), "cuEventSynchronize");
}

void DriverSession::upload(const Buffer& to, size_t offset, const void* from, size_t bytes) {
  owns(to);
  const Current current(*this);
  const auto* source = static_cast<const std::byte*>(from);
  for (size_t done = 0; done < bytes;) {
    const size_t count = std::min(Staging::kSlotBytes, bytes - done);
    const Address target = to.device_address() + offset + done;
    if (const Borrowed slot(staging_); slot) {
      wait_for(*slot);
      std::memcpy(slot->memory, source + done, count);
      expect(driver_.copy_to_device(target, slot->memory, count, stream_), "cuMemcpyHtoDAsync");
      expect(driver_.event_record(slot->event, stream_), "cuEventRecord");
      slot->pending = true;
    } else {
      expect(driver_.copy_to_device(target, source + done, count, stream_), "cuMemcpyHtoDAsync");
      expect(driver_.stream_synchronize(stream_), "cuStreamSynchronize");
    }
    done += count;
  }
}

void DriverSession::download(void* to, const Buffer& from, size_t offset, size_t bytes) {
  owns(from);
  const Current current(*this);
  struct Piece {
    Borrowed slot;
    size_t at, count;
  };
  std::deque<Piece> under_way;
  auto* target = static_cast<std::byte*>(to);
  const auto take_first = [&] {
    Piece& piece = under_way.front();
    wait_for(*piece.slot);
    std::memcpy(target + piece.at, piece.slot->memory, piece.count);
    under_way.pop_front();
  };
  for (size_t done = 0; done < bytes;) {
    const size_t count = std::min(Staging::kSlotBytes, bytes - done);
    const Address source = from.device_address() + offset + done;
    // While one piece is taken out, the next one is on its way.
    if (under_way.size() == 2) take_first();
    if (Borrowed slot(staging_); slot) {
      wait_for(*slot);
      expect(driver_.copy_to_host(slot->memory, source, count, stream_), "cuMemcpyDtoHAsync");
      expect(driver_.event_record(slot->event, stream_), "cuEventRecord");
      slot->pending = true;
      under_way.push_back({std::move(slot), done, count});
    } else {
      expect(driver_.copy_to_host(target + done, source, count, stream_), "cuMemcpyDtoHAsync");
      expect(driver_.stream_synchronize(stream_), "cuStreamSynchronize");
    }
    done += count;
  }
  while (!under_way.empty()) take_first();
}

void DriverSession::copy(const Buffer& to, size_t to_offset, const Buffer& from, size_t from_offset, size_t bytes) {
  owns(to);
  if (bytes == 0) return;
  const auto* other = dynamic_cast<const DriverSession*>(session_of(from));
  if (!other) return upload(to, to_offset, static_cast<const std::byte*>(from.data()) + from_offset, bytes);
  other->check();
  const uint64_t source = from.device_address() + from_offset;
  if (other != this) return copy_from_peer(to, to_offset, *other, source, bytes);
  const Current current(*this);
  expect(driver_.copy_on_device(to.device_address() + to_offset, source, bytes, stream_), "cuMemcpyDtoDAsync");
}

/// The copy waits for what the other GPU was asked for before, and the other waits for the copy, so that its memory is
/// not handed out meanwhile.
void DriverSession::copy_from_peer(const Buffer& to, size_t to_offset, const DriverSession& peer, uint64_t from,
                                   size_t bytes) {
  /// The driver destroys an event that is waited for when it has happened.
  struct Event {
    explicit Event(const DriverSession& s) : session(s) {
      s.expect(s.driver_.event_create(&handle, kEventDisableTiming), "cuEventCreate");
    }
    ~Event() { session.driver_.event_destroy(handle); }
    const DriverSession& session;
    EventHandle handle = nullptr;
  };
  {
    const Current there(peer);
    const Event ready(peer);
    peer.expect(driver_.event_record(ready.handle, peer.stream_), "cuEventRecord");
    const Current here(*this);
    expect(driver_.stream_wait(stream_, ready.handle, 0), "cuStreamWaitEvent");
  }
  const Current here(*this);
  {
    const std::lock_guard guard(mutex_);
    bool& asked = peers_[static_cast<size_t>(peer.number_) % peers_.size()];
    int can = 0;
    if (!std::exchange(asked, true) && driver_.can_access_peer(&can, device_, peer.device_) == kSuccess && can)
      driver_.enable_peer(peer.context_, 0);  // else the driver goes through the host
  }
  expect(driver_.copy_to_peer(to.device_address() + to_offset, context_, from, peer.context_, bytes, stream_),
         "cuMemcpyPeerAsync");
  const Event done(*this);
  expect(driver_.event_record(done.handle, stream_), "cuEventRecord");
  const Current there(peer);
  peer.expect(driver_.stream_wait(peer.stream_, done.handle, 0), "cuStreamWaitEvent");
}

}  // namespace tarry::runtime::cuda
