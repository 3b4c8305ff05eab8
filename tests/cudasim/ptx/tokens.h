#pragma once
/// PTX text cut into words and marks.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cudasim {

struct Token {
  enum class Kind : uint8_t { word, mark, string, end };
  Kind kind;
  std::string_view text;  // of the source, which has to outlive it
  int line;
};

/// Words hold letters, digits and any of _ $ % . and ::, so that an opcode is one word. The last token is an end.
std::vector<Token> tokenize(std::string_view source);

}  // namespace cudasim
