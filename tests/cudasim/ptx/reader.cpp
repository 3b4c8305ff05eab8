#include "ptx/reader.h"

#include <cctype>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace cudasim {

void Reader::expect(std::string_view text) {
  if (!take(text)) fail(cudasim::text("'", text, "' expected, not '", peek().text, "'"));
}

std::string_view Reader::word(const char* what) {
  if (peek().kind != Token::Kind::word) fail(text(what, " expected, not '", peek().text, "'"));
  return next().text;
}

bool Reader::at_number() const {
  const bool sign = is("-") || is("+");
  const Token& t = peek(sign);
  return t.kind == Token::Kind::word && (std::isdigit(static_cast<unsigned char>(t.text[0])) ||
                                         (t.text[0] == '.' && t.text.size() > 1 && std::isdigit(t.text[1])));
}

namespace {

bool read_bits(std::string_view digits, int base, uint64_t& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return error == std::errc() && end == digits.data() + digits.size();
}

bool read_integer(std::string_view t, uint64_t& value) {
  if (t.size() > 1 && t.back() == 'U') t.remove_suffix(1);
  if (t.size() > 2 && t[0] == '0' && (t[1] == 'x' || t[1] == 'X')) return read_bits(t.substr(2), 16, value);
  if (t.size() > 2 && t[0] == '0' && (t[1] == 'b' || t[1] == 'B')) return read_bits(t.substr(2), 2, value);
  if (t.size() > 1 && t[0] == '0') return read_bits(t.substr(1), 8, value);
  return read_bits(t, 10, value);
}

}  // namespace

Operand Reader::number() {
  Operand o;
  const bool negative = take("-");
  if (!negative) take("+");
  const std::string_view t = word("a number");
  const bool is_bits = t.size() > 2 && t[0] == '0';
  if (is_bits && (t[1] == 'f' || t[1] == 'F') && read_bits(t.substr(2), 16, o.value)) {
    o.kind = Operand::Kind::f32;
    if (negative) o.value ^= 0x80000000u;
  } else if (is_bits && (t[1] == 'd' || t[1] == 'D') && read_bits(t.substr(2), 16, o.value)) {
    o.kind = Operand::Kind::f64;
    if (negative) o.value ^= uint64_t{1} << 63;
  } else if (read_integer(t, o.value)) {
    o.kind = Operand::Kind::integer;
    if (negative) o.value = -o.value;
  } else {
    std::string decimal(t);
    // 1e-5 was cut into words at the sign.
    if (std::tolower(decimal.back()) == 'e' && (is("-") || is("+")))
      decimal += std::string(next().text) + std::string(word("an exponent"));
    char* end = nullptr;
    const double value = std::strtod(decimal.c_str(), &end);
    if (*end != 0) fail("'" + decimal + "' is no number");
    o.kind = Operand::Kind::f64;
    const double with_sign = negative ? -value : value;
    std::memcpy(&o.value, &with_sign, sizeof o.value);
  }
  return o;
}

uint64_t Reader::integer() {
  const Operand o = number();
  if (o.kind != Operand::Kind::integer) fail("an integer expected");
  return o.value;
}

void Reader::skip_statement() {
  while (!at_end() && !take(";")) next();
}

std::string Reader::text_from(const Token& first) const {
  const char* begin = first.text.data();
  const char* end = tokens_[at_ - 1].text.data() + tokens_[at_ - 1].text.size();
  std::string line;
  for (const char* c = begin; c < end; ++c) {
    const bool blank = std::isspace(static_cast<unsigned char>(*c)) != 0;
    if (!blank) line += *c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return line;
}

Variable read_variable(Reader& in, Space space) {
  Variable v;
  v.space = space;
  size_t align = 0;
  int vector = 1;
  while (v.type == Type::none) {
    const std::string_view word = in.word("a type");
    if (word == ".align") {
      align = in.integer();
    } else if (word == ".v2" || word == ".v4") {
      vector = word[2] - '0';
    } else if (word == ".ptr") {
      // .ptr [.space] [.align n] describes what a parameter points to.
      for (const char* of : {".global", ".shared", ".local", ".const"}) in.take(of);
      if (in.take(".align")) in.integer();
      continue;
    } else if (word.substr(0, 1) == ".") {
      v.type = type_of(word.substr(1));
      if (v.type == Type::none) in.fail("'" + std::string(word) + "' is no type of a variable");
    } else {
      in.fail("'" + std::string(word) + "' is no type");
    }
  }
  if (in.take(".ptr")) {
    for (const char* of : {".global", ".shared", ".local", ".const"}) in.take(of);
    if (in.take(".align")) in.integer();
  }
  v.name = in.word("a name");
  size_t elements = vector;
  bool unsized = false;
  while (in.take("[")) {
    if (in.is("]"))
      unsized = true;
    else
      elements *= in.integer();
    in.expect("]");
  }
  v.bytes = unsized ? 0 : elements * size_of(v.type);
  v.is_extern = unsized;
  v.align = align ? align : std::max<size_t>(1, size_of(v.type) * vector);
  return v;
}

namespace {

void put(Variable& v, size_t& at, const Operand& o) {
  const size_t bytes = size_of(v.type);
  uint64_t bits = o.value;
  if (o.kind == Operand::Kind::f64 && v.type == Type::f32) {
    double wide;
    std::memcpy(&wide, &bits, sizeof wide);
    const float narrow = static_cast<float>(wide);
    bits = 0;
    std::memcpy(&bits, &narrow, sizeof narrow);
  }
  if (v.initial.size() < at + bytes) v.initial.resize(at + bytes);
  std::memcpy(&v.initial[at], &bits, std::min<size_t>(bytes, sizeof bits));
  at += bytes;
}

void read_value(Reader& in, Variable& v, size_t& at) {
  if (in.take("{")) {
    while (!in.take("}")) {
      read_value(in, v, at);
      in.take(",");
    }
    return;
  }
  if (in.at_number()) return put(v, at, in.number());
  Variable::Address address{at, "", 0};
  const bool is_generic = in.take("generic");
  if (is_generic) in.expect("(");
  address.of = in.word("a name");
  if (is_generic) in.expect(")");
  if (in.take("+")) address.plus = static_cast<int64_t>(in.integer());
  if (size_of(v.type) != 8) in.fail("an address in a variable of another size");
  put(v, at, Operand{});
  v.addresses.push_back(address);
}

}  // namespace

void read_initializer(Reader& in, Variable& v) {
  if (!in.take("=")) return;
  size_t at = 0;
  read_value(in, v, at);
  if (v.is_extern) {
    v.bytes = at;
    v.is_extern = false;
  }
  if (at > v.bytes) in.fail("more values than '" + v.name + "' has room for");
}

}  // namespace cudasim
