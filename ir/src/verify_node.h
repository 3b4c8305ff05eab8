#pragma once
/// The checks of single nodes that both levels share, and how a failure is reported.

#include <tarry/ir/graph.h>

#include <string>

namespace tarry::ir {

/// What is wrong with which node; the entry points of the verifier make an InternalError of it.
struct Broken {
  Value node;  // invalid: not about one node
  std::string what;
};

[[noreturn]] void broken(Value node, std::string what);

/// Operands are older and have a result; their number, the attributes' number, the dtypes accepted
/// and the dtype of the result are what the op table says.
void verify_types(const Graph& g, Value v);

/// The array level: shapes and the attributes that depend on them.
void verify_shape(const Graph& g, Value v);

[[noreturn]] void throw_report(const Graph& g, const Broken& b, const std::string& whole);

/// Runs `check`; what it finds becomes an InternalError with the node and the text of the whole.
template <class Check, class Text>
void report(const Graph& g, Check check, Text text) {
  try {
    check();
  } catch (const Broken& b) {
    throw_report(g, b, text());
  }
}

}  // namespace tarry::ir
