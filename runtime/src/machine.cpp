#include "machine.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <sstream>
#include <thread>

namespace tarry::runtime {
namespace {

/// Whether the comma-separated `list` holds `name`.
bool lists(const std::string& list, const std::string& name) {
  std::istringstream in(list);
  for (std::string item; std::getline(in, item, ',');)
    if (item == name) return true;
  return false;
}

/// Calls `visit` with each folder that may hold limits of `controller`: the process's group and all groups above it.
/// Inside a container the path names a group of the host that is not mounted; the walk then ends at the root, which is
/// the container's own.
void visit_groups(const CgroupPlaces& places, const std::string& controller,
                  const std::function<void(const std::string& folder, bool version2)>& visit) {
  std::ifstream membership(places.membership);
  for (std::string line; std::getline(membership, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool version2 = controllers.empty();
    if (!version2 && !lists(controllers, controller)) continue;
    const std::string mount = version2 ? places.root : places.root + "/" + controller;
    std::string path = line.substr(second + 1);
    while (!path.empty() && path.back() == '/') path.pop_back();
    for (;;) {
      visit(mount + path, version2);
      if (path.empty()) break;
      const size_t slash = path.rfind('/');
      path.resize(slash == std::string::npos ? 0 : slash);
    }
  }
}

std::optional<int64_t> read_number(const std::string& file) {
  std::ifstream in(file);
  int64_t value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

}  // namespace

uint64_t cgroup_memory_limit(const CgroupPlaces& places) {
  uint64_t limit = std::numeric_limits<uint64_t>::max();
  visit_groups(places, "memory", [&](const std::string& folder, bool version2) {
    const auto value = read_number(folder + (version2 ? "/memory.max" : "/memory.limit_in_bytes"));
    if (value && *value > 0) limit = std::min(limit, static_cast<uint64_t>(*value));
  });
  return limit;
}

int cgroup_core_limit(const CgroupPlaces& places) {
  int64_t cores = std::numeric_limits<int32_t>::max();
  visit_groups(places, "cpu", [&](const std::string& folder, bool version2) {
    int64_t quota = 0, period = 0;
    if (version2) {
      std::ifstream in(folder + "/cpu.max");
      if (!(in >> quota >> period)) return;
    } else {
      quota = read_number(folder + "/cpu.cfs_quota_us").value_or(0);
      if (quota > 0) period = read_number(folder + "/cpu.cfs_period_us").value_or(0);
    }
    if (quota > 0 && period > 0) cores = std::min(cores, quota / period + (quota % period != 0));
  });
  return static_cast<int>(cores);
}

int usable_cores() {
  cpu_set_t set;
  const int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                                : static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, std::min(cores, cgroup_core_limit()));
}

uint64_t usable_memory() {
  const auto pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  const uint64_t physical = pages > 0 && page > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page)
                                                  : std::numeric_limits<int64_t>::max();
  return std::min(physical, cgroup_memory_limit());
}

}  // namespace tarry::runtime
