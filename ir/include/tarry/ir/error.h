#pragma once
/// The exceptions of the library. Everything thrown to a user derives from `tarry::Error`.

#include <tarry/ir/export.h>

#include <stdexcept>
#include <string>

namespace tarry {

class TARRY_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
class TARRY_API ValueError : public Error {
 public:
  using Error::Error;
};
class TARRY_API TypeError : public Error {
 public:
  using Error::Error;
};
class TARRY_API IndexError : public Error {
 public:
  using Error::Error;
};
class TARRY_API DeviceError : public Error {
 public:
  using Error::Error;
};
class TARRY_API MemoryError : public Error {
 public:
  using Error::Error;
};
class TARRY_API IOError : public Error {
 public:
  using Error::Error;
};

/// A broken invariant of the library itself, never a user's mistake. Carries the graph or kernel as text.
class TARRY_API InternalError : public Error {
 public:
  using Error::Error;
};

}  // namespace tarry
