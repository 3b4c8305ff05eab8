#pragma once
/// A walk over tokens, with what every part of the parser needs.

#include <cstdint>

#include "ptx/fault.h"
#include "ptx/module.h"
#include "ptx/tokens.h"

namespace cudasim {

class Reader {
 public:
  explicit Reader(std::string_view source) : source_(source), tokens_(tokenize(source)) {}

  const Token& peek(int ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const Token& next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool at_end() const { return peek().kind == Token::Kind::end; }
  bool is(std::string_view text, int ahead = 0) const { return peek(ahead).text == text && !at_end(); }
  bool take(std::string_view text) { return is(text) && (next(), true); }
  void expect(std::string_view text);
  std::string_view word(const char* what);
  [[noreturn]] void fail(const std::string& what) const { throw PtxError(peek().line, what); }

  bool at_number() const;
  /// An integer, or a float's bits.
  Operand number();
  uint64_t integer();
  /// Past the end of a statement that means nothing here.
  void skip_statement();
  /// The source from a token on up to the current one.
  std::string text_from(const Token& first) const;

 private:
  std::string_view source_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

/// A declaration: what follows .global, .shared, .local, .const or .param, up to the name's dimensions.
Variable read_variable(Reader& in, Space space);
/// `= …` of a variable, where there is one.
void read_initializer(Reader& in, Variable& v);
/// The body of a function, from its brace to the other.
void read_body(Reader& in, Function& f);

}  // namespace cudasim
