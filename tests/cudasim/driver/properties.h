#pragma once
/// What a device of a compute capability is like.

#include "driver/options.h"
#include "driver/types.h"

namespace cudasim {

inline constexpr int kMaxThreads = 1024;
inline constexpr int kStaticShared = 48 << 10;

/// Shared memory of a block that asks for more than it gets by default.
int shared_opt_in(int sm);
int shared_of_multiprocessor(int sm);
int threads_of_multiprocessor(int sm);
int blocks_of_multiprocessor(int sm);

/// False where the attribute is not known.
bool property(const Options& options, CUdevice device, CUdevice_attribute attribute, int& value);

}  // namespace cudasim
