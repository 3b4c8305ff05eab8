#pragma once
/// Where values live: a number for the host and one for each GPU.

#include "trace.h"

#include <tarry/device.h>
#include <string_view>

namespace tarry::frontend {

/// Where the calling thread makes new arrays; 0 is the host.
int current_place();

/// Where the elements of an array are, or will be; kAnywhere for a number.
uint8_t place_of(Trace& own, Cell& cell);
/// Whether an array lives on a GPU.
bool lives_on_device(const Array& x);
/// The same value at another place.
ir::Value moved(Trace& own, ir::Value v, uint8_t place, ir::Location where);
/// `v` where `like` lives, if that is anywhere.
ir::Value moved_to(Trace& own, ir::Value v, const Array& like);

/// A new stored array of the host, where new arrays are made. Memory that is not the library's stays where it is.
Array to_current(Array on_host);

/// For a scope new arrays are made where another one lives.
class Near {
 public:
  explicit Near(const Arg& a);
  explicit Near(const Array& a) : Near(Arg(a, Here(nullptr, 0))) {}
  ~Near();
  Near(const Near&) = delete;

 private:
  uint8_t before_;
};

[[noreturn]] void refuse_places(std::string_view name, uint8_t a, uint8_t b);
/// Refuses two arrays that live at different places.
void check_same_place(std::string_view name, const Array& a, const Array& b);

/// An op that only the host can do, on arrays that may live on a GPU: for its scope new arrays are then made on the
/// host. Counts a fallback for those that do, names it under TARRY_LOG=fallback, throws DeviceError under
/// Policy::device_only.
class HostOp {
 public:
  HostOp(std::string_view name, Here here, std::span<const Array> arrays);
  HostOp(std::string_view name, Here here, std::initializer_list<Array> arrays)
      : HostOp(name, here, std::span(arrays.begin(), arrays.size())) {}
  HostOp(std::string_view name, const Arg& a) : HostOp(name, a.here(), {a.array()}) {}
  HostOp(std::string_view name, const Arg& a, const Arg& b) : HostOp(name, a.here(), {a.array(), b.array()}) {}
  ~HostOp();
  HostOp(const HostOp&) = delete;
  /// Whether one of the arrays is on a GPU.
  bool falls_back() const { return place_ != 0; }
  int place() const { return place_; }
  /// The array on the host.
  Array argument(const Array& a) const { return falls_back() ? a.to(cpu(), here_) : a; }
  Array argument(const Arg& a) const { return argument(a.array()); }
  /// A result where the arguments live.
  Array result(const Array& a) const { return falls_back() ? a.to(Context::at(place_), here_) : a; }

 private:
  void count(std::string_view name) const;

  int place_ = 0;
  int before_ = 0;  // the current place
  Here here_;
};

}  // namespace tarry::frontend
