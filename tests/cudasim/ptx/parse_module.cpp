#include <algorithm>

#include "ptx/reader.h"

namespace cudasim {

const Function* Module::function(std::string_view name) const {
  for (const auto& f : functions)
    if (f->name == name && f->has_body) return f.get();
  return nullptr;
}

const Variable* Module::variable(std::string_view name) const {
  for (const Variable& v : variables)
    if (v.name == name) return &v;
  return nullptr;
}

size_t Function::param_bytes() const {
  size_t bytes = 0;
  for (int i = 0; i < num_params; ++i) bytes = param(i).offset + param(i).bytes;
  return bytes;
}

namespace {

void read_params(Reader& in, Function& f, int& count) {
  size_t offset = 0;
  in.expect("(");
  while (!in.take(")")) {
    if (in.is(".reg")) in.fail("parameters in registers are not known here");
    in.expect(".param");
    Variable v = read_variable(in, Space::param);
    offset = (offset + v.align - 1) / v.align * v.align;
    v.offset = offset;
    offset += v.bytes;
    f.variables.push_back(std::move(v));
    ++count;
    in.take(",");
  }
}

void read_attributes(Reader& in, Function& f) {
  while (in.is(".maxntid") || in.is(".reqntid") || in.is(".minnctapersm") || in.is(".maxnreg") || in.is(".noreturn") ||
         in.is(".pragma") || in.is(".maxnctapersm")) {
    const std::string_view directive = in.next().text;
    if (directive == ".noreturn") continue;
    if (directive == ".pragma") {
      in.skip_statement();
      continue;
    }
    int values[3] = {1, 1, 1};
    int n = 0;
    do {
      const int value = static_cast<int>(in.integer());
      if (n < 3) values[n++] = value;
    } while (in.take(","));
    if (directive == ".maxntid") f.max_threads = values[0] * values[1] * values[2];
    if (directive == ".reqntid") std::copy(values, values + 3, f.required_threads);
  }
}

void read_function(Reader& in, Module& module, bool is_entry) {
  auto f = std::make_unique<Function>();
  f->is_entry = is_entry;
  f->line = in.peek().line;
  if (in.is("(")) read_params(in, *f, f->num_returns);
  f->name = in.word("the name of a function");
  if (in.is("(")) read_params(in, *f, f->num_params);
  read_attributes(in, *f);
  if (!in.take(";")) {
    read_body(in, *f);
    f->has_body = true;
  }
  if (f->has_body && module.function(f->name)) throw PtxError(f->line, "'" + f->name + "' stands here twice");
  module.functions.push_back(std::move(f));
}

/// 70 of "7.0".
int read_version(Reader& in) {
  const std::string word(in.word("a version"));
  const size_t dot = word.find('.');
  if (dot == word.npos) in.fail("'" + word + "' is no version");
  return std::atoi(word.c_str()) * 10 + std::atoi(word.c_str() + dot + 1);
}

int read_target(Reader& in) {
  int sm = 0;
  do {
    const std::string word(in.word("a target"));
    if (word.compare(0, 3, "sm_") == 0) sm = std::atoi(word.c_str() + 3);
  } while (in.take(","));
  if (sm == 0) in.fail("a target sm_… expected");
  return sm;
}

Space space_of(std::string_view directive) {
  if (directive == ".global") return Space::global;
  if (directive == ".const") return Space::constant;
  if (directive == ".shared") return Space::shared;
  return Space::generic;
}

void read_item(Reader& in, Module& module) {
  bool is_external = false;
  while (in.is(".visible") || in.is(".extern") || in.is(".weak") || in.is(".common"))
    is_external |= in.next().text == ".extern";
  const std::string_view directive = in.word("a directive");
  if (directive == ".version") {
    module.version = read_version(in);
  } else if (directive == ".target") {
    module.sm = read_target(in);
  } else if (directive == ".address_size") {
    if (in.integer() != 64) in.fail("addresses of 64 bits expected");
  } else if (directive == ".entry" || directive == ".func") {
    read_function(in, module, directive == ".entry");
  } else if (space_of(directive) != Space::generic) {
    do {
      Variable v = read_variable(in, space_of(directive));
      read_initializer(in, v);
      if (v.is_extern && v.space != Space::shared) in.fail("'" + v.name + "' has no size");
      if (is_external && v.space != Space::shared) in.fail("'" + v.name + "' is defined in no module");
      module.variables.push_back(std::move(v));
    } while (in.take(","));
    in.expect(";");
  } else if (directive == ".file" || directive == ".loc") {
    const int line = in.peek().line;
    while (!in.at_end() && in.peek().line == line) in.next();
  } else if (directive == ".section") {
    while (!in.at_end() && !in.take("}")) in.next();
  } else if (directive == ".alias" || directive == ".pragma") {
    in.skip_statement();
  } else {
    in.fail("'" + std::string(directive) + "' is not known here");
  }
}

}  // namespace

Module parse(std::string_view source) {
  Reader in(source);
  Module module;
  while (!in.at_end()) read_item(in, module);
  if (module.version == 0) throw PtxError(1, ".version is missing");
  if (module.sm == 0) throw PtxError(1, ".target is missing");
  return module;
}

}  // namespace cudasim
