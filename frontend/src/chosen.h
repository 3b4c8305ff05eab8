#pragma once
/// The elements that a mask chooses. Nothing here branches on single ones, for which way that goes is no habit.

#include <cstddef>
#include <cstdint>

namespace tarry::frontend {

int64_t count_chosen(const bool* chosen, int64_t n);

/// Writes the numbers of the chosen ones from `to` on; gives the end of what it wrote.
int64_t* places_of_chosen(const bool* chosen, int64_t n, int64_t* to);

/// Copies the chosen ones of n elements, so many bytes each, one behind the other.
void take_chosen(const bool* chosen, int64_t n, size_t bytes, const std::byte* from, std::byte* to);

/// Copies elements that lie one behind the other to the chosen ones of n, and makes the others zero.
void spread_chosen(const bool* chosen, int64_t n, size_t bytes, const std::byte* from, std::byte* to);

}  // namespace tarry::frontend
