#pragma once
/// What a flush takes out of a trace.

#include "trace.h"

#include <tarry/ir/program.h>

#include <memory>
#include <span>
#include <vector>

namespace tarry::frontend {

/// What a program knows of an input's buffer. Where one input alone refers to a buffer, that is the
/// part it spans: so `x[i]` has the same program for every i.
struct BufferWindow {
  uint32_t buffer = 0;  // of the trace
  int64_t start = 0;    // elements; 0 where several inputs share the buffer
  int64_t elements = 0;
};

/// The part of a trace below some roots, down to what is stored.
struct Selection {
  std::vector<ir::Value> nodes;       // operands first
  std::vector<ir::Value> outputs;     // ascending: what is to be stored
  std::vector<ir::Value> skipped;     // live values that are computed on the way and not stored
  std::vector<ir::Value> inputs;      // the stored nodes, in the order of the program's parameters
  std::vector<ir::Value> scalars;     // likewise
  std::vector<bool> donated;          // by input: nobody needs its buffer afterwards
  std::vector<BufferWindow> buffers;  // by the program's buffer number
  std::vector<uint32_t> buffer_of;    // by input: the program's buffer number
  uint8_t place = 0;                  // where it runs
  int64_t elements = 0;               // of its arrays, where its plan is that of another size

  // Memory of the functions below, kept from one selection to the next.
  std::vector<uint32_t> counts, reads, buffer_uses;
  std::vector<bool> marks, live;
  std::vector<uint64_t> words;
  std::vector<uint32_t> starts;  // by node: where it begins in `words`; and where the outputs begin

  void clear();
};

/// A selection in memory that the trace keeps for the next one: a small flush should not spend its time in malloc.
class ScratchSelection {
 public:
  explicit ScratchSelection(Trace& trace);
  ~ScratchSelection();
  ScratchSelection(const ScratchSelection&) = delete;
  Selection& operator*() { return *selection_; }

 private:
  Trace& trace_;
  std::unique_ptr<Selection> selection_;
};

/// Collects what computing `roots` takes, into a selection that is empty. With `with_live`, live values (those that
/// handles refer to, or what waits elsewhere) that are to be stored on the way become outputs too, and places in the
/// user's code are remembered whose values were computed before.
void select(Trace& trace, std::span<const ir::Value> roots, bool with_live, Selection& s);

/// The selection as a program: same structure, same words (below).
ir::Program make_program(const Trace& trace, const Selection& s);

/// How the words of a node begin: how many numbers follow, and what they are.
constexpr uint64_t first_word(ir::Op op, DType dtype, size_t shape, size_t operands, size_t attrs) {
  return static_cast<uint64_t>(op) | static_cast<uint64_t>(dtype) << 8 | shape << 16 | operands << 32 | attrs << 48;
}

/// All that a plan depends on, as numbers, in `s.words`: selections with equal words have equal programs.
const std::vector<uint64_t>& structure(const Trace& trace, Selection& s);

}  // namespace tarry::frontend
