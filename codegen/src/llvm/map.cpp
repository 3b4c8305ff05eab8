#include <tarry/ir/error.h>

#include <algorithm>

#include "llvm/machine.h"
#include "llvm/points.h"
#include "llvm/schedules.h"
#include "llvm/walk.h"

namespace tarry::codegen {
namespace {

/// Up to so many nodes a kernel may wait for memory, so it reads ahead where the processor does not: when it walks row
/// by row, and perhaps in the few long runs of a single row.
constexpr size_t kLightNodes = 128;
/// With more nodes a kernel waits for its own results.
constexpr size_t kLongNodes = 24;
constexpr int64_t kAheadBytes = 2048;

/// Two registers side by side give the processor twice as much to do while a result is waited for, of which it sees a
/// few hundred instructions at a time and in their order: where a register is not a cache line, and in long bodies.
int registers_at_once(size_t nodes, int vector_bytes) {
  return 2 * vector_bytes <= kMaxVectorBytes || nodes > kLongNodes ? 2 : 1;
}

/// A map has nothing to fold.
class MapWalk : public Walk {
 public:
  using Walk::Walk;
  void reduce(ir::Value, llvm::Value*) override { throw InternalError("a reduction in a kernel without rows"); }
  llvm::Value* scan(ir::Value, llvm::Value*) override { throw InternalError("a scan in a kernel without rows"); }
};

std::vector<ir::Value> nodes_at(const std::vector<ir::Level>& level, ir::Level at, const std::vector<bool>& live) {
  std::vector<ir::Value> nodes;
  for (uint32_t id = 0; id < level.size(); ++id)
    if (level[id] == at && live[id]) nodes.push_back({id});
  return nodes;
}

}  // namespace

void emit_map(llvm::Module& module, const ir::Kernel& kernel, int vector_bytes) {
  Frame frame(module, kernel, kKernelSymbol);
  const std::vector<bool> live = live_nodes(kernel.body);
  const std::vector<ir::Level> level = levels_along_outer(kernel);
  const std::vector<ir::Value> along_none = nodes_at(level, ir::Level::row, live);
  const std::vector<ir::Value> elements = nodes_at(level, ir::Level::element, live);

  Body uniform(frame, 1);
  Body run(frame, 1, &uniform);
  const bool reads_ahead = elements.size() <= kLightNodes && (kernel.outer_rank > 1 || !follows_long_runs());
  const int lanes = choose_lanes(kernel, live, registers_at_once(elements.size(), vector_bytes) * vector_bytes);
  Body body(frame, lanes, &run);
  emit_uniforms(frame, uniform, level, live);

  std::vector<int> axes;
  for (int a = 0; a + 1 < kernel.outer_rank; ++a) axes.push_back(a);
  std::vector<int> all;
  for (size_t a = 0; a < kernel.accesses.size(); ++a) all.push_back(static_cast<int>(a));
  Odometer outer(frame, axes, all);
  Walk::ReadAhead read_ahead;
  if (reads_ahead) {
    read_ahead.distance = [&](int) -> llvm::Value* { return frame.b.getInt64(kAheadBytes); };
    read_ahead.locality = 3;
  }
  MapWalk walk(frame, {{kernel.outer_rank - 1}, lanes, 1, lanes, true, read_ahead}, elements);
  auto offset = [&](int access) { return outer.offset(access); };
  Point origin(frame, offset);

  auto visit = [&] {
    run.start_group();
    run.emit(along_none, origin);
    body.start_group();
    body.prepare(elements);
    walk.place(offset);
    walk.run(frame.inner_begin, frame.inner_end, [&](llvm::Value*, int) {
      body.start_group();
      body.emit(elements, walk);
    });
  };
  if (axes.empty()) {
    visit();
  } else {
    outer.set(frame.outer_begin);
    frame.for_loop(frame.outer_begin, frame.outer_end, 1, [&](llvm::Value*) {
      visit();
      outer.advance();
    });
  }
  frame.finish();
}

}  // namespace tarry::codegen
