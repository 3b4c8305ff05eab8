#include "dump.h"

#include <tarry/codegen/backend.h>
#include <tarry/ir/error.h>
#include <tarry/ir/text.h>
#include <tarry/runtime/config.h>

#include <cstdio>
#include <utility>

namespace tarry::frontend {
namespace {

constexpr int kSm = 75;  // the oldest; newer chips take its text

void dump(std::string_view title, const std::string& text) {
  std::fprintf(stderr, "; ---- %.*s\n%s\n", static_cast<int>(title.size()), title.data(), text.c_str());
}

/// What a compiler makes of a kernel, or why there is nothing: to look must not make a program fail.
template <class Emit>
void dump_code(std::string_view title, const Emit& emit) {
  if (!runtime::config().dumps(title)) return;
  std::string text;
  try {
    text = emit();
  } catch (const Error& e) {
    text = std::string("; not to be had: ") + e.what() + "\n";
  }
  dump(title, text);
}

void dump_kernel(const ir::Kernel& k) {
  if (runtime::config().dumps("kernel")) dump("kernel", ir::print(k));
  dump_code("llvm", [&] { return codegen::emit_host_text(k, codegen::HostText::llvm_ir); });
  dump_code("asm", [&] { return codegen::emit_host_text(k, codegen::HostText::assembly); });
  dump_code("ptx", [&] { return codegen::emit_ptx(k, kSm); });
}

}  // namespace

passes::Plan compile_and_dump(ir::Program program, passes::PipelineOptions options) {
  const runtime::Config& config = runtime::config();
  if (config.dump.empty()) return passes::compile(std::move(program), options);
  if (config.dumps("trace")) dump("trace", ir::print(program, "trace", {.locations = true}));
  if (config.dumps("passes"))
    options.observer.changed = [](std::string_view pass, const ir::Graph& g) { dump(pass, ir::print(g)); };
  passes::Plan plan = passes::compile(std::move(program), options);
  if (config.dumps("plan")) dump("plan", passes::explain(plan));
  for (const passes::Step& step : plan.steps)
    if (auto* k = std::get_if<passes::KernelStep>(&step.work)) dump_kernel(*k->kernel);
  return plan;
}

}  // namespace tarry::frontend
