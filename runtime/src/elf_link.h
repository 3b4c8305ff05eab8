#pragma once
/// Gives the sections of an object their places and resolves the references between them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "elf_object.h"

namespace tarry::runtime {

/// Where sections go in an image: code first, then, on a page of its own, read-only data.
struct ElfLayout {
  std::vector<uint64_t> offsets;  // one for each section
  uint64_t code_size = 0;         // whole pages
  uint64_t size = 0;              // whole pages, at most kMostImage
  static constexpr uint64_t kMostImage = uint64_t{256} << 20;
};
/// Throws tarry::Error when the image would be too large.
ElfLayout lay_out(const ElfObject& object, uint64_t page_size);

/// Fills `image`, of layout.size zero bytes, with what the object is when it stands at `address` (a multiple of 4096).
/// Throws tarry::Error on a relocation that is not known or does not reach.
void link_elf_object(const ElfObject& object, const ElfLayout& layout, std::span<std::byte> image, uint64_t address);

}  // namespace tarry::runtime
