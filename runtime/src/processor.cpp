#include <tarry/runtime/disk_cache.h>

#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__linux__)
#include <sys/auxv.h>
#endif

namespace tarry::runtime {

std::string processor_words() {
  std::string words;
  const auto add = [&](unsigned long word) { words += std::to_string(word) + " "; };
#if defined(__x86_64__)
  // Family and model, which choose how code is scheduled; then the features.
  for (const auto& [leaf, subleaf] : {std::pair{1u, 0u}, {7u, 0u}, {7u, 1u}, {0x80000001u, 0u}}) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    __get_cpuid_count(leaf, subleaf, &a, &b, &c, &d);
    if (leaf == 1) b = 0;  // the number of the core that was asked
    if (leaf == 1) c &= ~(1u << 27), d &= ~(1u << 9);
    add(a), add(b), add(c), add(d);
  }
#elif defined(__linux__)
  add(getauxval(AT_HWCAP)), add(getauxval(AT_HWCAP2));
#endif
  return words;
}

}  // namespace tarry::runtime
