#include "interp/lanewise.h"
#include "interp/numbers.h"

namespace tarry::codegen::interp {
namespace {

using ir::DType;
using ir::Op;

template <class T>
void store_at(std::byte* memory, int64_t stride, const int64_t* offsets, const std::byte* lanes, int64_t n) {
  T* r = reinterpret_cast<T*>(memory);
  const T* a = reinterpret_cast<const T*>(lanes);
  for (int64_t i = 0; i < n; ++i) r[i * stride + offsets[i]] = a[i];
}

template <class F, class T>
void combine_at(std::byte* memory, int64_t stride, const int64_t* offsets, const std::byte* lanes, int64_t n) {
  T* r = reinterpret_cast<T*>(memory);
  const T* a = reinterpret_cast<const T*>(lanes);
  for (int64_t i = 0; i < n; ++i) {
    T& place = r[i * stride + offsets[i]];
    place = F::of(place, a[i]);
  }
}

template <class F>
UpdateLoop combine_of(DType t) {
  switch (t) {
    case DType::int8: return combine_at<F, int8_t>;
    case DType::int16: return combine_at<F, int16_t>;
    case DType::int32: return combine_at<F, int32_t>;
    case DType::int64: return combine_at<F, int64_t>;
    case DType::uint8: return combine_at<F, uint8_t>;
    case DType::uint16: return combine_at<F, uint16_t>;
    case DType::uint32: return combine_at<F, uint32_t>;
    case DType::uint64: return combine_at<F, uint64_t>;
    case DType::float32: return combine_at<F, float>;
    case DType::float64: return combine_at<F, double>;
    default: return nullptr;
  }
}

UpdateLoop store_of(size_t size) {
  switch (size) {
    case 1: return store_at<uint8_t>;
    case 2: return store_at<uint16_t>;
    case 4: return store_at<uint32_t>;
    default: return store_at<uint64_t>;
  }
}

}  // namespace

Op update_fold(Op op) {
  switch (op) {
    case Op::mul_at: return Op::reduce_prod;
    case Op::min_at: return Op::reduce_min;
    case Op::max_at: return Op::reduce_max;
    default: return Op::reduce_sum;
  }
}

UpdateLoop update_loop(Op op, DType t) {
  if (op == Op::store_at) return store_of(ir::size_of(t));
  if (ir::is_bool(t)) return op == Op::add_at || op == Op::max_at ? combine_at<Or, uint8_t> : combine_at<And, uint8_t>;
  switch (op) {
    case Op::mul_at: return combine_of<Mul>(t);
    case Op::min_at: return combine_of<Min>(t);
    case Op::max_at: return combine_of<Max>(t);
    default: return combine_of<Add>(t);
  }
}

}  // namespace tarry::codegen::interp
