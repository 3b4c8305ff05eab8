#include "masked.h"

#include "axes.h"
#include "broadcast.h"
#include "chosen.h"
#include "copy.h"
#include "flush.h"
#include "index_errors.h"
#include "indexing.h"
#include "observe.h"
#include "place.h"
#include "value.h"

#include <tarry/ir/error.h>
#include <tarry/numpy.h>
#include <tarry/runtime/fork.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace tarry::frontend {
namespace {

/// The masked cells nobody used yet. Mostly none, so that asking costs one load. The lock also guards the `masked` of
/// each of them.
struct Waiting {
  struct Entry {
    Cell* cell;
    const Cell* base;  // of what it was selected from
  };
  std::atomic<size_t> count{0};
  runtime::ForkMutex lock;
  runtime::ForkCondition changed;
  std::vector<Entry> entries;

  void add(Entry entry) {
    const std::lock_guard guard(lock);
    entries.push_back(entry);
    count.store(entries.size(), std::memory_order_relaxed);
  }
  /// Under the lock.
  void remove(const Cell& cell) {
    std::erase_if(entries, [&](const Entry& e) { return e.cell == &cell; });
    count.store(entries.size(), std::memory_order_relaxed);
  }
};
Waiting& waiting() {
  static constinit runtime::MadeOnce<Waiting> w;
  return w.get();
}

/// The counting of a masked cell by one thread; others wait.
class Counting {
 public:
  Counting(Trace& own, Cell& cell) : cell_(cell), ours_(begin(cell)) {
    if (ours_ || !is_masked(cell)) return;
    const TraceUnlock away(own);  // which the other thread may want
    std::unique_lock guard(waiting().lock);
    waiting().changed.wait(guard, [&] { return !is_masked(cell) || (ours_ = try_begin(cell)); });
  }
  /// Without a result the next who wants one tries in turn.
  ~Counting() {
    if (!ours_) return;
    const std::lock_guard guard(waiting().lock);
    cell_.masked->counted_in.reset();
    waiting().changed.notify_all();
  }
  Counting(const Counting&) = delete;
  /// False when another thread has counted.
  bool ours() const { return ours_; }
  /// `show` gives the cell what was selected, and a state that says so. It must not fail.
  template <class Show>
  void end(const Show& show) {
    std::unique_ptr<MaskedInfo> done;  // dies after the lock is released
    const std::lock_guard guard(waiting().lock);
    waiting().remove(cell_);
    done = std::move(cell_.masked);
    show();
    ours_ = false;
    waiting().changed.notify_all();
  }

 private:
  static bool begin(Cell& cell) {
    const std::lock_guard guard(waiting().lock);
    return is_masked(cell) && try_begin(cell);
  }
  static bool try_begin(Cell& cell) {
    const uint64_t now = runtime::fork_generation();
    return std::exchange(cell.masked->counted_in, now) != now;
  }
  Cell& cell_;
  bool ours_;
};

/// The masked cell through which the thread writes to its source: what it selected before is of no interest.
constinit thread_local const Cell* written_through = nullptr;

class WritingThrough {
 public:
  explicit WritingThrough(const Cell& cell) : before_(std::exchange(written_through, &cell)) {}
  ~WritingThrough() { written_through = before_; }
  WritingThrough(const WritingThrough&) = delete;

 private:
  const Cell* const before_;
};

Array as_array(const CellPointer& cell) { return HandleAccess::make(cell); }

/// For each element the mask selects, a run of the elements below it: how many of those there are.
int64_t run_length(const Shape& source, size_t mask_axes) {
  return ir::num_elements(std::span<const int64_t>(source).subspan(mask_axes));
}

/// The mask as an array that broadcasts to the source.
Term wide_mask(Recorder& r, const MaskedInfo& m) {
  const Term mask = r.read(as_array(m.mask));
  ir::Shape shape = r.shape(mask);
  while (shape.size() < m.source->shape.size()) shape.push_back(1);
  return r.reshape(mask, shape);
}

void write_where_masked(Recorder& r, const MaskedInfo& m, Term value) {
  const Array source = as_array(m.source);
  const DType dtype = m.source->dtype;
  r.write(source, r.op(Op::select, wide_mask(r, m), r.cast(value, dtype), r.read(source)));
}

/// For each place of a mask which of the selected elements stands there; 0 where none does.
Array numbers_of_selected(const CompactView& mask) {
  const bool* chosen = static_cast<const bool*>(mask.data);
  Array numbers = new_array(DType::int64, mask.shape);
  int64_t* to = static_cast<int64_t*>(cell_of(numbers).buffer.data());
  int64_t next = 0;
  for (int64_t i = 0; i < ir::num_elements(mask.shape); ++i) to[i] = chosen[i] ? next++ : 0;
  return numbers;
}

void check_selected(const Array& values, const ir::Shape& selected) {
  if (broadcasts_to(values.shape(), selected)) return;
  if (values.ndim() == 1 && selected.size() == 1)
    throw ValueError("NumPy boolean array indexing assignment cannot assign " + std::to_string(values.size()) +
                     " input values to the " + std::to_string(selected[0]) + " output values where the mask is true");
  throw ValueError("shape mismatch: value array of shape " + dense_text(values.shape()) +
                   " could not be broadcast to indexing result of shape " + dense_text(selected));
}

/// The shape of what a mask selects, of which `count` elements are true.
ir::Shape selected_shape(const MaskedInfo& m, int64_t count) {
  ir::Shape selected{count};
  for (size_t i = m.mask->shape.size(); i < m.source->shape.size(); ++i) selected.push_back(m.source->shape[i]);
  return selected;
}

/// `values` read at the places that `numbers` gives.
Array spread_by(const Array& values, const ir::Shape& selected, const Array& numbers, Here here) {
  return numpy::take(Arg(numpy::broadcast_to(Arg(values, here), selected), here), Arg(numbers, here), 0);
}

/// As spread, where the source lives.
Array spread_on_device(const MaskedInfo& m, const Array& values, Here here) {
  const Array mask = as_array(m.mask), counts = running_count(mask, here);
  const ir::Shape selected = selected_shape(m, last_of(counts, here));
  check_selected(values, selected);
  if (selected[0] == 0) return as_array(m.source);  // nothing of it is read
  Recorder r("setitem", here);
  const Term number =
      r.reshape(r.op(Op::sub, r.read(Arg(counts, here)), r.literal_int(DType::int64, 1)), m.mask->shape);
  const Term any = r.op(Op::max, number, r.literal_int(DType::int64, 0));
  r.note_range(any, {0, selected[0] - 1});
  return spread_by(values, selected, r.strong_result(any, Layout::c), here);
}

/// `values`, of the selected shape or broadcasting to it, spread over an array of the source's shape.
Array spread(const MaskedInfo& m, const Array& values, Here here) {
  if (lives_on_device(as_array(m.source))) return spread_on_device(m, values, here);
  const CompactView mask = compact(as_array(m.mask), here);
  const bool* chosen = static_cast<const bool*>(mask.data);
  const int64_t places = ir::num_elements(mask.shape), run = run_length(m.source->shape, mask.shape.size());
  const ir::Shape selected = selected_shape(m, count_chosen(chosen, places));
  check_selected(values, selected);
  if (is_followed(values) && selected[0] > 0) return spread_by(values, selected, numbers_of_selected(mask), here);
  const CompactView wide = compact(broadcast_to(Arg(values, here), selected), here);
  const size_t bytes = static_cast<size_t>(run) * ir::size_of(wide.dtype);
  Array result = new_array(wide.dtype, m.source->shape);
  if (places > 0)
    spread_chosen(chosen, places, bytes, static_cast<const std::byte*>(wide.data),
                  static_cast<std::byte*>(cell_of(result).buffer.data()));
  return result;
}

void write_selected(const MaskedInfo& m, const Arg& value) {
  if (!is_masked(raw_cell(value)) && raw_cell(value).shape.empty()) {
    Recorder r("setitem", value.here());
    write_where_masked(r, m, r.read(value, m.source->dtype));
    return;
  }
  const Array wide = spread(m, value.array(), value.here());
  Recorder r("setitem", value.here());
  write_where_masked(r, m, r.read(Arg(wide, value.here())));
}

/// The elements read at the places that are found: so a transform follows them, and a GPU's stay there.
Array read_by_places(const MaskedInfo& m) {
  const Array mask = as_array(m.mask), source = as_array(m.source);
  if (mask.ndim() == 0) {  // all or nothing, along a new axis
    const Array whole = source[numpy::newaxis];
    return whole[numpy::slice(0, mask.item<bool>(m.here) ? 1 : 0)].copy(m.here);
  }
  std::vector<Item> places;
  for (const Array& axis : nonzero_places(mask, m.here)) places.emplace_back(axis);
  return source[Index(std::move(places), nullptr, 0)];
}

void resolve_by_places(Trace& own, Cell& cell, Counting& counting) {
  const Array selected = read_by_places(*cell.masked);
  const ir::Value v = value_of(own, cell_of(selected), {});
  cell.shape = selected.shape();
  counting.end([&] {
    own.link(cell, v);
    cell.state.store(CellState::pending, std::memory_order_release);
  });
  if (own.stored(own.unmarked(v))) show_stored(own, cell);
}

}  // namespace

Array masked(const Array& source, const Array& mask, Here here) {
  if (mask.ndim() > source.ndim()) refuse_count(source.shape().size(), mask.shape().size());
  check_mask(mask.shape(), source.shape(), 0);
  check_indexed_axes(static_cast<size_t>(std::max<int64_t>(source.ndim() + 1 - mask.ndim(), 1)));
  check_same_place("getitem", source, mask);
  Recorder r("getitem", here);
  const Array kept = r.strong_result(r.read(Arg(mask, here)), Layout::keep);
  CellPointer cell = new_cell();
  cell->dtype = source.dtype();
  Cell& of = cell_of(source);
  cell->masked = std::make_unique<MaskedInfo>(MaskedInfo{
      CellPointer::share(&of), CellPointer::share(&cell_of(kept)), here, place_of(Trace::current(), of), {}});
  cell->watched = true;
  waiting().add({cell.get(), &base_of(of)});
  cell->state.store(CellState::masked, std::memory_order_release);
  return HandleAccess::make(std::move(cell));
}

void forget_masked(Cell& cell) noexcept {
  const std::lock_guard guard(waiting().lock);
  waiting().remove(cell);
}

std::optional<uint8_t> place_of_selected(const Cell& cell) {
  const std::lock_guard guard(waiting().lock);
  return cell.masked ? std::optional(cell.masked->place) : std::nullopt;
}

void resolve_masked(Trace& own, Cell& cell) {
  Counting counting(own, cell);
  if (!counting.ours()) return;
  const MaskedInfo& m = *cell.masked;
  const Array of_source = as_array(m.source);
  if (is_followed(of_source) || lives_on_device(of_source)) return resolve_by_places(own, cell, counting);
  const CompactView mask = compact(as_array(m.mask), m.here);
  const CompactView source = compact(of_source, m.here);
  const bool* chosen = static_cast<const bool*>(mask.data);
  const int64_t places = ir::num_elements(mask.shape), count = count_chosen(chosen, places);
  const size_t bytes = static_cast<size_t>(run_length(source.shape, mask.shape.size())) * ir::size_of(cell.dtype);
  runtime::Buffer selected = runtime::Buffer::allocate(static_cast<size_t>(count) * bytes);
  if (count > 0)
    take_chosen(chosen, places, bytes, static_cast<const std::byte*>(source.data),
                static_cast<std::byte*>(selected.data()));
  cell.shape = selected_shape(m, count);
  counting.end([&] {
    cell.buffer = std::move(selected);
    cell.state.store(CellState::stored, std::memory_order_release);
  });
}

void resolve_masked_of(Trace& own, Cell& base) {
  Waiting& w = waiting();
  if (w.count.load(std::memory_order_relaxed) == 0) return;
  std::vector<CellPointer> found;
  {
    const std::lock_guard guard(w.lock);
    for (const Waiting::Entry& e : w.entries) {
      if (e.base != &base || e.cell == written_through) continue;
      if (found.empty()) found.reserve(w.entries.size());  // no reference may die under the lock
      found.push_back(CellPointer::share_unless_dying(*e.cell));
    }
  }
  for (const CellPointer& cell : found)
    if (cell) resolve_masked(own, *cell);
}

void write_masked(Cell& cell, const Arg& value) {
  if (&raw_cell(value) == &cell) return;
  const WritingThrough writing(cell);
  write_selected(*cell.masked, value);
}

void call_in_place_masked(const Ufunc& f, Cell& cell, const Arg& value) {
  if (is_masked(raw_cell(value)) || !raw_cell(value).shape.empty()) {
    // Values meant for the selected elements one by one.
    const MaskedInfo m = *cell.masked;
    const Array selected = HandleAccess::make(CellPointer::share(&cell)).copy(value.here());
    call_in_place(f, selected, value);
    write_selected(m, Arg(selected, value.here()));
    return;
  }
  // One value: the op can run everywhere, and its result be kept where the mask holds.
  const WritingThrough writing(cell);
  const Array source = as_array(cell.masked->source);
  Recorder r(f.name, value.here());
  const Term changed = apply(r, f, Arg(source, value.here()), value);
  check_output_dtype(f, r.dtype(changed), cell.dtype);
  write_where_masked(r, *cell.masked, changed);
}

}  // namespace tarry::frontend
