/// Functions and launches.

#include <algorithm>
#include <cstring>

#include "driver/properties.h"
#include "driver/state.h"
#include "ptx/fault.h"

namespace cudasim {
namespace {

/// What a kernel may reach: its device, peers that were opened, pinned memory of the host.
class LaunchMemory : public GlobalMemory {
 public:
  LaunchMemory(Driver& d, const Context& c) : d_(d), c_(c) {}
  Region own() override { return d_.devices[c_.device]->memory.region(); }
  Region other(uint64_t address) override {
    const int peer = d_.device_of(address);
    if (peer >= 0) return c_.peers.count(peer) ? d_.devices[peer]->memory.region() : Region{};
    uint64_t base = 0;
    const HostBlock* block = d_.host_block(reinterpret_cast<void*>(address), 1, &base);
    return block ? Region{base, block->bytes, reinterpret_cast<uint8_t*>(base), nullptr} : Region{};
  }
  std::string describe(uint64_t address, uint64_t bytes) override {
    const int device = d_.device_of(address);
    if (device < 0) return "no address of a device or of pinned memory";
    const std::string what = d_.devices[device]->memory.describe(address, bytes);
    if (device != c_.device && !c_.peers.count(device)) return text("device ", device, ", no peer; ", what);
    return what;
  }

 private:
  Driver& d_;
  const Context& c_;
};

CUresult code_of(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::illegal_address:
    case Fault::Kind::unwritten_memory: return CUDA_ERROR_ILLEGAL_ADDRESS;
    case Fault::Kind::misaligned_address: return CUDA_ERROR_MISALIGNED_ADDRESS;
    case Fault::Kind::race:
    case Fault::Kind::undefined:
    case Fault::Kind::trap: return CUDA_ERROR_LAUNCH_FAILED;
    case Fault::Kind::deadlock:
    case Fault::Kind::timeout: return CUDA_ERROR_LAUNCH_TIMEOUT;
  }
  return CUDA_ERROR_UNKNOWN;
}

void count(Driver& d, const Program& p, const LaunchCounters& c) {
  KernelStatistics& k = d.kernels[p.name];
  k.counters.warp_instructions += c.warp_instructions;
  k.counters.thread_instructions += c.thread_instructions;
  k.counters.global_read += c.global_read;
  k.counters.global_written += c.global_written;
  k.counters.global_sectors_read += c.global_sectors_read;
  k.counters.global_sectors_written += c.global_sectors_written;
  for (size_t b = 0; b < c.block_threads.size(); ++b) {
    if (c.block_threads[b] == 0) continue;
    const Block& block = p.blocks[b];
    for (uint32_t i = block.first; i < block.last; ++i)
      k.opcodes[p.statements[p.instrs[i].statement].opcode] += c.block_threads[b];
    if (block.count > block.last - block.first)
      k.opcodes[p.statements[block.closing.statement].opcode] += c.block_threads[b];
  }
}

void run(Driver& d, const Context& c, const Program& p, const LaunchShape& shape, const std::vector<uint8_t>& params) {
  if (d.injected("launch")) throw Failure{CUDA_ERROR_LAUNCH_FAILED};
  LaunchMemory memory(d, c);
  LaunchCounters counters;
  try {
    run_kernel(p, shape, params, memory, d.options.launch, counters);
  } catch (const Fault& fault) {
    count(d, p, counters);
    d.log.violation(fault.what());
    throw Failure{code_of(fault.kind)};
  }
  count(d, p, counters);
}

void check_shape(Driver& d, const KernelFunction& f, const LaunchShape& s) {
  const Program& p = *f.program;
  const uint32_t* const g = s.grid;
  const uint32_t* const b = s.block;
  const auto refuse = [&](const std::string& what) {
    d.misuse(CUDA_ERROR_INVALID_VALUE, text("kernel ", p.name, ": ", what));
  };
  const auto block = [&] { return text("a block of ", b[0], " x ", b[1], " x ", b[2], " threads"); };
  if (std::min({g[0], g[1], g[2], b[0], b[1], b[2]}) == 0) refuse("an empty grid or block");
  if (g[0] > 2147483647u || g[1] > 65535 || g[2] > 65535) refuse(text("a grid of ", g[0], " x ", g[1], " x ", g[2]));
  const uint64_t threads = uint64_t{b[0]} * b[1] * b[2];
  if (b[0] > 1024 || b[1] > 1024 || b[2] > 64 || threads > kMaxThreads) refuse(block());
  if (p.max_threads && threads > static_cast<uint64_t>(p.max_threads))
    refuse(block() + text(", .maxntid says ", p.max_threads));
  const int* const r = p.required_threads;
  if (r[0] && (b[0] != static_cast<uint32_t>(r[0]) || b[1] != static_cast<uint32_t>(r[1]) ||
               b[2] != static_cast<uint32_t>(r[2])))
    refuse(block() + text(", .reqntid says ", r[0], " x ", r[1], " x ", r[2]));
  if (s.dynamic_shared > static_cast<uint32_t>(f.max_dynamic_shared))
    refuse(text(s.dynamic_shared, " bytes of dynamic shared memory, ", f.max_dynamic_shared, " are allowed"));
}

std::vector<uint8_t> read_params(Driver& d, const Program& p, void** params, void** extra) {
  std::vector<uint8_t> bytes(p.param_bytes);
  const auto refuse = [&](const std::string& what) {
    d.misuse(CUDA_ERROR_INVALID_VALUE, text("kernel ", p.name, ": ", what));
  };
  if (extra) {
    if (params) refuse("parameters twice");
    const void* buffer = nullptr;
    size_t size = 0;
    for (size_t i = 0; reinterpret_cast<size_t>(extra[i]) != CU_LAUNCH_PARAM_END_AS_INT; i += 2) {
      if (reinterpret_cast<size_t>(extra[i]) == CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT)
        buffer = extra[i + 1];
      else if (reinterpret_cast<size_t>(extra[i]) == CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT)
        size = *static_cast<size_t*>(extra[i + 1]);
      else
        refuse("an unknown entry of `extra`");
    }
    if (size != p.param_bytes || (!buffer && size))
      refuse(text(size, " bytes of parameters, ", p.param_bytes, " expected"));
    std::memcpy(bytes.data(), buffer, size);
    return bytes;
  }
  if (!params && !p.params.empty()) refuse("parameters are missing");
  for (size_t i = 0; i < p.params.size(); ++i) {
    if (!params[i]) refuse(text("parameter ", i, " is missing"));
    std::memcpy(&bytes[p.params[i].offset], params[i], p.params[i].bytes);
  }
  return bytes;
}

void launch(Driver& d, CUfunction function, const LaunchShape& shape, CUstream handle, void** params, void** extra) {
  const auto s = d.stream(handle);
  const auto f = d.function(function);
  if (d.module(f->module)->context != s->context)
    d.misuse(CUDA_ERROR_INVALID_HANDLE, "a function of another context than the stream's");
  check_shape(d, *f, shape);
  if (d.injected("refuse")) throw Failure{CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES};
  std::vector<uint8_t> bytes = read_params(d, *f->program, params, extra);
  ++d.counters.launches;
  ++d.kernels[f->program->name].counters.launches;
  if (!d.options.runs_launches) return;
  const auto c = d.context(s->context);
  d.submit(*c, *s, [&d, context = std::weak_ptr<Context>(c), program = f->program, shape, bytes = std::move(bytes)] {
    if (const auto alive = context.lock()) run(d, *alive, *program, shape, bytes);
  });
}

}  // namespace

CUresult cuLaunchKernel(CUfunction function, unsigned int gx, unsigned int gy, unsigned int gz, unsigned int bx,
                        unsigned int by, unsigned int bz, unsigned int shared, CUstream stream, void** params,
                        void** extra) {
  return answer(__func__, [&](Driver& d) {
    launch(d, function, {{gx, gy, gz}, {bx, by, bz}, shared}, stream, params, extra);
  });
}

CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** params, void** extra) {
  return answer(__func__, [&](Driver& d) {
    if (!config) d.misuse(CUDA_ERROR_INVALID_VALUE, "no configuration");
    if (config->numAttrs > 0) d.misuse(CUDA_ERROR_NOT_SUPPORTED, "attributes of launches are not known here");
    const CUlaunchConfig& c = *config;
    launch(d, function,
           {{c.gridDimX, c.gridDimY, c.gridDimZ}, {c.blockDimX, c.blockDimY, c.blockDimZ}, c.sharedMemBytes}, c.hStream,
           params, extra);
  });
}

namespace {

int attribute_of(Driver& d, const KernelFunction& f, int attribute) {
  const Program& p = *f.program;
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      return p.max_threads ? std::min(p.max_threads, kMaxThreads) : kMaxThreads;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: return static_cast<int>(p.shared_bytes);
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: return 0;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: return static_cast<int>(p.local_bytes);
    case CU_FUNC_ATTRIBUTE_NUM_REGS: return 32;  // nothing here allocates registers; a usual number
    case CU_FUNC_ATTRIBUTE_PTX_VERSION: return p.version;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: return d.options.sm;
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: return 0;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: return f.max_dynamic_shared;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: return f.carveout;
    default: throw Failure{CUDA_ERROR_INVALID_VALUE};
  }
}

int active_blocks(Driver& d, const KernelFunction& f, int threads, size_t dynamic_shared) {
  const int sm = d.options.sm;
  if (threads <= 0 || threads > attribute_of(d, f, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK)) return 0;
  int blocks = std::min(blocks_of_multiprocessor(sm), threads_of_multiprocessor(sm) / threads);
  const size_t shared = f.program->shared_bytes + dynamic_shared + (sm < 80 ? 0 : 1024);
  if (shared > 0) blocks = std::min<int>(blocks, static_cast<int>(shared_of_multiprocessor(sm) / shared));
  return blocks;
}

}  // namespace

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction function) {
  return answer(__func__, [&](Driver& d) {
    const auto f = d.function(function);
    if (!value) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *value = attribute_of(d, *f, attribute);
  });
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    const auto f = d.function(function);
    switch (static_cast<int>(attribute)) {
      case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
        if (value < 0 || value + static_cast<int>(f->program->shared_bytes) > shared_opt_in(d.options.sm))
          d.misuse(CUDA_ERROR_INVALID_VALUE, text(value, " bytes of dynamic shared memory are too many"));
        f->max_dynamic_shared = value;
        return;
      case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
        if (value < -1 || value > 100) d.misuse(CUDA_ERROR_INVALID_VALUE, "no percentage");
        f->carveout = value;
        return;
      default: d.misuse(CUDA_ERROR_INVALID_VALUE, text("attribute ", static_cast<int>(attribute), " cannot be set"));
    }
  });
}

CUresult cuFuncSetCacheConfig(CUfunction function, CUfunc_cache config) {
  return answer(__func__, [&](Driver& d) {
    d.function(function);
    if (config < 0 || config > 3) d.misuse(CUDA_ERROR_INVALID_VALUE, "an unknown configuration");
  });
}

CUresult cuFuncGetModule(CUmodule* module, CUfunction function) {
  return answer(__func__, [&](Driver& d) {
    if (!module) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *module = d.function(function)->module;
  });
}

CUresult cuFuncGetName(const char** name, CUfunction function) {
  return answer(__func__, [&](Driver& d) {
    if (!name) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *name = d.function(function)->program->name.c_str();
  });
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int threads, size_t shared) {
  return cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, function, threads, shared, 0);
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction function, int threads,
                                                              size_t shared, unsigned int flags) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    const auto f = d.function(function);
    if (!blocks || threads <= 0 || flags > 1) d.misuse(CUDA_ERROR_INVALID_VALUE, text(threads, " threads"));
    *blocks = active_blocks(d, *f, threads, shared);
  });
}

CUresult cuOccupancyMaxPotentialBlockSize(int* grid, int* block, CUfunction function, CUoccupancyB2DSize shared_of,
                                          size_t shared, int limit) {
  return answer(__func__, [&](Driver& d) {
    d.current();
    const auto f = d.function(function);
    if (!grid || !block) throw Failure{CUDA_ERROR_INVALID_VALUE};
    const int most = attribute_of(d, *f, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    const int from = (limit > 0 ? std::min(limit, most) : most) / kLanes * kLanes;
    int best = 0;
    for (int threads = from; threads > 0; threads -= kLanes) {
      const int blocks = active_blocks(d, *f, threads, shared_of ? shared_of(threads) : shared);
      if (blocks * threads <= best) continue;
      best = blocks * threads;
      *block = threads;
      int count = 0;
      property(d.options, 0, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, count);
      *grid = blocks * count;
    }
    if (best == 0) d.misuse(CUDA_ERROR_INVALID_VALUE, "no block fits");
  });
}

}  // namespace cudasim
