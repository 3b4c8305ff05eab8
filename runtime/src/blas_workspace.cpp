#include "blas_workspace.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/fork.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

namespace tarry::runtime {
namespace {

using Allocate = void* (*)(int);
using Free = void (*)(void*);

/// The library's functions. The table stays in use for what the areas of threads do not serve, under a lock.
struct Library {
  Allocate allocate_from_table = nullptr;
  Free free_to_table = nullptr;
  Allocate allocate_area = nullptr;  // from the heap; it knows the size, which depends on the processor
  Free free_area = nullptr;
  ForkMutex table_mutex;
};
Library* library = nullptr;  // never destroyed
bool is_replaced = false;

struct ThreadArea {
  void* area = nullptr;
  bool in_use = false;
};
thread_local ThreadArea thread_area;
thread_local bool thread_is_ending = false;

struct AtThreadEnd {
  ~AtThreadEnd() {
    thread_is_ending = true;
    if (thread_area.area) library->free_area(thread_area.area);
    thread_area = {};
  }
};

void make_thread_area() {
  static thread_local AtThreadEnd at_end;
  (void)&at_end;
  if (!thread_is_ending && !thread_area.area) thread_area.area = library->allocate_area(0);
}

/// In place of blas_memory_alloc.
void* workspace_allocate(int position) {
  make_thread_area();
  if (thread_area.area && !thread_area.in_use) {
    thread_area.in_use = true;
    return thread_area.area;
  }
  const std::lock_guard lock(library->table_mutex);
  return library->allocate_from_table(position);
}

/// In place of blas_memory_free. An area that is not the thread's comes from the table, perhaps from before the change.
void workspace_free(void* area) {
  if (area == thread_area.area) {
    thread_area.in_use = false;
    return;
  }
  const std::lock_guard lock(library->table_mutex);
  library->free_to_table(area);
}

#if defined(__x86_64__)
constexpr uint32_t kJumpSlot = R_X86_64_JUMP_SLOT, kGlobalData = R_X86_64_GLOB_DAT;
#elif defined(__aarch64__)
constexpr uint32_t kJumpSlot = R_AARCH64_JUMP_SLOT, kGlobalData = R_AARCH64_GLOB_DAT;
#endif

/// What the dynamic linker knows of a loaded library.
class DynamicTables {
 public:
  explicit DynamicTables(const link_map& map) : base_(map.l_addr) {
    for (const ElfW(Dyn)* entry = map.l_ld; entry->d_tag != DT_NULL; ++entry) {
      switch (entry->d_tag) {
        case DT_SYMTAB: symbols_ = address<ElfW(Sym)>(entry->d_un.d_ptr); break;
        case DT_STRTAB: names_ = address<char>(entry->d_un.d_ptr); break;
        case DT_RELA: data_ = address<ElfW(Rela)>(entry->d_un.d_ptr); break;
        case DT_RELASZ: data_size_ = entry->d_un.d_val; break;
        case DT_JMPREL: calls_ = address<ElfW(Rela)>(entry->d_un.d_ptr); break;
        case DT_PLTRELSZ: calls_size_ = entry->d_un.d_val; break;
      }
    }
  }

  /// Calls `visit` with each place where the library keeps the address of the function: one for calls, and perhaps one
  /// for pointers to it.
  template <class Visit>
  void visit_slots(std::string_view name, const Visit& visit) const {
    if (!symbols_ || !names_) return;
    for (const auto table :
         {std::span(calls_, calls_size_ / sizeof(ElfW(Rela))), std::span(data_, data_size_ / sizeof(ElfW(Rela)))}) {
      for (const ElfW(Rela) & entry : table) {
        const uint32_t type = ELF64_R_TYPE(entry.r_info);
        if (type != kJumpSlot && type != kGlobalData) continue;
        if (name != names_ + symbols_[ELF64_R_SYM(entry.r_info)].st_name) continue;
        visit(base_, reinterpret_cast<void**>(base_ + entry.r_offset));
      }
    }
  }

 private:
  /// glibc has added the base to these addresses; other linkers leave them relative.
  template <class T>
  const T* address(uintptr_t value) const {
    return reinterpret_cast<const T*>(value < base_ ? value + base_ : value);
  }

  uintptr_t base_;
  const ElfW(Sym) * symbols_ = nullptr;
  const char* names_ = nullptr;
  const ElfW(Rela) * data_ = nullptr;
  const ElfW(Rela) * calls_ = nullptr;
  size_t data_size_ = 0, calls_size_ = 0;
};

/// Whether the dynamic linker made the page of `slot` read-only after it had filled it.
bool is_protected(uintptr_t base, void** slot, uintptr_t page_size) {
  struct Query {
    uintptr_t base, address, page_size;
    bool found;
  } query{base, reinterpret_cast<uintptr_t>(slot), page_size, false};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        auto& q = *static_cast<Query*>(data);
        if (info->dlpi_addr != q.base) return 0;
        for (const ElfW(Phdr) & header : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
          if (header.p_type != PT_GNU_RELRO) continue;
          const uintptr_t begin = q.base + header.p_vaddr, end = (begin + header.p_memsz) / q.page_size * q.page_size;
          q.found = begin <= q.address && q.address < end;
        }
        return 1;
      },
      &query);
  return query.found;
}

bool write_slot(uintptr_t base, void** slot, void* function) {
  const auto page_size = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  void* const page = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(slot) / page_size * page_size);
  const bool close_again = is_protected(base, slot, page_size);
  if (close_again && mprotect(page, page_size, PROT_READ | PROT_WRITE) != 0) return false;
  __atomic_store_n(slot, function, __ATOMIC_RELEASE);
  if (close_again) mprotect(page, page_size, PROT_READ);
  return true;
}

/// Points all slots of `name` to `function`; false when there is none or one cannot be written.
bool replace(const DynamicTables& tables, std::string_view name, void* function) {
  bool any = false, all = true;
  tables.visit_slots(name, [&](uintptr_t base, void** slot) {
    any = true;
    all = write_slot(base, slot, function) && all;
  });
  return any && all;
}

}  // namespace

bool replace_blas_workspace(void* handle) {
  auto made = std::make_unique<Library>();
  made->allocate_from_table = reinterpret_cast<Allocate>(dlsym(handle, "blas_memory_alloc"));
  made->free_to_table = reinterpret_cast<Free>(dlsym(handle, "blas_memory_free"));
  made->allocate_area = reinterpret_cast<Allocate>(dlsym(handle, "blas_memory_alloc_nolock"));
  made->free_area = reinterpret_cast<Free>(dlsym(handle, "blas_memory_free_nolock"));
  link_map* map = nullptr;
  if (!made->allocate_from_table || !made->free_to_table || !made->allocate_area || !made->free_area ||
      dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0)
    return false;
  library = made.release();
  const DynamicTables tables(*map);
  // Freeing first, and last on the way back: it takes areas of both kinds, so the library is whole after each step.
  is_replaced = replace(tables, "blas_memory_free", reinterpret_cast<void*>(workspace_free)) &&
                replace(tables, "blas_memory_alloc", reinterpret_cast<void*>(workspace_allocate));
  if (!is_replaced) {
    replace(tables, "blas_memory_alloc", reinterpret_cast<void*>(library->allocate_from_table));
    replace(tables, "blas_memory_free", reinterpret_cast<void*>(library->free_to_table));
  }
  return is_replaced;
}

void prepare_blas_workspace() {
  if (!is_replaced) return;
  make_thread_area();
  if (!thread_area.area) throw MemoryError("Unable to allocate the work area of a matrix product");
}

}  // namespace tarry::runtime
