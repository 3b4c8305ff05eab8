#include "float_loops.h"

namespace tarry::passes::math {

Loop float64_loop(ir::Op op) { return float_loop<double>(op); }

}  // namespace tarry::passes::math
