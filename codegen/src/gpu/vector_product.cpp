#include "gpu/vector_product.h"

#include <algorithm>

namespace tarry::codegen {
namespace {

using ir::Op;
using ir::StrideClass;
using ir::Value;
using passes::AccessBinding;
using Matrix = passes::MatmulStep::Matrix;

class VectorProduct {
 public:
  explicit VectorProduct(const passes::MatmulStep& m)
      : m_(m), complex_(ir::is_complex(m.dtype)), part_(complex_ ? ir::part_of(m.dtype) : m.dtype) {
    // The longer axis innermost, where neighbours may be neighbours in memory.
    rows_last_ = m.n == 1;
    step_.extents = rows_last_ ? ir::Shape{m.batch, m.n, m.m, m.k} : ir::Shape{m.batch, m.m, m.n, m.k};
    kernel_.name = "matmul";
    kernel_.outer_rank = 3;
    kernel_.row_rank = 1;
    const bool along = m.a.column_stride == 1 || m.b.row_stride == 1;
    const bool across = rows_last_ ? m.a.row_stride == 1 : m.b.column_stride == 1;
    kernel_.schedule = across && (!along || m.k == 1) ? ir::Schedule::column : ir::Schedule::row;
  }

  passes::KernelStep make() {
    if (complex_) {
      const Value a[] = {read_left(0), read_left(1)}, b[] = {read_right(0), read_right(1)};
      write(add(Op::sub, part_, {dot(a[0], b[0]), dot(a[1], b[1])}), 0);
      write(add(Op::add, part_, {dot(a[0], b[1]), dot(a[1], b[0])}), 1);
    } else {
      write(dot(read_left(0), read_right(0)), 0);
    }
    step_.kernel = std::make_shared<const ir::Kernel>(std::move(kernel_));
    return std::move(step_);
  }

 private:
  Value add(Op op, ir::DType t, std::initializer_list<Value> operands, std::initializer_list<int64_t> attrs = {}) {
    return kernel_.body.add(op, t, {}, operands, attrs);
  }

  /// Halves are multiplied and added up as float32, and rounded once.
  Value dot(Value a, Value b) {
    if (!ir::is_half(part_)) return add(Op::reduce_sum, part_, {add(Op::mul, part_, {a, b})});
    const auto wide = [&](Value v) { return add(Op::cast, ir::DType::float32, {v}); };
    const Value product = add(Op::mul, ir::DType::float32, {wide(a), wide(b)});
    return add(Op::cast, part_, {add(Op::reduce_sum, ir::DType::float32, {product})});
  }

  Value read_left(int part) {
    return load(access(ir::Access::Kind::read, m_.a, part, m_.a.row_stride, 0, m_.a.column_stride));
  }
  Value read_right(int part) {
    return load(access(ir::Access::Kind::read, m_.b, part, 0, m_.b.column_stride, m_.b.row_stride));
  }
  Value load(int64_t access) { return add(Op::load, part_, {}, {access}); }
  void write(Value v, int part) {
    add(Op::store, part_, {v}, {access(ir::Access::Kind::write, m_.c, part, m_.c.row_stride, m_.c.column_stride, 0)});
  }

  int64_t access(ir::Access::Kind kind, const Matrix& m, int part, int64_t down, int64_t across, int64_t along) {
    if (rows_last_) std::swap(down, across);
    const int64_t parts = complex_ ? 2 : 1;
    AccessBinding binding{m.buffer, parts * m.offset + part, {}};
    for (int64_t stride : {m.batch_stride, down, across, along}) binding.strides.push_back(parts * stride);
    const auto class_of = [&](int64_t stride) {
      return stride == 0 ? StrideClass::zero : parts * stride == 1 ? StrideClass::unit : StrideClass::any;
    };
    const bool in_row = kind == ir::Access::Kind::read;
    kernel_.accesses.push_back({kind, part_, class_of(across), in_row ? class_of(along) : StrideClass::zero, in_row});
    step_.operands.push_back(std::move(binding));
    return static_cast<int64_t>(kernel_.accesses.size()) - 1;
  }

  const passes::MatmulStep& m_;
  const bool complex_;
  const ir::DType part_;
  bool rows_last_ = false;
  ir::Kernel kernel_;
  passes::KernelStep step_;
};

}  // namespace

passes::KernelStep vector_product(const passes::MatmulStep& step) { return VectorProduct(step).make(); }

}  // namespace tarry::codegen
