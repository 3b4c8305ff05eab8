#pragma once
/// What the stand-in tells tests that open it with dlopen, beside the driver's own calls. README.md lists the variables
/// of the environment; cudasimConfigure sets one of them for the process.

#include <stddef.h>
#include <stdint.h>
#include <cstdint>

#if defined(__cplusplus)
extern "C" {
#endif

struct cudasimKernelCounters {
  uint64_t launches;
  uint64_t warp_instructions, thread_instructions;
  uint64_t global_read, global_written;                  // bytes that lanes asked for
  uint64_t global_sectors_read, global_sectors_written;  // 32-byte sectors, once for each instruction of a warp
};

struct cudasimCounters {
  uint64_t calls, launches, allocations, host_allocations, copies, bytes_to_host, synchronizations, modules;
  uint64_t live_allocations, live_bytes, live_host_allocations;
  uint64_t live_streams, live_events, live_modules, peak_bytes;
  uint64_t violations, faults;  // rules broken; faults injected
};

/// As if CUDASIM_name were value in the environment; a null pointer: as if it were not there. Takes effect at the next
/// cudasimReset.
void cudasimConfigure(const char* name, const char* value);
/// A new process, as far as the driver is concerned: all handles and pointers are invalid, all counters 0.
void cudasimReset(void);
void cudasimGetCounters(struct cudasimCounters* counters);
/// 0 where no kernel of the name was launched.
int cudasimGetKernelCounters(const char* kernel, struct cudasimKernelCounters* counters);
/// How often threads executed an opcode in a kernel, such as "fma.rn.f32".
uint64_t cudasimOpcodeCount(const char* kernel, const char* opcode);
/// Every violation so far, one a line. Valid until the thread asks again.
const char* cudasimViolations(void);
void cudasimForgetViolations(void);
/// For libraries that stand in for NVIDIA's own. The memory of the host behind a device's, for work that runs in a
/// stream: what must not be read or written ends that work and breaks its context.
void* cudasimReach(uint64_t address, size_t bytes, int writes);
/// Counts a launch; 0 where launches are skipped.
int cudasimCountLaunch(const char* kernel);
/// 0 where a fault is to be injected here.
int cudasimMay(const char* what);
/// What is reported at the end of the process, as JSON. Valid until the thread asks again.
const char* cudasimReport(void);

#if defined(__cplusplus)
}
#endif
