#include "float_loops.h"

namespace tarry::passes::math {

Loop float32_loop(ir::Op op) { return float_loop<float>(op); }

}  // namespace tarry::passes::math
