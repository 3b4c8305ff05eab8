/// Sums formulas again and again while something is taken away, and prints them. `adverse WHAT NUMBER…`:
///   memory M      from now on the process may map M more MiB
///   new F E       from the F-th on each E-th operator new of any thread but the first fails
///   threads N     the system gives N threads
///   files B       no file may grow past B bytes
///   folder D      the folder is removed after each round
///   nothing

#include "../operator_new.h"
#include "kernels.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

long first_failure = 0, failures_every = 0;
std::atomic<long> requests{0};
std::atomic<int> threads_left{1000};

bool is_refused() {
  if (failures_every == 0 || gettid() == getpid()) return false;
  const long n = ++requests;
  return n >= first_failure && (n - first_failure) % failures_every == 0;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread,
                                                                     const pthread_attr_t* attributes,
                                                                     void* (*start)(void*), void* argument) {
  using Create = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static auto* const create = reinterpret_cast<Create*>(dlsym(RTLD_NEXT, "pthread_create"));
  if (threads_left.fetch_sub(1) <= 0) return EAGAIN;
  return create(thread, attributes, start, argument);
}

namespace {

namespace np = tarry::numpy;

void limit(__rlimit_resource what, rlim_t to) {
  const rlimit both{to, to};
  setrlimit(what, &both);
}

rlim_t mapped_bytes() {
  std::ifstream file("/proc/self/statm");
  rlim_t pages = 0;
  file >> pages;
  return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

void take_away(const std::string& what, long first, long second, const tarry::Array& x) {
  if (what == "memory") limit(RLIMIT_AS, mapped_bytes() + (static_cast<rlim_t>(first) << 20));
  if (what == "files") limit(RLIMIT_FSIZE, static_cast<rlim_t>(first));
  if (what == "threads") threads_left = static_cast<int>(first);
  if (what != "new") return;
  // The compiler is there already: that its start-up code needs memory is another matter.
  const auto formula = [&] { return tarry::test::long_formula(x, 50); };
  tarry::eval(formula());
  tarry::test::until_requested(formula);
  tarry::finish_compiling();
  first_failure = first;
  failures_every = second;
}

}  // namespace

int main(int count, char** arguments) try {
  const std::string what = arguments[1];
  const auto number = [&](int i) { return count > i && what != "folder" ? std::atol(arguments[i]) : 0; };
  std::vector<double> points(100001);  // no kernel makes them: the compiler comes after what is taken away
  for (size_t i = 0; i < points.size(); ++i) points[i] = static_cast<double>(i) / 100000;
  const tarry::Array x = np::array(points);
  take_away(what, number(2), number(3), x);
  for (int round = 0; round < 3; ++round) {
    for (int i = 10; i < 14; ++i) {
      const auto sum = [&] { return np::sum(tarry::test::long_formula(x, i)); };
      tarry::test::until_requested(sum);
      std::printf("%d %.17g\n", i, sum().item<double>());
    }
    tarry::finish_compiling();
    if (what == "folder") std::filesystem::remove_all(arguments[2]);
  }
} catch (const std::exception& e) {
  std::printf("%s\n", e.what());
  return 1;
}
