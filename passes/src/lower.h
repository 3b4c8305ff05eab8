#pragma once
// From groups to steps: buffers, accesses, kernels.

#include "fuse.h"

namespace tarry::passes {

/// Gives every storage a buffer (dying inputs and temporaries become outputs where element meets
/// element) and makes the kernel of every group.
Plan lower(const Program& program, Fusion fusion);

/// One access of a kernel while it is built.
struct AccessForm {
  ir::Access::Kind kind;
  ir::DType dtype;
  uint32_t storage;  // unused for index accesses
  LinearForm form;
  std::vector<uint32_t> nesting;  // coordinates by the axes of the array, outermost first
};

/// Makes the step of a kernel or update group; `outer` and `row` extents, strides and classes follow
/// from the address forms alone. Buffers are filled in later from `storages`.
struct LoweredKernel {
  KernelStep step;
  std::vector<uint32_t> access_storage;  // by access; UINT32_MAX for index accesses
};
LoweredKernel lower_kernel(const Program& program, const Fusion& fusion, const Group& group);

/// Where a node of a group is read, and where a root is stored.
LinearForm read_address(const Program& program, const Fusion& fusion, const Group& group, const Node& node);
LinearForm store_address(const Fusion& fusion, const Group::Root& root);

}  // namespace tarry::passes
