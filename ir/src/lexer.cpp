#include "lexer.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <charconv>

namespace tarry::ir {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_word_char(char c) { return is_letter(c) || is_digit(c) || c == '.'; }

constexpr int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A token as it stands in a message: quoted, without control characters, not endless.
std::string shown(const Token& t) {
  if (t.kind == Token::Kind::end) return "the end";
  std::string text = t.kind == Token::Kind::value ? "%" : t.kind == Token::Kind::name ? "@" : "";
  for (char c : t.text.substr(0, 40)) text += static_cast<unsigned char>(c) < 32 ? '?' : c;
  return "'" + text + (t.text.size() > 40 ? "…'" : "'");
}

}  // namespace

Lexer::Lexer(std::string_view text) : text_(text) { advance(); }

Token Lexer::next() {
  Token t = token_;
  advance();
  return t;
}

void Lexer::skip_blank() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ';')
      at_ = std::min(text_.find('\n', at_), text_.size());
    else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
      ++at_;
    else
      return;
  }
}

size_t Lexer::scan_word(size_t from) const {
  while (from < text_.size() && is_word_char(text_[from])) ++from;
  return from;
}

/// Digits, letters and dots, and a sign behind the exponent letter (p when hexadecimal, else e).
size_t Lexer::scan_number(size_t from) const {
  size_t at = from;
  if (at < text_.size() && text_[at] == '-') ++at;
  const bool hex = at + 1 < text_.size() && text_[at] == '0' && (text_[at + 1] | 32) == 'x';
  for (; at < text_.size(); ++at) {
    const char c = text_[at];
    if (is_word_char(c)) continue;
    const bool sign = (c == '-' || c == '+') && at > from && (text_[at - 1] | 32) == (hex ? 'p' : 'e');
    if (!sign) break;
  }
  return at;
}

size_t Lexer::scan_quoted(size_t from) const {
  for (size_t at = from + 1; at < text_.size() && text_[at] != '\n'; ++at)
    if (text_[at] == '"') return at + 1;
  return std::string_view::npos;
}

void Lexer::advance() {
  skip_blank();
  token_ = {Token::Kind::end, {}, at_};
  if (at_ >= text_.size()) return;
  const char c = text_[at_];
  size_t begin = at_, end = at_ + 1;
  if (is_letter(c)) {
    token_.kind = Token::Kind::word;
    end = scan_word(at_);
  } else if (is_digit(c) || (c == '-' && end < text_.size() && is_word_char(text_[end]))) {
    token_.kind = Token::Kind::number;
    end = scan_number(at_);
  } else if (c == '%' || c == '@') {
    token_.kind = c == '%' ? Token::Kind::value : Token::Kind::name;
    begin = at_ + 1;
    const bool quoted = c == '@' && begin < text_.size() && text_[begin] == '"';
    end = quoted ? scan_quoted(begin) : scan_word(begin);
    if (end == std::string_view::npos) fail(token_, "a quoted name does not end in its line");
  } else {
    token_.kind = Token::Kind::symbol;
    if (std::string_view("=:,()[]{}|").find(c) == std::string_view::npos) {
      token_.text = text_.substr(at_, 1);
      fail(token_, "unexpected character " + shown(token_));
    }
  }
  token_.text = text_.substr(begin, end - begin);
  at_ = end;
}

bool Lexer::take_word(std::string_view word) {
  if (!at_word(word)) return false;
  advance();
  return true;
}

bool Lexer::take_symbol(char c) {
  if (!at_symbol(c)) return false;
  advance();
  return true;
}

void Lexer::need_word(std::string_view word) {
  if (!take_word(word)) expected("'" + std::string(word) + "'");
}

void Lexer::need_symbol(char c) {
  if (!take_symbol(c)) expected(std::string("'") + c + "'");
}

std::string_view Lexer::need_any_word(std::string_view what) {
  if (token_.kind != Token::Kind::word) expected(what);
  return next().text;
}

int64_t Lexer::need_int() {
  if (token_.kind != Token::Kind::number) expected("an integer");
  int64_t value = 0;
  const char* end = token_.text.data() + token_.text.size();
  auto [stop, error] = std::from_chars(token_.text.data(), end, value);
  if (error == std::errc::result_out_of_range) fail(token_, "integer out of the range of int64: " + shown(token_));
  if (error != std::errc() || stop != end) expected("an integer");
  advance();
  return value;
}

int64_t Lexer::need_count(int64_t limit, std::string_view what) {
  const Token where = token_;
  const int64_t value = need_int();
  if (value < 0 || value > limit)
    fail(where, std::string(what) + " is " + std::to_string(value) + ", outside 0 to " + std::to_string(limit));
  return value;
}

uint32_t Lexer::need_value() {
  if (token_.kind != Token::Kind::value) expected("a value such as %7");
  uint32_t id = 0;
  const char* end = token_.text.data() + token_.text.size();
  auto [stop, error] = std::from_chars(token_.text.data(), end, id);
  if (error != std::errc() || stop != end) expected("a value such as %7");
  advance();
  return id;
}

std::string Lexer::need_name() {
  if (token_.kind != Token::Kind::name) expected("a name such as @main");
  const Token t = token_;
  if (!t.text.starts_with('"')) {
    advance();
    return std::string(t.text);
  }
  const std::string_view inside = t.text.substr(1, t.text.size() - 2);
  std::string name;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\') {
      name += inside[i];
      continue;
    }
    const int high = i + 1 < inside.size() ? hex_digit(inside[i + 1]) : -1;
    const int low = i + 2 < inside.size() ? hex_digit(inside[i + 2]) : -1;
    if (high < 0 || low < 0) fail(t, "a backslash in a name takes two hexadecimal digits");
    name += static_cast<char>(high << 4 | low);
    i += 2;
  }
  advance();
  return name;
}

void Lexer::expected(std::string_view what) const {
  fail(token_, "expected " + std::string(what) + ", found " + shown(token_));
}

void Lexer::fail(const Token& where, std::string_view message) const {
  const std::string_view before = text_.substr(0, where.at);
  const auto line = std::ranges::count(before, '\n') + 1;
  const size_t newline = before.rfind('\n');
  const size_t column = where.at - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
  throw ValueError("line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + std::string(message));
}

}  // namespace tarry::ir
