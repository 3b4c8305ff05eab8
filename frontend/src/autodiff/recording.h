#pragma once
/// A transform while its function runs.

#include "cell.h"
#include "trace.h"

#include <tarry/array.h>

#include <span>
#include <vector>

namespace tarry::frontend {

/// From the call of a function under a transform to the end of the transform. Ends on exceptions too, and
/// leaves nothing behind.
class Recording {
 public:
  Recording();
  ~Recording();
  Recording(const Recording&) = delete;

  /// What the function gets for an argument: the same value, told apart from what it captured.
  Array argument(const Array& a);
  /// What a batched function gets: an array of the argument's type without this axis, that has no values.
  Array element(const Array& batched, int64_t axis, ir::Location where);

  /// After the function: the nodes of its arguments. The trace's lock is held.
  const std::vector<ir::Value>& arguments() const { return trace_.arguments(); }
  /// Hands what the function wrote into its arguments on to those of the caller.
  void write_back();

 private:
  struct Given {
    Array callers, functions;
  };
  Trace& trace_;
  std::vector<Given> given_;
  const size_t first_shared_;  // of the memory that the trace knows to be shared
};

/// The value of a result in the trace, held; weak numbers too. Dtype and shape are those of the array.
ir::Value held_value(Trace& trace, const Array& a);

/// Values that are kept alive while they are worked with; some may be missing.
class Held {
 public:
  explicit Held(Trace& trace) : trace_(trace) {}
  Held(Trace& trace, std::vector<ir::Value> values) : values(std::move(values)), trace_(trace) {}
  ~Held() {
    for (ir::Value v : values)
      if (v.valid()) trace_.let_go(v);
  }
  Held(const Held&) = delete;
  void add(const Array& a) { values.push_back(held_value(trace_, a)); }

  std::vector<ir::Value> values;

 private:
  Trace& trace_;
};

/// A new array with this value, its axes in memory in the order of those of `like`.
Array array_like(Trace& trace, ir::Value v, const Array& like);

std::vector<Array> arrays_like(Trace& trace, const std::vector<ir::Value>& values, const std::vector<Array>& models);

}  // namespace tarry::frontend
