#pragma once
/// Calls of functions with derivatives of their own.

#include <tarry/autodiff/core.h>

namespace tarry::frontend {

/// While a transform records. The results stand in the trace as ops `custom`.
struct CustomCall {
  Arrays arguments, results;
  FlatFunction backward, forward;  // either may be missing
};

}  // namespace tarry::frontend
