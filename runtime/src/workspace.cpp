#include <tarry/runtime/workspace.h>

#include <tarry/ir/error.h>
#include <tarry/runtime/threads.h>

#include <string>

namespace tarry::runtime {

void refuse_size(size_t n, size_t size) {
  throw MemoryError("Unable to allocate room for " + std::to_string(n) + " times " + std::to_string(size) +
                    " bytes: there are not so many addresses");
}

Workspace::~Workspace() { trim_thread_scratch(); }

void Workspace::end_rehearsal() {
  lists_.settle();
  arrays_.settle();
  rehearses_ = false;
}

}  // namespace tarry::runtime
