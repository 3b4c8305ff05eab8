#pragma once
/// Calls of functions with derivatives of their own.

#include <tarry/autodiff/core.h>

namespace tarry::frontend {

/// While a transform records. The results stand in the trace as ops `custom`.
struct CustomCall {
  Arrays arguments, results;
  FlatFunction backward, forward;  // either may be missing
};

/// From arguments, results and tangents of the arguments to tangents of the results; linear in the tangents.
using TangentRule = std::function<Arrays(const Arrays& at, const Arrays& results, const Arrays& tangents)>;

/// f of arguments some of which a transform follows: f sees constants, its derivative is the rule. The rule is made of
/// ops that have derivatives, and so has one of any order.
Arrays with_tangents(const Arrays& at, const FlatFunction& f, TangentRule rule);

}  // namespace tarry::frontend
