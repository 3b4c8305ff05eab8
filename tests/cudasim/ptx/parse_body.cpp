/// Bodies of functions: registers, scopes, statements.

#include <unordered_map>

#include "ptx/reader.h"

namespace cudasim {
namespace {

class BodyParser {
 public:
  BodyParser(Reader& in, Function& f) : in_(in), f_(f) {
    scopes_.emplace_back();
    for (size_t i = 0; i < f.variables.size(); ++i)
      scopes_[0][f.variables[i].name] = {Kind::variable, static_cast<int>(i)};
  }

  void run() {
    in_.expect("{");
    block();
    for (size_t i = 0; i < f_.labels.size(); ++i)
      if (f_.labels[i] < 0)
        throw PtxError(f_.line, "the label '" + f_.label_names[i] + "' is nowhere in '" + f_.name + "'");
  }

 private:
  enum class Kind { reg, variable };
  struct Name {
    Kind kind;
    int index;
  };

  void block() {
    scopes_.emplace_back();
    while (!in_.take("}")) {
      if (in_.at_end()) in_.fail("'}' expected");
      if (in_.take("{"))
        block();
      else if (in_.peek().text[0] == '.')
        directive();
      else if (in_.peek().kind == Token::Kind::word && in_.is(":", 1))
        define_label();
      else if (!in_.take(";"))
        statement();
    }
    scopes_.pop_back();
  }

  void directive() {
    const std::string_view name = in_.next().text;
    if (name == ".reg") return registers();
    if (name == ".loc" || name == ".file") {
      const int line = in_.peek().line;
      while (!in_.at_end() && in_.peek().line == line) in_.next();
      return;
    }
    if (name == ".pragma") return in_.skip_statement();
    Space space;
    if (name == ".local")
      space = Space::local;
    else if (name == ".shared")
      space = Space::shared;
    else if (name == ".param")
      space = Space::param;
    else
      in_.fail("'" + std::string(name) + "' is not known in a function");
    do {
      Variable v = read_variable(in_, space);
      name_it(v.name, {Kind::variable, static_cast<int>(f_.variables.size())});
      f_.variables.push_back(std::move(v));
    } while (in_.take(","));
    in_.expect(";");
  }

  void registers() {
    Type type = Type::none;
    while (type == Type::none) {
      const std::string_view word = in_.word("a type");
      if (word == ".v2" || word == ".v4") in_.fail("registers that are vectors are not known here");
      type = type_of(word.substr(1));
      if (type == Type::none) in_.fail("'" + std::string(word) + "' is no type");
    }
    do {
      const std::string name(in_.word("a register"));
      if (in_.take("<")) {
        const uint64_t count = in_.integer();
        in_.expect(">");
        for (uint64_t i = 0; i < count; ++i) declare(name + std::to_string(i), type);
      } else {
        declare(name, type);
      }
    } while (in_.take(","));
    in_.expect(";");
  }

  void declare(const std::string& name, Type type) {
    name_it(name, {Kind::reg, static_cast<int>(f_.registers.size())});
    f_.registers.push_back(type);
  }

  void name_it(const std::string& name, Name what) {
    if (!scopes_.back().emplace(name, what).second) in_.fail("'" + name + "' is declared twice");
  }

  int label(const std::string& name) {
    const auto [place, is_new] = labels_.emplace(name, static_cast<int>(f_.labels.size()));
    if (is_new) {
      f_.labels.push_back(-1);
      f_.label_names.push_back(name);
    }
    return place->second;
  }

  void define_label() {
    const std::string name(in_.next().text);
    in_.expect(":");
    if (in_.take(".branchtargets")) {
      std::vector<int>& targets = f_.branch_targets[name];
      do targets.push_back(label(std::string(in_.word("a label"))));
      while (in_.take(","));
      in_.expect(";");
      return;
    }
    if (in_.is(".callprototype") || in_.is(".calltargets")) in_.fail("calls through pointers are not known here");
    int& at = f_.labels[label(name)];
    if (at >= 0) in_.fail("the label '" + name + "' stands here twice");
    at = static_cast<int>(f_.statements.size());
  }

  const Name* find(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
      if (const auto found = scope->find(name); found != scope->end()) return &found->second;
    return nullptr;
  }

  void statement() {
    const Token first = in_.peek();
    Statement s;
    s.line = first.line;
    if (in_.take("@")) {
      s.guard_negated = in_.take("!");
      const std::string name(in_.word("a predicate"));
      const Name* guard = find(name);
      if (!guard || guard->kind != Kind::reg || f_.registers[guard->index] != Type::pred)
        in_.fail("'" + name + "' is no predicate");
      s.guard = guard->index;
    }
    s.opcode = in_.word("an instruction");
    const bool branches = s.opcode == "bra" || s.opcode == "bra.uni";
    if (branches) {
      Operand o;
      o.kind = Operand::Kind::label;
      o.name = in_.word("a label");
      o.index = label(o.name);
      s.operands.push_back(o);
    } else if (!in_.is(";")) {
      do s.operands.push_back(operand());
      while (in_.take(","));
    }
    in_.expect(";");
    s.text = in_.text_from(first);
    f_.statements.push_back(std::move(s));
  }

  Operand operand() {
    Operand o = simple();
    if (!in_.take("|")) return o;
    Operand pair;
    pair.kind = Operand::Kind::pair;
    pair.parts = {std::move(o), simple()};
    return pair;
  }

  Operand simple() {
    if (in_.is("{")) return several(Operand::Kind::vector, "{", "}");
    if (in_.is("(")) return several(Operand::Kind::list, "(", ")");
    if (in_.take("[")) return address();
    if (in_.at_number()) return in_.number();
    const bool negated = in_.take("!");
    Operand o = named(std::string(in_.word("an operand")));
    o.negated = negated;
    if (o.kind == Operand::Kind::symbol && in_.is("+")) o.value = displacement();
    return o;
  }

  Operand several(Operand::Kind kind, const char* open, const char* close) {
    Operand o;
    o.kind = kind;
    in_.expect(open);
    while (!in_.take(close)) {
      o.parts.push_back(simple());
      in_.take(",");
    }
    return o;
  }

  uint64_t displacement() {
    uint64_t sum = 0;
    while (in_.take("+")) sum += in_.integer();  // [%rd1+-8], for [%rd1-8] is none
    return sum;
  }

  Operand address() {
    Operand o;
    o.kind = Operand::Kind::address;
    if (in_.at_number()) {
      o.parts = {in_.number()};
    } else {
      o.parts = {named(std::string(in_.word("an address")))};
      o.value = displacement();
    }
    while (in_.take(",")) o.parts.push_back(simple());  // coordinates and the like
    in_.expect("]");
    return o;
  }

  Operand named(const std::string& name) {
    Operand o;
    o.name = name;
    if (name == "_") {
      o.kind = Operand::Kind::sink;
    } else if (const Name* known = find(name)) {
      o.kind = known->kind == Kind::reg ? Operand::Kind::reg : Operand::Kind::symbol;
      o.index = known->index;
    } else {
      o.kind = name[0] == '%' ? Operand::Kind::special : Operand::Kind::symbol;
    }
    return o;
  }

  Reader& in_;
  Function& f_;
  std::vector<std::unordered_map<std::string, Name>> scopes_;
  std::unordered_map<std::string, int> labels_;
};

}  // namespace

void read_body(Reader& in, Function& f) { BodyParser(in, f).run(); }

}  // namespace cudasim
