#pragma once
/// What the environment asks for.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ptx/launch.h"

namespace cudasim {

/// "launch@3" or "cuMemAlloc_v2@3+": the third, or all from the third on.
struct InjectedFault {
  std::string where;
  uint64_t at = 0;
  bool from_then_on = false;
};

struct Options {
  int devices = 2;
  uint64_t memory = uint64_t{1} << 30;
  int sm = 90;
  int driver_version = 13000;
  bool deferred = false;
  bool runs_launches = true;
  bool finds_unwritten = true;
  bool approximations = false;
  bool peers = true;
  bool aborts = false;
  LaunchOptions launch;
  std::vector<InjectedFault> faults;
  std::string log_file, report_file, texts_folder;
};

/// Values set by the process itself go before those of the environment. Throws std::invalid_argument.
Options read_options(const std::map<std::string, std::string>& set);

}  // namespace cudasim
