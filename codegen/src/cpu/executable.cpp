#include "cpu/executable.h"

#include <tarry/ir/error.h>
#include <tarry/ir/text.h>
#include <tarry/passes/expand.h>
#include <tarry/runtime/disk_cache.h>
#include <tarry/runtime/fork.h>
#include <tarry/runtime/stats.h>

#include <algorithm>
#include <optional>

#include "cpu/compiler_library.h"
#include "cpu/launch.h"

namespace tarry::codegen {
namespace {

KernelFunction* function(const runtime::LoadedObject& code, const char* name) {
  void* address = code.symbol(name);
  if (!address) throw InternalError(std::string("compiled kernel without a function ") + name);
  return reinterpret_cast<KernelFunction*>(address);
}

int64_t cost_of_point(const ir::Kernel& k) {
  int64_t cost = 0;
  for (uint32_t id = 0; id < k.body.size(); ++id) {
    const ir::Op op = k.body.op({id});
    if (op != ir::Op::constant && op != ir::Op::scalar) cost += ir::cost(op, k.body.dtype({id}));
  }
  return std::max<int64_t>(cost, 1);
}

int64_t widest_access(const ir::Kernel& k) {
  size_t width = 1;
  for (const ir::Access& a : k.accesses)
    if (a.kind != ir::Access::Kind::index) width = std::max(width, ir::size_of(a.dtype));
  return static_cast<int64_t>(width);
}

std::shared_ptr<const runtime::LoadedObject> load(const std::string& object) {
  return runtime::load_object(std::as_bytes(std::span(object)));
}

std::string key_on_disk(const ir::Kernel& primitive) {
  static constinit runtime::MadeOnce<const std::string> host;
  const auto words = [] { return new std::string(compiler_identity() + "\n" + runtime::processor_words() + "\n"); };
  return host.get(words) + ir::print(primitive);
}

/// From the disk where an earlier process left it. What cannot be loaded counts as absent.
std::shared_ptr<const runtime::LoadedObject> find_on_disk(const std::string& key) {
  const std::optional<std::string> object = runtime::disk_cache().find(key);
  if (!object) return nullptr;
  try {
    auto code = load(*object);
    runtime::count(&runtime::Counters::disk_hits);
    return code;
  } catch (const Error&) {
    return nullptr;
  }
}

std::shared_ptr<const Executable> compile(const ir::Kernel& kernel) {
  const ir::Kernel primitive = passes::expand(kernel);
  const std::string key = key_on_disk(primitive);
  std::shared_ptr<const runtime::LoadedObject> code = find_on_disk(key);
  if (!code) {
    const std::string object = run_compiler({&primitive, CompilerOutput::object, 0, 0});
    code = load(object);
    runtime::disk_cache().keep(key, object);
  }
  return std::make_shared<CpuExecutable>(primitive, std::move(code));
}

}  // namespace

std::shared_ptr<const Executable> compile_for_width(const ir::Kernel& kernel, int vector_bytes) {
  const ir::Kernel primitive = passes::expand(kernel);
  const std::string object = run_compiler({&primitive, CompilerOutput::object, 0, vector_bytes});
  return std::make_shared<CpuExecutable>(primitive, load(object));
}

CpuExecutable::CpuExecutable(const ir::Kernel& k, std::shared_ptr<const runtime::LoadedObject> code)
    : code_(std::move(code)),
      kernel_(function(*code_, kKernelSymbol)),
      schedule_(k.schedule),
      outer_rank_(k.outer_rank),
      row_rank_(k.row_rank),
      ordered_(ir::is_ordered(k)),
      accesses_(k.accesses),
      layout_(k),
      cost_(cost_of_point(k)),
      width_(widest_access(k)) {
  if (schedule_ == ir::Schedule::split) finish_ = function(*code_, kFinishSymbol);
  if (row_rank_ > 0) objects_ = scratch_objects(k, ir::plan_rows(k));
}

void CpuExecutable::run(const Launch& launch, runtime::Workspace& workspace) const {
  CpuLaunch(*this, launch, workspace).run();
}

const Backend& llvm_cpu() {
  static constexpr Backend backend{"llvm", compile};
  return backend;
}

std::string emit_host_text(const ir::Kernel& kernel, HostText what) {
  const ir::Kernel primitive = passes::expand(kernel);
  const auto output = what == HostText::llvm_ir ? CompilerOutput::llvm_ir : CompilerOutput::assembly;
  return run_compiler({&primitive, output, 0, 0});
}

}  // namespace tarry::codegen
