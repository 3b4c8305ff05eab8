#pragma once
/// PTX text as it was parsed: names of registers and variables resolved, instructions not yet.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ptx/types.h"

namespace cudasim {

/// A variable of a module or function, or a parameter.
struct Variable {
  std::string name;
  Space space = Space::generic;
  Type type = Type::none;
  size_t bytes = 0;
  size_t align = 1;
  size_t offset = 0;       // of a parameter
  bool is_extern = false;  // shared memory whose size the launch chooses
  std::vector<uint8_t> initial;
  struct Address {
    size_t at;
    std::string of;
    int64_t plus;
  };
  std::vector<Address> addresses;  // within `initial`
};

struct Operand {
  enum class Kind : uint8_t {
    reg,      // index: of the function's registers
    special,  // name: %tid.x and its like
    symbol,   // name; index: of the function's variables, or -1 for one of the module
    label,    // index: of the function's labels
    integer,  // value
    f32,
    f64,      // value: the bits
    vector,   // parts
    address,  // parts[0] + value
    pair,     // parts[0] | parts[1]
    list,     // parts: between parentheses
    sink      // _
  };
  Kind kind = Kind::sink;
  bool negated = false;  // !p
  int index = -1;
  uint64_t value = 0;
  std::string name;
  std::vector<Operand> parts;
};

struct Statement {
  int line = 0;
  int guard = -1;  // a predicate register
  bool guard_negated = false;
  std::string opcode;
  std::vector<Operand> operands;
  std::string text;  // as written
};

struct Function {
  std::string name;
  bool is_entry = false;
  bool has_body = false;
  int line = 0;
  std::vector<Type> registers;
  std::vector<Variable> variables;  // what it returns, its parameters, then those of its body
  int num_returns = 0;
  int num_params = 0;
  std::vector<Statement> statements;
  std::vector<int> labels;  // the statement that follows each
  std::vector<std::string> label_names;
  std::map<std::string, std::vector<int>> branch_targets;  // .branchtargets tables, by name
  int max_threads = 0;                                     // .maxntid, 0: not given
  int required_threads[3] = {0, 0, 0};                     // .reqntid

  const Variable& param(int i) const { return variables[num_returns + i]; }
  size_t param_bytes() const;
};

struct Module {
  int version = 0;  // 70 for 7.0
  int sm = 0;
  std::vector<Variable> variables;
  std::vector<std::unique_ptr<Function>> functions;

  const Function* function(std::string_view name) const;
  const Variable* variable(std::string_view name) const;
};

/// Throws PtxError.
Module parse(std::string_view source);

}  // namespace cudasim
