#include "threads.h"

#include <peers/peers.h>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace bench {
namespace {

std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<int> cores;
  for (int i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &set)) cores.push_back(i);
  return cores;
}

/// As they were before anything was pinned.
const std::vector<int>& cores() {
  static const std::vector<int> found = allowed_cores();
  return found;
}

void pin(pid_t thread, int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(thread, sizeof set, &set);
}

struct OpenMPThreads {
  std::mutex mutex;
  std::vector<pid_t> ids;
};

void pin_openmp_thread(void* data, int thread) {
  auto& known = *static_cast<OpenMPThreads*>(data);
  const auto id = static_cast<pid_t>(syscall(SYS_gettid));
  pin(id, cores()[thread % cores().size()]);
  const std::lock_guard lock(known.mutex);
  known.ids.push_back(id);
}

}  // namespace

void configure_threads() {
  const int threads = num_cores();
  setenv("OMP_NUM_THREADS", std::to_string(threads).c_str(), 1);
  setenv("OMP_DYNAMIC", "false", 1);
  setenv("OMP_PROC_BIND", "false", 1);  // pin_threads does it, for both sides alike
  setenv("KMP_BLOCKTIME", std::to_string(kSpinMilliseconds).c_str(), 1);
}

void pin_this_thread(int core) { pin(0, cores()[static_cast<size_t>(core) % cores().size()]); }

void pin_threads() {
  OpenMPThreads openmp;  // the caller is one of them
  peer_on_each_thread(pin_openmp_thread, &openmp);
  std::vector<pid_t> others;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    const auto id = static_cast<pid_t>(std::stol(entry.path().filename().string()));
    if (std::find(openmp.ids.begin(), openmp.ids.end(), id) == openmp.ids.end()) others.push_back(id);
  }
  std::sort(others.begin(), others.end());
  const size_t n = cores().size();
  for (size_t i = 0; i < others.size(); ++i) pin(others[i], cores()[n == 1 ? 0 : 1 + i % (n - 1)]);
}

int num_cores() { return static_cast<int>(cores().size()); }

}  // namespace bench
