#pragma once
/// How random programs are run.

#include <tarry/runtime/config.h>

#include <cstdlib>

namespace programs {

/// When a program's arrays are looked at, before the end.
enum class Looking { never, always, sometimes };

struct Way {
  const char* name;
  Looking looking;
  tarry::runtime::Tier tier;
  int threads;
  bool on_gpu = false;
};

/// A number from the environment.
inline int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

}  // namespace programs
