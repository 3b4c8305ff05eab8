#pragma once
/// Reads the nodes of a function from text.

#include <tarry/ir/graph.h>

#include "lexer.h"

#include <optional>
#include <vector>

namespace tarry::ir {

inline constexpr size_t kMaxRank = 64;      // NumPy's
inline constexpr size_t kMaxAttrs = 65535;  // what a node can hold

/// Reads the nodes and the outputs of one function into `graph`.
class BodyParser {
 public:
  BodyParser(Lexer& lex, Graph& graph) : lex_(lex), graph_(graph) {}
  void run();

 private:
  void node();
  void operand();
  void attributes(Op op);
  void literal();
  void list();
  void pairs(std::string_view between);
  void type(Op op);
  void resolve_literal();
  Value reference();

  Lexer& lex_;
  Graph& graph_;
  // The node being read.
  std::vector<Value> operands_;
  std::vector<int64_t> attrs_;
  std::optional<Token> literal_;
  DType dtype_ = DType::bool_;
  Shape shape_;
};

/// A dtype's word, or ValueError.
DType need_dtype(Lexer& lex);

}  // namespace tarry::ir
