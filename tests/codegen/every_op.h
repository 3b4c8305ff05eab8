#pragma once
/// Every elementwise op on every dtype, on the values at which ops go wrong, against the interpreter.

#include <tarry/codegen/backend.h>
#include <tarry/ir/dtype.h>

namespace tarry::test {

void expect_interpreted_ops(ir::DType t, const codegen::Backend& compiled);
void expect_interpreted_casts(ir::DType t, const codegen::Backend& compiled);

}  // namespace tarry::test
