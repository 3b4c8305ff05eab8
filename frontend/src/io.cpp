#include <tarry/numpy/io.h>

#include "format.h"
#include "npy.h"
#include "observe.h"
#include "order.h"

namespace tarry::numpy {

using namespace frontend;

std::string str(const Array& x) { return to_string(x); }

std::string repr(const Array& x) {
  const CompactView c = compact(x, Here(nullptr, 0));
  return array_repr(c.dtype, c.shape, c.data);
}

void save(const std::string& file, const Array& x) {
  const std::string path = file.ends_with(".npy") ? file : file + ".npy";
  const HostView h = look(x, Here(nullptr, 0));
  const bool fortran = h.shape.size() > 1 && !is_c_order(h.shape, h.strides) && is_f_order(h.shape, h.strides);
  if (fortran) return write_npy(path, h.dtype, h.shape, h.data, true);
  const CompactView c = compact(x, Here(nullptr, 0));
  write_npy(path, c.dtype, c.shape, c.data);
}

Array load(const std::string& file) {
  NpyArray a = read_npy(file);
  Array result = array_over(std::move(a.buffer), a.dtype, a.shape);
  Cell& cell = cell_of(result);
  if (a.fortran && a.shape.size() > 1) {
    ir::Ints axes;
    for (size_t i = 0; i < a.shape.size(); ++i) axes.push_back(static_cast<int64_t>(i));
    cell.strides = compact_strides(a.shape, axes);
    cell.c_order = is_c_order(a.shape, cell.strides);
  }
  return result;
}

}  // namespace tarry::numpy
