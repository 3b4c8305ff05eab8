#include <tarry/runtime/workspace.h>

#include <tarry/runtime/threads.h>

namespace tarry::runtime {

Workspace::~Workspace() { trim_thread_scratch(); }

void Workspace::end_rehearsal() {
  lists_.settle();
  arrays_.settle();
  rehearses_ = false;
}

}  // namespace tarry::runtime
