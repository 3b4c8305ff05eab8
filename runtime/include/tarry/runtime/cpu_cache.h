#pragma once
/// How much the processor keeps near.

#include <cstdint>

namespace tarry::runtime {

/// Bytes that the caches behind the first level hold together: the last one, and the second of each core this process
/// may use. An estimate where the system does not tell.
int64_t cache_bytes();
/// Whether so many bytes do not fit there. The system is only asked where it could be so.
bool exceeds_cache(int64_t bytes);
/// For tests: from now on that many; 0 for the machine's own.
void set_cache_bytes(int64_t bytes);

}  // namespace tarry::runtime
