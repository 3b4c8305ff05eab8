#pragma once
/// Splits the text form into tokens.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tarry::ir {

struct Token {
  enum class Kind : uint8_t {
    end,
    word,    // add, f32, inf
    number,  // -7, 0x1.8p-3, -inf
    value,   // %7; the text is "7"
    name,    // @main or @"any text"; the text is what follows the @
    symbol,  // one character
  };
  Kind kind = Kind::end;
  std::string_view text;
  size_t at = 0;  // offset in the whole text
};

/// One token of look-ahead over a text; `;` starts a comment that ends with its line.
class Lexer {
 public:
  explicit Lexer(std::string_view text);

  const Token& peek() const { return token_; }
  /// The current token; steps behind it.
  Token next();

  bool at_end() const { return token_.kind == Token::Kind::end; }
  bool at_word(std::string_view word) const { return token_.kind == Token::Kind::word && token_.text == word; }
  bool at_symbol(char c) const { return token_.kind == Token::Kind::symbol && token_.text[0] == c; }
  /// Steps behind the word or symbol if it is the current token.
  bool take_word(std::string_view word);
  bool take_symbol(char c);
  void need_word(std::string_view word);
  void need_symbol(char c);
  std::string_view need_any_word(std::string_view what);
  int64_t need_int();
  /// An integer of 0 … limit.
  int64_t need_count(int64_t limit, std::string_view what);
  uint32_t need_value();
  /// The name behind an @, its escapes resolved.
  std::string need_name();

  /// Throws ValueError: "line 3, column 7: expected `what`, found 'x'".
  [[noreturn]] void expected(std::string_view what) const;
  /// Throws ValueError with the place of the token.
  [[noreturn]] void fail(const Token& where, std::string_view message) const;

 private:
  void advance();
  void skip_blank();
  size_t scan_number(size_t from) const;
  size_t scan_quoted(size_t from) const;
  size_t scan_word(size_t from) const;

  std::string_view text_;
  size_t at_ = 0;
  Token token_;
};

}  // namespace tarry::ir
