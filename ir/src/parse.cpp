#include <tarry/ir/error.h>
#include <tarry/ir/text.h>

#include "body_parser.h"
#include "text_words.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

namespace tarry::ir {
namespace {

constexpr int64_t kMaxIndex = 65535;  // slots and buffers
constexpr int64_t kMaxInt = std::numeric_limits<int64_t>::max();

Ints int_list(Lexer& lex) {
  Ints list;
  lex.need_symbol('(');
  if (lex.take_symbol(')')) return list;
  do {
    if (list.size() >= kMaxRank) lex.fail(lex.peek(), "more than 64 axes");
    list.push_back(lex.need_int());
  } while (lex.take_symbol(','));
  lex.need_symbol(')');
  return list;
}

template <size_t N>
int one_of(Lexer& lex, const std::string_view (&words)[N], std::string_view what) {
  for (size_t i = 0; i < N; ++i)
    if (lex.take_word(words[i])) return static_cast<int>(i);
  lex.expected(what);
}

/// Reads one program from behind its name.
class ProgramParser {
 public:
  explicit ProgramParser(Lexer& lex) : lex_(lex) {}
  Program run();

 private:
  struct Stated {  // an "input" line; what it leaves out follows from the parameter's shape
    Token where;
    std::optional<Strides> strides;
    std::optional<int64_t> elements;
    std::optional<uint32_t> buffer;
    InputLayout layout;
  };
  struct Order {
    Token where;
    int64_t output;
    Ints axes;
  };
  void input();
  void output();
  void scalars();
  void finish_inputs(Program& p);
  void finish_orders(Program& p);
  int64_t needed_elements(const Token& where, const InputLayout& layout, const Shape& shape);
  InputLayout complete(const Stated& s, uint32_t slot, const Shape* shape);

  Lexer& lex_;
  std::map<uint32_t, Stated> inputs_;
  std::vector<Order> orders_;
  std::optional<uint32_t> num_scalars_;
};

Program ProgramParser::run() {
  lex_.need_symbol('{');
  while (lex_.peek().kind == Token::Kind::word && !lex_.at_word("return")) {
    if (lex_.at_word("input"))
      input();
    else if (lex_.at_word("output"))
      output();
    else if (lex_.at_word("scalars"))
      scalars();
    else
      lex_.expected("input, output, scalars, a value, return or '}'");
  }
  Program p;
  BodyParser(lex_, p.graph).run();
  if (!lex_.at_symbol('}')) lex_.expected("a value, return or '}'");
  finish_inputs(p);
  finish_orders(p);
  p.num_scalars = num_scalars_ ? *num_scalars_ : implied_scalars(p.graph);
  lex_.need_symbol('}');
  return p;
}

void ProgramParser::input() {
  Stated s;
  s.where = lex_.next();
  const auto slot = static_cast<uint32_t>(lex_.need_count(kMaxIndex, "an input's slot"));
  lex_.need_symbol(':');
  do {
    if (lex_.take_word("strides"))
      s.strides = int_list(lex_);
    else if (lex_.take_word("offset"))
      s.layout.offset = lex_.need_int();
    else if (lex_.take_word("buffer"))
      s.buffer = static_cast<uint32_t>(lex_.need_count(kMaxIndex, "a buffer"));
    else if (lex_.take_word("elements"))
      s.elements = lex_.need_int();
    else if (lex_.take_word("donated"))
      s.layout.donated = true;
    else
      lex_.expected("strides, offset, buffer, elements or donated");
  } while (lex_.take_symbol(','));
  if (inputs_.contains(slot)) lex_.fail(s.where, "input " + std::to_string(slot) + " is stated twice");
  inputs_.emplace(slot, std::move(s));
}

void ProgramParser::output() {
  Order order;
  order.where = lex_.next();
  order.output = lex_.need_count(kMaxInt, "an output");
  lex_.need_symbol(':');
  lex_.need_word("order");
  order.axes = int_list(lex_);
  orders_.push_back(std::move(order));
}

void ProgramParser::scalars() {
  const Token where = lex_.next();
  if (num_scalars_) lex_.fail(where, "scalars is stated twice");
  num_scalars_ = static_cast<uint32_t>(lex_.need_count(kMaxIndex + 1, "the number of scalars"));
}

InputLayout ProgramParser::complete(const Stated& s, uint32_t slot, const Shape* shape) {
  InputLayout layout = s.layout;
  if (!shape && !(s.strides && s.elements && s.buffer))
    lex_.fail(s.where, "input " + std::to_string(slot) + " has no parameter: strides, buffer and elements are needed");
  const auto usual = shape ? default_layout(slot, *shape) : std::nullopt;
  if (!usual && !s.strides) lex_.fail(s.where, "the shape of this input is too big for a buffer");
  layout.strides = s.strides ? *s.strides : usual->strides;
  layout.buffer = s.buffer.value_or(slot);
  layout.buffer_elements = s.elements ? *s.elements : needed_elements(s.where, layout, *shape);
  return layout;
}

/// The size of the smallest buffer that holds an input.
int64_t ProgramParser::needed_elements(const Token& where, const InputLayout& layout, const Shape& shape) {
  try {
    const auto touched = reach(layout, shape);
    return touched ? touched->last + (touched->last < kMaxInt) : 0;
  } catch (const ValueError& e) {
    lex_.fail(where, e.what());
  }
}

void ProgramParser::finish_inputs(Program& p) {
  std::vector<const Shape*> shapes(inputs_.empty() ? 0 : inputs_.rbegin()->first + 1);
  for (uint32_t id = 0; id < p.graph.size(); ++id) {
    Value v{id};
    if (p.graph.op(v) != Op::parameter || p.graph.attrs(v).size() != 1) continue;
    const int64_t slot = p.graph.attr(v);
    if (slot < 0 || slot > kMaxIndex) lex_.fail(lex_.peek(), "the slot of a parameter is outside 0 to 65535");
    if (static_cast<size_t>(slot) >= shapes.size()) shapes.resize(static_cast<size_t>(slot) + 1);
    if (!shapes[slot]) shapes[slot] = &p.graph.shape(v);
  }
  for (uint32_t slot = 0; slot < shapes.size(); ++slot) {
    if (auto stated = inputs_.find(slot); stated != inputs_.end()) {
      p.inputs.push_back(complete(stated->second, slot, shapes[slot]));
      continue;
    }
    if (!shapes[slot])
      lex_.fail(lex_.peek(), "input " + std::to_string(slot) + " has neither a parameter nor a layout");
    auto usual = default_layout(slot, *shapes[slot]);
    if (!usual) lex_.fail(lex_.peek(), "the shape of input " + std::to_string(slot) + " is too big for a buffer");
    p.inputs.push_back(std::move(*usual));
  }
}

void ProgramParser::finish_orders(Program& p) {
  if (orders_.empty()) return;
  p.output_order.resize(p.graph.outputs.size());
  for (Order& order : orders_) {
    if (order.output >= static_cast<int64_t>(p.output_order.size()))
      lex_.fail(order.where, "there is no output " + std::to_string(order.output));
    p.output_order[order.output] = std::move(order.axes);
  }
}

Kernel kernel_after_word(Lexer& lex) {
  Kernel k;
  k.name = lex.need_name();
  lex.need_word("schedule");
  k.schedule = static_cast<Schedule>(one_of(lex, kScheduleWords, "map, row, column or split"));
  lex.need_symbol(',');
  lex.need_word("outer");
  k.outer_rank = static_cast<int>(lex.need_count(kMaxRank, "the outer rank"));
  lex.need_symbol(',');
  lex.need_word("row");
  k.row_rank = static_cast<int>(lex.need_count(kMaxRank, "the row rank"));
  lex.need_symbol('{');
  while (lex.take_word("access")) {
    const auto number = static_cast<int64_t>(k.accesses.size());
    const Token where = lex.peek();
    if (lex.need_int() != number) lex.fail(where, "expected access " + std::to_string(number));
    lex.need_symbol(':');
    Access a;
    a.kind = static_cast<Access::Kind>(one_of(lex, kAccessWords, "read, write, index, gather or scatter"));
    a.dtype = need_dtype(lex);
    a.outer = static_cast<StrideClass>(one_of(lex, kStrideWords, "zero, unit, any or two"));
    lex.need_symbol('|');
    a.row = static_cast<StrideClass>(one_of(lex, kStrideWords, "zero, unit, any or two"));
    a.in_row = lex.take_word("in_row");
    k.accesses.push_back(a);
  }
  while (lex.take_word("scalar")) {
    const auto number = static_cast<int64_t>(k.scalars.size());
    const Token where = lex.peek();
    if (lex.need_int() != number) lex.fail(where, "expected scalar " + std::to_string(number));
    lex.need_symbol(':');
    k.scalars.push_back(need_dtype(lex));
  }
  BodyParser(lex, k.body).run();
  if (!lex.take_symbol('}')) lex.expected("an access, a scalar, a value, return or '}'");
  return k;
}

void need_end(const Lexer& lex) {
  if (!lex.at_end()) lex.expected("the end");
}

}  // namespace

Graph parse_graph(std::string_view text) {
  Lexer lex(text);
  Graph g;
  BodyParser(lex, g).run();
  need_end(lex);
  return g;
}

Program parse_program(std::string_view text) {
  Lexer lex(text);
  lex.need_word("program");
  lex.need_name();
  Program p = ProgramParser(lex).run();
  need_end(lex);
  return p;
}

Kernel parse_kernel(std::string_view text) {
  Lexer lex(text);
  lex.need_word("kernel");
  Kernel k = kernel_after_word(lex);
  need_end(lex);
  return k;
}

File parse_file(std::string_view text) {
  Lexer lex(text);
  File file;
  while (!lex.at_end()) {
    if (lex.take_word("program")) {
      std::string name = lex.need_name();
      file.functions.push_back({std::move(name), ProgramParser(lex).run()});
    } else if (lex.take_word("kernel")) {
      Kernel k = kernel_after_word(lex);
      std::string name = k.name;
      file.functions.push_back({std::move(name), std::move(k)});
    } else {
      lex.expected("program or kernel");
    }
  }
  return file;
}

bool equal(const File& a, const File& b) {
  return std::ranges::equal(a.functions, b.functions, [](const Function& x, const Function& y) {
    if (x.name != y.name || x.body.index() != y.body.index()) return false;
    if (const auto* program = std::get_if<Program>(&x.body)) return equal(*program, std::get<Program>(y.body));
    return equal(std::get<Kernel>(x.body), std::get<Kernel>(y.body));
  });
}

}  // namespace tarry::ir
