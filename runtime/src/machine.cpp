#include "machine.h"

#include <fcntl.h>
#include <sched.h>
#include <tarry/runtime/words.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <thread>

namespace tarry::runtime {

std::string text_of_file(const std::string& file) {
  const int opened = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return "";
  std::string text;
  std::array<char, 4096> part;
  for (ssize_t count; (count = read(opened, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<size_t>(count));
  close(opened);
  return text;
}

namespace {

/// Calls `visit` with each folder that may hold limits of `controller`: the process's group and all groups above it.
/// Inside a container the path names a group of the host that is not mounted; the walk then ends at the root, which is
/// the container's own.
void visit_groups(const CgroupPlaces& places, const std::string& controller,
                  const std::function<void(const std::string& folder, bool version2)>& visit) {
  const std::string membership = text_of_file(places.membership);
  for (std::string_view rest = membership; !rest.empty();) {
    std::string_view line = take_until(rest, '\n');
    if (std::ranges::count(line, ':') < 2) continue;
    take_until(line, ':');
    const std::string_view controllers = take_until(line, ':');
    const bool version2 = controllers.empty();
    if (!version2 && !lists(controllers, controller)) continue;
    const std::string mount = version2 ? places.root : places.root + "/" + controller;
    std::string path(line);
    while (!path.empty() && path.back() == '/') path.pop_back();
    for (;;) {
      visit(mount + path, version2);
      if (path.empty()) break;
      const size_t slash = path.rfind('/');
      path.resize(slash == std::string::npos ? 0 : slash);
    }
  }
}

/// The number that a text begins with, which is taken with the space behind it.
std::optional<int64_t> take_number(std::string_view& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(std::min<size_t>(static_cast<size_t>(end - text.data()) + 1, text.size()));
  return value;
}

std::optional<int64_t> read_number(const std::string& file) {
  const std::string text = text_of_file(file);
  std::string_view rest = text;
  return take_number(rest);
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
      const std::string text = text_of_file(folder + "/cpu.max");
      std::string_view rest = text;
      quota = take_number(rest).value_or(0);
      period = take_number(rest).value_or(0);
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
