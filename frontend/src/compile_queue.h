#pragma once
/// Compiles kernels in the background.

#include <memory>

namespace tarry::frontend {

class CachedKernel;

/// Has the kernel compiled by a thread of its own, which takes one after the other in the order of the requests; it
/// starts at the first one. False when the system gives no thread or no memory. The end of the process waits for
/// nothing in the queue.
bool compile_later(std::shared_ptr<CachedKernel> kernel);

/// Waits until the queue is empty and nothing is being compiled.
void empty_compile_queue();

}  // namespace tarry::frontend
