#include "elf_object.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>

namespace tarry::runtime {
namespace {

[[noreturn]] void reject(const std::string& why) { throw Error("cannot load object code: " + why); }

// Bounds the work for a file whose symbols all name one long string.
constexpr size_t kLongestName = 4096;

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  ElfObject read() {
    read_header();
    read_section_table();
    for (size_t i = 0; i < headers_.size(); ++i) read_loaded_section(i);
    read_symbols();
    for (const Elf64_Shdr& header : headers_) read_relocations(header);
    return std::move(object_);
  }

 private:
  std::span<const std::byte> slice(uint64_t offset, uint64_t size, const char* what) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) reject(std::string(what) + " lies outside the file");
    return bytes_.subspan(offset, size);
  }

  template <class T>
  static T at(std::span<const std::byte> table, size_t index) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, table.data() + index * sizeof(T), sizeof(T));
    return value;
  }

  /// The records of a table, whose size must be a whole number of them.
  template <class T>
  std::span<const std::byte> records(const Elf64_Shdr& header, const char* what) const {
    if (header.sh_entsize != sizeof(T) || header.sh_size % sizeof(T) != 0)
      reject(std::string(what) + " has entries of an unknown size");
    return slice(header.sh_offset, header.sh_size, what);
  }

  static std::string_view text_at(std::span<const std::byte> strings, uint64_t offset) {
    if (offset >= strings.size()) reject("a name lies outside its string table");
    const char* begin = reinterpret_cast<const char*>(strings.data()) + offset;
    const void* end = std::memchr(begin, 0, std::min<size_t>(strings.size() - offset, kLongestName));
    if (!end) reject("a name has no end");
    return {begin, static_cast<size_t>(static_cast<const char*>(end) - begin)};
  }

  std::span<const std::byte> string_table(uint64_t index) const {
    if (index >= headers_.size() || headers_[index].sh_type != SHT_STRTAB) reject("a string table is missing");
    return slice(headers_[index].sh_offset, headers_[index].sh_size, "a string table");
  }

  void read_header() {
    header_ = at<Elf64_Ehdr>(slice(0, sizeof(Elf64_Ehdr), "the header"), 0);
    if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) reject("it is not ELF");
    if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB ||
        header_.e_ident[EI_VERSION] != EV_CURRENT || header_.e_version != EV_CURRENT)
      reject("it is not 64-bit little-endian ELF");
    if (header_.e_type != ET_REL) reject("it is not a relocatable object");
    if (header_.e_machine != EM_X86_64 && header_.e_machine != EM_AARCH64) reject("it is for an unknown processor");
    object_.machine = static_cast<ElfMachine>(header_.e_machine);
  }

  void read_section_table() {
    if (header_.e_shentsize != sizeof(Elf64_Shdr)) reject("section headers have an unknown size");
    if (header_.e_shnum == 0 || header_.e_shnum >= SHN_LORESERVE) reject("it has no sections, or too many");
    const auto table = slice(header_.e_shoff, uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr), "the table of sections");
    headers_.reserve(header_.e_shnum);
    for (size_t i = 0; i < header_.e_shnum; ++i) headers_.push_back(at<Elf64_Shdr>(table, i));
    loaded_.assign(headers_.size(), ElfSymbol::kNowhere);
    section_names_ = string_table(header_.e_shstrndx);
  }

  /// Unwind tables, notes and the like describe the code but are not needed to run it.
  static bool is_description(const Elf64_Shdr& header, std::string_view name) {
    return header.sh_type == SHT_NOTE || header.sh_type == SHT_X86_64_UNWIND || name.starts_with(".eh_frame") ||
           name.starts_with(".note");
  }

  void read_loaded_section(size_t index) {
    const Elf64_Shdr& header = headers_[index];
    if (!(header.sh_flags & SHF_ALLOC) || header.sh_size == 0) return;
    const std::string_view name = text_at(section_names_, header.sh_name);
    if (is_description(header, name)) return;
    if (header.sh_type != SHT_PROGBITS) reject("section " + quoted(name) + " is of an unknown type");
    if (header.sh_flags & SHF_WRITE) reject("section " + quoted(name) + " is writable");
    if (header.sh_flags & SHF_TLS) reject("section " + quoted(name) + " is thread-local");
    if (header.sh_flags & SHF_COMPRESSED) reject("section " + quoted(name) + " is compressed");
    ElfSection section;
    section.name = name;
    section.content = slice(header.sh_offset, header.sh_size, "a section");
    section.alignment = header.sh_addralign ? header.sh_addralign : 1;
    if (!std::has_single_bit(section.alignment) || section.alignment > ElfObject::kMostAlignment)
      reject("section " + quoted(name) + " has an odd alignment");
    section.executable = header.sh_flags & SHF_EXECINSTR;
    loaded_[index] = object_.sections.size();
    object_.sections.push_back(section);
  }

  void read_symbols() {
    for (size_t i = 0; i < headers_.size(); ++i) {
      if (headers_[i].sh_type != SHT_SYMTAB) continue;
      if (symbol_table_) reject("it has several symbol tables");
      symbol_table_ = i;
    }
    if (!symbol_table_) return;
    const Elf64_Shdr& header = headers_[*symbol_table_];
    const auto table = records<Elf64_Sym>(header, "the symbol table");
    const auto names = string_table(header.sh_link);
    object_.symbols.reserve(table.size() / sizeof(Elf64_Sym));
    for (size_t i = 0; i < table.size() / sizeof(Elf64_Sym); ++i)
      object_.symbols.push_back(read_symbol(at<Elf64_Sym>(table, i), names));
  }

  ElfSymbol read_symbol(const Elf64_Sym& raw, std::span<const std::byte> names) const {
    ElfSymbol symbol;
    symbol.name = text_at(names, raw.st_name);
    // Reserved indices (absolute, common, extended) are beyond the sections, so they stay nowhere.
    if (raw.st_shndx == SHN_UNDEF || raw.st_shndx >= loaded_.size()) return symbol;
    symbol.section = loaded_[raw.st_shndx];
    if (symbol.section == ElfSymbol::kNowhere) return symbol;
    const ElfSection& section = object_.sections[symbol.section];
    symbol.value = raw.st_value;
    if (symbol.value > section.content.size()) reject("symbol " + quoted(symbol.name) + " lies outside its section");
    const int binding = ELF64_ST_BIND(raw.st_info);
    symbol.is_function = ELF64_ST_TYPE(raw.st_info) == STT_FUNC && (binding == STB_GLOBAL || binding == STB_WEAK) &&
                         section.executable && symbol.value < section.content.size();
    return symbol;
  }

  void read_relocations(const Elf64_Shdr& header) {
    if (header.sh_type != SHT_RELA && header.sh_type != SHT_REL) return;
    if (header.sh_info >= loaded_.size()) reject("relocations belong to no section");
    const size_t section = loaded_[header.sh_info];
    if (section == ElfSymbol::kNowhere || header.sh_size == 0) return;
    if (header.sh_type == SHT_REL) reject("it has relocations without addends");
    if (!symbol_table_ || header.sh_link != *symbol_table_) reject("relocations refer to no symbol table");
    const auto table = records<Elf64_Rela>(header, "a relocation table");
    object_.relocations.reserve(object_.relocations.size() + table.size() / sizeof(Elf64_Rela));
    for (size_t i = 0; i < table.size() / sizeof(Elf64_Rela); ++i) read_relocation(at<Elf64_Rela>(table, i), section);
  }

  void read_relocation(const Elf64_Rela& raw, size_t section) {
    // Number 0 is "none" on both machines; 256 is AArch64's second spelling of it.
    const uint32_t type = ELF64_R_TYPE(raw.r_info);
    if (type == 0 || (object_.machine == ElfMachine::aarch64 && type == 256)) return;
    const size_t symbol = ELF64_R_SYM(raw.r_info);
    if (symbol >= object_.symbols.size()) reject("a relocation names no symbol");
    if (object_.symbols[symbol].section == ElfSymbol::kNowhere)
      reject("it refers to " + quoted(object_.symbols[symbol].name) + ", which is not part of its code and constants");
    if (raw.r_offset >= object_.sections[section].content.size()) reject("a relocation lies outside its section");
    object_.relocations.push_back({section, raw.r_offset, type, symbol, raw.r_addend});
  }

  std::span<const std::byte> bytes_;
  ElfObject object_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Shdr> headers_;
  std::vector<size_t> loaded_;  // section of the file -> section of the object
  std::span<const std::byte> section_names_;
  std::optional<size_t> symbol_table_;
};

}  // namespace

ElfObject read_elf_object(std::span<const std::byte> bytes) { return Reader(bytes).read(); }

}  // namespace tarry::runtime
