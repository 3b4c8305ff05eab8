#pragma once
/// A step of the plan that is a product, as the device is asked for it.

#include <tarry/passes/plan.h>
#include <tarry/runtime/cuda/device.h>

namespace tarry::codegen {

/// A product whose matrices lie at address(matrix).
template <class Address>
runtime::cuda::DeviceProduct device_product(const passes::MatmulStep& step, const Address& address) {
  const auto placed = [&](const passes::MatmulStep::Matrix& m) {
    return runtime::cuda::DeviceMatrix{address(m), m.batch_stride, m.row_stride, m.column_stride};
  };
  return {step.dtype, step.batch, step.m, step.n, step.k, placed(step.a), placed(step.b), placed(step.c)};
}

}  // namespace tarry::codegen
