#include <tarry/ir/error.h>

#include "llvm/points.h"
#include "llvm/schedules.h"
#include "llvm/types.h"
#include "nvptx/device.h"
#include "nvptx/emit.h"

namespace tarry::codegen {
namespace {

using llvm::Value;

/// The lanes of one thread: neighbours along the innermost axis, at one point of the others.
class ThreadLanes : public Surroundings {
 public:
  ThreadLanes(Frame& frame, int lanes, std::function<Value*(int)> outer_offset)
      : frame_(frame), lanes_(lanes), outer_offset_(std::move(outer_offset)) {}
  void go_to(Value* first) { first_ = first; }

  Value* load(int access, Value* predicate) override {
    if (lanes_ == 1) return point(0).load(access, predicate);
    const ir::Access& a = frame_.kernel.accesses[access];
    if (a.outer == ir::StrideClass::unit && !predicate) {
      llvm::Type* type = memory_type(frame_.b.getContext(), a.dtype, lanes_);
      return to_register(frame_.b, frame_.b.CreateAlignedLoad(type, address(access), alignment(a)), a.dtype);
    }
    Value* all = llvm::PoisonValue::get(register_type(frame_.b.getContext(), a.dtype, lanes_));
    for (int l = 0; l < lanes_; ++l) {
      Value* holds = predicate ? frame_.b.CreateExtractElement(predicate, frame_.b.getInt64(l)) : nullptr;
      all = frame_.b.CreateInsertElement(all, point(l).load(access, holds), frame_.b.getInt64(l));
    }
    return all;
  }

  void store(int access, Value* value) override {
    if (lanes_ == 1) return point(0).store(access, value);
    const ir::Access& a = frame_.kernel.accesses[access];
    if (a.outer == ir::StrideClass::unit) {
      frame_.b.CreateAlignedStore(to_memory(frame_.b, value, a.dtype), address(access), alignment(a));
      return;
    }
    for (int l = 0; l < lanes_; ++l) point(l).store(access, frame_.b.CreateExtractElement(value, frame_.b.getInt64(l)));
  }

  Value* index(int access) override {
    if (lanes_ == 1) return point(0).index(access);
    Value* all = llvm::PoisonValue::get(with_lanes(frame_.b.getInt64Ty(), lanes_));
    for (int l = 0; l < lanes_; ++l)
      all = frame_.b.CreateInsertElement(all, point(l).index(access), frame_.b.getInt64(l));
    return all;
  }

  Value* load_at(int access, Value* distance, Value* predicate) override {
    if (lanes_ == 1) return point(0).load_at(access, distance, predicate);
    Builder& b = frame_.b;
    Value* all = llvm::PoisonValue::get(register_type(b.getContext(), frame_.kernel.accesses[access].dtype, lanes_));
    for (int l = 0; l < lanes_; ++l) {
      Value* holds = predicate ? b.CreateExtractElement(predicate, b.getInt64(l)) : nullptr;
      Value* one = point(l).load_at(access, b.CreateExtractElement(distance, b.getInt64(l)), holds);
      all = b.CreateInsertElement(all, one, b.getInt64(l));
    }
    return all;
  }

  void reduce(ir::Value, Value*) override { throw InternalError("a reduction in a kernel without rows"); }
  Value* scan(ir::Value, Value*) override { throw InternalError("a scan in a kernel without rows"); }

 private:
  llvm::Align alignment(const ir::Access& a) const { return llvm::Align(lanes_ * ir::size_of(a.dtype)); }

  Value* offset(int access, int lane) {
    Builder& b = frame_.b;
    const ir::Access& a = frame_.kernel.accesses[access];
    if (a.outer == ir::StrideClass::zero) return outer_offset_(access);
    const bool index = a.kind == ir::Access::Kind::index;
    Value* step = a.outer == ir::StrideClass::unit ? b.getInt64(index ? 1 : ir::size_of(a.dtype))
                                                   : frame_.stride(access, frame_.kernel.outer_rank - 1);
    Value* at = b.CreateAdd(first_, b.getInt64(lane));
    return b.CreateAdd(outer_offset_(access), b.CreateMul(at, step));
  }

  Value* address(int access) { return frame_.byte_offset(frame_.data(access), offset(access, 0)); }

  Point point(int lane) {
    return {frame_, [this, lane](int access) { return offset(access, lane); }};
  }

  Frame& frame_;
  int lanes_;
  std::function<Value*(int)> outer_offset_;
  Value* first_ = nullptr;
};

std::vector<ir::Value> nodes_at(const std::vector<ir::Level>& level, ir::Level at, const std::vector<bool>& live) {
  std::vector<ir::Value> nodes;
  for (uint32_t id = 0; id < level.size(); ++id)
    if (level[id] == at && live[id]) nodes.push_back({id});
  return nodes;
}

/// A grid-stride loop over groups of `lanes` points.
void emit_function(llvm::Module& module, const ir::Kernel& kernel, const char* symbol, int lanes) {
  const std::vector<bool> live = live_nodes(kernel.body);
  const std::vector<ir::Level> level = levels_along_outer(kernel);
  const std::vector<ir::Value> along_none = nodes_at(level, ir::Level::row, live);
  const std::vector<ir::Value> elements = nodes_at(level, ir::Level::element, live);

  Device device(module, kernel, symbol, 0);
  Frame& frame = device.frame;
  Builder& b = frame.b;
  Body uniform(frame, 1);
  Body run(frame, 1, &uniform);
  Body body(frame, lanes, &run);
  emit_uniforms(frame, uniform, level, live);

  std::vector<int> axes, all;
  for (int a = 0; a + 1 < kernel.outer_rank; ++a) axes.push_back(a);
  for (size_t a = 0; a < kernel.accesses.size(); ++a) all.push_back(static_cast<int>(a));
  Odometer outer(frame, axes, all);
  auto offset = [&](int access) { return outer.offset(access); };
  Point origin(frame, offset);
  ThreadLanes around(frame, lanes, offset);

  Value* begin = frame.word(device.layout.inner_begin());
  Value* width = b.CreateSub(frame.word(device.layout.inner_end()), begin);
  Value* groups = b.CreateSDiv(width, b.getInt64(lanes));
  Value* total = groups;
  for (int a : axes) total = b.CreateMul(total, frame.extent(a));
  device.strided_loop(device.global_thread(), total, device.global_threads(), [&](Value* group) {
    Value* along = group;
    if (!axes.empty()) {
      outer.set(b.CreateUDiv(group, groups));
      along = b.CreateURem(group, groups);
    }
    around.go_to(b.CreateAdd(begin, b.CreateMul(along, b.getInt64(lanes))));
    run.start_group();
    run.emit(along_none, origin);
    body.start_group();
    body.prepare(elements);
    body.emit(elements, around);
  });
  frame.finish();
}

}  // namespace

void emit_gpu_map(llvm::Module& module, const ir::Kernel& kernel) {
  constexpr int kAccessBytes = 16;
  emit_function(module, kernel, kKernelSymbol, 1);
  const int lanes = choose_lanes(kernel, live_nodes(kernel.body), kAccessBytes);
  bool contiguous = false;
  for (const ir::Access& a : kernel.accesses) contiguous |= a.outer == ir::StrideClass::unit;
  if (lanes > 1 && contiguous) emit_function(module, kernel, kVectorSymbol, lanes);
}

}  // namespace tarry::codegen
