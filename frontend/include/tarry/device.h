#pragma once
/// Where arrays live and where work runs.
///
/// Arrays live where they were made: on the calling thread's current context, which is the host unless set otherwise,
/// or where the arrays live that they were computed from. An op whose arrays live on different devices throws
/// ValueError and says which; C++ numbers and 0-d arrays on the host mix with any. Looking at an array (printing, item,
/// to_vector, save) copies it to the host and waits.

#include <tarry/ir/export.h>

#include <cstdint>
#include <iosfwd>
#include <string>

namespace tarry {

/// The host, or a GPU.
class TARRY_API Context {
 public:
  /// The host.
  Context() = default;
  bool is_gpu() const { return place_ != 0; }
  /// The GPU's number; 0 for the host.
  int index() const { return place_ == 0 ? 0 : place_ - 1; }
  friend bool operator==(Context, Context) = default;

  /// The host is 0, gpu(i) is i + 1.
  int place() const { return place_; }
  static Context at(int place) {
    Context c;
    c.place_ = static_cast<uint8_t>(place);
    return c;
  }

 private:
  uint8_t place_ = 0;
};

/// "cpu" or "gpu(0)"
TARRY_API std::string to_string(Context context);
TARRY_API std::ostream& operator<<(std::ostream& out, Context context);

inline Context cpu() { return {}; }
/// Throws DeviceError when there is no such GPU, saying what was looked for and where.
TARRY_API Context gpu(int index = 0);
/// 0 where there is no driver. Never throws.
TARRY_API int num_gpus() noexcept;

/// Where the calling thread makes new arrays from now on. Threads begin on the host.
TARRY_API void set_context(Context context);
TARRY_API Context current_context();

/// A context for a scope: the one before comes back at its end, whatever ends it.
class TARRY_API ContextScope {
 public:
  explicit ContextScope(Context context) : before_(current_context()) { set_context(context); }
  ~ContextScope() { set_context(before_); }
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  Context before_;
};

/// What runs where, of what lives on a GPU.
enum class Policy : uint8_t {
  prefer_device,  ///< on the GPU; what has no kernel there runs on the host, copied both ways, and counts as a fallback
  host_only,      ///< all on the host, copied both ways
  device_only,    ///< on the GPU; what has no kernel there throws DeviceError when it is looked at
};
/// Of the calling thread.
TARRY_API void set_policy(Policy policy);
TARRY_API Policy current_policy();

/// A policy for a scope.
class TARRY_API PolicyScope {
 public:
  explicit PolicyScope(Policy policy) : before_(current_policy()) { set_policy(policy); }
  ~PolicyScope() { set_policy(before_); }
  PolicyScope(const PolicyScope&) = delete;
  PolicyScope& operator=(const PolicyScope&) = delete;

 private:
  Policy before_;
};

}  // namespace tarry
