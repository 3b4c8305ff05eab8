#include "view_info.h"

#include <utility>

namespace tarry::frontend {
namespace {

/// A program makes views all the time, most of them for one call: what they need is used again. Of the calling thread,
/// linked by `next_free`, from its first view until it ends.
struct FreeViews {
  static constexpr uint32_t kKeep = 64;
  enum class Phase : uint8_t { before, kept, ended };
  ViewInfo* first = nullptr;
  uint32_t count = 0;
  Phase phase = Phase::before;
};
[[gnu::tls_model("initial-exec")]] constinit thread_local FreeViews free_views;

struct FreeViewsEnd {
  FreeViewsEnd() { free_views.phase = FreeViews::Phase::kept; }
  ~FreeViewsEnd() {
    free_views.phase = FreeViews::Phase::ended;
    while (ViewInfo* info = free_views.first) {
      free_views.first = info->next_free;
      delete info;
    }
  }
};

}  // namespace

ViewPointer new_view_info() {
  FreeViews& free = free_views;
  if (free.phase == FreeViews::Phase::before) {
    thread_local FreeViewsEnd end;
    (void)&end;
  }
  if (!free.first) return ViewPointer(new ViewInfo);
  ViewInfo* info = free.first;
  free.first = std::exchange(info->next_free, nullptr);
  --free.count;
  return ViewPointer(info);
}

void RecycleView::operator()(ViewInfo* info) const noexcept {
  info->base = {};
  info->chain.clear();
  FreeViews& free = free_views;
  if (free.count == FreeViews::kKeep || free.phase != FreeViews::Phase::kept) {
    delete info;
    return;
  }
  info->next_free = std::exchange(free.first, info);
  ++free.count;
}

}  // namespace tarry::frontend
