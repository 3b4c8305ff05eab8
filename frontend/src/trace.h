#pragma once
/// The trace of a thread: what was recorded and not computed yet.
///
/// A node is *alive* while a cell or an alive node refers to it. It is *stored* when a buffer holds
/// its value: then it is an input like any other and refers to nothing. An alive node that is not
/// stored keeps its operands alive. Dead nodes stay in the graph until it is compacted; recording
/// the same expression again revives them.
///
/// While a transform records (Recording, in autodiff/recording.h) the trace keeps a *tape*: what depends
/// on the transform's arguments stays alive with its operands, stored or not, until the transform ends. The same
/// expression recorded again is then another node.

#include "buffer_index.h"
#include "cell.h"
#include "lock.h"

#include <tarry/ir/graph.h>
#include <tarry/runtime/buffer.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tarry::frontend {

/// The place of numbers, which are wherever they are needed; others are those of Op::move.
inline constexpr uint8_t kAnywhere = 255;

/// Where the value of a stored node lies.
struct Input {
  uint32_t buffer = 0;  // of the trace
  int64_t offset = 0;
  ir::Strides strides;
  uint64_t version = 0;  // of all inputs of the trace, this one alone has it
};

/// A buffer that inputs of a trace refer to; they share one reference to it.
struct TraceBuffer {
  runtime::Buffer buffer;
  uint32_t uses = 0;
  uint32_t walk = 0, number = 0;  // as those of nodes
};

/// Bounds of the elements of an index array.
struct IndexRange {
  int64_t low = 0, high = -1;
};
/// What an index array is for.
enum class IndexUse : uint8_t { read, write };
struct CustomCall;
struct SharedMemory;
struct Selection;
class RecentPlans;

class Trace;
/// The calling thread's, null before its first use. A plain pointer, so that arrays in static destructors still find
/// it; the library is loaded with the program, so the fastest way to thread-local memory will do.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local Trace* own_trace;
/// Makes it.
Trace& begin_own_trace();

class Trace {
 public:
  ir::Graph graph;
  /// Calls of functions with derivatives of their own, while a transform records. In autodiff/custom.h.
  std::vector<std::shared_ptr<CustomCall>> custom_calls;
  /// What the functions of the transforms that are recording got for the memory of their callers. Its own thread's
  /// alone. In autodiff/shared_memory.h.
  std::vector<std::shared_ptr<const SharedMemory>> shared_memory;

  /// The calling thread's.
  static Trace& current() { return own_trace ? *own_trace : begin_own_trace(); }

  // ---- nodes; all of it under the lock ---------------------------------------------------------
  ir::Value add(ir::Op op, DType dtype, std::span<const int64_t> shape, std::span<const ir::Value> operands,
                std::span<const int64_t> attrs, ir::Location where) {
    // A program mostly records what it recorded before: then the wanted node is the one after the last, and a cursor
    // that follows op by op spares the search.
    if (const ir::Value next{cursor_}; graph.would_find(next, op, dtype, shape, operands, attrs) && !taped(next)) {
      ++cursor_;
      return next;
    }
    return add_elsewhere(op, dtype, shape, operands, attrs, where);
  }
  /// An op without attributes whose result has the shape of `like`.
  ir::Value add_like(ir::Op op, DType dtype, ir::Value like, std::span<const ir::Value> operands, ir::Location where) {
    if (const ir::Value next{cursor_}; graph.would_find_like(next, op, dtype, like, operands) && !taped(next))
        [[likely]] {
      ++cursor_;
      return next;
    }
    return add_like_elsewhere(op, dtype, like, operands, where);
  }
  /// An input for elements of a buffer; the same one again for the same elements, unless `fresh`.
  ir::Value add_input(const runtime::Buffer& buffer, DType dtype, std::span<const int64_t> shape, int64_t offset,
                      const ir::Strides& strides, bool fresh);
  /// A value of no buffer: what a batched function sees of one element of the batch. It, and what
  /// depends on it, cannot be computed.
  ir::Value add_hole(DType dtype, std::span<const int64_t> shape, ir::Location where);
  bool abstract(ir::Value v) const { return nodes_[v.id].abstract; }
  /// A 0-d value that is never the same as another.
  ir::Value add_scalar(DType dtype, uint64_t bits, ir::Location where);
  /// As add_scalar, where all values that somebody has a use for are referred to: the node at the cursor may then take
  /// another value, so that what was recorded with the old one can be followed.
  ir::Value add_scalar_again(DType dtype, uint64_t bits, ir::Location where);
  /// Whether carry() might do something.
  bool may_carry() const { return known_results_ != 0 || unsettled_; }
  /// To be called before the value of a cell is read for an op, where all values that somebody has a use for are
  /// referred to. One that a loop carries from turn to turn then stands where the last turn's stood.
  void carry(Cell& cell) {
    const CellState state = cell.state.load(std::memory_order_acquire);
    if (state == CellState::view) return carry_base(cell);
    if (state != CellState::stored || cell.home.load(std::memory_order_relaxed) != this || !cell.value.valid()) return;
    // Results of before the first carrier was made stay what they are.
    const ir::Value v = cell.value;
    if (graph.op(v) == ir::Op::parameter ? unsettled_ : v.id > oldest_carrier_) carry_stored(v);
  }
  uint64_t scalar_bits(ir::Value v) const { return scalars_[graph.attr(v)]; }

  bool stored(ir::Value v) const { return nodes_[v.id].input != kNotStored; }
  const Input& input(ir::Value v) const { return inputs_[nodes_[v.id].input]; }
  const TraceBuffer& buffer(const Input& i) const { return buffers_[i.buffer]; }
  /// Turns a node into an input. Its cells are told by the caller.
  void store(ir::Value v, runtime::Buffer buffer, int64_t offset, const ir::Strides& strides);
  /// Gives the memory of a stored node back, which the tape keeps and no cell refers to: it waits to be computed again.
  void forget(ir::Value v);
  /// Gets all the memory that `count` calls of store() need, so that none of them can fail.
  void prepare_to_store(size_t count);
  uint32_t references(ir::Value v) const { return nodes_[v.id].references; }
  bool alive(ir::Value v) const { return nodes_[v.id].references != 0; }
  /// Whether computing it was given up because an index lies outside; it then refers to nothing.
  bool failed(ir::Value v) const { return nodes_[v.id].failure != kNotFailed; }
  const std::string& failure(ir::Value v) const { return failures_[nodes_[v.id].failure]; }
  void fail(ir::Value v, std::string message);
  /// Whether the indices of a gather or scatter are known to lie inside.
  bool checked(ir::Value v) const { return nodes_[v.id].checked; }
  void set_checked(ir::Value v) { nodes_[v.id].checked = true; }
  /// What is known of the elements of an index array, for as long as it is alive.
  void note_range(ir::Value v, IndexRange range) {
    ranges_[v.id] = range;
    if (std::exchange(nodes_[v.id].ranged, true)) return;
    loose_ranges_ += !alive(v);
  }
  const IndexRange* known_range(ir::Value v) const {
    const auto at = ranges_.find(v.id);
    return at == ranges_.end() ? nullptr : &at->second;
  }
  /// First of the cells that hold this value; walk by Cell::next.
  Cell* cells(ir::Value v) const { return nodes_[v.id].cells; }
  /// Whether a flush computed the value for a live handle without storing it.
  bool skipped(ir::Value v) const { return nodes_[v.id].skipped; }
  void set_skipped(ir::Value v) { nodes_[v.id].skipped = true; }

  /// What a flush sees of a node beyond what the graph says, as a number: equal while all of it is. Of a stored node
  /// that is where it is stored, not who refers to it.
  uint64_t standing(ir::Value v) const {
    const Node& node = nodes_[v.id];
    if (node.input != kNotStored) return inputs_[node.input].version << 1 | 1;
    return static_cast<uint64_t>(node.references) << 32 | (node.cells ? 2 : 0) | (node.skipped ? 4 : 0) |
           (node.checked ? kChecked : 0) | (node.failure != kNotFailed ? 16 : 0);
  }

  /// The part of a standing that says that all indices of a gather or scatter lie inside.
  static constexpr uint64_t kChecked = 8;
  /// Of two standings of a node.
  static bool both_stored(uint64_t a, uint64_t b) { return (a & b & 1) != 0; }

  // ---- devices ---------------------------------------------------------------------------------
  /// Whether anything was ever on a GPU here; until then no value is asked where it is.
  bool uses_devices() const { return uses_devices_; }
  void use_devices();
  /// Where a value is, or is to be computed: where its operands are, of those that were computed, else of all.
  uint8_t place(ir::Value v) const { return nodes_[v.id].place; }
  void set_place(ir::Value v, uint8_t place) { nodes_[v.id].place = place; }
  /// Whether it depends on nothing that was computed before: it can be computed at any place.
  bool portable(ir::Value v) const { return nodes_[v.id].portable; }

  /// As link, for a cell that is new and a value that is no mark; whether the value is stored.
  bool link_new(Cell& cell, ir::Value v) {
    Node& node = nodes_[v.id];
    if (node.references++ == 0) revive(v);
    cell.value = v;
    cell.next = node.cells;
    if (node.cells) node.cells->previous = &cell;
    node.cells = &cell;
    return node.input != kNotStored;
  }
  /// Makes `cell`, which is not linked, hold `v`.
  void link(Cell& cell, ir::Value v) {
    refer(v);
    attach(cell, v);
  }
  void unlink(Cell& cell);
  /// As unlink and link, but what the new value needs of the old one stays alive.
  void relink(Cell& cell, ir::Value v);
  /// Keeps a value alive while it is worked with.
  void hold(ir::Value v) { refer(v); }
  void let_go(ir::Value v) { drop(v); }

  // ---- transforms ------------------------------------------------------------------------------
  /// From here on what depends on marks and holes of this recording is taped.
  void begin_recording();
  /// Lets go of what the innermost recording alone has taped.
  void end_recording();
  bool recording() const { return !recordings_.empty(); }
  /// The same, for threads that do not hold the lock.
  bool may_be_recording() const { return recording_depth_.load(std::memory_order_acquire) != 0; }
  int64_t next_mark() { return next_mark_++; }
  /// Derivatives and batches go from `v` to these, which it is not computed from. Nothing reads `v` yet.
  void connect(ir::Value v, std::span<const ir::Value> to);
  /// `v` as an argument of the innermost recording: the same value, and another node.
  ir::Value add_mark(ir::Value v);
  /// The marks and holes of the innermost recording, in the order in which they were made.
  const std::vector<ir::Value>& arguments() const { return recordings_.back().arguments; }
  /// What depends on the arguments of the innermost recording, and of no other.
  std::vector<ir::Value> innermost_tape() const;
  /// Whether it is an argument of any transform that is recording.
  bool is_argument(ir::Value v) const;
  /// Whether a derivative flows through the value, or a batch: looking at its elements would lose that.
  bool followed(ir::Value v) const { return taped(v) && nodes_[v.id].followed; }
  bool taped(ir::Value v) const { return nodes_[v.id].depth != kNotTaped; }
  /// The value itself below marks, which are never stored: there is nothing to compute.
  ir::Value unmarked(ir::Value v) const {
    while (graph.op(v) == ir::Op::mark) v = graph.operand(v, 0);
    return v;
  }

  /// A walk over the graph: visit() is true at the first visit of a node in this walk; each visited
  /// node can be given a number.
  void begin_walk() { ++walk_; }
  bool visit(ir::Value v) { return std::exchange(nodes_[v.id].walk, walk_) != walk_; }
  void set_number(ir::Value v, uint32_t number) { nodes_[v.id].number = number; }
  uint32_t number(ir::Value v) const { return nodes_[v.id].number; }
  /// Likewise for buffers: at the first visit in this walk the buffer gets the number.
  bool visit_buffer(uint32_t buffer, uint32_t number) {
    TraceBuffer& b = buffers_[buffer];
    if (b.walk == walk_) return false;
    b.walk = walk_;
    b.number = number;
    return true;
  }
  uint32_t buffer_number(uint32_t buffer) const { return buffers_[buffer].number; }

  /// Places in the user's code whose values turned out to be needed again: from then on they are
  /// stored while a handle refers to them.
  std::unordered_set<uint64_t> worth_storing;

  /// Alive nodes that wait to be computed.
  uint32_t pending() const { return pending_; }
  /// Bytes of buffers that nobody but this trace's inputs keeps.
  uint64_t kept_bytes() const;
  /// Grows when value ids change their meaning.
  uint64_t epoch() const { return epoch_; }
  /// Rebuilds the graph without what is dead. Value ids change; nobody may hold any.
  void compact();
  /// The same when most of it is dead. Rather between two turns than in one.
  void compact_if_worthwhile() {
    const uint32_t expected = cursor_ == turn_start_ ? last_turn_ : 0;
    if (graph.size() + expected > compact_above_ && graph.size() / 2 > alive_) compact();
  }
  /// Whether enough is pending, or kept, that it should be computed.
  bool due() {
    return pending_ > pending_limit_ || (added_bytes_ > kept_limit_ && keeps_too_much()) ||
           (taped_bytes_ > taped_limit_ && taped_ops_ >= kLeastStretch);
  }
  /// How much of the memory limit a derivative may keep of a stretch between two cuts, which is computed once more.
  static uint64_t residual_limit();
  /// After a flush: a loop's next turn probably begins as the last one did.
  void begin_turn() {
    make_room_for_turns();
    cursor_ = row_start_ = turn_start_;
    unsettled_ = false;
  }
  /// After a cut: the next one is due when as much again has come.
  void reset_limits();

  uint64_t ops_recorded = 0;  // not yet added to the counters
  /// Memory for the next selection.
  std::unique_ptr<Selection> spare_selection;
  std::unique_ptr<RecentPlans> recent_plans;

 private:
  friend class TraceLock;
  friend class OwnTraceLock;
  friend class TraceUnlock;
  friend struct ThreadEnd;
  friend struct TracesInForks;
  static constexpr uint32_t kNotStored = UINT32_MAX;
  static constexpr uint32_t kNotFailed = UINT32_MAX;
  static constexpr uint16_t kNotTaped = UINT16_MAX;
  struct Node {
    uint32_t references = 0;
    uint32_t input = kNotStored;
    Cell* cells = nullptr;
    uint32_t walk = 0;  // the last one that visited it
    uint32_t number = 0;
    uint32_t failure = kNotFailed;
    uint16_t depth = kNotTaped;  // of the outermost recording on whose arguments it depends
    bool skipped = false;
    bool checked = false;
    bool abstract = false;
    bool followed = false;
    bool portable = false;
    bool carrier = false;
    bool ranged = false;  // something is known of its elements
    uint8_t place = 0;
  };
  struct Recording {
    size_t tape_start = 0;
    std::vector<ir::Value> arguments;
  };
  /// What the graph takes up, the trace can count: nothing after graph.add fails for want of memory.
  void make_room() {
    if (nodes_.size() == nodes_.capacity() || tape_.size() == tape_.capacity()) grow();
  }
  void grow();
  /// An input that is not stored yet.
  ir::Value add_parameter(DType dtype, std::span<const int64_t> shape, ir::Location where);
  template <class Matches>
  ir::Value find_near(Matches matches);
  ir::Value add_elsewhere(ir::Op op, DType dtype, std::span<const int64_t> shape, std::span<const ir::Value> operands,
                          std::span<const int64_t> attrs, ir::Location where);
  ir::Value add_like_elsewhere(ir::Op op, DType dtype, ir::Value like, std::span<const ir::Value> operands,
                               ir::Location where);
  ir::Value count_found(ir::Value found, ir::Location where);
  /// Whether a dead source is one that nothing was computed of which is still known: no value of a live node, no
  /// failure, no range of indices.
  bool is_forgotten(ir::Value v) const {
    return !alive(v) && !may_be_computed_of(v) && loose_ranges_ == 0 && recordings_.empty();
  }
  bool can_take_another_value(ir::Value v, DType dtype) const {
    return v.id < graph.size() && graph.op(v) == ir::Op::scalar && graph.dtype(v) == dtype && is_forgotten(v);
  }
  /// Whether an input whose memory was let go of may stand for elements of this type and shape again.
  bool can_be_stored_again(ir::Value v, DType dtype, std::span<const int64_t> shape) const {
    return is_forgotten(v) && !uses_devices_ && graph.dtype(v) == dtype && std::ranges::equal(graph.shape(v), shape);
  }
  /// Whether there may be an op, stored or failed, that was computed of this node.
  bool may_be_computed_of(ir::Value v) const { return known_results_ != 0 && newest_result_ > v.id; }
  void know_result(ir::Value v) {
    ++known_results_;
    newer_results_ += v.id > oldest_carrier_;
    newest_result_ = std::max(newest_result_, v.id);
  }
  void forget_result(ir::Value v) {
    newer_results_ -= v.id > oldest_carrier_;
    if (--known_results_ == 0)
      newest_result_ = 0;
    else if (newer_results_ == 0)
      newest_result_ = std::min(newest_result_, oldest_carrier_);
  }
  void recount_results();
  void carry_stored(ir::Value v);
  [[gnu::noinline]] void carry_base(const Cell& view);
  bool may_carry_stored(ir::Value v) const {
    return recordings_.empty() && loose_ranges_ == 0 && !uses_devices_ && holes_ == 0 && is_loose(v);
  }
  bool is_loose(ir::Value v) const;
  ir::Value missing_operand(ir::Value v) const;
  ir::Value free_carrier(ir::Value v, std::span<const ir::Value> used);
  bool move_other_results(ir::Value v, ir::Value taken);
  void move_into(ir::Value carrier, ir::Value v);
  /// After a search. A turn begins with the first node after a flush.
  ir::Value count_node(ir::Value v) {
    if (cursor_ == turn_start_) turn_start_ = v.id;
    if (v.id < nodes_.size()) found_[num_found_++ % found_.size()] = v.id;
    return move_behind(v);
  }
  /// As count_node, for what a turn does not begin with: the next one has it already.
  ir::Value count_source(ir::Value v) {
    if (cursor_ == turn_start_) turn_start_ = v.id + 1;
    return move_behind(v);
  }
  ir::Value move_behind(ir::Value v) {
    if (v.id != cursor_) {
      rows_before_ += cursor_ - row_start_;
      row_start_ = v.id;
    }
    cursor_ = v.id + 1;
    if (v.id >= nodes_.size()) {
      nodes_.emplace_back();
      if (!recordings_.empty() || holes_ != 0) tape(v);
      if (uses_devices_) [[unlikely]]
        find_place(v);
    }
    return v;
  }
  void tape(ir::Value v);
  void find_place(ir::Value v);
  void place_input(ir::Value v, const runtime::Buffer& buffer) {
    const int place = buffer.place();
    if (place != 0 && !uses_devices_) use_devices();
    nodes_[v.id].place = static_cast<uint8_t>(place);
    nodes_[v.id].portable = false;
  }
  void hold_on_tape(ir::Value v, uint16_t depth);
  void attach(Cell& cell, ir::Value v) {
    Node& node = nodes_[v.id];
    cell.value = v;
    cell.home.store(this, std::memory_order_relaxed);
    cell.previous = nullptr;
    cell.next = node.cells;
    if (node.cells) node.cells->previous = &cell;
    node.cells = &cell;
  }
  void detach(Cell& cell);
  void refer(ir::Value v) {
    if (nodes_[v.id].references++ == 0) revive(v);
  }
  void drop(ir::Value v) {
    if (--nodes_[v.id].references == 0) bury_node(v);
  }
  bool is_plain_number(ir::Value v) const;
  void revive(ir::Value v);
  void revive_operands(ir::Value v, size_t first);
  void wait(ir::Value v) { waiting_[num_waiting_++] = v; }
  void bury_node(ir::Value v);
  void release_input(ir::Value v);
  void release_failure(ir::Value v);
  [[gnu::noinline, gnu::cold]] void forget_range(ir::Value v);
  bool counts_as_pending(ir::Value v) const;
  uint32_t take_input(runtime::Buffer buffer, int64_t offset, const ir::Strides& strides);
  ir::Value store_again(ir::Value v, const runtime::Buffer& buffer, int64_t offset, const ir::Strides& strides);
  bool keeps_too_much();

  std::vector<Node> nodes_;
  std::vector<Input> inputs_;
  std::vector<uint32_t> free_inputs_;
  std::vector<TraceBuffer> buffers_;
  std::vector<uint32_t> free_buffers_;
  BufferIndex buffer_index_;
  std::vector<uint64_t> scalars_;
  std::vector<std::string> failures_;
  std::vector<uint32_t> free_failures_;
  std::unordered_map<uint32_t, IndexRange> ranges_;  // by value id
  uint32_t loose_ranges_ = 0;                        // those of nodes that nobody has referred to yet
  int64_t next_parameter_ = 0;
  std::unordered_multimap<uint64_t, ir::Value> input_index_;  // by hash of place and shape; entries may be dead
  // Nodes whose operands are still to be told that it lives, or died: room for all nodes, so that nothing fails.
  std::vector<ir::Value> waiting_;
  uint32_t num_waiting_ = 0;
  std::vector<Recording> recordings_;  // of nested transforms, the outermost first
  std::atomic<uint32_t> recording_depth_{0};
  std::vector<ir::Value> tape_;  // ascending; each is held
  int64_t next_mark_ = 0;
  uint32_t holes_ = 0;  // that are alive
  bool uses_devices_ = false;
  uint32_t pending_ = 0;
  uint32_t pending_limit_ = kPendingStep;
  uint64_t added_bytes_ = 0;  // of buffers, since they were last counted
  uint64_t kept_limit_ = UINT64_MAX;
  // Of what a derivative may have to read, since the last cut: its stretch shall be small enough to be kept whole.
  uint64_t taped_bytes_ = 0, taped_limit_ = UINT64_MAX;
  uint32_t taped_ops_ = 0;
  uint32_t alive_ = 0;
  uint32_t cursor_ = 0;              // the id after that of the node that was recorded last
  uint32_t turn_start_ = 0;          // the id of the first node that was recorded after the last flush
  std::array<uint32_t, 4> found_{};  // the ids of the nodes that searches found lately
  uint32_t num_found_ = 0;
  uint32_t known_results_ = 0;       // ops that are stored, or failed
  uint32_t newest_result_ = 0;       // none of them is newer
  uint32_t newer_results_ = 0;       // those that are newer than the oldest carrier
  uint32_t oldest_carrier_ = 0;      // 0 where there is none
  bool unsettled_ = false;           // a value moved into a carrier that may not be the one where the turn expects it
  std::vector<ir::Value> carriers_;  // inputs for what is carried from turn to turn, ascending
  uint64_t epoch_ = 1;
  uint64_t input_version_ = 0;  // the last one given
  uint32_t walk_ = 0;

  static constexpr uint32_t kPendingStep = 10000;  // ops after which a trace is cut: many for a flush, few to keep
  static constexpr uint32_t kLeastStretch = 64;    // ops that a stretch has, however much they keep: a cut is a flush
  void make_room_for_turns();
  static constexpr uint32_t kCompactAbove = 2048;  // nodes
  uint32_t compact_above_ = kCompactAbove;
  uint32_t last_turn_ = 0;     // its nodes, if it is kept
  bool turn_is_whole_ = true;  // since the last flush the graph was not compacted, but right after it
  uint32_t row_start_ = 0;     // of the nodes recorded last, one behind the other
  uint32_t rows_before_ = 0;   // nodes recorded since the last flush, in other rows

  // What compaction left, to be filled by the next one.
  ir::Graph spare_graph_;
  std::vector<Node> spare_nodes_;
  std::vector<ir::Value> renamed_;

  Lock lock_;
  uint32_t depth_ = 0;                     // of the owner's nested locks
  Cell* dead_ = nullptr;                   // cells that the owner destroyed and did not unlink yet
  std::atomic<Cell*> graveyard_{nullptr};  // cells that other threads destroyed while the lock was taken
  Trace* next_free_ = nullptr;             // among the traces of dead threads
  Trace* next_of_all_ = nullptr;           // among those of the process

  Trace();
  void bury(Cell* cells);
  /// Unlinks the dead, at the owner's next use of the trace.
  void bury_dead() {
    if (dead_) bury(std::exchange(dead_, nullptr));
    if (graveyard_.load(std::memory_order_relaxed)) bury(graveyard_.exchange(nullptr, std::memory_order_acquire));
  }
  /// Leaves a cell that holds nothing but a value of this trace, the calling thread's, for the next bury_dead().
  bool bury_later(Cell& cell) {
    const bool simple = cell.linked() && cell.state.load(std::memory_order_relaxed) == CellState::pending;
    if (depth_ != 0 || !simple) return false;
    cell.bits = reinterpret_cast<uint64_t>(std::exchange(dead_, &cell));
    return true;
  }
  /// Unlinks a cell that is about to die. False when the owner will do it: it has been handed over.
  bool release_cell(Cell& cell);
  friend void destroy_cell(CellHead* cell) noexcept;
  friend void release_last(CellHead* cell) noexcept;
};

/// Holds a trace's lock. The owner may nest it.
class TraceLock {
 public:
  explicit TraceLock(Trace& trace) : trace_(trace), own_(&trace == own_trace) {
    if (own_ && trace_.depth_++ != 0) return;
    trace_.lock_.lock();
    if (own_) trace_.bury_dead();
  }
  ~TraceLock() {
    if (own_ && --trace_.depth_ != 0) return;
    trace_.lock_.unlock();
  }
  TraceLock(const TraceLock&) = delete;
  /// Whether nobody further out holds it for this thread.
  bool outermost() const { return !own_ || trace_.depth_ == 1; }

 private:
  Trace& trace_;
  bool own_;
};

/// As TraceLock, for the calling thread's own trace.
class OwnTraceLock {
 public:
  explicit OwnTraceLock(Trace& own) : trace_(own), outermost_(own.depth_++ == 0) {
    if (!outermost_) return;
    trace_.lock_.lock();
    trace_.bury_dead();
  }
  ~OwnTraceLock() {
    --trace_.depth_;
    if (outermost_) trace_.lock_.unlock();
  }
  OwnTraceLock(const OwnTraceLock&) = delete;
  bool outermost() const { return outermost_; }

 private:
  Trace& trace_;
  const bool outermost_;
};

/// Lets go of the calling thread's own trace for a scope, to wait for another's.
class TraceUnlock {
 public:
  explicit TraceUnlock(Trace& own);
  ~TraceUnlock();

 private:
  Trace& trace_;
  uint32_t depth_;
};

}  // namespace tarry::frontend
