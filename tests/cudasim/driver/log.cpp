#include "driver/log.h"

#include <cstdio>
#include <cstdlib>

namespace cudasim {

void Log::open(const std::string& file, bool aborts) {
  const std::lock_guard lock(guard_);
  file_ = file;
  aborts_ = aborts;
}

void Log::violation(const std::string& what) {
  const std::lock_guard lock(guard_);
  violations_.push_back(what);
  std::FILE* const out = file_.empty() ? stderr : std::fopen(file_.c_str(), "a");
  if (out) {
    std::fprintf(out, "cudasim: %s\n", what.c_str());
    if (out != stderr) std::fclose(out);
  }
  if (aborts_) std::abort();
}

std::vector<std::string> Log::violations() const {
  const std::lock_guard lock(guard_);
  return violations_;
}

size_t Log::count() const {
  const std::lock_guard lock(guard_);
  return violations_.size();
}

void Log::forget() {
  const std::lock_guard lock(guard_);
  violations_.clear();
}

}  // namespace cudasim
