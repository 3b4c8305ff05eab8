/// A compiler that never finishes.

#include <unistd.h>

extern "C" __attribute__((visibility("default"))) void tarry_llvm_compile(const void*, const void*) {
  for (;;) pause();
}

extern "C" __attribute__((visibility("default"))) void tarry_llvm_stop() {}
