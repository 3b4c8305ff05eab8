#pragma once
/// The calls of conformance.txt; see tests/data/reference_conformance.py.

#include <tarry/tarry.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tarry::test {

using Call = std::function<std::vector<Array>(const Array&)>;

/// The elements that the calls are made with.
Array given(DType dtype, const Shape& shape, uint64_t salt = 0);
/// Others of the same type and shape.
Array second(const Array& x);

std::map<std::string, Call> function_table();

}  // namespace tarry::test
