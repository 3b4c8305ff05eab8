#include "elf_link.h"

#include <tarry/ir/error.h>

#include <cstring>
#include <string>

namespace tarry::runtime {
namespace {

[[noreturn]] void reject(const std::string& why) { throw Error("cannot load object code: " + why); }

constexpr uint64_t round_up(uint64_t n, uint64_t step) { return (n + step - 1) / step * step; }

/// One place to patch: its bytes up to the end of the section, its address P, and the address S + A it refers to.
struct Patch {
  std::span<std::byte> bytes;
  uint64_t place = 0;
  uint64_t target = 0;

  template <class T>
  T read() const {
    T value;
    if (bytes.size() < sizeof value) reject("a relocation crosses the end of its section");
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  template <class T>
  void write(T value) const {
    if (bytes.size() < sizeof value) reject("a relocation crosses the end of its section");
    std::memcpy(bytes.data(), &value, sizeof value);
  }
};

/// The difference of two addresses, which must fit in `bits` bits with sign.
int64_t distance(uint64_t to, uint64_t from, int bits) {
  const int64_t d = static_cast<int64_t>(to - from);
  if (d < -(int64_t{1} << (bits - 1)) || d >= int64_t{1} << (bits - 1))
    reject("a relocation does not reach its target");
  return d;
}

void apply_x86_64(uint32_t type, const Patch& p) {
  switch (type) {
    case R_X86_64_PC32:
    case R_X86_64_PLT32: p.write(static_cast<int32_t>(distance(p.target, p.place, 32))); return;
    case R_X86_64_PC64: p.write(p.target - p.place); return;
    default: reject("relocation type " + std::to_string(type) + " of x86-64 is not position-independent code's");
  }
}

/// Replaces the field `mask << shift` of an instruction.
void write_field(const Patch& p, uint32_t mask, int shift, uint64_t value) {
  const uint32_t instruction = p.read<uint32_t>();
  p.write((instruction & ~(mask << shift)) | ((static_cast<uint32_t>(value) & mask) << shift));
}

/// The 12-bit offset within a page of a load or store of `1 << scale` bytes, or of an addition (scale 0).
void write_page_offset(const Patch& p, int scale) {
  const uint64_t offset = p.target & 0xFFF;
  if (offset & ((uint64_t{1} << scale) - 1)) reject("a relocation refers to a misaligned constant");
  write_field(p, 0xFFF, 10, offset >> scale);
}

void apply_aarch64(uint32_t type, const Patch& p) {
  switch (type) {
    case R_AARCH64_PREL32: p.write(static_cast<int32_t>(distance(p.target, p.place, 32))); return;
    case R_AARCH64_PREL64: p.write(p.target - p.place); return;
    case R_AARCH64_ADR_PREL_PG_HI21: {
      const int64_t pages = distance(p.target & ~uint64_t{0xFFF}, p.place & ~uint64_t{0xFFF}, 33) >> 12;
      write_field(p, 3, 29, static_cast<uint64_t>(pages));
      write_field(p, 0x7FFFF, 5, static_cast<uint64_t>(pages >> 2));
      return;
    }
    case R_AARCH64_ADD_ABS_LO12_NC:
    case R_AARCH64_LDST8_ABS_LO12_NC: write_page_offset(p, 0); return;
    case R_AARCH64_LDST16_ABS_LO12_NC: write_page_offset(p, 1); return;
    case R_AARCH64_LDST32_ABS_LO12_NC: write_page_offset(p, 2); return;
    case R_AARCH64_LDST64_ABS_LO12_NC: write_page_offset(p, 3); return;
    case R_AARCH64_LDST128_ABS_LO12_NC: write_page_offset(p, 4); return;
    case R_AARCH64_CALL26:
    case R_AARCH64_JUMP26: {
      const int64_t bytes = distance(p.target, p.place, 28);
      if (bytes & 3) reject("a relocation refers to a misaligned instruction");
      write_field(p, 0x3FFFFFF, 0, static_cast<uint64_t>(bytes >> 2));
      return;
    }
    default: reject("relocation type " + std::to_string(type) + " of AArch64 is not position-independent code's");
  }
}

}  // namespace

ElfLayout lay_out(const ElfObject& object, uint64_t page_size) {
  ElfLayout layout;
  layout.offsets.resize(object.sections.size());
  uint64_t end = 0;
  for (const bool code : {true, false}) {
    for (size_t i = 0; i < object.sections.size(); ++i) {
      const ElfSection& section = object.sections[i];
      if (section.executable != code) continue;
      layout.offsets[i] = round_up(end, section.alignment);
      end = layout.offsets[i] + section.content.size();
      if (end > ElfLayout::kMostImage) reject("it is too large");
    }
    end = round_up(end, page_size);
    if (code) layout.code_size = end;
  }
  if (end > ElfLayout::kMostImage) reject("it is too large");
  layout.size = end;
  return layout;
}

void link_elf_object(const ElfObject& object, const ElfLayout& layout, std::span<std::byte> image, uint64_t address) {
  for (size_t i = 0; i < object.sections.size(); ++i) {
    const auto content = object.sections[i].content;
    std::memcpy(image.data() + layout.offsets[i], content.data(), content.size());
  }
  for (const ElfRelocation& relocation : object.relocations) {
    const ElfSymbol& symbol = object.symbols[relocation.symbol];
    const uint64_t begin = layout.offsets[relocation.section];
    const uint64_t size = object.sections[relocation.section].content.size();
    Patch patch;
    patch.bytes = image.subspan(begin + relocation.offset, size - relocation.offset);
    patch.place = address + begin + relocation.offset;
    // Unsigned, because the addend of a malformed object may be anything.
    patch.target = address + layout.offsets[symbol.section] + symbol.value + static_cast<uint64_t>(relocation.addend);
    switch (object.machine) {
      case ElfMachine::x86_64: apply_x86_64(relocation.type, patch); break;
      case ElfMachine::aarch64: apply_aarch64(relocation.type, patch); break;
    }
  }
}

}  // namespace tarry::runtime
