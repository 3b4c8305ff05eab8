#include "view_info.h"

#include <utility>

namespace tarry::frontend {
namespace {

/// A program makes views all the time, most of them for one call: what they need is used again. Of the calling thread,
/// linked by `next_free`.
struct FreeViews {
  static constexpr uint32_t kKeep = 64;
  ViewInfo* first = nullptr;
  uint32_t count = 0;
  bool ended = false;
};
constinit thread_local FreeViews free_views;

struct FreeViewsEnd {
  ~FreeViewsEnd() {
    while (ViewInfo* info = free_views.first) {
      free_views.first = info->next_free;
      delete info;
    }
    free_views.ended = true;
  }
};

}  // namespace

ViewPointer new_view_info() {
  FreeViews& free = free_views;
  if (!free.first) {
    thread_local FreeViewsEnd end;
    (void)&end;
    return ViewPointer(new ViewInfo);
  }
  ViewInfo* info = free.first;
  free.first = std::exchange(info->next_free, nullptr);
  --free.count;
  return ViewPointer(info);
}

void RecycleView::operator()(ViewInfo* info) const noexcept {
  info->base = {};
  info->chain.clear();
  FreeViews& free = free_views;
  if (free.count == FreeViews::kKeep || free.ended) {
    delete info;
    return;
  }
  info->next_free = std::exchange(free.first, info);
  ++free.count;
}

}  // namespace tarry::frontend
