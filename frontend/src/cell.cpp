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

/// Memory of a dead cell.
struct FreeCell {
  FreeCell* next;
};

constexpr uint32_t kChunk = 64;
constexpr uint32_t kKeep = 4096;  // free cells that one thread keeps for itself

[[gnu::tls_model("initial-exec")]] constinit thread_local FreeCell* own_free = nullptr;
[[gnu::tls_model("initial-exec")]] constinit thread_local uint32_t own_free_count = 0;

struct SharedCells {
  runtime::ForkMutex mutex;
  FreeCell* free = nullptr;
};
SharedCells& shared_cells() {
  static constinit runtime::MadeOnce<SharedCells> s;
  return s.get();
}

/// Hands a dying thread's free cells to the others.
struct CellPoolEnd {
  ~CellPoolEnd() {
    SharedCells& shared = shared_cells();
    const std::lock_guard guard(shared.mutex);
    while (own_free) {
      FreeCell* next = own_free->next;
      own_free->next = shared.free;
      shared.free = own_free;
      own_free = next;
    }
    own_free_count = 0;
  }
};

void refill() {
  thread_local CellPoolEnd end;
  (void)&end;
  SharedCells& shared = shared_cells();
  {
    const std::lock_guard guard(shared.mutex);
    for (uint32_t i = 0; i < kChunk && shared.free; ++i, ++own_free_count) {
      FreeCell* cell = std::exchange(shared.free, shared.free->next);
      cell->next = own_free;
      own_free = cell;
    }
  }
  if (own_free) return;
  constexpr size_t kSize = (sizeof(Cell) + 63) / 64 * 64;
  char* memory = static_cast<char*>(::operator new(kSize* kChunk, std::align_val_t(64)));
  for (uint32_t i = 0; i < kChunk; ++i) {
    FreeCell* cell = reinterpret_cast<FreeCell*>(memory + i * kSize);
    cell->next = own_free;
    own_free = cell;
  }
  own_free_count += kChunk;
}

}  // namespace

Cell::Cell() { home.store(&Trace::current(), std::memory_order_relaxed); }
Cell::~Cell() {
  if (masked) forget_masked(*this);
  if (watch) watch->forget();
}

std::shared_ptr<Watch> watch(Cell& cell) {
  static constinit runtime::MadeOnce<runtime::ForkMutex> making;
  const std::lock_guard guard(making.get());
  if (!cell.watch) cell.watch = std::make_shared<Watch>(cell);
  return cell.watch;
}

CellPointer new_cell() {
  if (!own_free) refill();
  FreeCell* memory = own_free;
  own_free = memory->next;
  --own_free_count;
  return CellPointer::adopt(new (memory) Cell);
}

void free_cell(Cell& cell) noexcept {
  cell.~Cell();
  FreeCell* memory = reinterpret_cast<FreeCell*>(&cell);
  if (own_free_count < kKeep) {
    memory->next = own_free;
    own_free = memory;
    ++own_free_count;
    return;
  }
  SharedCells& shared = shared_cells();
  const std::lock_guard guard(shared.mutex);
  memory->next = shared.free;
  shared.free = memory;
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
  cell->imag_bits = value.imag_bits;
  cell->weak = true;
  return cell.leave();
}

}  // namespace tarry::frontend
