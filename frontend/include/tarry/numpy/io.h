#pragma once
/// Text and files.

#include <tarry/array.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tarry::numpy {

/// The text of NumPy's repr: "array([1, 2, 3])".
TARRY_API std::string repr(const Array& x, Here here = {});
/// The text of NumPy's str, which `<<` prints too.
TARRY_API std::string str(const Array& x, Here here = {});

/// numpy.save: an .npy file; ".npy" is appended to a name without it. IOError when it cannot be written. Not onto the
/// file of an array that was loaded with a mmap_mode: the file is made anew, while the array still reads from it.
TARRY_API void save(const std::string& file, const Array& x, Here here = {});
/// numpy.load of an .npy file. IOError, with the name of the file, when it cannot be read or is damaged.
TARRY_API Array load(const std::string& file);
/// numpy.load with mmap_mode: the elements stay in the file and are read when they are needed. "r": the array is
/// read-only; "c": writes stay in memory; "r+": writes go to the file at once. What cannot be mapped as it lies (the
/// other byte order, elements off their alignment) is read instead, and refused for "r+". ValueError for another mode.
/// Nobody may make the file shorter meanwhile.
TARRY_API Array load(const std::string& file, const std::string& mmap_mode);

/// numpy.savez: an .npz archive of arrays by name, ".npz" appended to a name without it. IOError when it cannot be
/// written, ValueError for a name that stands twice or is longer than archives allow.
using NamedArrays = std::vector<std::pair<std::string, Array>>;
TARRY_API void savez(const std::string& file, const NamedArrays& arrays, Here here = {});
TARRY_API void savez_compressed(const std::string& file, const NamedArrays& arrays, Here here = {});
/// All arrays of an .npz archive. IOError when it cannot be read or is damaged.
TARRY_API std::map<std::string, Array> loadz(const std::string& file);

}  // namespace tarry::numpy
