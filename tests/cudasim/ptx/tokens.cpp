#include "ptx/tokens.h"

#include <cctype>

#include "ptx/fault.h"

namespace cudasim {
namespace {

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.';
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    while (skip_blanks()) {
      const size_t begin = at_;
      if (in_word(source_[at_])) {
        word();
        add(Token::Kind::word, begin);
      } else if (source_[at_] == '"') {
        string();
        add(Token::Kind::string, begin);
      } else {
        ++at_;
        add(Token::Kind::mark, begin);
      }
    }
    tokens_.push_back({Token::Kind::end, "end of the text", line_});
    return std::move(tokens_);
  }

 private:
  bool starts(std::string_view with) const { return source_.substr(at_, with.size()) == with; }

  bool skip_blanks() {
    while (at_ < source_.size()) {
      if (source_[at_] == '\n') {
        ++line_;
        ++at_;
      } else if (std::isspace(static_cast<unsigned char>(source_[at_]))) {
        ++at_;
      } else if (starts("//")) {
        at_ = std::min(source_.find('\n', at_), source_.size());
      } else if (starts("/*")) {
        const size_t end = source_.find("*/", at_);
        if (end == source_.npos) throw PtxError(line_, "a comment without an end");
        for (; at_ < end + 2; ++at_) line_ += source_[at_] == '\n';
      } else {
        return true;
      }
    }
    return false;
  }

  void word() {
    while (at_ < source_.size()) {
      if (starts("::"))
        at_ += 2;
      else if (in_word(source_[at_]))
        ++at_;
      else
        break;
    }
  }

  void string() {
    const size_t end = source_.find('"', at_ + 1);
    if (end == source_.npos) throw PtxError(line_, "a string without an end");
    at_ = end + 1;
  }

  void add(Token::Kind kind, size_t begin) { tokens_.push_back({kind, source_.substr(begin, at_ - begin), line_}); }

  std::string_view source_;
  size_t at_ = 0;
  int line_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) { return Tokenizer(source).run(); }

}  // namespace cudasim
