#pragma once
/// What this process may use of the machine.

#include <cstdint>
#include <string>

namespace tarry::runtime {

/// Cores this process may run on: its affinity mask, and the quota of its control groups rounded up. At least 1.
int usable_cores();

/// Physical memory in bytes, or the limit of its control groups where that is lower.
uint64_t usable_memory();

/// What a file says, as those of the system are: short, and read before the first array is computed, for which streams
/// would take longer than reading; empty where there is none.
std::string text_of_file(const std::string& file);

/// Where to look for control groups; tests point it at a folder of their own.
struct CgroupPlaces {
  std::string membership = "/proc/self/cgroup";
  std::string root = "/sys/fs/cgroup";
};
/// The lowest memory limit on the way from the process's groups (versions 1 and 2) to the root; UINT64_MAX when none.
uint64_t cgroup_memory_limit(const CgroupPlaces& places = {});
/// The lowest quota of processor time, in cores rounded up; INT32_MAX when none.
int cgroup_core_limit(const CgroupPlaces& places = {});

}  // namespace tarry::runtime
