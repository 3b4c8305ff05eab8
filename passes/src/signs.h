#pragma once
/// What is known of the signs of a kernel's floats before anything runs, so that expansion may take a cheaper way to
/// the same bits.

#include <tarry/ir/graph.h>

#include <vector>

namespace tarry::passes {

/// Neither excludes NaN, both include zeros of either sign.
enum class Sign : uint8_t { unknown, nonnegative, nonpositive };

/// By value id; what is no float is unknown.
std::vector<Sign> signs_of(const ir::Graph& body);

}  // namespace tarry::passes
