#include "peers.h"

#include <omp.h>

void peer_on_each_thread(void (*body)(void* data, int thread), void* data) {
#pragma omp parallel
  body(data, omp_get_thread_num());
}

const char* peer_compiler() { return "clang " __VERSION__; }
