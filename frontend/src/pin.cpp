/// Memory that an array and its user share.

#include "copy.h"
#include "flush.h"
#include "kept_alive.h"
#include "order.h"
#include "place.h"
#include "users_line.h"
#include "value.h"

#include <tarry/ir/error.h>

namespace tarry {

using namespace frontend;

namespace {

/// The only owner of its elements, in C order: a write to them reaches nobody else.
void make_exclusive(Trace& own, Cell& cell, Here here) {
  const ir::Value v = value_of(own, cell, {});
  refuse_abstract(own, v, {here.bits});
  if (own.followed(v))
    throw ValueError("data() of a value that a derivative follows: look at copies, by to_vector() or stop_gradient()");
  if (const KeptAlive kept(own, v); !own.stored(own.unmarked(v))) {
    // A number of the host, or not computed yet.
    if (cell.state.load(std::memory_order_relaxed) == CellState::host) own.link(cell, v);
    flush(own, {v});
  }
  take_home(own, cell);
  if (cell.linked()) own.unlink(cell);
  const ir::Strides places = cell.buffer_strides(), wanted = ir::c_strides(cell.shape);
  if (!cell.buffer.unique() || !same_places(cell.shape, places, wanted)) {
    runtime::Buffer copy =
        runtime::Buffer::allocate(static_cast<size_t>(ir::num_elements(cell.shape)) * ir::size_of(cell.dtype));
    copy_strided(cell.dtype, cell.shape, cell.buffer.data(), cell.offset, places, copy.data(), 0, wanted);
    cell.buffer = std::move(copy);
    cell.offset = 0;
    cell.physical =
        same_places(cell.shape, wanted, cell.numpy_strides()) ? nullptr : std::make_unique<ir::Strides>(wanted);
    ++cell.version;
  }
  cell.pinned = true;
}

}  // namespace

const void* Array::data_of(DType dtype, Here here) const {
  Cell& cell = cell_of(*this);
  if (dtype != cell.dtype)
    throw TypeError("data<" + std::string(ir::info(dtype).name) + ">() of an array of " +
                    std::string(ir::info(cell.dtype).name));
  Trace& own = Trace::current();
  TraceLock lock(own);
  Cell& base = base_of(cell);
  if (cell.is_view() && !is_c_order(cell.shape, cell.numpy_strides()))
    throw ValueError("data() of a view whose elements do not lie one after the other; copy() it first");
  if (!base.pinned) {
    if (const uint8_t at = place_of(own, base); at != 0 && at != kAnywhere)
      throw ValueError("data() of an array that lives on " + to_string(Context::at(at)) +
                       ", where the host cannot read it; copy it first, by to(tarry::cpu())");
    make_exclusive(own, base, here);
  }
  const std::byte* first = static_cast<const std::byte*>(base.buffer.data());
  if (!cell.is_view()) return first + base.offset * static_cast<int64_t>(ir::size_of(dtype));
  const std::optional<Placement> p = place({base.offset, base.buffer_strides()}, base.shape, cell.view->chain);
  if (!p || !is_c_order(cell.shape, p->strides))
    throw ValueError("data() of a view whose elements do not lie one after the other; copy() it first");
  return first + p->offset * static_cast<int64_t>(ir::size_of(dtype));
}

}  // namespace tarry
