#include "body_parser.h"

#include <tarry/ir/literal.h>

#include "text_words.h"

#include <charconv>
#include <limits>

namespace tarry::ir {

DType need_dtype(Lexer& lex) {
  const Token where = lex.peek();
  const auto dtype = dtype_from_text(lex.need_any_word("a dtype such as f32"));
  if (!dtype) lex.fail(where, "there is no dtype '" + std::string(where.text.substr(0, 40)) + "'");
  return *dtype;
}

void BodyParser::run() {
  while (lex_.peek().kind == Token::Kind::value) node();
  if (!lex_.take_word("return")) return;
  do graph_.outputs.push_back(reference());
  while (lex_.take_symbol(','));
}

Value BodyParser::reference() {
  const Token where = lex_.peek();
  const uint32_t id = lex_.need_value();
  if (id >= graph_.size()) lex_.fail(where, "%" + std::to_string(id) + " is not defined before its use");
  return {id};
}

void BodyParser::node() {
  const Token where = lex_.peek();
  const uint32_t id = lex_.need_value();
  if (id != graph_.size())
    lex_.fail(where, "values are numbered without gaps: expected %" + std::to_string(graph_.size()) + ", found %" +
                         std::to_string(id));
  lex_.need_symbol('=');
  const Token name = lex_.peek();
  const auto op = op_from_text(lex_.need_any_word("the name of an op"));
  if (!op) lex_.fail(name, "there is no op '" + std::string(name.text.substr(0, 40)) + "'");

  operands_.clear();
  attrs_.clear();
  literal_.reset();
  bool more = lex_.peek().kind == Token::Kind::value;
  while (more && lex_.peek().kind == Token::Kind::value) {
    operand();
    more = lex_.take_symbol(',');
  }
  if (more || (operands_.empty() && !lex_.at_symbol(':'))) attributes(*op);
  type(*op);
  if (literal_) resolve_literal();
  if (graph_.add(*op, dtype_, shape_, operands_, attrs_).id != id)
    lex_.fail(where, "%" + std::to_string(id) + " repeats an older value; a graph holds each value once");
}

void BodyParser::operand() {
  if (operands_.size() >= kMaxAttrs) lex_.fail(lex_.peek(), "too many operands");
  operands_.push_back(reference());
}

void BodyParser::attributes(Op op) {
  if (lex_.take_word("attrs")) return list();
  const AttrKind kind = info(op).attrs;
  const std::string_view word = attr_word(kind);
  if (!word.empty()) lex_.need_word(word);
  switch (kind) {
    case AttrKind::none: lex_.expected(operands_.empty() ? "an operand or a type" : "an operand"); break;
    case AttrKind::literal: literal(); break;
    case AttrKind::slot:
    case AttrKind::axis:
    case AttrKind::access: attrs_.push_back(lex_.need_int()); break;
    case AttrKind::axes:
    case AttrKind::perm: list(); break;
    case AttrKind::slice: pairs("::"); break;
    case AttrKind::pad: pairs(":"); break;
  }
}

/// A literal's meaning depends on the dtype, which stands behind it: "bits 0x…" is read here, all else kept.
void BodyParser::literal() {
  if (!lex_.take_word("bits")) {
    const auto kind = lex_.peek().kind;
    if (kind != Token::Kind::number && kind != Token::Kind::word) lex_.expected("a literal");
    literal_ = lex_.next();
    return;
  }
  const Token where = lex_.peek();
  const std::string_view text = where.text;
  uint64_t bits = 0;
  if (where.kind != Token::Kind::number || !text.starts_with("0x")) lex_.expected("0x and hexadecimal digits");
  auto [stop, error] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  if (error != std::errc() || stop != text.data() + text.size()) lex_.expected("0x and at most 16 hexadecimal digits");
  lex_.next();
  attrs_.push_back(static_cast<int64_t>(bits));
}

void BodyParser::resolve_literal() {
  const auto bits = literal_bits(dtype_, literal_->text);
  if (!bits)
    lex_.fail(*literal_, "'" + std::string(literal_->text.substr(0, 40)) + "' is no " + std::string(info(dtype_).name) +
                             " literal");
  attrs_.push_back(static_cast<int64_t>(*bits));
}

void BodyParser::list() {
  lex_.need_symbol('(');
  if (lex_.take_symbol(')')) return;
  do {
    if (attrs_.size() >= kMaxAttrs) lex_.fail(lex_.peek(), "too many attributes");
    attrs_.push_back(lex_.need_int());
  } while (lex_.take_symbol(','));
  lex_.need_symbol(')');
}

void BodyParser::pairs(std::string_view between) {
  lex_.need_symbol('[');
  if (lex_.take_symbol(']')) return;
  do {
    if (attrs_.size() + 2 > kMaxAttrs) lex_.fail(lex_.peek(), "too many attributes");
    attrs_.push_back(lex_.need_int());
    for (char c : between) lex_.need_symbol(c);
    attrs_.push_back(lex_.need_int());
  } while (lex_.take_symbol(','));
  lex_.need_symbol(']');
}

void BodyParser::type(Op op) {
  shape_.clear();
  if (!lex_.take_symbol(':')) {
    if (info(op).dtype_rule != DTypeRule::none || operands_.empty()) lex_.expected("',' or ':' and a type");
    dtype_ = graph_.dtype(operands_[0]);
    return;
  }
  dtype_ = need_dtype(lex_);
  if (!lex_.take_symbol('[') || lex_.take_symbol(']')) return;
  do {
    if (shape_.size() >= kMaxRank) lex_.fail(lex_.peek(), "more than 64 axes");
    shape_.push_back(lex_.need_count(std::numeric_limits<int64_t>::max(), "an extent"));
  } while (lex_.take_symbol(','));
  lex_.need_symbol(']');
}

}  // namespace tarry::ir
