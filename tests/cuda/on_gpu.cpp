// Before any other file's arrays are made: this process works on the first GPU.
#include <tarry/tarry.h>

namespace {
struct OnGpu {
  OnGpu() { tarry::set_context(tarry::gpu(0)); }
};
[[gnu::init_priority(1000)]] const OnGpu on_gpu;
}  // namespace
