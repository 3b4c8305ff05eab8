#pragma once
/// What observing a value would run, as programs: one, or where a loop is found those of its pieces, equal ones once.

#include "selection.h"

#include <string>
#include <vector>

namespace tarry::frontend {

struct Stretch {
  std::string title;  // what it is of the whole; empty where it is the whole
  ir::Program program;
  uint8_t place = 0;  // where it would run, as of a selection
};

/// Runs nothing, and changes nothing that a flush would look at.
std::vector<Stretch> stretches_of(Trace& trace, ir::Value v);

}  // namespace tarry::frontend
