#include "llvm/walk.h"

#include <tarry/ir/error.h>

#include <algorithm>

#include "llvm/types.h"

namespace tarry::codegen {

using ir::Op;
using llvm::Value;

std::vector<int> accesses_of(const ir::Kernel& k, std::span<const ir::Value> nodes) {
  std::vector<int> all;
  for (ir::Value v : nodes) {
    const Op op = k.body.op(v);
    if (op == Op::load || op == Op::index || op == Op::load_at || ir::is_store(op))
      all.push_back(static_cast<int>(k.body.attr(v)));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Walk::Walk(Frame& frame, Shape shape, const std::vector<Nodes>& parts)
    : frame_(frame), b_(frame.b), shape_(std::move(shape)) {
  if (many_axes() && parts.size() != 1) throw InternalError("a walk from several origins goes along one axis");
  const ir::Graph& g = frame_.kernel.body;
  for (size_t part = 0; part < parts.size(); ++part) {
    for (ir::Value v : parts[part]) {
      const Op op = g.op(v);
      if (op != Op::load && op != Op::index && op != Op::load_at && !ir::is_store(op)) continue;
      const bool predicated = op == Op::load ? !g.operands(v).empty() : op != Op::store;
      add_path(static_cast<int>(g.attr(v)), static_cast<int>(part), op == Op::store, predicated);
    }
  }
  if (!many_axes())
    for (int access : shape_.written_later) targets_.push_back({access});
  if (many_axes()) {
    std::vector<int> outer(shape_.axes.begin(), shape_.axes.end() - 1);
    runs_.emplace(frame_, outer, accesses_of(frame_.kernel, parts[0]));
    position_ = frame_.variable(b_.getInt64Ty());
  }
  for (Path& p : paths_) {
    llvm::Type* pointer = p.is_index ? b_.getInt64Ty() : static_cast<llvm::Type*>(b_.getPtrTy());
    p.base = frame_.variable(pointer);
    if (!p.contiguous) p.step = frame_.variable(b_.getInt64Ty());
    if (!p.guarded && !p.constant)
      p.gathered = frame_.stack_array(memory_type(b_.getContext(), frame_.kernel.accesses[p.access].dtype),
                                      shape_.group * p.spread());
    if (!copied_by_vectors(p) && (p.is_store || (many_axes() && p.guarded)))
      p.addresses = frame_.stack_array(pointer, shape_.group);
  }
  streaming_ = frame_.at_prologue([&] {
    Value* flag = b_.CreateAnd(frame_.word(frame_.layout.flags()), b_.getInt64(kStreamingStores));
    return b_.CreateICmpNE(flag, b_.getInt64(0));
  });
}

void Walk::add_path(int access, int part, bool is_store, bool predicated) {
  for (Path& p : paths_) {
    if (p.access != access || p.part != part) continue;
    p.guarded &= predicated;
    p.constant &= !predicated;
    p.two &= !predicated;
    return;
  }
  const ir::Access& a = frame_.kernel.accesses[access];
  Path p;
  p.access = access;
  p.part = part;
  p.is_store = is_store;
  p.is_index = a.kind == ir::Access::Kind::index;
  p.guarded = predicated;
  const bool along_row = shape_.axes.back() >= frame_.kernel.outer_rank;
  const ir::StrideClass along = along_row ? a.row : a.outer;
  p.contiguous = along == ir::StrideClass::unit;
  p.two = along == ir::StrideClass::two && a.kind == ir::Access::Kind::read && !predicated && shape_.lanes > 1;
  p.constant = along == ir::StrideClass::zero && !many_axes() && !is_store && !predicated;
  p.size = p.is_index ? 1 : static_cast<int>(ir::size_of(a.dtype));
  paths_.push_back(p);
}

Walk::Path& Walk::path(int access) {
  for (Path& p : paths_)
    if (p.access == access && p.part == part_) return p;
  throw InternalError("a walk reaches an access that is not on its list");
}

void Walk::place(const std::vector<Offset>& offsets) {
  for (Path& p : paths_) {
    const Offset& offset = offsets[p.part];
    const int base = frame_.layout.base(p.access);
    p.origin = p.is_index ? b_.CreateAdd(frame_.word(base), offset(p.access))
                          : frame_.byte_offset(frame_.data(p.access), offset(p.access));
    p.stride = p.contiguous ? b_.getInt64(p.size) : frame_.stride(p.access, shape_.axes.back());
    const bool reads_vectors = !p.is_store && !p.guarded && p.contiguous && p.part == shape_.read_ahead.part;
    p.ahead = reads_vectors && shape_.read_ahead.distance ? shape_.read_ahead.distance(p.access) : nullptr;
  }
  for (Target& t : targets_) place_target(t, offsets[0](t.access));
}

/// A line that is there anyway where nothing is to be made ready: for stores around the cache, and in long rows.
void Walk::place_target(Target& t, Value* offset) {
  const int64_t size = static_cast<int64_t>(ir::size_of(frame_.kernel.accesses[t.access].dtype));
  Value* bytes = b_.CreateMul(frame_.extent(shape_.axes.back()), b_.getInt64(size));
  Value* far = b_.CreateICmpSGT(bytes, b_.getInt64(shape_.near_bytes));
  Value* idle = b_.CreateOr(streaming_, far);
  Value* nowhere = frame_.stack_array(b_.getInt8Ty(), kMaxVectorBytes);
  t.origin = b_.CreateSelect(idle, nowhere, frame_.byte_offset(frame_.data(t.access), offset));
  t.step = b_.CreateSelect(idle, b_.getInt64(0), b_.getInt64(size));
}

void Walk::seek(Value* number) {
  if (!many_axes()) return;
  Value* extent = frame_.extent(shape_.axes.back());
  position_.set(b_, b_.CreateURem(number, extent));
  runs_->set(b_.CreateUDiv(number, extent));
}

/// Of the point `position` along the last axis; for an index access its value.
Value* Walk::element_address(const Path& p, Value* position) {
  Value* offset = b_.CreateMul(position, p.stride);
  if (many_axes()) offset = b_.CreateAdd(offset, runs_->offset(p.access));
  return p.is_index ? b_.CreateAdd(p.origin, offset) : frame_.byte_offset(p.origin, offset);
}

void Walk::aim_direct(Value* first) {
  Value* position = many_axes() ? b_.CreateSub(position_.get(b_), first) : b_.getInt64(0);
  for (Path& p : paths_) {
    p.base.set(b_, element_address(p, position));
    if (!p.contiguous) p.step.set(b_, p.stride);
  }
}

/// From `position` along the last axis to where stores around the cache may begin: at a line where a short group leads
/// up to it, else at a turn that is as well aligned as it can be.
Value* Walk::elements_to_line(const Path& out, Value* position) {
  const int64_t line =
      shape_.short_first ? kMaxVectorBytes : std::min<int64_t>(kMaxVectorBytes, turn_elements() * out.size);
  Value* address = b_.CreatePtrToInt(element_address(out, position), b_.getInt64Ty());
  return b_.CreateUDiv(b_.CreateAnd(b_.CreateNeg(address), b_.getInt64(line - 1)), b_.getInt64(out.size));
}

const Walk::Path* Walk::streaming_path() const {
  for (const Path& p : paths_)
    if (p.is_store && p.contiguous && p.size * shape_.lanes >= kLeastStreamBytes) return &p;
  return nullptr;
}

void Walk::run(Value* begin, Value* end, const std::function<void(Value*, int)>& body, const Hooks& hooks) {
  llvm::Type* i64 = b_.getInt64Ty();
  at_ = frame_.variable(i64, begin);
  limit_ = frame_.variable(i64);
  streams_ = frame_.variable(b_.getInt1Ty());
  end_ = end;
  frame_.while_loop([&] { return b_.CreateICmpSLT(at_.get(b_), end); }, [&] { pass(body, hooks); });
}

void Walk::run_whole(Value* begin, Value* end, const std::function<void(Value*, int)>& body) {
  pass_end_ = end;
  group_first_ = begin;
  gathering_ = around_cache_ = b_.getFalse();
  aim_direct(begin);
  if (const Path* out = streaming_path()) {
    Value* at_line = b_.CreateICmpEQ(elements_to_line(*out, begin), b_.getInt64(0));
    around_cache_ = b_.CreateAnd(streaming_, at_line);
  }
  at_ = frame_.variable(b_.getInt64Ty(), begin);
  loop(end, body);
}

/// Turns from `at_` to `end`, at least one.
void Walk::loop(Value* end, const std::function<void(Value*, int)>& body) {
  llvm::BasicBlock* turns = frame_.block("turn");
  llvm::BasicBlock* after = frame_.block("walked");
  b_.CreateBr(turns);
  b_.SetInsertPoint(turns);
  Value* i = at_.get(b_);
  turn(i, body);
  Value* next = b_.CreateAdd(i, b_.getInt64(turn_elements()));
  at_.set(b_, next);
  b_.CreateCondBr(b_.CreateICmpSLT(next, end), turns, after);
  b_.SetInsertPoint(after);
}

/// Either whole groups, as many as lie in one run, or one gathered group: what is left over behind them, and ahead of
/// stores around the cache what lies before the first line. Those go badly with a line that the cache has.
Walk::Stretch Walk::choose_stretch(Value* first) {
  Value* run = b_.CreateSub(end_, first);
  if (many_axes()) {
    Value* left = b_.CreateSub(frame_.extent(shape_.axes.back()), position_.get(b_));
    run = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, run, left);
  }
  Value* whole = b_.CreateAnd(run, b_.getInt64(-shape_.group));
  gathering_ = b_.CreateICmpEQ(whole, b_.getInt64(0));
  group_first_ = first;
  Stretch stretch{whole, end_, b_.getFalse()};
  if (const Path* out = streaming_path()) {
    Value* head = elements_to_line(*out, many_axes() ? position_.get(b_) : first);
    Value* skewed = b_.CreateAnd(streaming_, b_.CreateICmpNE(head, b_.getInt64(0)));
    stretch.streams = b_.CreateAnd(streaming_, b_.CreateNot(skewed));
    if (shape_.short_first) {
      // Not where no whole group would follow.
      Value* worth = b_.CreateICmpSGE(b_.CreateSub(run, head), b_.getInt64(shape_.group));
      Value* cut = b_.CreateAnd(skewed, worth);
      stretch.gathered_end = b_.CreateSelect(cut, b_.CreateAdd(first, head), end_);
      gathering_ = b_.CreateOr(gathering_, cut);
    }
  }
  return stretch;
}

/// One stretch.
void Walk::pass(const std::function<void(Value*, int)>& body, const Hooks& hooks) {
  Value* first = at_.get(b_);
  const Stretch stretch = choose_stretch(first);
  llvm::BasicBlock* direct = frame_.block("direct");
  llvm::BasicBlock* gathered = frame_.block("gathered");
  llvm::BasicBlock* aimed = frame_.block("aimed");
  b_.CreateCondBr(gathering_, gathered, direct);

  b_.SetInsertPoint(direct);
  aim_direct(first);
  limit_.set(b_, b_.CreateAdd(first, stretch.whole));
  streams_.set(b_, stretch.streams);
  b_.CreateBr(aimed);

  b_.SetInsertPoint(gathered);
  if (hooks.before_partial) hooks.before_partial();
  Value* count = gather(first, stretch.gathered_end);
  limit_.set(b_, b_.CreateAdd(first, count));
  streams_.set(b_, b_.getFalse());
  b_.CreateBr(aimed);

  // Apart from the loop's head, so that what is fixed for all its turns is seen to be.
  b_.SetInsertPoint(aimed);
  around_cache_ = streams_.get(b_);
  pass_end_ = limit_.get(b_);
  loop(pass_end_, body);
  settle(first, hooks);
}

/// Behind the turns of a pass that began at `first`.
void Walk::settle(Value* first, const Hooks& hooks) {
  Value* done = b_.CreateSub(pass_end_, first);
  at_.set(b_, pass_end_);
  llvm::BasicBlock* scattering = frame_.block("scatter");
  llvm::BasicBlock* moved = frame_.block("moved");
  llvm::BasicBlock* joined = frame_.block("joined");
  b_.CreateCondBr(gathering_, scattering, moved);
  b_.SetInsertPoint(scattering);
  scatter(first, done);
  if (hooks.after_partial) hooks.after_partial(done);
  b_.CreateBr(joined);
  b_.SetInsertPoint(moved);
  if (many_axes()) {
    Value* position = b_.CreateAdd(position_.get(b_), done);
    position_.set(b_, position);
    frame_.if_then(b_.CreateICmpEQ(position, frame_.extent(shape_.axes.back())), [&] {
      position_.set(b_, b_.getInt64(0));
      runs_->advance();
    });
  }
  b_.CreateBr(joined);
  b_.SetInsertPoint(joined);
}

void Walk::turn(Value* at, const std::function<void(Value*, int)>& body) {
  for (int u = 0; u < shape_.strands * shape_.unroll; ++u) {
    read_ahead(at, u);
    const int64_t distance = u / shape_.unroll * shape_.apart + u % shape_.unroll * int64_t{shape_.lanes};
    first_ = b_.CreateAdd(at, b_.getInt64(distance));
    body(first_, u);
  }
  flush_stores();
}

/// Left to itself, the hardware starts anew with each page. Line after line, whatever the strands, since memory gives
/// neighbours faster; and some with each vector, since it does not take many at once.
void Walk::read_ahead(Value* at, int u) {
  const int64_t strands = shape_.strands;
  for (Path& p : paths_) {
    if (!p.ahead) continue;
    Value* in_order = at;
    if (strands > 1) {
      Value* walked = b_.CreateMul(b_.CreateSub(at, group_first_), b_.getInt64(strands));
      in_order = b_.CreateAdd(group_first_, walked);
    }
    Value* here = frame_.byte_offset(p.base.get(b_), b_.CreateMul(in_order, b_.getInt64(p.size)));
    prefetch(frame_.byte_offset(here, p.ahead), u, p.size, 0, shape_.read_ahead.locality);
  }
  for (Target& t : targets_) {
    const int64_t size = static_cast<int64_t>(ir::size_of(frame_.kernel.accesses[t.access].dtype));
    if (u < shape_.unroll) prefetch(frame_.byte_offset(t.origin, b_.CreateMul(at, t.step)), u, size, 1, 3);
  }
}

/// The lines that begin in vector `u` of those from `begin` on, of elements of that size.
void Walk::prefetch(Value* begin, int u, int64_t size, int write, int locality) {
  const int64_t bytes = shape_.lanes * size, first = u * bytes;
  const int64_t line_up = (first + kMaxVectorBytes - 1) / kMaxVectorBytes * kMaxVectorBytes;
  for (int64_t line = line_up; line < first + bytes; line += kMaxVectorBytes) {
    Value* address = b_.CreateConstGEP1_64(b_.getInt8Ty(), begin, static_cast<uint64_t>(line));
    Value* into_data_cache[] = {address, b_.getInt32(write), b_.getInt32(locality), b_.getInt32(1)};
    b_.CreateIntrinsic(llvm::Intrinsic::prefetch, {address->getType()}, into_data_cache);
  }
}

}  // namespace tarry::codegen
