#include "driver/options.h"

#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "driver/functions.h"

namespace cudasim {
namespace {

class Reader {
 public:
  explicit Reader(const std::map<std::string, std::string>& set) : set_(set) {}

  std::string text(const char* name, const char* otherwise = "") const {
    if (const auto found = set_.find(name); found != set_.end()) return found->second;
    const char* value = std::getenv((std::string("CUDASIM_") + name).c_str());
    return value && *value ? value : otherwise;
  }

  uint64_t number(const char* name, uint64_t otherwise) const {
    const std::string value = text(name);
    if (value.empty()) return otherwise;
    char* end = nullptr;
    uint64_t n = std::strtoull(value.c_str(), &end, 10);
    switch (*end) {
      case 'K':
        n <<= 10;
        ++end;
        break;
      case 'M':
        n <<= 20;
        ++end;
        break;
      case 'G':
        n <<= 30;
        ++end;
        break;
    }
    if (end == value.c_str() || *end != 0) fail(name, value);
    return n;
  }

  /// The place of the value among those that there are, the first being the default.
  size_t choice(const char* name, std::initializer_list<const char*> values) const {
    const std::string value = text(name, *values.begin());
    size_t k = 0;
    for (const char* v : values) {
      if (value == v) return k;
      ++k;
    }
    fail(name, value);
  }

  [[noreturn]] static void fail(const char* name, const std::string& value) {
    throw std::invalid_argument(std::string("CUDASIM_") + name + "=" + value + " is not understood");
  }

 private:
  const std::map<std::string, std::string>& set_;
};

std::vector<InjectedFault> read_faults(const std::string& list) {
  std::vector<InjectedFault> faults;
  std::istringstream in(list);
  for (std::string item; std::getline(in, item, ',');) {
    InjectedFault f;
    const size_t at = item.find('@');
    f.where = item.substr(0, at);
    char* end = nullptr;
    if (at != item.npos) f.at = std::strtoull(item.c_str() + at + 1, &end, 10);
    f.from_then_on = end && *end == '+';
#define X(symbol, name, version, parameters) #symbol " "
    static const std::string known =
        " alloc blas host launch refuse copy memset sync stream event module lost " CUDASIM_FUNCTIONS(X);
#undef X
    if (f.at == 0 || known.find(" " + f.where + " ") == known.npos || end[f.from_then_on] != 0)
      Reader::fail("FAIL", item);
    faults.push_back(f);
  }
  return faults;
}

}  // namespace

Options read_options(const std::map<std::string, std::string>& set) {
  const Reader in(set);
  Options o;
  o.devices = static_cast<int>(in.number("DEVICES", 2));
  o.memory = in.number("MEMORY", o.memory);
  o.sm = static_cast<int>(in.number("SM", 90));
  o.driver_version = static_cast<int>(in.number("DRIVER", 13000));
  o.deferred = in.choice("SCHEDULE", {"immediate", "deferred"}) == 1;
  o.launch.order = static_cast<WarpOrder>(in.choice("WARPS", {"ahead", "lockstep", "reversed"}));
  o.launch.max_instructions = in.number("INSTRUCTIONS", o.launch.max_instructions);
  o.launch.find_races = in.choice("RACES", {"on", "off"}) == 0;
  o.runs_launches = in.choice("LAUNCHES", {"run", "skip"}) == 0;
  o.finds_unwritten = in.choice("UNWRITTEN", {"on", "off"}) == 0 && o.runs_launches;
  o.approximations = in.choice("APPROX", {"off", "on"}) == 1;
  o.peers = in.choice("PEERS", {"on", "off"}) == 0;
  o.aborts = in.choice("VIOLATIONS", {"report", "abort"}) == 1;
  o.faults = read_faults(in.text("FAIL"));
  o.log_file = in.text("LOG");
  o.report_file = in.text("REPORT");
  o.texts_folder = in.text("TEXTS");
  return o;
}

}  // namespace cudasim
