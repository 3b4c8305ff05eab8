#pragma once
/// Text and files.

#include <tarry/array.h>

#include <string>

namespace tarry::numpy {

/// The text of NumPy's repr: "array([1, 2, 3])".
TARRY_API std::string repr(const Array& x);
/// The text of NumPy's str, which `<<` prints too.
TARRY_API std::string str(const Array& x);

/// numpy.save: an .npy file; ".npy" is appended to a name without it. IOError when it cannot be written.
TARRY_API void save(const std::string& file, const Array& x);
/// numpy.load of an .npy file. IOError, with the name of the file, when it cannot be read or is damaged.
TARRY_API Array load(const std::string& file);

}  // namespace tarry::numpy
