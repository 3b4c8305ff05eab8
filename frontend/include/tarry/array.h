#pragma once
/// The array: a handle, as a Python name is.

#include <tarry/device.h>
#include <tarry/types.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tarry {

class Index;
class Arg;

namespace frontend {
/// The part of a cell that handles touch: who else refers to it.
struct CellHead {
  std::atomic<uint32_t> references{1};
};
struct Cell;
struct HandleAccess;
TARRY_API void destroy_cell(CellHead* cell) noexcept;
/// Lets go of the only reference.
TARRY_API void release_last(CellHead* cell) noexcept;

inline void retain(CellHead* cell) noexcept {
  if (cell) cell->references.fetch_add(1, std::memory_order_relaxed);
}
inline void release(CellHead* cell) noexcept {
  if (!cell) return;
  // Nobody else can count a reference that is the only one, so mostly no counting is needed.
  if (cell->references.load(std::memory_order_acquire) == 1)
    release_last(cell);
  else if (cell->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy_cell(cell);
}

/// A C++ scalar on its way into an array: int64 (uint64 where it does not fit), float32, float64, bool, or
/// complex: then the bits are those of the parts.
struct HostScalar {
  DType dtype;
  uint64_t bits;
  uint64_t imag_bits = 0;
};
TARRY_API HostScalar host_scalar(bool value) noexcept;
TARRY_API HostScalar host_scalar(int64_t value) noexcept;
TARRY_API HostScalar host_scalar(uint64_t value) noexcept;
TARRY_API HostScalar host_scalar(float value) noexcept;
TARRY_API HostScalar host_scalar(double value) noexcept;
TARRY_API HostScalar host_scalar(std::complex<float> value) noexcept;
TARRY_API HostScalar host_scalar(std::complex<double> value) noexcept;
template <Scalar T>
HostScalar to_host_scalar(T value) noexcept {
  if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T> || ComplexScalar<T>)
    return host_scalar(value);
  else if constexpr (std::is_signed_v<T>)
    return host_scalar(static_cast<int64_t>(value));
  else
    return host_scalar(static_cast<uint64_t>(value));
}
/// A new weak 0-d cell with one reference.
TARRY_API CellHead* make_weak_scalar(HostScalar value);
}  // namespace frontend

/// numpy.ndarray.flags.
struct Flags {
  bool c_contiguous, f_contiguous;
  bool owndata;  // neither a view nor the user's memory
  bool writeable;
};

/// An n-dimensional array. Copying it makes another name for the same array, as in Python; `copy()`
/// copies elements. Ops check shapes and types at once, and compute when somebody looks.
///
/// An lvalue is a name: `x = y` rebinds it. An unnamed Array (`x[0]`, `x.T()`) is a place: assigning
/// to it writes, through views too.
class TARRY_API Array {
 public:
  /// No array yet: any use but assignment throws ValueError.
  Array() noexcept = default;
  /// A 0-d array that is weak in promotion (NEP 50), as a Python number is.
  template <Scalar T>
  Array(T value) : cell_(frontend::make_weak_scalar(frontend::to_host_scalar(value))) {}
  Array(const Array& other) noexcept : cell_(other.cell_) { frontend::retain(cell_); }
  Array(Array&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  ~Array() { frontend::release(cell_); }

  /// Rebinds the name.
  Array& operator=(const Array& other) & noexcept {
    Array copy(other);
    std::swap(cell_, copy.cell_);
    return *this;
  }
  Array& operator=(Array&& other) & noexcept {
    Array moved(std::move(other));
    std::swap(cell_, moved.cell_);
    return *this;
  }
  /// Writes into the elements of this array: `x[0] = 7.0`.
  Array operator=(Arg value) &&;

  const Shape& shape() const;
  int64_t ndim() const { return static_cast<int64_t>(shape().size()); }
  int64_t size() const;
  DType dtype() const;
  int64_t itemsize() const { return static_cast<int64_t>(ir::size_of(dtype())); }
  int64_t nbytes() const { return size() * itemsize(); }
  /// Extent of the first axis; TypeError for a 0-d array.
  int64_t len() const;
  /// In bytes, as NumPy's, wherever the elements lie.
  Shape strides() const;
  Flags flags() const;
  /// Writes through this array, and through views made from now on, throw ValueError, or no longer do. ValueError for
  /// making an array writeable that shows elements of one that is not, or repeats elements.
  void setflags(bool write) const;

  /// NumPy's basic indexing makes views, indexing by an array copies. Throws IndexError.
  Array operator[](const Index& index);
  const Array operator[](const Index& index) const;

  /// A view with the axes reversed.
  Array T(Here here = {}) const;
  /// A view where NumPy gives one, else a copy. One extent may be -1.
  Array reshape(const Shape& shape, Here here = {}) const;
  Array astype(DType dtype, Here here = {}) const;
  /// The parts of complex numbers: views, which write through. Of a real array itself, and zeros.
  Array real(Here here = {}) const;
  Array imag(Here here = {}) const;
  Array conj(Here here = {}) const;
  Array copy(Here here = {}) const;
  /// The same elements on another device: a copy, made when it is needed; this very array where it lives there already.
  Array to(Context context, Here here = {}) const;
  /// Where the elements are, or will be.
  Context context() const;
  Array transpose(const Axes& axes = {}, Here here = {}) const;
  /// One axis: a view where NumPy gives one. flatten() always copies.
  Array ravel(Here here = {}) const;
  Array flatten(Here here = {}) const;
  Array squeeze(const Axes& axes = {}, Here here = {}) const;
  /// All elements become this value.
  void fill(Arg value) const;

  /// The functions of tarry::numpy with these names.
  Array sum(const Axes& axes = {}, KeepDims keep = KeepDims::no, Here here = {}) const;
  Array prod(const Axes& axes = {}, KeepDims keep = KeepDims::no, Here here = {}) const;
  Array mean(const Axes& axes = {}, KeepDims keep = KeepDims::no, Here here = {}) const;
  Array var(const Axes& axes = {}, KeepDims keep = KeepDims::no, double ddof = 0, Here here = {}) const;
  Array std(const Axes& axes = {}, KeepDims keep = KeepDims::no, double ddof = 0, Here here = {}) const;
  Array max(const Axes& axes = {}, KeepDims keep = KeepDims::no, Here here = {}) const;
  Array min(const Axes& axes = {}, KeepDims keep = KeepDims::no, Here here = {}) const;
  Array any(const Axes& axes = {}, KeepDims keep = KeepDims::no, Here here = {}) const;
  Array all(const Axes& axes = {}, KeepDims keep = KeepDims::no, Here here = {}) const;
  Array argmax(Here here = {}) const;
  Array argmax(Dim axis, Here here = {}) const;
  Array argmin(Here here = {}) const;
  Array argmin(Dim axis, Here here = {}) const;
  Array cumsum(Here here = {}) const;
  Array cumsum(Dim axis, Here here = {}) const;
  Array cumprod(Here here = {}) const;
  Array cumprod(Dim axis, Here here = {}) const;
  Array clip(Arg low, Arg high) const;
  Array round(int decimals = 0, Here here = {}) const;
  Array swapaxes(Dim first, Dim second, Here here = {}) const;
  Array diagonal(int64_t offset = 0, Dim axis1 = 0, Dim axis2 = 1, Here here = {}) const;
  Array trace(int64_t offset = 0, Dim axis1 = 0, Dim axis2 = 1, Here here = {}) const;
  Array repeat(int64_t count, Here here = {}) const;
  Array repeat(int64_t count, Dim axis, Here here = {}) const;
  Array take(Arg indices) const;
  Array take(Arg indices, Dim axis) const;
  void put(Arg indices, Arg values) const;
  std::vector<Array> nonzero(Here here = {}) const;
  Array argsort(Dim axis = -1, Here here = {}) const;
  Array searchsorted(Arg values) const;
  /// Sorts in place.
  void sort(Dim axis = -1, Here here = {}) const;
  Array dot(Arg other) const;

  /// The only element, converted. ValueError when there is not exactly one.
  template <Scalar T>
  T item(Here here = {}) const {
    T value;
    item_into(dtype_of<T>(), &value, here);
    return value;
  }
  /// As item, in NumPy's words for conversions; to bool: the truth value. TypeError where an imaginary part would be
  /// lost, ValueError for the integer of a NaN or an infinity.
  template <Scalar T>
  explicit operator T() const {
    T value;
    convert_into(dtype_of<T>(), &value);
    return value;
  }
  /// All elements in C order, converted.
  template <Scalar T>
  std::vector<T> to_vector(Here here = {}) const {
    std::vector<T> values(static_cast<size_t>(size()));
    if constexpr (std::is_same_v<T, bool>) {
      auto bytes = std::make_unique<bool[]>(values.size());
      copy_into(dtype_of<T>(), bytes.get(), here);
      values.assign(bytes.get(), bytes.get() + values.size());
    } else {
      copy_into(dtype_of<T>(), values.data(), here);
    }
    return values;
  }
  /// The elements in C order in memory of this array, which stays where it is from now on: later
  /// writes are seen through the pointer, so operations on the array run at their calls, one by one. Where a copy will
  /// do, to_vector() leaves it as it was. TypeError when T is not the element type.
  template <Scalar T>
  const T* data(Here here = {}) const {
    return static_cast<const T*>(data_of(dtype_of<T>(), here));
  }

  Array& operator+=(Arg other) &;
  Array operator+=(Arg other) &&;
  Array& operator-=(Arg other) &;
  Array operator-=(Arg other) &&;
  Array& operator*=(Arg other) &;
  Array operator*=(Arg other) &&;
  Array& operator/=(Arg other) &;
  Array operator/=(Arg other) &&;
  Array& operator%=(Arg other) &;
  Array operator%=(Arg other) &&;
  Array& operator&=(Arg other) &;
  Array operator&=(Arg other) &&;
  Array& operator|=(Arg other) &;
  Array operator|=(Arg other) &&;
  Array& operator^=(Arg other) &;
  Array operator^=(Arg other) &&;
  Array& operator<<=(Arg other) &;
  Array operator<<=(Arg other) &&;
  Array& operator>>=(Arg other) &;
  Array operator>>=(Arg other) &&;

 private:
  friend class Arg;
  friend struct frontend::HandleAccess;
  void item_into(DType dtype, void* value, Here here) const;
  void convert_into(DType dtype, void* value) const;
  void copy_into(DType dtype, void* values, Here here) const;
  const void* data_of(DType dtype, Here here) const;

  frontend::CellHead* cell_ = nullptr;
};

/// An argument of an op: an array, or a scalar, and where the caller stands. Only ever a parameter;
/// it borrows the array from the caller.
class Arg {
 public:
  Arg(const Array& array, Here here = {}) noexcept : bits_(reinterpret_cast<uintptr_t>(array.cell_)), here_(here) {}
  template <Scalar T>
  Arg(T value, Here here = {})
      : bits_(reinterpret_cast<uintptr_t>(frontend::make_weak_scalar(frontend::to_host_scalar(value))) | kOwned),
        here_(here) {}
  /// Borrows from the other, which outlives this one.
  Arg(const Arg& other) noexcept : bits_(other.bits_ & ~kOwned), here_(other.here_) {}
  Arg& operator=(const Arg&) = delete;
  ~Arg() {
    if (bits_ & kOwned) frontend::release(cell());
  }
  Here here() const { return here_; }
  frontend::CellHead* cell() const { return reinterpret_cast<frontend::CellHead*>(bits_ & ~kOwned); }
  /// A name for the same array.
  TARRY_API Array array() const;

 private:
  static constexpr uintptr_t kOwned = 1;
  uintptr_t bits_;
  Here here_;
};
static_assert(sizeof(Arg) == 16);

/// NumPy's operators. `/` is true division, `%` has the sign of the divisor; comparisons give arrays
/// of bool. Types promote as NumPy 2's do; shapes broadcast, else ValueError.
TARRY_API Array operator+(Arg a, Arg b);
TARRY_API Array operator-(Arg a, Arg b);
TARRY_API Array operator*(Arg a, Arg b);
TARRY_API Array operator/(Arg a, Arg b);
TARRY_API Array operator%(Arg a, Arg b);
TARRY_API Array operator&(Arg a, Arg b);
TARRY_API Array operator|(Arg a, Arg b);
TARRY_API Array operator^(Arg a, Arg b);
TARRY_API Array operator<<(Arg a, Arg b);
TARRY_API Array operator>>(Arg a, Arg b);
TARRY_API Array operator==(Arg a, Arg b);
TARRY_API Array operator!=(Arg a, Arg b);
TARRY_API Array operator<(Arg a, Arg b);
TARRY_API Array operator<=(Arg a, Arg b);
TARRY_API Array operator>(Arg a, Arg b);
TARRY_API Array operator>=(Arg a, Arg b);
TARRY_API Array operator-(Arg a);
TARRY_API Array operator+(Arg a);
TARRY_API Array operator~(Arg a);
/// Elementwise logical not.
TARRY_API Array operator!(const Array& a);

/// The text of NumPy's str.
TARRY_API std::ostream& operator<<(std::ostream& out, Arg array);
TARRY_API std::string to_string(const Array& array, Here here = {});

}  // namespace tarry

#include <tarry/index.h>
