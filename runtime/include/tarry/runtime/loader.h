#pragma once
/// Maps compiled kernels.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace tarry::runtime {

/// Code mapped from a relocatable ELF object (x86-64 or AArch64): text and read-only data with
/// PC-relative relocations among them, and nothing else. Readable and executable, never writable at
/// the same time. Unmapped with the last owner.
class LoadedObject {
 public:
  virtual ~LoadedObject() = default;
  /// Address of a function of the object, or null.
  virtual void* symbol(std::string_view name) const = 0;
};

/// Throws tarry::Error saying what is wrong with an object that is malformed, refers to an outside
/// symbol, or needs a relocation or section this loader does not take.
std::shared_ptr<const LoadedObject> load_object(std::span<const std::byte> elf);

}  // namespace tarry::runtime
