#pragma once
/// What the numbers were taken on.

#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Pairs of key and value: processor, cores, caches, memory, system, compilers.
std::vector<std::pair<std::string, std::string>> describe_machine();

}  // namespace bench
