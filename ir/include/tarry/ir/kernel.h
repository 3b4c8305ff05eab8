#pragma once
/// The kernel level: one iteration space, accesses to memory, and a graph of scalar ops.
///
/// The space has `outer_rank` parallel axes (at least 1) and `row_rank` row axes. Without row axes
/// (schedule `map`) every point is independent. With them, each outer point owns one row, over which
/// reductions and scans run; the row axes in C order form the reduction index (reduction.h).
///
/// Every value of the body has a level that follows from its operands: *uniform* (scalars,
/// constants), *row* (one per outer point: loads that do not vary in the row, results of
/// reductions), or *element*. Where a value of a lower level meets higher ones, as an operand of a
/// reduction too, it counts as the same at every point. A kernel's identity is all that stands here; extents, pointers,
/// strides and scalars are arguments of a launch.

#include <tarry/ir/graph.h>

#include <string>
#include <vector>

namespace tarry::ir {

/// How executors walk the space. It never changes a bit of a result.
enum class Schedule : uint8_t {
  map,     // no row axes
  row,     // a row at a time, vectors along it, its phases one after the other while it is near
  column,  // vectors along the innermost outer axis, rows strided: sums down columns, short rows
  split,   // few long rows: one phase of reductions, blocks of a row in parallel, then the row-level rest
};

/// What is known of a stride. `two`: one part of an array of pairs, as complex numbers lie.
enum class StrideClass : uint8_t { zero, unit, any, two };

/// One pointer argument with strides of its own, or the coordinates of a point.
struct Access {
  enum class Kind : uint8_t {
    read,
    write,
    index,    // no memory: the value offset + Σ stride·coordinate itself, an int64
    gather,   // read at a distance from the point's place that a value of the kernel says
    scatter,  // written so; only without row axes, and then the points are visited in C order
  };
  Kind kind = Kind::read;
  DType dtype = DType::float32;
  StrideClass outer = StrideClass::unit;  // along the innermost outer axis
  StrideClass row = StrideClass::zero;    // along the innermost row axis; zero without row axes
  bool in_row = false;                    // whether it may vary along any row axis: element level
  bool is_written() const { return kind == Kind::write || kind == Kind::scatter; }
  friend bool operator==(const Access&, const Access&) = default;
};

struct Kernel {
  std::string name;  // for people; not part of the identity
  Schedule schedule = Schedule::map;
  int outer_rank = 1;
  int row_rank = 0;
  std::vector<Access> accesses;
  std::vector<DType> scalars;  // dtypes of the runtime scalars, by slot
  Graph body;                  // every node has shape (); stores and cold regions in order
};

/// Whether the order in which points are visited matters.
bool is_ordered(const Kernel& k);

uint64_t hash(const Kernel& k);
bool equal(const Kernel& a, const Kernel& b);

enum class Level : uint8_t { uniform, row, element };

/// The level of a value whose operands' levels are known, by value id. The access of a load, store or
/// index must exist.
Level level_of(const Kernel& k, const std::vector<Level>& levels, Value v);

/// What executors need to know of a kernel with rows: which value lives at which level, and in which
/// phase. A phase is one walk along the row; reductions of phase p are known from phase p + 1 on.
/// Values that no store needs are in no list; uniform values neither: they are evaluated before all else.
struct RowPlan {
  struct Phase {
    /// Element-level nodes to evaluate in this walk, in order, reductions, scans, stores and cold
    /// markers included. A value that several walks need appears in each of them (evaluated again)
    /// unless kept; a cold region appears whole.
    std::vector<Value> elements;
    /// Values of earlier phases that this walk reads back from the row's scratch memory.
    std::vector<Value> restored;
    /// Row-level nodes to evaluate, in order, before this walk.
    std::vector<Value> before;
  };
  std::vector<Level> level;  // by value id; stores have the level of their access
  std::vector<int> phase;    // by value id: first walk at which the value can be known
  std::vector<Phase> phases;
  std::vector<Value> after;  // row-level nodes, row-level stores too, after the last walk
  std::vector<Value> kept;   // element-level values dear enough to keep in scratch between walks
};
/// What keeping a value costs beside cost(): dearer than a store and a load of L1.
inline constexpr int kKeepCost = 8;
RowPlan plan_rows(const Kernel& k, int keep_cost = kKeepCost);

/// A rough cost of evaluating `op` once, in units of one addition: what keeping and storing are weighed against.
int cost(Op op, DType dtype);

}  // namespace tarry::ir
