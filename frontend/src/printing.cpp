#include <tarry/numpy/printing.h>

#include "format.h"
#include "format_float.h"
#include "observe.h"

#include <tarry/ir/error.h>
#include <tarry/runtime/fork.h>

#include <utility>

namespace tarry::frontend {
namespace {

/// The options of a thread: nothing until some are set, and nothing again once the thread ends, when arrays may
/// still be printed.
thread_local PrintOptions* chosen = nullptr;

struct Chosen {
  bool alive = false;
  ~Chosen() { delete std::exchange(chosen, nullptr); }
};
thread_local Chosen owner;

}  // namespace

const PrintOptions& current_print_options() {
  static constinit runtime::MadeOnce<PrintOptions> defaults;
  return chosen ? *chosen : defaults.get();
}

namespace {

void set_current(PrintOptions options) {
  owner.alive = true;  // from here on it is destroyed with the thread
  if (chosen)
    *chosen = std::move(options);
  else
    chosen = new PrintOptions(std::move(options));
}

/// All options as they were. Moves, so that nothing can fail.
void restore(numpy::PrintOptions& before) noexcept {
  if (!chosen) return;  // the thread ends
  const auto take = [](auto& option, auto& value) { option = std::move(*value); };
  take(chosen->precision, before.precision);
  take(chosen->threshold, before.threshold);
  take(chosen->edgeitems, before.edgeitems);
  take(chosen->linewidth, before.linewidth);
  take(chosen->suppress, before.suppress);
  take(chosen->nanstr, before.nanstr);
  take(chosen->infstr, before.infstr);
  chosen->formatter = std::move(before.formatter);
  take(chosen->sign, before.sign);
  take(chosen->floatmode, before.floatmode);
  chosen->override_repr = std::move(before.override_repr);
}

void check(const numpy::PrintOptions& given) {
  if (given.sign && *given.sign != '-' && *given.sign != '+' && *given.sign != ' ')
    throw ValueError("sign option must be one of ' ', '+', or '-'");
  if (given.precision.value_or(0) < 0) throw ValueError("precision must not be negative");
  if (given.edgeitems.value_or(0) < 0) throw ValueError("edgeitems must not be negative");
}

PrintOptions changed(PrintOptions options, const numpy::PrintOptions& given) {
  check(given);
  auto take = [](auto& option, const auto& value) {
    if (value) option = *value;
  };
  take(options.precision, given.precision);
  take(options.threshold, given.threshold);
  take(options.edgeitems, given.edgeitems);
  take(options.linewidth, given.linewidth);
  take(options.suppress, given.suppress);
  take(options.nanstr, given.nanstr);
  take(options.infstr, given.infstr);
  take(options.sign, given.sign);
  take(options.floatmode, given.floatmode);
  return options;
}

}  // namespace
}  // namespace tarry::frontend

namespace tarry::numpy {

using frontend::current_print_options;

void set_printoptions(const PrintOptions& options) {
  frontend::PrintOptions all = frontend::changed(current_print_options(), options);
  all.formatter = options.formatter;
  all.override_repr = options.override_repr;
  frontend::set_current(std::move(all));
}

PrintOptions get_printoptions() {
  const frontend::PrintOptions& o = current_print_options();
  return {o.precision, o.threshold, o.edgeitems, o.linewidth, o.suppress,     o.nanstr,
          o.infstr,    o.formatter, o.sign,      o.floatmode, o.override_repr};
}

printoptions::printoptions(const PrintOptions& options) : before_(get_printoptions()) { set_printoptions(options); }
printoptions::~printoptions() { frontend::restore(before_); }

std::string array2string(const Array& x, const PrintOptions& options, std::string_view separator,
                         std::string_view prefix, std::string_view suffix, Here here) {
  frontend::PrintOptions all = frontend::changed(current_print_options(), options);
  const auto take = [](auto& own, const auto& given) {
    if (given) own = given;
  };
  take(all.formatter.bool_kind, options.formatter.bool_kind);
  take(all.formatter.int_kind, options.formatter.int_kind);
  take(all.formatter.uint_kind, options.formatter.uint_kind);
  take(all.formatter.float_kind, options.formatter.float_kind);
  take(all.formatter.complex_kind, options.formatter.complex_kind);
  all.linewidth -= static_cast<int64_t>(suffix.size());
  const frontend::CompactView c = frontend::compact(x, here);
  return frontend::array_body(c.dtype, c.shape, c.data, separator, prefix.size(), all);
}

std::string scalar_text(DType dtype, double value) {
  return frontend::float_scalar_text(dtype, value, current_print_options());
}

}  // namespace tarry::numpy
