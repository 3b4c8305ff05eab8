#pragma once
/// The text form of graphs, programs and kernels: docs/ir.md shows it by example.
///
/// Reading what was printed gives an equal object (`parse(print(g))` is `g`), constants to the bit.
/// Locations are no part of a value's identity and are printed as comments on request only.

#include <tarry/ir/kernel.h>
#include <tarry/ir/program.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tarry::ir {

struct PrintOptions {
  bool locations = false;  // "; model.cpp:12" behind each node that has one
};

/// One function of a file: a program with a name, or a kernel, which has one already.
struct Function {
  std::string name;
  std::variant<Program, Kernel> body;
};

struct File {
  std::vector<Function> functions;
};

/// The nodes, one a line, and the outputs. Prints any graph, also one that `verify` refuses.
std::string print(const Graph& g, PrintOptions options = {});
/// One node: "%7 = add %3, %5 : f32[3, 4]".
std::string print(const Graph& g, Value v);
/// `program @name { … }`; layouts of inputs and outputs are printed where they are not the default
/// (compact in C order in a buffer of their own).
std::string print(const Program& p, std::string_view name = "main", PrintOptions options = {});
/// `kernel @name … { … }`.
std::string print(const Kernel& k, PrintOptions options = {});
std::string print(const File& f, PrintOptions options = {});

/// The reverse. All throw ValueError with line, column and what was expected. The form is checked,
/// ids and references too; types are left to `verify`. Memory stays within a multiple of the text.
Graph parse_graph(std::string_view text);
Program parse_program(std::string_view text);
Kernel parse_kernel(std::string_view text);
File parse_file(std::string_view text);

/// Equal names and bodies.
bool equal(const File& a, const File& b);

/// The text of a dtype with a shape: "f32[3, 4]", "f32" without axes.
std::string type_text(DType dtype, std::span<const int64_t> shape);

}  // namespace tarry::ir
