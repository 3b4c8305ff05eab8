/// Points by threads that go along the first axis, and keep what is read again a step further.

#include "llvm/schedules.h"
#include "llvm/types.h"
#include "nvptx/emit.h"
#include "nvptx/places.h"

namespace tarry::codegen {
namespace {

using llvm::Value;

/// Where a thread stands: an address for each access, which moves on with it.
class Walker : public ThreadLanes {
 public:
  explicit Walker(Device& device)
      : ThreadLanes(
            device, 1, device.frame.kernel.outer_rank - 1, [this](int a) { return at_[a].get(frame_.b); },
            [this](int) { return frame_.b.getInt64(0); }),
        carry_(device.shape.carry),
        read_(carry_.from.size()) {
    Value* by = device.wide(frame_.index_word(device.layout.step()));
    for (int a = 0; a < count(); ++a) {
      at_.push_back(frame_.variable(origin_of(device, a, frame_.b.getInt64(0))->getType()));
      kept_.push_back(frame_.variable(register_type(frame_.b.getContext(), frame_.kernel.accesses[a].dtype)));
      Value* stride = step_along(device, a, 0);
      step_.push_back(stride ? frame_.b.CreateNSWMul(by, stride) : nullptr);
    }
  }

  /// To a point, with its places by axis.
  void start(const std::vector<Value*>& place) {
    Builder& b = frame_.b;
    for (int a = 0; a < count(); ++a) {
      Value* offset = b.getInt64(0);
      for (size_t axis = 0; axis < place.size(); ++axis)
        if (Value* stride = step_along(device_, a, static_cast<int>(axis)))
          offset = b.CreateAdd(offset, b.CreateNSWMul(device_.wide(place[axis]), stride));
      Value* at = origin_of(device_, a, offset);
      if (is_carried(a))
        kept_[a].set(b, read_apart(a, at));
      else
        at_[a].set(b, at);
    }
  }

  /// A step further.
  void advance() {
    Builder& b = frame_.b;
    for (int a = 0; a < count(); ++a)
      if (is_carried(a)) kept_[a].set(b, read_[carry_.from[a]]);
    for (int a = 0; a < count(); ++a) {
      if (is_carried(a) || !step_[a]) continue;
      Value* at = at_[a].get(b);
      at_[a].set(b, at->getType()->isPointerTy() ? frame_.byte_offset(at, step_[a]) : b.CreateAdd(at, step_[a]));
    }
  }

  Value* load(int access, Value* predicate) override {
    if (predicate) return ThreadLanes::load(access, predicate);
    Value*& read = read_[access];
    if (is_carried(access))
      read = kept_[access].get(frame_.b);
    else
      read = carry_.apart[access] ? read_apart(access, at_[access].get(frame_.b)) : ThreadLanes::load(access, nullptr);
    return read;
  }

 private:
  int count() const { return static_cast<int>(carry_.from.size()); }
  bool is_carried(int access) const { return carry_.from[access] >= 0; }
  /// Of memory that no write touches: the assembler may read it ahead of stores.
  Value* read_apart(int access, Value* at) {
    Builder& b = frame_.b;
    const ir::DType t = frame_.kernel.accesses[access].dtype;
    llvm::LoadInst* load = b.CreateLoad(memory_type(b.getContext(), t), at);
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(b.getContext(), {}));
    return to_register(b, load, t);
  }

  const Carry& carry_;
  std::vector<Variable> at_, kept_;  // by access
  std::vector<Value*> step_, read_;  // likewise; what was read at the present point
};

class CarriedPoints {
 public:
  CarriedPoints(llvm::Module& module, const GpuShape& shape, int index_bits)
      : device_(module, shape, GpuFunction::carried, index_bits), frame_(device_.frame), line_(frame_, 1, &uniform_) {
    const std::vector<bool> live = live_nodes(frame_.kernel.body);
    const std::vector<ir::Level> level = levels_along_outer(frame_.kernel);
    emit_uniforms(frame_, uniform_, level, live);
    const ir::Level once = frame_.kernel.outer_rank == 1 ? ir::Level::row : ir::Level::uniform;
    std::vector<ir::Value> of_line;
    for (uint32_t id = 0; id < level.size(); ++id)
      if (live[id] && level[id] != ir::Level::uniform) (level[id] == once ? of_line : elements_).push_back({id});
    ThreadLanes origin(
        device_, 1, 0, [this](int a) { return origin_of(device_, a, frame_.b.getInt64(0)); },
        [this](int) { return frame_.b.getInt64(0); });
    line_.emit(of_line, origin);
  }

  void emit() {
    Builder& b = frame_.b;
    step_ = frame_.index_word(device_.layout.step());
    length_ = b.CreateMul(step_, frame_.index_word(device_.layout.steps()));
    Walker walker(device_);
    Value* threads = b.CreateMul(step_, frame_.index_word(device_.layout.strips()));
    for (int axis = 1; axis < rank(); ++axis) threads = b.CreateMul(threads, frame_.extent(axis));
    device_.strided_loop(device_.global_thread(), threads, device_.global_threads(),
                         [&](Value* number) { walk(walker, number); });
    frame_.finish();
  }

 private:
  int rank() const { return frame_.kernel.outer_rank; }

  /// Neighbouring threads stand at neighbouring places of the last axis, or where they go along that, of a step.
  std::vector<Value*> place_of(Value* number) {
    Builder& b = frame_.b;
    std::vector<Value*> place(static_cast<size_t>(rank()));
    for (int i = rank(); i-- > 0;) {
      Value* extent = i == 0 ? step_ : frame_.extent(i);
      Value* rest = b.CreateUDiv(number, extent);
      place[static_cast<size_t>(i)] = b.CreateSub(number, b.CreateMul(rest, extent));
      number = rest;
    }
    place[0] = b.CreateAdd(place[0], b.CreateMul(number, length_));
    return place;
  }

  void walk(Walker& walker, Value* number) {
    Builder& b = frame_.b;
    const std::vector<Value*> place = place_of(number);
    Value* first = place[0];
    Value* end = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b.CreateAdd(first, length_), frame_.extent(0));
    frame_.if_then(b.CreateICmpSLT(first, end), [&] {
      walker.start(place);
      Variable next = frame_.variable(frame_.index_type, first);
      const int steps = device_.shape.steps;
      if (steps > 1) {
        Value* turn = b.CreateMul(step_, frame_.number(steps));
        device_.strided_loop(first, b.CreateSub(end, b.CreateSub(turn, step_)), turn, [&](Value* at) {
          for (int i = 0; i < steps; ++i) take(walker);
          next.set(b, b.CreateAdd(at, turn));
        });
      }
      device_.strided_loop(next.get(b), end, step_, [&](Value*) { take(walker); });
    });
  }

  void take(Walker& walker) {
    Body body(frame_, 1, &line_);
    body.emit(elements_, walker);
    walker.advance();
  }

  Device device_;
  Frame& frame_;
  Body uniform_{frame_, 1};
  Body line_;
  std::vector<ir::Value> elements_;
  Value *step_ = nullptr, *length_ = nullptr;  // places of a step, and of all that a thread takes
};

}  // namespace

void emit_carried(llvm::Module& module, const GpuShape& shape, int index_bits) {
  CarriedPoints(module, shape, index_bits).emit();
}

}  // namespace tarry::codegen
