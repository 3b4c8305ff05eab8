#pragma once
/// Calls of functions with derivatives of their own, and of functions that a batch goes through whole.

#include "autodiff/recording.h"

#include <tarry/autodiff/core.h>

namespace tarry::frontend {

/// While a transform records. The results stand in the trace as ops `custom`.
struct CustomCall {
  CustomContext context;
  CustomRule backward, forward;  // either may be missing
  FlatFunction stacked;  // of a call that waits for its batch: from stacks of the arguments to those of the results
};

/// From arguments, results and tangents of the arguments to tangents of the results; linear in the tangents.
using TangentRule = std::function<Arrays(const Arrays& at, const Arrays& results, const Arrays& tangents)>;

/// f of arguments some of which a transform follows, or depend on a batch: f sees constants with values, its derivative
/// is the rule. The rule is made of ops that have derivatives, and so has one of any order. Both take stacks too:
/// arrays with one axis more, in front.
Arrays with_tangents(const Arrays& at, const FlatFunction& f, TangentRule rule);

/// The results of a call for a whole batch, from its stacked arguments, results (of a call that does not wait) and
/// residuals. Arguments and residuals for which `mapped` does not hold are the same for all.
Arrays batched_call(const CustomCall& call, const CustomContext& stacks, const std::vector<bool>& mapped);

}  // namespace tarry::frontend
