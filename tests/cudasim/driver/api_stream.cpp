/// Streams and events.

#include <chrono>

#include "driver/state.h"
#include "ptx/fault.h"

namespace cudasim {
namespace {

double now() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Polling is waiting, a little at a time: each time something is done.
void query(Context& c, const Point& p) {
  if (p.is_done()) {
    if (c.broken != CUDA_SUCCESS) throw Failure{c.broken};
    return;
  }
  step_towards(p);
  throw Failure{CUDA_ERROR_NOT_READY};
}

}  // namespace

namespace {

CUresult create(const char* call, CUstream* stream, unsigned int flags, int priority) {
  return answer(call, [&](Driver& d) {
    Context& c = d.current();
    if (!stream) throw Failure{CUDA_ERROR_INVALID_VALUE};
    if (flags & ~unsigned{CU_STREAM_NON_BLOCKING})
      d.misuse(CUDA_ERROR_INVALID_VALUE, text("unknown flags ", hex(flags)));
    if (d.injected("stream")) throw Failure{CUDA_ERROR_OUT_OF_MEMORY};
    auto s = std::make_shared<Stream>();
    s->context = c.handle;
    s->timeline = std::make_shared<Timeline>();
    s->flags = flags;
    s->priority = priority;
    c.timelines.push_back(s->timeline);
    *stream = static_cast<CUstream>(d.streams.add(s));
  });
}

}  // namespace

CUresult cuStreamCreate(CUstream* stream, unsigned int flags) { return create(__func__, stream, flags, 0); }

CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned int flags, int priority) {
  return create(__func__, stream, flags, priority);
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  return answer(__func__, [&](Driver& d) {
    if (!handle || handle == CU_STREAM_LEGACY || handle == CU_STREAM_PER_THREAD)
      d.misuse(CUDA_ERROR_INVALID_VALUE, "a stream that is always there");
    if (!d.streams.find(handle)) d.misuse(CUDA_ERROR_INVALID_HANDLE, "no stream, or one that is destroyed already");
    // What is in it still happens.
    const auto s = d.streams.find(handle);
    run_until(s->timeline->last());
    d.streams.remove(handle);
  });
}

CUresult cuStreamSynchronize(CUstream handle) {
  return answer(__func__, [&](Driver& d) {
    const auto s = d.stream(handle);
    ++d.counters.synchronizations;
    if (d.injected("sync")) throw Failure{CUDA_ERROR_UNKNOWN};
    Context& c = *d.context(s->context);
    Point goal = s->timeline->last();
    if (s->timeline == c.legacy)
      goal = s->timeline->push([] {},
                               [&] {
                                 std::vector<Point> all{c.per_thread->last()};
                                 for (auto& [h, other] : d.streams.all())
                                   if (other->context == c.handle && other->is_blocking())
                                     all.push_back(other->timeline->last());
                                 return all;
                               }());
    d.finish(c, goal);
  });
}

CUresult cuStreamQuery(CUstream handle) {
  return answer(__func__, [&](Driver& d) {
    const auto s = d.stream(handle);
    query(*d.context(s->context), s->timeline->last());
  });
}

CUresult cuStreamWaitEvent(CUstream handle, CUevent event, unsigned int flags) {
  return answer(__func__, [&](Driver& d) {
    const auto s = d.stream(handle);
    const auto e = d.event(event);
    if (flags > 1) d.misuse(CUDA_ERROR_INVALID_VALUE, text("unknown flags ", hex(flags)));
    if (!e->is_recorded) return;
    d.submit(*d.context(s->context), *s, [] {}, {e->point});
  });
}

CUresult cuStreamGetCtx(CUstream handle, CUcontext* context) {
  return answer(__func__, [&](Driver& d) {
    if (!context) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *context = d.stream(handle)->context;
  });
}

CUresult cuStreamGetFlags(CUstream handle, unsigned int* flags) {
  return answer(__func__, [&](Driver& d) {
    if (!flags) throw Failure{CUDA_ERROR_INVALID_VALUE};
    *flags = d.stream(handle)->flags;
  });
}

CUresult cuLaunchHostFunc(CUstream handle, CUhostFn function, void* data) {
  return answer(__func__, [&](Driver& d) {
    const auto s = d.stream(handle);
    if (!function) d.misuse(CUDA_ERROR_INVALID_VALUE, "no function");
    d.submit(*d.context(s->context), *s, [=] { function(data); });
  });
}

CUresult cuStreamAddCallback(CUstream handle, CUstreamCallback callback, void* data, unsigned int flags) {
  return answer(__func__, [&](Driver& d) {
    const auto s = d.stream(handle);
    if (!callback || flags != 0) d.misuse(CUDA_ERROR_INVALID_VALUE, "no function, or flags that are not 0");
    d.submit(*d.context(s->context), *s, [=] { callback(handle, CUDA_SUCCESS, data); });
  });
}

CUresult cuEventCreate(CUevent* event, unsigned int flags) {
  return answer(__func__, [&](Driver& d) {
    Context& c = d.current();
    if (!event) throw Failure{CUDA_ERROR_INVALID_VALUE};
    if (flags & ~7u || ((flags & CU_EVENT_INTERPROCESS) && !(flags & CU_EVENT_DISABLE_TIMING)))
      d.misuse(CUDA_ERROR_INVALID_VALUE, text("flags ", hex(flags)));
    if (d.injected("event")) throw Failure{CUDA_ERROR_OUT_OF_MEMORY};
    auto e = std::make_shared<Event>();
    e->context = c.handle;
    e->flags = flags;
    *event = static_cast<CUevent>(d.events.add(e));
  });
}

CUresult cuEventRecord(CUevent event, CUstream handle) {
  return answer(__func__, [&](Driver& d) {
    const auto e = d.event(event);
    const auto s = d.stream(handle);
    if (e->context != s->context) d.misuse(CUDA_ERROR_INVALID_HANDLE, "an event of another context than the stream's");
    e->time = std::make_shared<double>(0);
    e->is_recorded = true;
    e->point = d.submit(*d.context(s->context), *s, [time = e->time] { *time = now(); });
  });
}

CUresult cuEventQuery(CUevent event) {
  return answer(__func__, [&](Driver& d) {
    const auto e = d.event(event);
    if (e->is_recorded) query(*d.context(e->context), e->point);
  });
}

CUresult cuEventSynchronize(CUevent event) {
  return answer(__func__, [&](Driver& d) {
    const auto e = d.event(event);
    ++d.counters.synchronizations;
    if (d.injected("sync")) throw Failure{CUDA_ERROR_UNKNOWN};
    if (e->is_recorded) d.finish(*d.context(e->context), e->point);
  });
}

CUresult cuEventDestroy_v2(CUevent event) {
  return answer(__func__, [&](Driver& d) {
    if (!d.events.find(event)) d.misuse(CUDA_ERROR_INVALID_HANDLE, "no event, or one that is destroyed already");
    d.events.remove(event);
  });
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to) {
  return cuEventElapsedTime_v2(milliseconds, from, to);
}

CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent from, CUevent to) {
  return answer(__func__, [&](Driver& d) {
    const auto a = d.event(from), b = d.event(to);
    if (!milliseconds) throw Failure{CUDA_ERROR_INVALID_VALUE};
    if (!a->is_recorded || !b->is_recorded || ((a->flags | b->flags) & CU_EVENT_DISABLE_TIMING))
      d.misuse(CUDA_ERROR_INVALID_HANDLE, "an event without a time");
    if (!a->point.is_done() || !b->point.is_done()) throw Failure{CUDA_ERROR_NOT_READY};
    *milliseconds = static_cast<float>(*b->time - *a->time);
  });
}

}  // namespace cudasim
