#include "place.h"

#include "masked.h"
#include "record.h"
#include "transfer.h"
#include "value.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/config.h>
#include <tarry/runtime/cuda/device.h>
#include <tarry/runtime/stats.h>

#include <cstdio>
#include <optional>
#include <ostream>

namespace tarry {

using namespace frontend;

namespace {

[[gnu::tls_model("initial-exec")]] constinit thread_local uint8_t own_place = 0;
[[gnu::tls_model("initial-exec")]] constinit thread_local Policy own_policy = Policy::prefer_device;

}  // namespace

namespace frontend {

int current_place() { return own_place; }

uint8_t place_of(Trace& own, Cell& cell) {
  if (is_masked(cell))
    if (const std::optional<uint8_t> place = place_of_selected(cell)) return *place;
  Cell& base = base_of(cell);
  switch (base.state.load(std::memory_order_acquire)) {
    case CellState::host: return kAnywhere;
    case CellState::stored: return static_cast<uint8_t>(base.buffer.place());
    case CellState::pending: break;
    case CellState::view:
    case CellState::masked: return place_of(own, base);
  }
  const auto look = [&](Trace& home) {
    if (base.state.load(std::memory_order_relaxed) != CellState::pending) return place_of(own, base);
    const uint8_t place = home.place(base.value);
    return place == kAnywhere && !base.shape.empty() ? uint8_t{0} : place;
  };
  Trace& home = *base.home.load(std::memory_order_relaxed);
  if (&home == &own) return look(own);
  TraceUnlock away(own);
  TraceLock lock(home);
  return look(home);
}

ir::Value moved(Trace& own, ir::Value v, uint8_t place, ir::Location where) {
  const int64_t to = place;
  return own.add(ir::Op::move, own.graph.dtype(v), ir::Shape(own.graph.shape(v)), std::span(&v, 1), std::span(&to, 1),
                 where);
}

ir::Value moved_to(Trace& own, ir::Value v, const Array& like) {
  if (!own.uses_devices()) return v;
  const uint8_t to = place_of(own, cell_of(like)), is = own.place(v);
  return to == kAnywhere || to == is || (is == kAnywhere && own.graph.shape(v).empty()) ? v : moved(own, v, to, {});
}

Array to_current(Array on_host) {
  if (own_place == 0) [[likely]]
    return on_host;
  runtime::Buffer& buffer = cell_of(on_host).buffer;
  if (!buffer.is_external()) buffer = copy_to_place(buffer, 0, buffer.bytes(), own_place);
  return on_host;
}

Near::Near(const Arg& a) : before_(own_place) {
  Trace& own = Trace::current();
  TraceLock lock(own);
  if (!own.uses_devices()) return;
  if (const uint8_t place = place_of(own, raw_cell(a)); place != kAnywhere) own_place = place;
}

Near::~Near() { own_place = before_; }

void refuse_places(std::string_view name, uint8_t a, uint8_t b) {
  const std::string first = to_string(Context::at(a)), second = to_string(Context::at(b));
  throw ValueError(std::string(name) + ": one array lives on " + first + ", another on " + second +
                   "; copy one of them first, as in x.to(tarry::" + (a == 0 ? "cpu()" : first) + ")");
}

void check_same_place(std::string_view name, const Array& a, const Array& b) {
  Trace& own = Trace::current();
  TraceLock lock(own);
  if (!own.uses_devices()) return;
  const uint8_t p = place_of(own, raw_cell(a)), q = place_of(own, raw_cell(b));
  if (p != q && p != kAnywhere && q != kAnywhere) refuse_places(name, p, q);
}

bool lives_on_device(const Array& x) {
  Trace& own = Trace::current();
  TraceLock lock(own);
  if (!own.uses_devices()) return false;
  const uint8_t place = place_of(own, raw_cell(x));
  return place != 0 && place != kAnywhere;
}

HostOp::HostOp(std::string_view name, Here here, std::span<const Array> arrays) : before_(own_place), here_(here) {
  Trace& own = Trace::current();
  {
    TraceLock lock(own);
    if (!own.uses_devices()) return;
    for (const Array& a : arrays)
      if (const uint8_t p = place_of(own, raw_cell(a)); p != kAnywhere && p != 0) place_ = p;
  }
  if (place_ == 0) return;
  if (own_policy != Policy::host_only) count(name);
  own_place = 0;
}

HostOp::~HostOp() {
  if (place_ != 0) own_place = static_cast<uint8_t>(before_);
}

void HostOp::count(std::string_view name) const {
  const std::string line = ir::Location{here_.bits}.text();
  const std::string what = std::string(name) + (line.empty() ? "" : " (" + line + ")");
  if (own_policy == Policy::device_only)
    throw DeviceError(what + " runs on the host alone, and its array lives on " + to_string(Context::at(place_)) +
                      ". The policy device_only forbids the host; prefer_device allows it");
  runtime::count(&runtime::Counters::fallbacks);
  if (runtime::config().logs("fallback")) std::fprintf(stderr, "tarry: fallback: %s runs on the host\n", what.c_str());
}

}  // namespace frontend

// ---- the public surface ------------------------------------------------------------------------

std::string to_string(Context context) {
  return context.is_gpu() ? "gpu(" + std::to_string(context.index()) + ")" : "cpu";
}

std::ostream& operator<<(std::ostream& out, Context context) { return out << to_string(context); }

Context gpu(int index) {
  runtime::cuda::expect_device(index);
  return Context::at(index + 1);
}

int num_gpus() noexcept { return runtime::cuda::num_devices(); }

void set_context(Context context) {
  if (context.is_gpu()) {
    Trace& own = Trace::current();
    TraceLock lock(own);
    own.use_devices();
  }
  own_place = static_cast<uint8_t>(context.place());
}

Context current_context() { return Context::at(own_place); }

void set_policy(Policy policy) { own_policy = policy; }
Policy current_policy() { return own_policy; }

Context Array::context() const {
  Trace& own = Trace::current();
  TraceLock lock(own);
  const uint8_t place = place_of(own, raw_cell(*this));
  return Context::at(place == kAnywhere ? 0 : place);
}

Array Array::to(Context context, Here here) const {
  const auto place = static_cast<uint8_t>(context.place());
  {
    Trace& own = Trace::current();
    TraceLock lock(own);
    if (place_of(own, cell_of(*this)) == place) return *this;
    own.use_devices();
  }
  Recorder r("to", here);
  return r.result_at(r.read(Arg(*this, here)), place);
}

}  // namespace tarry
