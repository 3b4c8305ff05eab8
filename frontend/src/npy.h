#pragma once
/// NumPy's .npy files.

#include <tarry/ir/dtype.h>
#include <tarry/ir/shape.h>
#include <tarry/runtime/buffer.h>

#include <span>
#include <string>
#include <string_view>

namespace tarry::frontend {

/// An array as a file holds it: the elements in native byte order, in C order, or in Fortran order if `fortran`.
struct NpyArray {
  ir::DType dtype = ir::DType::float64;
  ir::Shape shape;
  bool fortran = false;
  runtime::Buffer buffer;
};

/// What stands before the elements.
struct NpyHeader {
  ir::DType dtype = ir::DType::float64;
  ir::Shape shape;
  bool fortran = false;
  bool swapped = false;  // the elements are in the byte order that is not this machine's
};

/// Reads the dictionary of a header. Throws IOError with `file` in it.
NpyHeader parse_npy_header(std::string_view text, const std::string& file);

/// Reads a file of format version 1, 2 or 3. Bytes after the array are left alone. '<V2' is bfloat16, as NumPy stores
/// it. Throws IOError, which names the file and says what is wrong; MemoryError when the array does not fit.
NpyArray read_npy(const std::string& path);

enum class MapMode : uint8_t { read_only, copy_on_write, write_through };

/// As read_npy, without reading: the elements lie in the file, which is mapped. What cannot be mapped as it lies is
/// read, and refused with ValueError for write_through.
NpyArray map_npy(const std::string& path, MapMode mode);

/// Likewise of a file in memory; `name` is what an error calls it.
NpyArray parse_npy(std::string_view content, const std::string& name);

/// All of a file that stands before its elements.
std::string npy_header(ir::DType dtype, std::span<const int64_t> shape, bool fortran);

/// Writes elements that lie at `data` in C (or Fortran) order, byte for byte as np.save does. The path is taken as it
/// is: np.save's ".npy" is the caller's to append. Throws IOError when the file cannot be written to its end.
void write_npy(const std::string& path, ir::DType dtype, std::span<const int64_t> shape, const void* data,
               bool fortran = false);

}  // namespace tarry::frontend
