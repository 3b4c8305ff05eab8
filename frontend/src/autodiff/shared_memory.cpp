#include "autodiff/shared_memory.h"

#include "place.h"
#include "value.h"

#include <tarry/numpy.h>

#include <algorithm>
#include <complex>

namespace tarry::frontend {
namespace {

using ir::Value;
using Chain = std::vector<ViewStep>;

bool begins_with(const Chain& chain, const Chain& start) {
  return chain.size() >= start.size() && std::equal(start.begin(), start.end(), chain.begin());
}

Chain after(const Chain& chain, size_t steps) {
  return {chain.begin() + static_cast<std::ptrdiff_t>(steps), chain.end()};
}

/// Where an array's elements lie.
struct Spot {
  Cell& root;
  Chain chain;
};

Spot spot_of(const Trace& own, Cell& cell) {
  Cell& base = base_of(cell);
  const Chain chain = cell.is_view() ? cell.view->chain : Chain{};
  for (const auto& m : own.shared_memory) {
    if (m->functions.get() != &base) continue;
    Spot spot{*m->root, m->chain};
    spot.chain.insert(spot.chain.end(), chain.begin(), chain.end());
    return spot;
  }
  return {base, chain};
}

/// Those elements of `root`, of the type and shape of others.
CellPointer elements_of(Cell& root, Chain chain, DType dtype, const Shape& shape) {
  if (chain.empty()) return CellPointer::share(&root);
  CellPointer cell = new_cell();
  cell->dtype = dtype;
  cell->shape = shape;
  cell->view = new_view_info();
  cell->view->base = CellPointer::share(&root);
  cell->view->chain = std::move(chain);
  cell->state.store(CellState::view, std::memory_order_release);
  return cell;
}

/// Which elements of `root` at the end of `chain` were written: bools; of complex elements each part is 1 or 0.
Value mark_written(Trace& own, const Spot& at, const Cell& written, const Chain& chain, const Cell& like,
                   ir::Location where) {
  const Near near(HandleAccess::make(CellPointer::share(&at.root)));
  const bool parts = ir::is_complex(at.root.dtype);
  const auto type = [&](const Cell& cell) { return parts ? cell.dtype : DType::bool_; };
  const DType t = type(written);
  const Array all = numpy::zeros(at.root.shape, type(at.root));
  const Array ones =
      ir::is_complex(t) ? numpy::full(written.shape, std::complex<double>(1, 1), t) : numpy::ones(written.shape, t);
  Cell& base = cell_of(all);
  write_alone(own, *elements_of(base, at.chain, t, written.shape), value_of(own, cell_of(ones), where), where);
  return value_of(own, *elements_of(base, chain, type(like), like.shape), where);
}

/// Elements of `fresh` where `mask` says so, else of `old`.
Value choose(Trace& own, Value mask, Value fresh, Value old, ir::Location where) {
  const ir::Shape shape = own.graph.shape(old);
  const DType dtype = own.graph.dtype(old);
  if (ir::is_complex(dtype)) {
    const auto part = [&](ir::Op op, Value z) {
      return own.add(op, ir::part_of(dtype), shape, std::span(&z, 1), {}, where);
    };
    const auto chosen = [&](ir::Op op) { return choose(own, part(op, mask), part(op, fresh), part(op, old), where); };
    const Value parts[] = {chosen(ir::Op::real), chosen(ir::Op::imag)};
    return own.add(ir::Op::complex, dtype, shape, parts, {}, where);
  }
  if (own.graph.dtype(mask) != DType::bool_)
    mask = own.add(ir::Op::cast, DType::bool_, shape, std::span(&mask, 1), {}, where);
  const Value operands[] = {mask, fresh, old};
  return own.add(ir::Op::select, dtype, shape, operands, {}, where);
}

}  // namespace

void share_memory(Trace& own, Cell& functions, Cell& callers) {
  if (is_pinned(callers)) return;
  Spot spot = spot_of(own, callers);
  own.shared_memory.push_back(std::make_shared<const SharedMemory>(
      SharedMemory{CellPointer::share(&functions), CellPointer::share(&spot.root), std::move(spot.chain)}));
}

void write_shared(Trace& own, Cell& written, ir::Value v, ir::Location where) {
  const Spot at = spot_of(own, written);
  const auto put = [&](Cell& base, Chain rest) {
    write_alone(own, *elements_of(base, std::move(rest), written.dtype, written.shape), v, where);
  };
  if (&at.root != &base_of(written)) put(at.root, at.chain);
  for (const auto& m : own.shared_memory) {
    Cell& other = *m->functions;
    if (m->root.get() != &at.root || &other == &base_of(written)) continue;
    if (begins_with(at.chain, m->chain)) {
      put(other, after(at.chain, m->chain.size()));
      continue;
    }
    const Value mask = mark_written(own, at, written, m->chain, other, where);
    const Value fresh = value_of(own, *elements_of(at.root, m->chain, other.dtype, other.shape), where);
    write_alone(own, other, choose(own, mask, fresh, value_of(own, other, where), where), where);
  }
}

}  // namespace tarry::frontend
