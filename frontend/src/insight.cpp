#include <tarry/insight.h>

#include "compile_queue.h"
#include "flush.h"
#include "kept_alive.h"
#include "kernel_cache.h"
#include "selection.h"
#include "stretches.h"
#include "users_line.h"
#include "value.h"

#include <tarry/ir/text.h>
#include <tarry/passes/pass.h>
#include <tarry/runtime/room.h>
#include <tarry/runtime/stats.h>

#include <vector>

namespace tarry {

using namespace frontend;

namespace {

/// Calls `look` with the value of an array, as the thread's own trace has it.
template <class Look>
auto look_at(const Array& x, Here here, const Look& look) {
  Cell& cell = cell_of(x);
  Trace& own = Trace::current();
  TraceLock lock(own);
  const ir::Value v = value_of(own, cell, {});
  refuse_abstract(own, v, {here.bits});
  const KeptAlive kept(own, v);
  return look(own, v);
}

void count_ops() {
  Trace& own = Trace::current();
  TraceLock lock(own);
  runtime::count(&runtime::Counters::ops_recorded, std::exchange(own.ops_recorded, 0));
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

std::string explain(const Array& x, Here here) {
  std::string text;
  for (const Stretch& stretch : look_at(x, here, stretches_of)) {
    const auto executor = [&](const passes::Step& step) -> std::string {
      if (stretch.place != 0) return device_executor_text(step, stretch.place - 1);
      const auto* kernel = std::get_if<passes::KernelStep>(&step.work);
      return kernel ? executor_text(*kernel) : "";
    };
    text += stretch.title + passes::explain(passes::compile(stretch.program), executor);
  }
  return text;
}

std::string ir_text(const Array& x, Here here) {
  const ir::Program whole = look_at(x, here, [](Trace& trace, ir::Value v) {
    Selection s;
    select(trace, std::span(&v, 1), false, s);
    return make_program(trace, s);
  });
  return ir::print(whole, "trace", {.locations = true});
}

namespace frontend {

void evaluate(std::initializer_list<const Array*> arrays) {
  Trace& own = Trace::current();
  TraceLock lock(own);
  runtime::Room<128> room;
  std::pmr::vector<ir::Value> roots(&room);
  roots.reserve(arrays.size());
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
