/// PTX text becomes modules, modules give functions and variables.

#include <algorithm>
#include <cstring>
#include <fstream>

#include "driver/properties.h"
#include "driver/state.h"
#include "ptx/fault.h"

namespace cudasim {
namespace {

/// Where cuModuleLoadDataEx is to put what the compiler says.
struct ErrorBuffer {
  char* text = nullptr;
  size_t bytes = 0;
  void write(const std::string& what) const {
    if (!text || bytes == 0) return;
    const size_t n = std::min(bytes - 1, what.size());
    std::memcpy(text, what.data(), n);
    text[n] = 0;
  }
};

ErrorBuffer error_buffer(unsigned int n, const CUjit_option* options, void** values) {
  ErrorBuffer b;
  for (unsigned int i = 0; i < n; ++i) {
    if (static_cast<int>(options[i]) == CU_JIT_ERROR_LOG_BUFFER) b.text = static_cast<char*>(values[i]);
    if (static_cast<int>(options[i]) == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES)
      b.bytes = reinterpret_cast<size_t>(values[i]);
  }
  return b;
}

/// Variables in global memory and constants, with what they hold at the start.
void place_globals(Driver& d, Context& c, LoadedModule& m) {
  DeviceMemory& memory = d.devices[c.device]->memory;
  for (const Variable& v : m.text.variables) {
    if (v.space != Space::global && v.space != Space::constant) continue;
    Allocation* a = memory.reserve(std::max<size_t>(v.bytes, 1));
    if (!a) throw Failure{CUDA_ERROR_OUT_OF_MEMORY};
    a->is_module = true;
    a->context = reinterpret_cast<uint64_t>(c.handle);
    memory.map(*a);
    m.globals[v.name] = a->base;
  }
  const Region r = memory.region();
  for (const Variable& v : m.text.variables) {
    const auto at = m.globals.find(v.name);
    if (at == m.globals.end()) continue;
    uint8_t* const data = r.data + (at->second - r.base);
    std::memset(data, 0, v.bytes);
    std::memset(r.state + (at->second - r.base), kWritten, v.bytes);
    std::copy(v.initial.begin(), v.initial.end(), data);
    for (const Variable::Address& address : v.addresses) {
      const auto of = m.globals.find(address.of);
      if (of == m.globals.end()) throw PtxError(1, "the address of '" + address.of + "' is not known here");
      const uint64_t value = of->second + static_cast<uint64_t>(address.plus);
      std::memcpy(data + address.at, &value, sizeof value);
    }
  }
}

void free_globals(Driver& d, LoadedModule& m) {
  for (auto& [name, base] : m.globals) {
    const int ordinal = d.device_of(base);
    d.devices[ordinal]->memory.unmap(d.devices[ordinal]->memory.release(base));
  }
}

CUmodule load(Driver& d, const void* image, const ErrorBuffer& errors) {
  Context& c = d.current();
  if (!image) d.misuse(CUDA_ERROR_INVALID_VALUE, "no text");
  if (d.injected("module")) throw Failure{CUDA_ERROR_OUT_OF_MEMORY};
  const auto* const text = static_cast<const char*>(image);
  if (std::memcmp(text, "\177ELF", 4) == 0 || std::memcmp(text, "\x50\xed\x55\xba", 4) == 0)
    d.misuse(CUDA_ERROR_NO_BINARY_FOR_GPU, "only PTX text can be loaded, no machine code");
  auto m = std::make_shared<LoadedModule>();
  m->context = c.handle;
  try {
    m->text = parse(text);
    if (m->text.version > 90) throw Failure{CUDA_ERROR_UNSUPPORTED_PTX_VERSION};
    if (m->text.sm > d.options.sm)
      throw PtxError(1, cudasim::text("text for sm_", m->text.sm, " on a device of sm_", d.options.sm));
    place_globals(d, c, *m);
  } catch (const PtxError& e) {
    errors.write(cudasim::text("ptxas error   : ", e.what()));
    free_globals(d, *m);
    d.misuse(CUDA_ERROR_INVALID_PTX, e.what());
  }
  ++d.counters.modules;
  if (!d.options.texts_folder.empty())
    std::ofstream(cudasim::text(d.options.texts_folder, "/", d.counters.modules, ".ptx")) << text;
  return static_cast<CUmodule>(d.modules.add(m));
}

void unload(Driver& d, CUmodule handle) {
  const auto m = d.module(handle);
  d.finish(*d.context(m->context));
  for (auto& [name, f] : m->functions) d.functions.remove(f);
  free_globals(d, *m);
  d.modules.remove(handle);
}

CUfunction get_function(Driver& d, CUmodule handle, const char* name) {
  const auto m = d.module(handle);
  if (!name) d.misuse(CUDA_ERROR_INVALID_VALUE, "no name");
  if (const auto known = m->functions.find(name); known != m->functions.end()) return known->second;
  const Function* entry = m->text.function(name);
  if (!entry || !entry->is_entry) throw Failure{CUDA_ERROR_NOT_FOUND};
  auto f = std::make_shared<KernelFunction>();
  f->module = handle;
  try {
    f->program = std::make_shared<Program>(
        decode(m->text, *entry, [&](const std::string& variable) { return m->globals.at(variable); }));
  } catch (const UnknownInstruction& e) {
    d.misuse(CUDA_ERROR_NOT_SUPPORTED, text("kernel ", name, ", ", e.what()));
  } catch (const PtxError& e) {
    d.misuse(CUDA_ERROR_INVALID_PTX, text("kernel ", name, ", ", e.what()));
  }
  if (f->program->shared_bytes > kStaticShared)
    d.misuse(CUDA_ERROR_INVALID_PTX, text("kernel ", name, " uses too much shared data: ", f->program->shared_bytes));
  f->max_dynamic_shared = kStaticShared - static_cast<int>(f->program->shared_bytes);
  return m->functions[name] = static_cast<CUfunction>(d.functions.add(f));
}

}  // namespace

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return answer(__func__, [&](Driver& d) {
    if (!module) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *module = load(d, image, {});
  });
}

CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned int n, CUjit_option* options, void** values) {
  return answer(__func__, [&](Driver& d) {
    if (!module || (n > 0 && (!options || !values))) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *module = load(d, image, error_buffer(n, options, values));
  });
}

CUresult cuModuleUnload(CUmodule module) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    unload(d, module);
  });
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    if (!function) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *function = get_function(d, module, name);
  });
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr* pointer, size_t* bytes, CUmodule module, const char* name) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    const auto m = d.module(module);
    if (!name) d.misuse(CUDA_ERROR_INVALID_VALUE, "no name");
    const auto found = m->globals.find(name);
    if (found == m->globals.end()) throw Failure{CUDA_ERROR_NOT_FOUND};
    if (pointer) *pointer = found->second;
    if (bytes) *bytes = m->text.variable(name)->bytes;
  });
}

// A library is a module of the context that is current when it is loaded, a kernel one of its functions.

CUresult cuLibraryLoadData(CUlibrary* library, const void* code, CUjit_option* options, void** values, unsigned int n,
                           CUlibraryOption*, void**, unsigned int) {
  return answer(__func__, [&](Driver& d) {
    if (!library || (n > 0 && (!options || !values))) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *library = reinterpret_cast<CUlibrary>(load(d, code, error_buffer(n, options, values)));
    d.module(reinterpret_cast<CUmodule>(*library))->is_library = true;
  });
}

CUresult cuLibraryUnload(CUlibrary library) {
  return answer(__func__, [&](Driver& d) { unload(d, reinterpret_cast<CUmodule>(library)); });
}

CUresult cuLibraryGetKernel(CUkernel* kernel, CUlibrary library, const char* name) {
  return answer(__func__, [&](Driver& d) {
    if (!kernel) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *kernel = reinterpret_cast<CUkernel>(get_function(d, reinterpret_cast<CUmodule>(library), name));
  });
}

CUresult cuLibraryGetModule(CUmodule* module, CUlibrary library) {
  return answer(__func__, [&](Driver& d) {
    if (!module) throw Failure{CUDA_ERROR_INVALID_VALUE};
    d.module(reinterpret_cast<CUmodule>(library));
    *module = reinterpret_cast<CUmodule>(library);
  });
}

CUresult cuKernelGetFunction(CUfunction* function, CUkernel kernel) {
  return answer(__func__, [&](Driver& d) {
    if (!function) throw Failure{CUDA_ERROR_INVALID_VALUE};
    d.function(reinterpret_cast<CUfunction>(kernel));
    *function = reinterpret_cast<CUfunction>(kernel);
  });
}

}  // namespace cudasim
