#include "cell.h"

#include "masked.h"
#include "trace.h"
#include "view_info.h"
#include "watch.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/fork.h>

#include <cstring>
#include <mutex>
#include <new>

namespace tarry::frontend {
namespace {

constexpr uint32_t kChunk = 64;

struct SharedCells {
  runtime::ForkMutex mutex;
  Cell* free = nullptr;
};
SharedCells& shared_cells() {
  static constinit runtime::MadeOnce<SharedCells> s;
  return s.get();
}

void add_free(Cell* cell) {
  cell->next = free_cells.first;
  free_cells.first = cell;
  ++free_cells.count;
}

/// Hands a dying thread's free cells to the others.
struct CellPoolEnd {
  CellPoolEnd() { free_cells.keep = FreeCells::kKeep; }
  ~CellPoolEnd() {
    free_cells.keep = 0;
    SharedCells& shared = shared_cells();
    const std::lock_guard guard(shared.mutex);
    while (Cell* cell = free_cells.first) {
      free_cells.first = cell->next;
      cell->next = shared.free;
      shared.free = cell;
    }
    free_cells.count = 0;
  }
};

}  // namespace

constinit thread_local FreeCells free_cells{nullptr, 0, 0};

void refill_free_cells() {
  thread_local CellPoolEnd end;
  (void)&end;
  SharedCells& shared = shared_cells();
  {
    const std::lock_guard guard(shared.mutex);
    for (uint32_t i = 0; i < kChunk && shared.free; ++i) add_free(std::exchange(shared.free, shared.free->next));
  }
  if (free_cells.first) return;
  constexpr size_t kSize = (sizeof(Cell) + 63) / 64 * 64;
  char* memory = static_cast<char*>(::operator new(kSize* kChunk, std::align_val_t(64)));
  for (uint32_t i = 0; i < kChunk; ++i) add_free(new (memory + i * kSize) Cell);
}

void give_to_shared_cells(Cell& cell) noexcept {
  SharedCells& shared = shared_cells();
  const std::lock_guard guard(shared.mutex);
  cell.next = shared.free;
  shared.free = &cell;
}

CellPointer new_cell() { return new_cell(Trace::current()); }

Cell::Cell() = default;
void Cell::make_anew() noexcept {
  view = nullptr;
  if (!has_extras()) return make_blank();
  this->~Cell();
  new (this) Cell;
}
Cell::~Cell() {
  if (masked) forget_masked(*this);
  if (watch) watch->forget();
}

std::shared_ptr<Watch> watch(Cell& cell) {
  static constinit runtime::MadeOnce<runtime::ForkMutex> making;
  const std::lock_guard guard(making.get());
  if (!cell.watch) cell.watch = std::make_shared<Watch>(cell);
  cell.watched = true;
  return cell.watch;
}

void refuse_missing(bool argument) {
  throw ValueError(argument ? "an argument was declared as an array, but never given a value"
                            : "this array was declared, but never given a value");
}

void resolve_masked_cell(Cell& cell) {
  Trace& own = Trace::current();
  TraceLock lock(own);
  resolve_masked(own, cell);
}

HostScalar host_scalar(bool value) noexcept { return {DType::bool_, value}; }
HostScalar host_scalar(int64_t value) noexcept { return {DType::int64, static_cast<uint64_t>(value)}; }
HostScalar host_scalar(uint64_t value) noexcept { return {value <= INT64_MAX ? DType::int64 : DType::uint64, value}; }
HostScalar host_scalar(float value) noexcept {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return {DType::float32, bits};
}
HostScalar host_scalar(double value) noexcept {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return {DType::float64, bits};
}

namespace {
template <class T>
HostScalar host_pair(DType dtype, std::complex<T> value) noexcept {
  return {dtype, host_scalar(value.real()).bits, host_scalar(value.imag()).bits};
}
}  // namespace
HostScalar host_scalar(std::complex<float> value) noexcept { return host_pair(DType::complex64, value); }
HostScalar host_scalar(std::complex<double> value) noexcept { return host_pair(DType::complex128, value); }

CellHead* make_weak_scalar(HostScalar value) {
  CellPointer cell = new_cell();
  cell->state.store(CellState::host, std::memory_order_relaxed);
  cell->dtype = value.dtype;
  cell->bits = value.bits;
  // Else the two would be read at once, right after they were written one by one, for which the processor waits.
  if (ir::is_complex(value.dtype)) cell->imag_bits = value.imag_bits;
  cell->weak = true;
  return cell.leave();
}

}  // namespace tarry::frontend
