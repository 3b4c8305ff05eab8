#pragma once
// Calls of functions whose results stand in tests/data/functions.txt, by name.

#include <tarry/tarry.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace functions {

using Results = std::vector<tarry::Array>;
using Calls = std::map<std::string, std::function<Results()>>;

/// numpy's X, F and I of reference_functions.py.
inline tarry::Array x() { return tarry::numpy::arange(24).reshape({2, 3, 4}); }
tarry::Array f();
inline tarry::Array i() { return tarry::numpy::array({3, 1, 2, 3, 0, -1, 5, 1}); }

Calls indexing();
Calls sorting();
Calls grids();
Calls editing();
Calls types();

}  // namespace functions
