#include "gpu/mirror.h"

namespace tarry::codegen {

std::byte* Mirror::add(const runtime::Buffer& buffer) {
  Copy& copy = copies_[buffer.identity()];
  if (!copy.host) copy.host = runtime::Buffer::allocate(buffer.bytes());
  return static_cast<std::byte*>(copy.host.data());
}

void Mirror::written_on_device(const runtime::Buffer& buffer) {
  const auto at = copies_.find(buffer.identity());
  if (at == copies_.end()) return;
  at->second.defined = true;
  at->second.current = false;
}

std::byte* Mirror::read(const runtime::Buffer& buffer) {
  Copy& copy = copies_.at(buffer.identity());
  if (copy.defined && !copy.current) {
    session_.download(copy.host.data(), buffer, 0, buffer.bytes());
    copy.current = true;
  }
  return static_cast<std::byte*>(copy.host.data());
}

void Mirror::give_back(const runtime::Buffer& buffer) {
  Copy& copy = copies_.at(buffer.identity());
  session_.upload(buffer, 0, copy.host.data(), buffer.bytes());
  copy.defined = copy.current = true;
}

}  // namespace tarry::codegen
