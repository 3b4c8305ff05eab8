#pragma once
/// A walk along axes of the space, a group of lanes at a time.
///
/// The loop is emitted once. Whole groups are read and written where they lie. What is left over (the
/// end of the walk, groups that straddle the end of a run where there are several axes, and what lies
/// before the first line where stores go around the cache) goes through stack memory: its elements are
/// gathered there, neighbours under a mask and others one by one, the same loop runs on them once, and
/// its results are scattered. So no tail costs a second copy of the body, and no vector touches memory
/// beyond the array.

#include <functional>
#include <optional>
#include <vector>

#include "llvm/body.h"
#include "llvm/frame.h"

namespace tarry::codegen {

class Walk : public Surroundings {
 public:
  /// Whether and how the walk asks for memory before it needs it.
  struct ReadAhead {
    std::function<llvm::Value*(int)> distance;  // in bytes, by access; null for not at all
    int locality = 0;                           // as LLVM's prefetch: 0 used once, 3 keep near
    int part = 0;                               // of which accesses
  };
  struct Shape {
    std::vector<int> axes;     // outermost first; the lanes go along the last
    int lanes;                 // of a vector
    int unroll;                // vectors in one turn of the loop
    int group;                 // elements gathered at once; a power of two, a multiple of lanes * unroll
    bool short_first = false;  // whether the first group may be a short one: nothing is folded or scanned
    ReadAhead read_ahead = {};
    std::vector<int> written_later = {};  // accesses whose lines are made ready for the stores of a later walk
    int64_t near_bytes = 0;               // if they are no more than this
    int64_t store_ahead_bytes = 0;        // stores make ready the lines so far behind them
    int strands = 1;                      // a turn takes its vectors from so many places
    int64_t apart = 0;                    // elements from one of them to the next
  };
  struct Hooks {
    std::function<void()> before_partial;             // ahead of a group that is gathered
    std::function<void(llvm::Value*)> after_partial;  // behind it, with the number of its elements
  };

  /// Of an access, in bytes (units for an index access).
  using Offset = std::function<llvm::Value*(int)>;
  using Nodes = std::span<const ir::Value>;

  /// `nodes`: the loads, index values and stores of the walk stand among them.
  Walk(Frame& frame, Shape shape, Nodes nodes) : Walk(frame, std::move(shape), std::vector{nodes}) {}
  /// Several parts have an origin each; then there is one axis.
  Walk(Frame& frame, Shape shape, const std::vector<Nodes>& parts);

  /// Puts the origin there.
  void place(const Offset& offset) { place(std::vector{offset}); }
  /// Of each part.
  void place(const std::vector<Offset>& offsets);
  /// Goes to this point, counted in C order. Needed before `run` where there are several axes.
  void seek(llvm::Value* number);
  /// Visits points [begin, end). Calls body once for each vector of a turn, with the number of its first
  /// point and its place among the vectors of the turn.
  void run(llvm::Value* begin, llvm::Value* end, const std::function<void(llvm::Value*, int)>& body,
           const Hooks& hooks = {});
  /// The same of whole groups along one axis. With several strands [begin, end) is
  /// the first one's, and the vectors of the others follow its own in a turn.
  void run_whole(llvm::Value* begin, llvm::Value* end, const std::function<void(llvm::Value*, int)>& body);

  llvm::Value* load(int access, llvm::Value* predicate) override;
  void store(int access, llvm::Value* value) override;
  llvm::Value* index(int access) override;
  llvm::Value* load_at(int access, llvm::Value* distance, llvm::Value* predicate) override;
  void store_at(ir::Value node, llvm::Value* value, llvm::Value* distance) override;

 protected:
  /// Whose accesses are meant from now on.
  void enter(int part) { part_ = part; }

 private:
  /// How one access is reached.
  struct Path {
    int access, part;
    bool is_store, is_index;
    bool guarded;     // read under predicates alone: never gathered, since nobody knows its lanes yet
    bool contiguous;  // vectors of neighbours
    bool two;         // every second element: vectors of neighbours, of which half is taken
    bool constant;    // one element for the whole walk
    int size;
    int spread() const { return two ? 2 : 1; }  // elements from one to the next, where that is known
    llvm::Value* origin = nullptr;
    llvm::Value* stride = nullptr;     // along the last axis
    Variable base, step;               // of the turn: address of point 0 and distance between points
    llvm::Value* ahead = nullptr;      // bytes to read ahead
    llvm::Value* gathered = nullptr;   // stack: a group's elements
    llvm::Value* addresses = nullptr;  // stack: where each of them lies
  };
  /// Where a later walk will store: of point `at`, `at` steps behind the origin.
  struct Target {
    int access;
    llvm::Value* origin = nullptr;
    llvm::Value* step = nullptr;
  };
  static constexpr int kLeastStreamBytes = 16;  // of a vector that is worth a streaming store
  struct PendingStore {
    const Path* path;
    llvm::Value* address;
    llvm::Value* value;
  };

  bool many_axes() const { return shape_.axes.size() > 1; }
  Path& path(int access);
  void add_path(int access, int part, bool is_store, bool predicated);
  llvm::Value* element_address(const Path& p, llvm::Value* position);
  int64_t turn_elements() const { return static_cast<int64_t>(shape_.lanes) * shape_.unroll; }
  void loop(llvm::Value* end, const std::function<void(llvm::Value*, int)>& body);
  /// What a pass goes over: `whole` elements in place, or while gathering those before `gathered_end`.
  struct Stretch {
    llvm::Value *whole, *gathered_end;
    llvm::Value* streams;  // whether what lies in place is stored around the cache
  };
  Stretch choose_stretch(llvm::Value* first);
  void pass(const std::function<void(llvm::Value*, int)>& body, const Hooks& hooks);
  void settle(llvm::Value* first, const Hooks& hooks);
  void aim_direct(llvm::Value* first);
  llvm::Value* elements_to_line(const Path& out, llvm::Value* position);
  const Path* streaming_path() const;
  llvm::Value* gather(llvm::Value* first, llvm::Value* end);
  void gather_element(llvm::Value* lane, llvm::Value* first, llvm::Value* last);
  void scatter(llvm::Value* first, llvm::Value* count);
  bool copied_by_vectors(const Path& p) const;
  void for_vectors_of_group(const Path& p, llvm::Value* first, llvm::Value* count,
                            const std::function<void(llvm::Value*, llvm::Value*, llvm::Value*)>& body);
  void gather_vectors(const Path& p, llvm::Value* first, llvm::Value* count);
  void scatter_vectors(const Path& p, llvm::Value* first, llvm::Value* count);
  void step_element();
  void turn(llvm::Value* at, const std::function<void(llvm::Value*, int)>& body);
  void read_ahead(llvm::Value* at, int u);
  void place_target(Target& target, llvm::Value* offset);
  void prefetch(llvm::Value* begin, int u, int64_t size, int write, int locality);
  void flush_stores();
  void write_stores(bool streaming);
  bool is_vector(const PendingStore& s) const { return s.path->contiguous || shape_.lanes == 1; }
  void store_lanes(const PendingStore& s);

  llvm::Value* vector_address(const Path& p);
  llvm::Value* load_every_second(const Path& p, llvm::Value* address);
  llvm::Value* load_lanes(const Path& p);
  llvm::Value* load_guarded(const Path& p, llvm::Value* predicate);
  llvm::Value* lane_places(const Path& p, llvm::Value* distance);
  llvm::Value* load_neighbours(const Path& p, llvm::Value* distance);
  llvm::Value* load_places(const Path& p, llvm::Value* places, llvm::Value* mask);
  llvm::Value* load_one_by_one(const Path& p, llvm::Value* predicate);

  Frame& frame_;
  Builder& b_;
  Shape shape_;
  std::vector<Path> paths_;
  std::vector<Target> targets_;
  std::optional<Odometer> runs_;  // over all axes but the last, where there are several
  Variable position_;             // along the last axis, where there are several
  llvm::Value* streaming_;
  Variable at_, limit_;  // the next point, and where the pass is to stop
  Variable streams_;     // whether its stores go around the cache
  // Of the turn being emitted.
  int part_ = 0;
  llvm::Value* first_ = nullptr;  // number of the first point of the vector
  llvm::Value* group_first_ = nullptr;
  llvm::Value* gathering_ = nullptr;  // whether it works on gathered elements
  llvm::Value* end_ = nullptr;        // of the walk
  llvm::Value* pass_end_ = nullptr;   // of the pass
  llvm::Value* around_cache_ = nullptr;
  std::vector<PendingStore> pending_;
};

/// The accesses of these nodes, each once.
std::vector<int> accesses_of(const ir::Kernel& k, std::span<const ir::Value> nodes);

}  // namespace tarry::codegen
