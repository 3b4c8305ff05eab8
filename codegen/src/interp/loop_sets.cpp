#include "interp/loops.h"

namespace tarry::codegen::interp {

#if defined(__x86_64__)
namespace wide {
Loop primitive_loop(ir::Op op, ir::DType result, ir::DType operand);
}
#endif

LoopSet widest_loops() {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                           __builtin_cpu_supports("avx512cd");
  if (wide) return LoopSet::wide;
#endif
  return LoopSet::baseline;
}

Loop primitive_loop([[maybe_unused]] LoopSet set, ir::Op op, ir::DType result, ir::DType operand) {
#if defined(__x86_64__)
  if (set == LoopSet::wide) return wide::primitive_loop(op, result, operand);
#endif
  return baseline::primitive_loop(op, result, operand);
}

}  // namespace tarry::codegen::interp
