#pragma once
/// Steps that are no kernels and have a GPU's own routines.

#include <tarry/codegen/device.h>

#include <memory>
#include <optional>

namespace tarry::codegen {

struct Routine {
  std::shared_ptr<DeviceKernel> kernel;
  passes::KernelStep step;  // its space and accesses
};

/// Sorts, searches, products of integers and with vectors; nothing for other steps.
std::optional<Routine> routine_of(const passes::Step& step);

}  // namespace tarry::codegen
