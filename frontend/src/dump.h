#pragma once
/// What TARRY_DUMP asks for, on the standard error.

#include <tarry/ir/program.h>
#include <tarry/passes/pass.h>

namespace tarry::frontend {

/// passes::compile, showing the stages on the way: `trace`, what each of the `passes` changed, `plan`,
/// and for each kernel of the plan `kernel`, `llvm`, `asm` and `ptx` (for compute capability 75).
passes::Plan compile_and_dump(ir::Program program, passes::PipelineOptions options);

}  // namespace tarry::frontend
