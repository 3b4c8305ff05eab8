#include <tarry/insight.h>

#include "compile_queue.h"
#include "flush.h"
#include "kept_alive.h"
#include "kernel_cache.h"
#include "selection.h"
#include "value.h"

#include <tarry/ir/text.h>
#include <tarry/passes/pass.h>
#include <tarry/runtime/stats.h>

#include <vector>

namespace tarry {

using namespace frontend;

namespace {

/// What computing an array would run, and where.
struct Planned {
  ir::Program program;
  uint8_t place;
};
Planned program_of(const Array& x) {
  Cell& cell = cell_of(x);
  Trace& own = Trace::current();
  TraceLock lock(own);
  const ir::Value v = value_of(own, cell, {});
  if (own.abstract(v)) throw ValueError("inside vmap there is nothing to show of a value that depends on the batch");
  const KeptAlive kept(own, v);
  Selection s;
  select(own, std::span(&v, 1), false, s);
  return {make_program(own, s), s.place};
}

void count_ops() {
  Trace& own = Trace::current();
  TraceLock lock(own);
  runtime::counters().ops_recorded.fetch_add(std::exchange(own.ops_recorded, 0), std::memory_order_relaxed);
}

}  // namespace

Stats stats() {
  count_ops();
  const runtime::Stats from = runtime::stats();
  Stats to;
#define TARRY_COPY_COUNTER(name) to.name = from.name;
  TARRY_COUNTERS(TARRY_COPY_COUNTER)
#undef TARRY_COPY_COUNTER
  return to;
}

void reset_stats() {
  count_ops();
  runtime::reset_stats();
}

void finish_compiling() { empty_compile_queue(); }

std::string explain(const Array& x) {
  const Planned p = program_of(x);
  return passes::explain(passes::compile(p.program), [&](const passes::Step& step) -> std::string {
    if (p.place != 0) return device_executor_text(step, p.place - 1);
    const auto* kernel = std::get_if<passes::KernelStep>(&step.work);
    return kernel ? executor_text(*kernel->kernel) : "";
  });
}

std::string ir_text(const Array& x) { return ir::print(program_of(x).program, "trace", {.locations = true}); }

namespace frontend {

void evaluate(std::initializer_list<const Array*> arrays) {
  Trace& own = Trace::current();
  TraceLock lock(own);
  std::vector<ir::Value> roots;
  for (const Array* a : arrays) {
    Cell& cell = cell_of(*a);
    // Of a view the base is computed, for which the view then is a place.
    Cell& base = base_of(cell);
    if (base.state.load(std::memory_order_acquire) != CellState::pending) continue;
    const ir::Value v = value_of(own, base, {});
    if (!own.stored(v)) roots.push_back(v);
  }
  if (!roots.empty()) flush(own, roots);
}

}  // namespace frontend
}  // namespace tarry
