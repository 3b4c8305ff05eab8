#pragma once

#include "trace.h"

namespace tarry::frontend {

/// Keeps a value alive for a scope, however that ends.
class KeptAlive {
 public:
  KeptAlive(Trace& trace, ir::Value v) : trace_(trace), value_(v) { trace_.hold(v); }
  ~KeptAlive() { trace_.let_go(value_); }
  KeptAlive(const KeptAlive&) = delete;
  KeptAlive& operator=(const KeptAlive&) = delete;

 private:
  Trace& trace_;
  ir::Value value_;
};

}  // namespace tarry::frontend
