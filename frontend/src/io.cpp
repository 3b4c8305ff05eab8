#include <tarry/numpy/io.h>

#include "axes.h"
#include "format.h"
#include "npy.h"
#include "observe.h"
#include "order.h"
#include "place.h"
#include "zip.h"

#include <tarry/ir/error.h>

#include <set>
#include <string>
#include <string_view>

namespace tarry::numpy {

using namespace frontend;

std::string str(const Array& x, Here here) { return to_string(x, here); }

std::string repr(const Array& x, Here here) {
  const frontend::PrintOptions& options = current_print_options();
  if (options.override_repr) return options.override_repr(x);
  const CompactView c = compact(x, here);
  return array_repr(c.dtype, c.shape, c.data, options);
}

void save(const std::string& file, const Array& x, Here here) {
  const std::string path = file.ends_with(".npy") ? file : file + ".npy";
  const HostView h = look(x, here);
  const bool fortran = h.shape.size() > 1 && !is_c_order(h.shape, h.strides) && is_f_order(h.shape, h.strides);
  if (fortran) return write_npy(path, h.dtype, h.shape, h.data, true);
  const CompactView c = compact(x, here);
  write_npy(path, c.dtype, c.shape, c.data);
}

namespace {

Array as_array(NpyArray a) {
  Array result = array_over(std::move(a.buffer), a.dtype, a.shape);
  Cell& cell = cell_of(result);
  if (a.fortran && a.shape.size() > 1) {
    cell.strides = compact_strides(a.shape, all_axes(a.shape.size()));
    cell.c_order = is_c_order(a.shape, cell.strides);
  }
  return to_current(result);
}

constexpr std::string_view kEnding = ".npy";  // of a name in an archive

void write_archive(const std::string& file, const NamedArrays& arrays, bool compress, Here here) {
  std::set<std::string> names;
  for (const auto& [name, array] : arrays) {
    if (!names.insert(name).second) throw ValueError("savez: two arrays are called '" + name + "'");
    if (name.size() + kEnding.size() > ZipWriter::kLongestName)
      throw ValueError("savez: a name of " + std::to_string(name.size()) + " bytes is too long for an archive");
  }
  ZipWriter zip(file.ends_with(".npz") ? file : file + ".npz");
  for (const auto& [name, array] : arrays) {
    const CompactView c = compact(array, here);
    const auto bytes = static_cast<uint64_t>(ir::num_elements(c.shape)) * ir::size_of(c.dtype);
    zip.add(name + std::string(kEnding), npy_header(c.dtype, c.shape, false), c.data, bytes, compress);
  }
  zip.finish();
}

}  // namespace

Array load(const std::string& file) { return as_array(read_npy(file)); }

Array load(const std::string& file, const std::string& mmap_mode) {
  if (mmap_mode != "r" && mmap_mode != "c" && mmap_mode != "r+")
    throw ValueError("mmap_mode must be one of 'r', 'c', 'r+' (got '" + mmap_mode + "')");
  const MapMode mode = mmap_mode == "r"   ? MapMode::read_only
                       : mmap_mode == "c" ? MapMode::copy_on_write
                                          : MapMode::write_through;
  const Array result = as_array(map_npy(file, mode));
  Cell& cell = cell_of(result);
  cell.read_only = cell.frozen = mode == MapMode::read_only;
  // Writes go to the file, or to the few pages they touch, in place.
  cell.pinned = !cell.read_only && cell.buffer.is_external();
  return result;
}

void savez(const std::string& file, const NamedArrays& arrays, Here here) { write_archive(file, arrays, false, here); }
void savez_compressed(const std::string& file, const NamedArrays& arrays, Here here) {
  write_archive(file, arrays, true, here);
}

std::map<std::string, Array> loadz(const std::string& file) {
  ZipReader zip(file);
  std::map<std::string, Array> arrays;
  for (const ZipEntry& e : zip.entries()) {
    if (!e.name.ends_with(kEnding)) continue;
    const std::string content = zip.read(e);
    arrays[e.name.substr(0, e.name.size() - kEnding.size())] = as_array(parse_npy(content, file + ":" + e.name));
  }
  return arrays;
}

}  // namespace tarry::numpy
