#pragma once
/// Hand-made kernels, arrays of any dtype and layout, and launches for the interpreter's tests.

#include <tarry/codegen/backend.h>
#include <tarry/ir/half.h>
#include <tarry/ir/kernel.h>
#include <tarry/ir/ops.h>
#include <tarry/ir/verify.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace tarry::test {

using ir::DType;
using ir::Op;
using ir::Value;

/// Builds the body of a kernel op by op.
class KernelMaker {
 public:
  explicit KernelMaker(int outer_rank = 1, int row_rank = 0) {
    kernel.name = "test";
    kernel.outer_rank = outer_rank;
    kernel.row_rank = row_rank;
    kernel.schedule = row_rank ? ir::Schedule::row : ir::Schedule::map;
  }
  int64_t access(ir::Access::Kind kind, DType t, bool in_row) {
    kernel.accesses.push_back(
        {kind, t, ir::StrideClass::any, in_row ? ir::StrideClass::any : ir::StrideClass::zero, in_row});
    return static_cast<int64_t>(kernel.accesses.size()) - 1;
  }
  Value add(Op op, DType t, std::initializer_list<Value> operands, std::initializer_list<int64_t> attrs = {}) {
    return kernel.body.add(op, t, {}, operands, attrs);
  }
  Value read(DType t, bool in_row = false) { return add(Op::load, t, {}, {access(ir::Access::Kind::read, t, in_row)}); }
  Value read_where(Value predicate, DType t, bool in_row = false) {
    return add(Op::load, t, {predicate}, {access(ir::Access::Kind::read, t, in_row)});
  }
  Value index(bool in_row = false) {
    return add(Op::index, DType::int64, {}, {access(ir::Access::Kind::index, DType::int64, in_row)});
  }
  void write(Value v, bool in_row = false) {
    const DType t = kernel.body.dtype(v);
    add(Op::store, t, {v}, {access(ir::Access::Kind::write, t, in_row)});
  }
  Value scalar(DType t) {
    kernel.scalars.push_back(t);
    return add(Op::scalar, t, {}, {static_cast<int64_t>(kernel.scalars.size()) - 1});
  }
  Value constant(DType t, uint64_t bits) { return add(Op::constant, t, {}, {static_cast<int64_t>(bits)}); }
  Value f32(float x) { return constant(DType::float32, std::bit_cast<uint32_t>(x)); }
  /// An op whose result has its operands' dtype.
  Value same(Op op, Value a) { return add(op, kernel.body.dtype(a), {a}); }
  Value same(Op op, Value a, Value b) { return add(op, kernel.body.dtype(a), {a, b}); }

  std::shared_ptr<const codegen::Executable> compile() const {
    ir::verify(kernel);
    return codegen::interpreter().compile(kernel);
  }

  ir::Kernel kernel;
};

/// Elements of one dtype in C order, as bit patterns.
struct Data {
  DType dtype;
  std::vector<std::byte> bytes;

  explicit Data(DType t, size_t n = 0) : dtype(t), bytes(n * ir::size_of(t)) {}
  size_t size() const { return bytes.size() / ir::size_of(dtype); }
  uint64_t bits(size_t i) const {
    uint64_t b = 0;
    std::memcpy(&b, bytes.data() + i * ir::size_of(dtype), ir::size_of(dtype));
    return b;
  }
  void set(size_t i, uint64_t b) { std::memcpy(bytes.data() + i * ir::size_of(dtype), &b, ir::size_of(dtype)); }
  void push(uint64_t b) {
    bytes.resize(bytes.size() + ir::size_of(dtype));
    set(size() - 1, b);
  }
  template <class T>
  T* as() {
    return reinterpret_cast<T*>(bytes.data());
  }
};

/// Arguments of one launch, put together access by access in the kernel's order.
class Launcher {
 public:
  explicit Launcher(std::vector<int64_t> extents) : extents_(std::move(extents)) {}
  Launcher& operand(void* data, std::vector<int64_t> strides) {
    strides_.push_back(std::move(strides));
    codegen::Launch::Operand o;
    o.data = data;
    operands_.push_back(o);
    return *this;
  }
  Launcher& offset(int64_t start, std::vector<int64_t> strides) {
    strides_.push_back(std::move(strides));
    codegen::Launch::Operand o;
    o.offset = start;
    operands_.push_back(o);
    return *this;
  }
  Launcher& scalar(uint64_t bits) {
    scalars_.push_back(bits);
    return *this;
  }
  void run(const codegen::Executable& e) {
    for (size_t i = 0; i < operands_.size(); ++i) operands_[i].strides = strides_[i].data();
    e.run({extents_, operands_, scalars_});
  }

 private:
  std::vector<int64_t> extents_;
  std::vector<std::vector<int64_t>> strides_;
  std::vector<codegen::Launch::Operand> operands_;
  std::vector<uint64_t> scalars_;
};

/// Whether a bit pattern is a NaN of a floating dtype.
inline bool is_nan(DType t, uint64_t bits) {
  switch (t) {
    case DType::float16: return (bits & 0x7fff) > 0x7c00;
    case DType::bfloat16: return (bits & 0x7fff) > 0x7f80;
    case DType::float32: return (bits & 0x7fffffff) > 0x7f800000;
    case DType::float64: return (bits & ~(1ull << 63)) > 0x7ffull << 52;
    default: return false;
  }
}
/// The same bits, or both NaN.
inline bool same_value(DType t, uint64_t a, uint64_t b) { return a == b || (is_nan(t, a) && is_nan(t, b)); }

/// The value of any dtype but the 64-bit integers, exactly.
inline double to_double(DType t, uint64_t bits) {
  switch (t) {
    case DType::bool_:
    case DType::uint8: return static_cast<uint8_t>(bits);
    case DType::uint16: return static_cast<uint16_t>(bits);
    case DType::uint32: return static_cast<uint32_t>(bits);
    case DType::uint64: return static_cast<double>(bits);
    case DType::int8: return static_cast<int8_t>(bits);
    case DType::int16: return static_cast<int16_t>(bits);
    case DType::int32: return static_cast<int32_t>(bits);
    case DType::int64: return static_cast<double>(static_cast<int64_t>(bits));
    case DType::float16: return ir::from_float16(static_cast<uint16_t>(bits));
    case DType::bfloat16: return ir::from_bfloat16(static_cast<uint16_t>(bits));
    case DType::float32: return std::bit_cast<float>(static_cast<uint32_t>(bits));
    case DType::float64: return std::bit_cast<double>(bits);
    default: return 0;
  }
}

inline constexpr DType kRealDTypes[] = {DType::bool_,    DType::int8,    DType::int16,  DType::int32,  DType::int64,
                                        DType::uint8,    DType::uint16,  DType::uint32, DType::uint64, DType::float16,
                                        DType::bfloat16, DType::float32, DType::float64};

/// Values at which ops go wrong, and some random ones.
Data special_values(DType t);

/// Random content: any bits for integers, moderate numbers for floats.
Data random_values(DType t, size_t n, uint64_t seed);

}  // namespace tarry::test
