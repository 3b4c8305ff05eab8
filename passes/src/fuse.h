#pragma once
// Which values of a program are computed in which kernel.
//
// Groups are formed from the outputs backwards. A group starts at a value that needs storage and
// demands operands at index maps of its iteration space, newest first, so that every user of a value
// within the group has been seen when the value itself is decided: computed here, or read from
// storage that another group writes. Deciding to store is thus discovered, never planned ahead.

#include <tarry/passes/plan.h>

#include "linear.h"

#include <string>
#include <vector>

namespace tarry::passes {

/// A place for a materialised value.
struct Storage {
  ir::Value value;          // what it holds, in the value's shape
  bool is_input = false;    // a parameter's own buffer, else fresh
  bool is_output = false;   // a result of the program: lives to the end
  bool in_c_order = false;  // somebody addresses it as another shape: it must stay compact in C order
  ir::Strides strides;      // elements
  int64_t offset = 0;
  uint32_t writer = UINT32_MAX;   // group
  std::vector<uint32_t> readers;  // groups
  uint32_t buffer = UINT32_MAX;   // in Plan::buffers, decided when lowered
  std::string why = "output";     // it is stored at all
};

/// A value demanded at an index map, and how it is come by.
struct Node {
  ir::Value value;
  uint32_t map = 0;   // in Group::maps
  uint32_t mask = 0;  // in Group::masks
  bool leaf = false;  // loaded from `storage`
  uint32_t storage = UINT32_MAX;
  uint32_t source = UINT32_MAX;  // a gather: the storage it reads,
  uint32_t source_map = 0;       // where: in Group::maps, over the space and coordinates for its index operands,
  uint32_t first_index = 0;      // which have these ids, one after the other; no operands: the map says it all
  bool element = false;          // some user needs it for every point of a row
  uint32_t first_operand = 0;    // in Group::operands, for computed nodes
  uint32_t num_operands = 0;
};

struct Group {
  enum class Kind : uint8_t { kernel, update, matmul, sort } kind = Kind::kernel;
  Space space;
  bool has_rows = false;
  bool few_rows = false;  // one row in all: only one phase of reductions is allowed
  bool is_scan = false;
  std::vector<IndexMap> maps;
  std::vector<Mask> masks;
  std::vector<Node> nodes;         // sorted by value id when formed
  std::vector<uint32_t> operands;  // node indices
  struct Root {
    uint32_t node;
    uint32_t storage;
    IndexMap map;  // on the storage's axes
  };
  std::vector<Root> roots;
  std::vector<uint32_t> reads;  // storages
  ir::Location where;
  // update: the version overwritten, and whether it must be copied first
  uint32_t base = UINT32_MAX;
  bool copy_base = false;
  bool reads_base = false;  // directly, at other places than it writes: never in place
  // scatter: the nodes of the index operands, whose coordinates in the roots' maps have ids from first_index on
  std::vector<uint32_t> indices;
  uint32_t first_index = 0;
  // matmul: operand storages and index maps over (batch, row, column) coordinates
  struct Matrix {
    uint32_t storage;
    IndexMap map;
  } a, b;
  // argsort and its kin, `order` if the root is the elements in that order: operands, and the coordinates of each,
  // which stand for its axes
  std::vector<Matrix> arrays;
  std::vector<uint32_t> first_coordinate;
  ir::Value order;
  std::vector<uint32_t> before;  // groups that must run earlier, beside the writers of `reads`
};

struct Fusion {
  std::vector<Group> groups;
  std::vector<Storage> storages;
  std::vector<uint32_t> output_storage;  // by program output
  std::vector<uint32_t> order;           // of execution
};

/// Needs a simplified program. Groups form a DAG; `order` is one of its orders.
Fusion fuse(const Program& program);

/// A group that copies a storage to another of the same shape.
Group copy_group(const Program& program, const Fusion& fusion, uint32_t from, uint32_t to);

/// Decides which updates happen in place and orders the groups. Part of `fuse`.
/// Returns false when the groups cannot be ordered.
bool order_groups(const Program& program, Fusion* fusion);

}  // namespace tarry::passes
