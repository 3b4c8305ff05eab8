// Reads programs and kernels as text, runs passes over them, shows what comes of them, and runs them.

#include <tarry/codegen/backend.h>
#include <tarry/ir/error.h>
#include <tarry/ir/text.h>
#include <tarry/ir/verify.h>
#include <tarry/passes/expand.h>
#include <tarry/passes/pass.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "npy.h"
#include "tarry_opt/dot.h"
#include "tarry_opt/op_table.h"
#include "tarry_opt/plan_text.h"
#include "tarry_opt/run.h"
#include "tarry_opt/transform.h"

namespace tarry::tools {
namespace {

struct Options {
  std::string file = "-";
  std::string function;
  bool verify = false, print = false, lower = false, expand = false, dot = false, list_passes = false, list_ops = false;
  std::vector<std::string> transforms, passes;
  std::string emit;
  int sm = 75;
  std::vector<std::string> run;
  std::vector<std::string> inputs, outputs, scalars;
  std::vector<int64_t> extents;
};

void declare(CLI::App& app, Options& o) {
  app.add_option("file", o.file, "The file to read; - is the standard input")->capture_default_str();
  app.add_option("--function", o.function, "Take the function of this name alone");
  app.add_flag("--verify", o.verify, "Check the invariants of every function");
  app.add_option("--transform", o.transforms, "Differentiate or batch the programs first: jvp, vjp, batch=N")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--passes", o.passes, "Run these passes over the programs, in order")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--list-passes", o.list_passes, "Name the passes, with what they do");
  app.add_flag("--list-ops", o.list_ops, "Print the op table, as docs/ir.md holds it");
  app.add_flag("--print", o.print, "Print as text (what happens when nothing else is asked for)");
  app.add_flag("--lower", o.lower, "Print the plans of the programs: buffers, steps, kernels, reasons");
  app.add_flag("--expand", o.expand, "Show kernels in primitives");
  app.add_flag("--dot", o.dot, "Print the graphs for Graphviz");
  app.add_option("--emit", o.emit, "Compile the kernels and print llvm, asm or ptx")
      ->check(CLI::IsMember({"llvm", "asm", "ptx"}));
  app.add_option("--sm", o.sm, "The compute capability for ptx")
      ->check(CLI::IsMember({75, 80, 90}))
      ->capture_default_str();
  app.add_option("--run", o.run, "Run on interp or llvm; on both: their bits have to agree")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"interp", "llvm"}));
  app.add_option("--input", o.inputs, "SLOT=FILE.npy for --run; other inputs are made up")->allow_extra_args(false);
  app.add_option("--output", o.outputs, "NUMBER=FILE.npy: write this output there instead of printing it")
      ->allow_extra_args(false);
  app.add_option("--scalar", o.scalars, "SLOT=VALUE for --run; the default is the slot plus 1")
      ->allow_extra_args(false);
  app.add_option("--extents", o.extents, "Extents of the axes of a kernel for --run; the default is 8 each")
      ->delimiter(',')
      ->allow_extra_args(false);
}

std::string read_all(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream in(path, std::ios::binary);
  if (!in) throw IOError("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

ByNumber by_number(const std::vector<std::string>& settings, const char* option) {
  ByNumber result;
  for (const std::string& s : settings) {
    const size_t equals = s.find('=');
    const bool digits = equals != 0 && equals != s.npos && equals < 6 && s.find_first_not_of("0123456789") == equals;
    if (!digits) throw ValueError(std::string(option) + " takes NUMBER=…, not '" + s + "'");
    result[static_cast<uint32_t>(std::stoul(s))] = s.substr(equals + 1);
  }
  return result;
}

class Driver {
 public:
  explicit Driver(const Options& o) : o_(o), outputs_(by_number(o.outputs, "--output")) {
    run_.inputs = by_number(o.inputs, "--input");
    run_.scalars = by_number(o.scalars, "--scalar");
    for (int64_t extent : o.extents) run_.extents.push_back(extent);
    pipeline_.verify = true;
    pipeline_.passes = o.passes;
    run_.pipeline = pipeline_;
    prints_ = o.print || !(o.lower || o.dot || o.verify || !o.emit.empty() || !o.run.empty());
  }

  void handle(ir::Function& f) {
    if (auto* p = std::get_if<ir::Program>(&f.body))
      program(*p, f.name);
    else
      kernel(std::get<ir::Kernel>(f.body));
  }

 private:
  /// Whether something is asked for that a malformed function could derail.
  bool needs_sound() const { return o_.verify || o_.lower || o_.expand || !o_.emit.empty() || !o_.run.empty(); }

  void program(ir::Program& p, const std::string& name) {
    if (needs_sound() || !o_.transforms.empty()) ir::verify(p);
    for (const std::string& how : o_.transforms) p = transform(p, how);
    if (!o_.passes.empty()) p = passes::run_passes(p, pipeline_);
    if (prints_ && !o_.expand) std::cout << ir::print(p, name);
    if (o_.dot) std::cout << dot_text(p.graph, name);
    if (o_.lower || o_.expand || !o_.emit.empty()) plan(p, name);
    run([&](const codegen::Backend& backend) { return run_program(p, backend, run_); });
  }

  void plan(const ir::Program& p, const std::string& name) {
    const passes::Plan plan = passes::compile(p, pipeline_);
    if (o_.lower || o_.emit.empty()) std::cout << plan_text(plan, name, o_.expand);
    for (const passes::Step& step : plan.steps)
      if (const auto* k = std::get_if<passes::KernelStep>(&step.work)) emit(*k->kernel);
  }

  void kernel(ir::Kernel& k) {
    if (needs_sound()) ir::verify(k);
    if (o_.expand) {
      k = passes::expand(k);
      ir::verify(k);
    }
    if (prints_) std::cout << ir::print(k);
    if (o_.dot) std::cout << dot_text(k.body, k.name);
    emit(k);
    run([&](const codegen::Backend& backend) { return run_kernel(k, backend, run_); });
  }

  void emit(const ir::Kernel& k) {
    if (o_.emit == "llvm") std::cout << codegen::emit_host_text(k, codegen::HostText::llvm_ir);
    if (o_.emit == "asm") std::cout << codegen::emit_host_text(k, codegen::HostText::assembly);
    if (o_.emit == "ptx") std::cout << codegen::emit_ptx(k, o_.sm);
  }

  template <class Run>
  void run(Run on) {
    std::vector<Result> first;
    for (size_t i = 0; i < o_.run.size(); ++i) {
      std::vector<Result> results = on(o_.run[i] == "llvm" ? codegen::llvm_cpu() : codegen::interpreter());
      if (i == 0)
        first = std::move(results);
      else
        compare(first, results, o_.run[i]);
    }
    for (size_t i = 0; i < first.size(); ++i) show(i, first[i]);
  }

  void compare(const std::vector<Result>& first, const std::vector<Result>& other, const std::string& executor) const {
    for (size_t i = 0; i < first.size(); ++i)
      if (!same_bits(first[i], other[i]))
        throw InternalError("output " + std::to_string(i) + " differs between " + o_.run[0] + " and " + executor +
                            ":\n" + result_text(first[i]) + "\n" + result_text(other[i]));
  }

  void show(size_t i, const Result& r) const {
    auto file = outputs_.find(static_cast<uint32_t>(i));
    if (file == outputs_.end())
      std::cout << "output " << i << ": " << result_text(r) << "\n";
    else
      frontend::write_npy(file->second, r.dtype, r.shape, r.bytes.data());
  }

  const Options& o_;
  ByNumber outputs_;
  RunOptions run_;
  passes::PipelineOptions pipeline_;
  bool prints_ = false;
};

void list_passes() {
  for (const passes::Pass& pass : passes::all_passes()) std::cout << pass.name << ": " << pass.contract << "\n";
}

void process(const Options& o) {
  if (o.list_passes) return list_passes();
  if (o.list_ops) {
    std::cout << op_table_text();
    return;
  }
  ir::File file;
  try {
    file = ir::parse_file(read_all(o.file));
  } catch (const ValueError& e) {
    throw ValueError((o.file == "-" ? "standard input" : o.file) + ": " + e.what());
  }
  Driver driver(o);
  bool found = false;
  for (ir::Function& f : file.functions) {
    if (!o.function.empty() && f.name != o.function) continue;
    found = true;
    driver.handle(f);
  }
  if (!found && !o.function.empty()) throw ValueError("there is no function @" + o.function);
}

}  // namespace
}  // namespace tarry::tools

int main(int argc, char** argv) {
  CLI::App app("Reads tarry's IR as text; checks, transforms, compiles and runs it.", "tarry-opt");
  tarry::tools::Options options;
  tarry::tools::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    tarry::tools::process(options);
  } catch (const std::exception& e) {
    std::cout.flush();
    std::cerr << "tarry-opt: " << e.what() << "\n";
    return 1;
  }
  return 0;
}
