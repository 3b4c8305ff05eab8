#pragma once
/// What NumPy says where the last axes of two operands do not fit a function of vectors and matrices.

#include "cell.h"

#include <tarry/ir/error.h>

#include <cstdint>
#include <string>

namespace tarry::numpy {

/// `axes`: the axes of operands and result as NumPy writes them, as in "(m,n),(n)->(m)".
struct CoreAxes {
  std::string name, axes;

  /// ValueError where an operand has fewer axes than needed.
  void need(int operand, int64_t ndim, int64_t needed) const {
    if (ndim < needed)
      throw ValueError(name + ": Input operand " + std::to_string(operand) + " does not have enough dimensions (has " +
                       std::to_string(ndim) + ", gufunc core with signature " + axes + " requires " +
                       std::to_string(needed) + ")");
  }
  /// ValueError where the first core axis of operand 1 has another extent than operand 0 asks for.
  void match(int64_t wanted, int64_t given) const {
    if (given != wanted)
      throw ValueError(name + ": Input operand 1 has a mismatch in its core dimension 0, with gufunc signature " +
                       axes + " (size " + std::to_string(given) + " is different from " + std::to_string(wanted) + ")");
  }
};

/// Those of linalg.solve, of one right side or a matrix of them.
inline CoreAxes axes_of_solve(bool vector) {
  return vector ? CoreAxes{"solve1", "(m,m),(m)->(m)"} : CoreAxes{"solve", "(m,m),(m,n)->(m,n)"};
}

/// "(2,newaxis,newaxis)": the axes of a stack of matrices, without those of the matrices.
inline std::string remapped(const ir::Shape& stack) {
  std::string text = "(";
  for (size_t i = 0; i + 2 < stack.size(); ++i) text += std::to_string(stack[i]) + ",";
  return text + "newaxis,newaxis)";
}

/// ValueError of two stacks of matrices that do not broadcast, where the results had so many rows and columns.
[[noreturn]] inline void refuse_stacks(const ir::Shape& x, const ir::Shape& y, int64_t rows, int64_t columns) {
  throw ValueError("operands could not be broadcast together with remapped shapes [original->remapped]: " +
                   frontend::dense_text(x) + "->" + remapped(x) + " " + frontend::dense_text(y) + "->" + remapped(y) +
                   "  and requested shape (" + std::to_string(rows) + "," + std::to_string(columns) + ")");
}

}  // namespace tarry::numpy
