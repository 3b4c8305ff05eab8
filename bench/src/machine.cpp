#include "machine.h"

#include "threads.h"

#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <peers/peers.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

namespace bench {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string caches() {
  const auto kilobytes = [](int name) { return sysconf(name) / 1024; };
  return fmt::format("L1d {} KiB, L2 {} KiB, L3 {} KiB", kilobytes(_SC_LEVEL1_DCACHE_SIZE),
                     kilobytes(_SC_LEVEL2_CACHE_SIZE), kilobytes(_SC_LEVEL3_CACHE_SIZE));
}

std::string system_name() {
  std::string name = "unknown";
  std::ifstream release("/etc/os-release");
  for (std::string line; std::getline(release, line);)
    if (line.starts_with("PRETTY_NAME=")) name = line.substr(13, line.size() - 14);
  utsname kernel;
  if (uname(&kernel) != 0) return name;
  return fmt::format("{}, Linux {}, glibc {}", name, kernel.release, gnu_get_libc_version());
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_machine() {
  const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
#ifdef __clang__
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "gcc " __VERSION__;
#endif
  return {{"processor", fmt::format("{}, {} cores used", processor(), num_cores())},
          {"caches", caches()},
          {"memory", fmt::format("{:.0f} GiB", memory / (1 << 30))},
          {"system", system_name()},
          {"tarry compiled by", compiler},
          {"peers compiled by", std::string(peer_compiler()) + ", -O3 -march=native -ffast-math -fopenmp"}};
}

}  // namespace bench
