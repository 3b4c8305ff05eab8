#include <sys/mman.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/loader.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <string>

#include "elf_link.h"
#include "elf_object.h"

namespace tarry::runtime {
namespace {

#if defined(__x86_64__)
constexpr ElfMachine kHost = ElfMachine::x86_64;
#elif defined(__aarch64__)
constexpr ElfMachine kHost = ElfMachine::aarch64;
#endif

[[noreturn]] void fail(const char* what) {
  throw Error(std::string("cannot load object code: ") + what + ": " + std::strerror(errno));
}

/// Pages of the process, given back at the end.
class Pages {
 public:
  explicit Pages(size_t size) : size_(size) {
    if (size == 0) return;
    void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) fail("no memory");
    begin_ = static_cast<std::byte*>(mapped);
  }
  ~Pages() {
    if (begin_) munmap(begin_, size_);
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  std::byte* begin() const { return begin_; }
  std::span<std::byte> bytes() const { return {begin_, size_}; }
  void protect(size_t offset, size_t size, int protection) const {
    if (size && mprotect(begin_ + offset, size, protection) != 0) fail("protection refused");
  }

 private:
  std::byte* begin_ = nullptr;
  size_t size_;
};

class Mapped final : public LoadedObject {
 public:
  Mapped(const ElfObject& object, const ElfLayout& layout) : pages_(layout.size) {
    std::byte* const begin = pages_.begin();
    link_elf_object(object, layout, pages_.bytes(), reinterpret_cast<uintptr_t>(begin));
    pages_.protect(layout.code_size, layout.size - layout.code_size, PROT_READ);
    pages_.protect(0, layout.code_size, PROT_READ | PROT_EXEC);
    __builtin___clear_cache(reinterpret_cast<char*>(begin), reinterpret_cast<char*>(begin + layout.code_size));
    for (const ElfSymbol& symbol : object.symbols)
      if (symbol.is_function) functions_.emplace(symbol.name, begin + layout.offsets[symbol.section] + symbol.value);
  }

  void* symbol(std::string_view name) const override {
    const auto found = functions_.find(name);
    return found == functions_.end() ? nullptr : found->second;
  }

 private:
  Pages pages_;
  std::map<std::string, std::byte*, std::less<>> functions_;
};

}  // namespace

std::shared_ptr<const LoadedObject> load_object(std::span<const std::byte> elf) {
  const ElfObject object = read_elf_object(elf);
  if (object.machine != kHost) throw Error("cannot load object code: it is for another processor");
  const ElfLayout layout = lay_out(object, static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  return std::make_shared<Mapped>(object, layout);
}

}  // namespace tarry::runtime
