#pragma once
/// A relocatable ELF object, read and checked. Every offset, size and index in it has been validated, so that users of
/// this structure need not look at the bytes with suspicion again.

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tarry::runtime {

enum class ElfMachine : uint16_t { x86_64 = EM_X86_64, aarch64 = EM_AARCH64 };

struct ElfSection {
  std::string_view name;
  std::span<const std::byte> content;
  uint64_t alignment = 1;  // a power of two, at most kMostAlignment
  bool executable = false;
};

struct ElfSymbol {
  static constexpr size_t kNowhere = SIZE_MAX;
  std::string_view name;
  size_t section = kNowhere;  // index into ElfObject::sections
  uint64_t value = 0;         // offset in the section, at most its size
  bool is_function = false;   // a function others may call: global or weak, inside its section
};

struct ElfRelocation {
  size_t section = 0;   // the one that is patched
  uint64_t offset = 0;  // less than its size; the width of the patch is checked when it is applied
  uint32_t type = 0;
  size_t symbol = 0;  // its section is known
  int64_t addend = 0;
};

/// Views into the bytes it was read from.
struct ElfObject {
  static constexpr uint64_t kMostAlignment = 4096;
  ElfMachine machine = ElfMachine::x86_64;
  std::vector<ElfSection> sections;  // those to be loaded: code and read-only data, none of them empty
  std::vector<ElfSymbol> symbols;
  std::vector<ElfRelocation> relocations;  // those of loaded sections
};

/// Throws tarry::Error when the bytes are malformed or the object needs more than loader.h promises.
ElfObject read_elf_object(std::span<const std::byte> bytes);

}  // namespace tarry::runtime
