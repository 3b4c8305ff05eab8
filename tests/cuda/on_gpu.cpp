// Linked into a program, it makes new arrays on the first GPU, those of global variables too. (Not where test cases are
// only listed.)
#include <tarry/device.h>

#include <cstdlib>

namespace {

struct OnGpu {
  OnGpu() {
    if (std::getenv("TARRY_CUDA_LIBRARY")) tarry::set_context(tarry::gpu(0));
  }
};
[[gnu::init_priority(1000)]] const OnGpu on_gpu;

}  // namespace
