#pragma once
// The universal functions by NumPy's names.

#include <tarry/tarry.h>

#include <functional>
#include <map>
#include <string>

namespace reference {

using Unary = std::function<tarry::Array(const tarry::Array&)>;
using Binary = std::function<tarry::Array(const tarry::Array&, const tarry::Array&)>;

/// Functions with two results are listed as NAME.0 and NAME.1.
const std::map<std::string, Unary>& unary_functions();
const std::map<std::string, Binary>& binary_functions();

}  // namespace reference
