#pragma once
/// Cells: what handles refer to.

#include <tarry/array.h>
#include <tarry/ir/graph.h>
#include <tarry/runtime/buffer.h>

#include <atomic>
#include <memory>
#include <utility>

namespace tarry::frontend {

class Trace;
struct ViewInfo;
struct MaskedInfo;
struct SelectedInfo;
class Watch;

struct DeleteSelected {
  void operator()(SelectedInfo* info) const noexcept;
};

struct RecycleView {
  void operator()(ViewInfo* info) const noexcept;
};
using ViewPointer = std::unique_ptr<ViewInfo, RecycleView>;

enum class CellState : uint8_t {
  pending,  // a value of the home trace, not computed yet
  host,     // a 0-d value in `bits`
  stored,   // in `buffer`
  view,     // elements of another cell
  masked,   // what a boolean index selects, not counted yet: the shape is unknown
};

/// What an Array refers to; several handles may refer to one cell.
///
/// A cell belongs to a home trace, that of the thread which made or last wrote it, and is *linked*
/// there while `value` is valid: the trace then keeps that value alive for it. Links change under
/// the lock of the home trace alone. Other threads read `state`, and what it says is there.
struct Cell : CellHead {
  std::atomic<CellState> state{CellState::pending};
  DType dtype = DType::float64;
  bool weak = false;       // in promotion
  bool c_order = true;     // NumPy's strides are those of a compact array in C order; `strides` is unused
  bool read_only = false;  // writes are refused
  bool frozen = false;     // read-only for good: repeats elements, or lies in memory that nobody may write
  bool pinned = false;     // the user holds the buffer too: ops run at the call, writes go in place
  bool watched = false;    // who has no reference to it may get one: see share_unless_dying()
  uint32_t version = 0;    // grows with every write
  ir::Value value;         // in the home trace, while linked; for a view: of the base's version below
  std::atomic<Trace*> home{nullptr};
  Cell* previous = nullptr;  // among the cells with the same value
  Cell* next = nullptr;
  Shape shape;
  ir::Strides strides;                    // NumPy's, in elements
  uint64_t bits = 0;                      // state host; of a complex number the real part
  uint64_t imag_bits = 0;                 // state host
  runtime::Buffer buffer;                 // state stored
  int64_t offset = 0;                     // of the first element; for a view: NumPy's, from the base's first element
  std::unique_ptr<ir::Strides> physical;  // where the buffer's strides are not NumPy's
  ViewPointer view;                       // state view
  std::unique_ptr<MaskedInfo> masked;     // state masked
  std::unique_ptr<SelectedInfo, DeleteSelected> selected;  // where a copy by an index came from
  std::shared_ptr<Watch> watch;                            // weak references to this cell

  Cell();
  ~Cell();
  /// Whether something hangs on it that few cells have.
  bool has_extras() const { return physical || view || masked || selected || watch; }
  /// As new.
  void make_blank() noexcept;
  void make_anew() noexcept;
  bool is_view() const { return state.load(std::memory_order_relaxed) == CellState::view; }
  bool linked() const { return value.valid() && !is_view(); }
  /// NumPy's strides.
  ir::Strides numpy_strides() const { return c_order ? ir::c_strides(shape) : strides; }
  /// Those of the buffer; state stored.
  ir::Strides buffer_strides() const { return physical ? *physical : numpy_strides(); }
};

inline void Cell::make_blank() noexcept {
  buffer = {};
  if (has_extras()) [[unlikely]]
    return make_anew();
  state.store(CellState::pending, std::memory_order_relaxed);
  weak = read_only = frozen = pinned = watched = false;
  c_order = true;
  version = 0;
  value = {};
  shape.clear();
  strides.clear();
  offset = 0;
  bits = imag_bits = 0;
}

/// A counted reference to a cell.
class CellPointer {
 public:
  CellPointer() = default;
  /// Takes over a reference that is counted already.
  static CellPointer adopt(Cell* cell) {
    CellPointer p;
    p.cell_ = cell;
    return p;
  }
  static CellPointer share(Cell* cell) {
    retain(cell);
    return adopt(cell);
  }
  /// For one who has no reference, under a lock that a watched cell's end waits for. Null when the last one is gone.
  static CellPointer share_unless_dying(Cell& cell) {
    uint32_t references = cell.references.load(std::memory_order_relaxed);
    while (references != 0 && !cell.references.compare_exchange_weak(references, references + 1)) {
    }
    return adopt(references != 0 ? &cell : nullptr);
  }
  CellPointer(const CellPointer& o) : cell_(o.cell_) { retain(cell_); }
  CellPointer(CellPointer&& o) noexcept : cell_(std::exchange(o.cell_, nullptr)) {}
  CellPointer& operator=(CellPointer o) noexcept {
    std::swap(cell_, o.cell_);
    return *this;
  }
  ~CellPointer() { release(cell_); }
  Cell* get() const { return cell_; }
  Cell* operator->() const { return cell_; }
  Cell& operator*() const { return *cell_; }
  explicit operator bool() const { return cell_ != nullptr; }
  /// Gives the reference away.
  Cell* leave() { return std::exchange(cell_, nullptr); }

 private:
  Cell* cell_ = nullptr;
};

/// Free cells of the calling thread: blank, as they are when they are new, and linked by `next`.
struct FreeCells {
  static constexpr uint32_t kKeep = 4096;
  Cell* first;
  uint32_t count;
  uint32_t keep;  // others get what is more: all, where the thread never made a cell, or has ended
};
[[gnu::tls_model("initial-exec")]] extern constinit thread_local FreeCells free_cells;

/// Gets the calling thread some.
void refill_free_cells();
void give_to_shared_cells(Cell& cell) noexcept;

/// A new cell with one reference, at home in `trace`.
inline CellPointer new_cell(Trace& trace) {
  FreeCells& free = free_cells;
  if (!free.first) [[unlikely]]
    refill_free_cells();
  Cell* cell = free.first;
  free.first = std::exchange(cell->next, nullptr);
  --free.count;
  cell->references.store(1, std::memory_order_relaxed);
  cell->home.store(&trace, std::memory_order_relaxed);
  return CellPointer::adopt(cell);
}
/// At home in the calling thread's.
CellPointer new_cell();

/// Takes back a cell that nothing refers to.
inline void free_cell(Cell& cell) noexcept {
  cell.make_blank();
  FreeCells& free = free_cells;
  if (free.count >= free.keep) [[unlikely]]
    return give_to_shared_cells(cell);
  cell.next = free.first;
  free.first = &cell;
  ++free.count;
}

/// Between handles and cells.
struct HandleAccess {
  static Cell* cell(const Array& a) { return static_cast<Cell*>(a.cell_); }
  static Array make(CellPointer cell) {
    Array a;
    a.cell_ = cell.leave();
    return a;
  }
};

[[noreturn]] void refuse_missing(bool argument);
/// Counts what a mask selects.
void resolve_masked_cell(Cell& cell);

/// The cell of an array. Throws ValueError when the handle was never given one. What a mask selects is
/// counted by this, so that the cell has a shape.
inline Cell& cell_of(const Array& a);
inline Cell& cell_of(const Arg& a);
/// The cell as it is, masked or not.
inline Cell& raw_cell(const Array& a) {
  Cell* cell = HandleAccess::cell(a);
  if (!cell) refuse_missing(false);
  return *cell;
}
inline Cell& raw_cell(const Arg& a) {
  Cell* cell = static_cast<Cell*>(a.cell());
  if (!cell) refuse_missing(true);
  return *cell;
}
inline Cell& counted(Cell& cell) {
  if (cell.state.load(std::memory_order_acquire) == CellState::masked) [[unlikely]]
    resolve_masked_cell(cell);
  return cell;
}
inline Cell& cell_of(const Array& a) { return counted(raw_cell(a)); }
inline Cell& cell_of(const Arg& a) { return counted(raw_cell(a)); }

}  // namespace tarry::frontend
