/// What the stand-in tells tests, and at the end of the process a file.

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "driver/state.h"
#include "ptx/fault.h"

namespace cudasim {
namespace {

std::string quoted(const std::string& s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 32)
      out += ' ';
    else
      out += c;
  }
  return out + "\"";
}

void fill_live(Driver& d) {
  cudasimCounters& c = d.counters;
  c.live_allocations = c.live_bytes = c.peak_bytes = 0;
  for (auto& device : d.devices) {
    c.peak_bytes += device->memory.peak();
    for (auto& [base, a] : device->memory.live()) {
      if (a.is_module) continue;
      ++c.live_allocations;
      c.live_bytes += a.bytes;
    }
  }
  c.live_host_allocations = d.host.size();
  c.live_streams = d.streams.all().size();
  c.live_events = d.events.all().size();
  c.live_modules = d.modules.all().size();
  c.violations = d.log.count();
}

void write_kernel(std::ostream& out, const std::string& name, const KernelStatistics& k) {
  const cudasimKernelCounters& c = k.counters;
  out << "{\"name\": " << quoted(name) << ", \"launches\": " << c.launches
      << ", \"warp_instructions\": " << c.warp_instructions << ", \"thread_instructions\": " << c.thread_instructions
      << ", \"global_read\": " << c.global_read << ", \"global_written\": " << c.global_written
      << ", \"global_sectors_read\": " << c.global_sectors_read
      << ", \"global_sectors_written\": " << c.global_sectors_written << ", \"opcodes\": {";
  const char* separator = "";
  for (auto& [opcode, n] : k.opcodes) {
    out << separator << quoted(opcode) << ": " << n;
    separator = ", ";
  }
  out << "}}";
}

std::string report(Driver& d) {
  fill_live(d);
  const cudasimCounters& c = d.counters;
  std::ostringstream out;
  out << "{\"calls\": " << c.calls << ", \"launches\": " << c.launches << ", \"allocations\": " << c.allocations
      << ", \"host_allocations\": " << c.host_allocations << ", \"copies\": " << c.copies
      << ", \"bytes_to_host\": " << c.bytes_to_host << ", \"synchronizations\": " << c.synchronizations
      << ", \"modules\": " << c.modules << ",\n \"live_allocations\": " << c.live_allocations
      << ", \"live_bytes\": " << c.live_bytes << ", \"live_host_allocations\": " << c.live_host_allocations
      << ", \"live_streams\": " << c.live_streams << ", \"live_events\": " << c.live_events
      << ", \"live_modules\": " << c.live_modules << ", \"peak_bytes\": " << c.peak_bytes << ",\n \"violations\": [";
  const char* separator = "";
  for (const std::string& v : d.log.violations()) {
    out << separator << "\n  " << quoted(v);
    separator = ",";
  }
  out << "],\n \"kernels\": [";
  separator = "";
  for (auto& [name, k] : d.kernels) {
    out << separator << "\n  ";
    write_kernel(out, name, k);
    separator = ",";
  }
  out << "]}\n";
  return out.str();
}

/// At the end of the process.
struct AtExit {
  ~AtExit() {
    Driver& d = Driver::get();
    const std::lock_guard lock(d.guard);
    if (d.options.report_file.empty()) return;
    if (std::FILE* out = std::fopen(d.options.report_file.c_str(), "a")) {
      std::fputs(report(d).c_str(), out);
      std::fclose(out);
    }
  }
};

const AtExit at_exit;

template <class F>
auto locked(F f) {
  Driver& d = Driver::get();
  const std::lock_guard lock(d.guard);
  return f(d);
}

}  // namespace
}  // namespace cudasim

#define CUDASIM_EXPORT extern "C" __attribute__((visibility("default")))

CUDASIM_EXPORT void cudasimConfigure(const char* name, const char* value) {
  cudasim::locked([&](cudasim::Driver& d) {
    if (value)
      d.set[name] = value;
    else
      d.set.erase(name);
  });
}

CUDASIM_EXPORT void cudasimReset() {
  cudasim::locked([](cudasim::Driver& d) { d.reset(); });
}

CUDASIM_EXPORT void cudasimGetCounters(cudasimCounters* counters) {
  cudasim::locked([&](cudasim::Driver& d) {
    cudasim::fill_live(d);
    *counters = d.counters;
  });
}

CUDASIM_EXPORT int cudasimGetKernelCounters(const char* kernel, cudasimKernelCounters* counters) {
  return cudasim::locked([&](cudasim::Driver& d) {
    const auto found = d.kernels.find(kernel);
    if (found == d.kernels.end()) return 0;
    *counters = found->second.counters;
    return 1;
  });
}

CUDASIM_EXPORT uint64_t cudasimOpcodeCount(const char* kernel, const char* opcode) {
  return cudasim::locked([&](cudasim::Driver& d) -> uint64_t {
    const auto found = d.kernels.find(kernel);
    if (found == d.kernels.end()) return 0;
    const auto op = found->second.opcodes.find(opcode);
    return op == found->second.opcodes.end() ? 0 : op->second;
  });
}

CUDASIM_EXPORT const char* cudasimViolations() {
  thread_local std::string all;
  all.clear();
  for (const std::string& v : cudasim::Driver::get().log.violations()) all += v + "\n";
  return all.c_str();
}

CUDASIM_EXPORT void cudasimForgetViolations() { cudasim::Driver::get().log.forget(); }

CUDASIM_EXPORT void* cudasimReach(uint64_t address, size_t bytes, int writes) {
  using namespace cudasim;
  Driver& d = Driver::get();
  const int ordinal = d.device_of(address);
  const DeviceMemory* memory = ordinal < 0 ? nullptr : &d.devices[ordinal]->memory;
  const Region r = memory ? memory->region() : Region{};
  uint8_t* const state = r.state + (address - r.base);
  const char* wrong = nullptr;
  if (!r.holds(address, bytes) || !may_write(state, bytes))
    wrong = "out of bounds";
  else if (!writes && !may_read(state, bytes))
    wrong = "never all written";
  if (wrong) {
    d.log.violation(text("a library ", writes ? "writes " : "reads ", bytes, " bytes at ", hex(address), ": ", wrong,
                         ": ", memory ? memory->describe(address, bytes) : "no address of a device"));
    throw Failure{CUDA_ERROR_ILLEGAL_ADDRESS};
  }
  if (writes) std::memset(state, kWritten, bytes);
  return r.data + (address - r.base);
}

CUDASIM_EXPORT int cudasimCountLaunch(const char* kernel) {
  return cudasim::locked([&](cudasim::Driver& d) {
    ++d.counters.launches;
    ++d.kernels[kernel].counters.launches;
    return d.options.runs_launches ? 1 : 0;
  });
}

CUDASIM_EXPORT int cudasimMay(const char* what) {
  return cudasim::locked([&](cudasim::Driver& d) { return d.injected(what) ? 0 : 1; });
}

CUDASIM_EXPORT const char* cudasimReport() {
  thread_local std::string all;
  all = cudasim::locked([](cudasim::Driver& d) { return cudasim::report(d); });
  return all.c_str();
}
