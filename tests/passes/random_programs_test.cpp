// Fusion changes no bit: random programs, planned whole, against the same programs planned one op at
// a time. A failure prints its seed and the program; TARRY_SEED replays one.

#include <tarry/codegen/execute.h>
#include <tarry/ir/text.h>
#include <tarry/passes/pass.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <random>

namespace tarry {
namespace {

using ir::DType;
using ir::Op;
using ir::Shape;
using ir::Value;

struct Case {
  ir::Program program;
  std::vector<runtime::Buffer> buffers;
  std::vector<uint64_t> scalars;
};

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  Case make() {
    const int inputs = pick(1, 4);
    for (int i = 0; i < inputs; ++i) add_parameter();
    const int ops = pick(3, 40);
    for (int i = 0; i < ops; ++i) add_op();
    const int outputs = pick(1, 3);
    auto& g = case_.program.graph;
    g.outputs.push_back(values_.back());
    for (int i = 1; i < outputs; ++i) g.outputs.push_back(any());
    case_.program.num_scalars = static_cast<uint32_t>(case_.scalars.size());
    return std::move(case_);
  }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  Value any() { return values_[static_cast<size_t>(pick(0, static_cast<int>(values_.size()) - 1))]; }
  ir::Graph& g() { return case_.program.graph; }

  double number() {
    switch (pick(0, 11)) {
      case 0: return 0.0;
      case 1: return -0.0;
      case 2: return 1e30;
      default: return std::uniform_real_distribution(-3.0, 3.0)(random_);
    }
  }

  void fill(std::byte* at, DType t, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      const double x = number();
      if (t == DType::float32) {
        const float f = static_cast<float>(x);
        std::memcpy(at + i * 4, &f, 4);
      } else if (t == DType::float64) {
        std::memcpy(at + i * 8, &x, 8);
      } else {
        const int64_t k = pick(-5, 5);
        std::memcpy(at + i * 8, &k, 8);
      }
    }
  }

  Shape random_shape() {
    static const int64_t extents[] = {1, 2, 3, 4, 6, 8, 33};
    Shape shape;
    const int rank = pick(0, 3);
    for (int i = 0; i < rank; ++i) shape.push_back(extents[pick(0, 6)]);
    return shape;
  }

  void add_parameter() {
    const DType t = pick(0, 3) == 0 ? DType::int64 : pick(0, 1) ? DType::float64 : DType::float32;
    const Shape shape = random_shape();
    // Compact in some order, perhaps with gaps, perhaps backwards.
    ir::Ints order;
    for (size_t i = 0; i < shape.size(); ++i) order.push_back(static_cast<int64_t>(i));
    std::shuffle(order.begin(), order.end(), random_);
    ir::InputLayout layout;
    layout.strides = ir::Strides(shape.size(), 1);
    int64_t stride = 1, lowest = 0;
    for (size_t i = order.size(); i-- > 0;) {
      const int64_t gap = pick(0, 4) == 0 ? 2 : 1, sign = pick(0, 4) == 0 ? -1 : 1;
      layout.strides[order[i]] = sign * stride * gap;
      stride *= shape[order[i]] * gap;
      if (sign < 0) lowest += layout.strides[order[i]] * (shape[order[i]] - 1);
    }
    layout.offset = -lowest;
    layout.buffer_elements = stride;
    layout.buffer = static_cast<uint32_t>(case_.buffers.size());
    layout.donated = pick(0, 1) == 0;
    runtime::Buffer buffer = runtime::Buffer::allocate(static_cast<size_t>(stride) * ir::size_of(t));
    fill(static_cast<std::byte*>(buffer.data()), t, stride);
    const int64_t slot = static_cast<int64_t>(case_.program.inputs.size());
    case_.buffers.push_back(buffer);
    case_.program.inputs.push_back(layout);
    values_.push_back(g().add(Op::parameter, t, shape, {}, {slot}));
  }

  Value scalar(DType t) {
    std::byte bytes[8] = {};
    fill(bytes, t, 1);
    uint64_t bits;
    std::memcpy(&bits, bytes, 8);
    case_.scalars.push_back(bits);
    return g().add(Op::scalar, t, {}, {}, {static_cast<int64_t>(case_.scalars.size()) - 1});
  }

  static bool broadcast(const Shape& a, const Shape& b, Shape* out) {
    *out = Shape(std::max(a.size(), b.size()), 1);
    for (size_t i = 0; i < out->size(); ++i) {
      const int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1, y = i < b.size() ? b[b.size() - 1 - i] : 1;
      if (x != y && x != 1 && y != 1) return false;
      (*out)[out->size() - 1 - i] = x == 1 ? y : x;
    }
    return true;
  }

  void add_op() {
    const Value x = any();
    switch (pick(0, 15)) {
      case 15: return add_sort(x);
      case 12:
      case 13: return add_gather(x);
      case 14: return add_scatter(x);
      case 0:
      case 1:
      case 2: return add_binary(x);
      case 3: return add_unary(x);
      case 4: return add_slice(x);
      case 5: return add_transpose(x);
      case 6: return add_reshape(x);
      case 7:
      case 8: return add_reduce(x);
      case 9: return add_update(x);
      case 10: return add_pad(x);
      default: return add_scan(x);
    }
  }

  void add_binary(Value x) {
    static const Op ops[] = {Op::add, Op::sub, Op::mul, Op::max, Op::min};
    Value y = scalar(g().dtype(x));
    Shape shape = g().shape(x);
    for (int tries = 0; tries < 8; ++tries) {
      const Value candidate = any();
      Shape joined;
      if (g().dtype(candidate) != g().dtype(x) || !broadcast(g().shape(x), g().shape(candidate), &joined)) continue;
      if (ir::num_elements(joined) > 4000) continue;
      y = candidate;
      shape = joined;
      break;
    }
    const bool swap = pick(0, 1) == 0;
    push(g().add(ops[pick(0, 4)], g().dtype(x), shape, {swap ? y : x, swap ? x : y}));
  }

  void add_unary(Value x) {
    const DType t = g().dtype(x);
    static const Op any_op[] = {Op::neg, Op::abs};
    static const Op float_op[] = {Op::sqrt, Op::exp, Op::tanh, Op::floor};
    const Op op = ir::is_float(t) && pick(0, 2) ? float_op[pick(0, 3)] : any_op[pick(0, 1)];
    push(g().add(op, t, g().shape(x), {x}));
  }

  void add_slice(Value x) {
    Shape shape = g().shape(x);
    ir::Ints attrs;
    for (int64_t& extent : shape) {
      const int64_t step = pick(0, 3) == 0 ? -1 : pick(1, 2);
      const int64_t start = pick(0, static_cast<int>(extent) - 1);
      const int64_t most = step < 0 ? start + 1 : (extent - start + step - 1) / step;
      const int64_t n = pick(1, static_cast<int>(most));
      attrs.push_back(start);
      attrs.push_back(step);
      extent = n;
    }
    push(g().add(Op::slice, g().dtype(x), shape, std::span<const Value>(&x, 1), attrs));
  }

  void add_transpose(Value x) {
    ir::Ints perm;
    Shape shape;
    for (size_t i = 0; i < g().shape(x).size(); ++i) perm.push_back(static_cast<int64_t>(i));
    std::shuffle(perm.begin(), perm.end(), random_);
    for (int64_t p : perm) shape.push_back(g().shape(x)[p]);
    push(g().add(Op::transpose, g().dtype(x), shape, std::span<const Value>(&x, 1), perm));
  }

  void add_reshape(Value x) {
    int64_t n = ir::num_elements(g().shape(x));
    Shape shape;
    while (n > 1 && shape.size() < 4) {
      std::vector<int64_t> divisors;
      for (int64_t d = 1; d <= n; ++d)
        if (n % d == 0) divisors.push_back(d);
      const int64_t d =
          shape.size() == 3 ? n : divisors[static_cast<size_t>(pick(0, static_cast<int>(divisors.size()) - 1))];
      shape.push_back(d);
      n /= d;
    }
    push(g().add(Op::reshape, g().dtype(x), shape, {x}));
  }

  void add_reduce(Value x) {
    static const Op ops[] = {Op::reduce_sum, Op::reduce_max, Op::reduce_min, Op::reduce_sum};
    ir::Ints axes;
    Shape kept, keepdims;
    for (size_t i = 0; i < g().shape(x).size(); ++i) {
      const bool reduced = pick(0, 1) == 0;
      if (reduced)
        axes.push_back(static_cast<int64_t>(i));
      else
        kept.push_back(g().shape(x)[i]);
      keepdims.push_back(reduced ? 1 : g().shape(x)[i]);
    }
    if (axes.empty()) return;
    const Value r = push(g().add(ops[pick(0, 3)], g().dtype(x), kept, std::span<const Value>(&x, 1), axes));
    // The way a row kernel is written: the reduction goes back into what it was made from.
    if (pick(0, 1)) {
      const Value wide = push(g().add(Op::reshape, g().dtype(x), keepdims, {r}));
      push(g().add(Op::sub, g().dtype(x), g().shape(x), {x, wide}));
    }
  }

  void add_update(Value x) {
    Shape region = g().shape(x);
    ir::Ints attrs;
    if (pick(0, 4) == 0) {
      // The array written into itself backwards.
      for (int64_t extent : region) {
        attrs.push_back(extent - 1);
        attrs.push_back(-1);
      }
      const Value operands[] = {x, x};
      push(g().add(Op::update, g().dtype(x), region, operands, attrs));
      return;
    }
    for (int64_t& extent : region) {
      const int64_t start = pick(0, static_cast<int>(extent) - 1);
      const int64_t n = pick(1, static_cast<int>(extent - start));
      attrs.push_back(start);
      attrs.push_back(1);
      extent = n;
    }
    Value v;
    if (pick(0, 2) == 0) {
      // Shifted content of the array itself.
      ir::Ints from = attrs;
      for (size_t d = 0; d < region.size(); ++d) from[2 * d] = pick(0, static_cast<int>(g().shape(x)[d] - region[d]));
      v = g().add(Op::slice, g().dtype(x), region, std::span<const Value>(&x, 1), from);
      v = g().add(Op::neg, g().dtype(x), region, {v});
    } else {
      v = g().add(Op::broadcast, g().dtype(x), region, {scalar(g().dtype(x))});
    }
    const Value operands[] = {x, v};
    push(g().add(Op::update, g().dtype(x), g().shape(x), operands, attrs));
  }

  void add_pad(Value x) {
    Shape shape = g().shape(x);
    ir::Ints attrs;
    for (int64_t& extent : shape) {
      const int64_t before = pick(0, 2), after = pick(0, 2);
      attrs.push_back(before);
      attrs.push_back(after);
      extent += before + after;
    }
    if (ir::num_elements(shape) > 4000) return;
    const Value operands[] = {x, scalar(g().dtype(x))};
    push(g().add(Op::pad, g().dtype(x), shape, operands, attrs));
  }

  void add_scan(Value x) {
    if (g().shape(x).empty()) return;
    const int64_t axis = pick(0, static_cast<int>(g().shape(x).size()) - 1);
    push(g().add(Op::scan_sum, g().dtype(x), g().shape(x), {x}, {axis}));
  }

  /// Index arrays of one shape for some axes of x, with indices inside and outside: made of an iota, or of what there
  /// is. Gives the shape of what lies there.
  bool indices(Value x, std::vector<Value>* operands, ir::Ints* axes, Shape* result) {
    static const int64_t extents[] = {1, 2, 3, 7, 40};
    Shape places;
    for (int rank = pick(0, 2); rank > 0; --rank) places.push_back(extents[pick(0, 4)]);
    *result = places;
    for (size_t a = 0; a < g().shape(x).size(); ++a) {
      if (pick(0, 1))
        axes->push_back(static_cast<int64_t>(a));
      else
        result->push_back(g().shape(x)[a]);
    }
    if (axes->empty() || ir::num_elements(*result) > 4000) return false;
    for (size_t i = 0; i < axes->size(); ++i) operands->push_back(index_array(places));
    return true;
  }

  Value index_array(const Shape& shape) {
    for (int tries = 0; tries < 6; ++tries) {
      const Value v = any();
      if (g().dtype(v) == DType::int64 && g().shape(v) == shape) return v;
    }
    const Value factor = scalar(DType::int64);
    if (shape.empty()) return factor;
    const Value i = g().add(Op::iota, DType::int64, shape, {}, {pick(0, static_cast<int>(shape.size()) - 1)});
    return pick(0, 2) ? g().add(Op::mul, DType::int64, shape, {i, factor}) : i;
  }

  void add_sort(Value x) {
    const Shape shape = g().shape(x);
    if (!shape.empty() && pick(0, 2)) {
      const int axis = pick(0, static_cast<int>(shape.size()) - 1);
      push(pick(0, 1) ? g().add(Op::argsort, DType::int64, shape, {x}, {axis}) : sorted(x, axis));
      return;
    }
    for (int tries = 0; tries < 8; ++tries) {
      const Value sorted = any();
      if (g().dtype(sorted) != g().dtype(x) || g().shape(sorted).size() != 1) continue;
      push(g().add(pick(0, 1) ? Op::search_left : Op::search_right, DType::int64, shape, {sorted, x}));
      return;
    }
  }

  /// As sorting is recorded.
  Value sorted(Value x, int axis) {
    const Shape shape = g().shape(x);
    std::vector<Value> operands{x};
    ir::Ints axes;
    for (int a = 0; a < static_cast<int>(shape.size()); ++a) {
      operands.push_back(a == axis ? g().add(Op::argsort, DType::int64, shape, {x}, {a})
                                   : g().add(Op::iota, DType::int64, shape, {}, {a}));
      axes.push_back(a);
    }
    return g().add(Op::gather, g().dtype(x), shape, operands, axes);
  }

  void add_gather(Value x) {
    std::vector<Value> operands{x};
    ir::Ints axes;
    Shape shape;
    if (indices(x, &operands, &axes, &shape)) push(g().add(Op::gather, g().dtype(x), shape, operands, axes));
  }

  void add_scatter(Value x) {
    static const Op ops[] = {Op::scatter,     Op::scatter,     Op::scatter_add,
                             Op::scatter_mul, Op::scatter_min, Op::scatter_max};
    std::vector<Value> operands{x};
    ir::Ints axes;
    Shape shape;
    if (!indices(x, &operands, &axes, &shape)) return;
    Value fresh;
    if (pick(0, 1)) {
      // Changed content of the array itself.
      fresh = g().add(Op::gather, g().dtype(x), shape, operands, axes);
      if (pick(0, 2)) fresh = g().add(Op::neg, g().dtype(x), shape, {fresh});
    } else {
      fresh = g().add(Op::broadcast, g().dtype(x), shape, {scalar(g().dtype(x))});
    }
    for (int tries = 0; tries < 4; ++tries) {
      const Value v = any();
      if (g().dtype(v) == g().dtype(x) && g().shape(v) == shape) fresh = v;
    }
    operands.insert(operands.begin() + 1, fresh);
    push(g().add(ops[pick(0, 5)], g().dtype(x), g().shape(x), operands, axes));
  }

  Value push(Value v) {
    values_.push_back(v);
    return v;
  }

  std::mt19937 random_;
  Case case_;
  std::vector<Value> values_;
};

runtime::Buffer copy_of(const runtime::Buffer& b) {
  runtime::Buffer c = runtime::Buffer::allocate(b.bytes());
  std::memcpy(c.data(), b.data(), b.bytes());
  return c;
}

/// The elements of an output in C order.
std::vector<std::byte> gather(const runtime::Buffer& buffer, const passes::PlanOutput& out, DType t,
                              const Shape& shape) {
  const size_t size = ir::size_of(t);
  std::vector<std::byte> bytes(static_cast<size_t>(ir::num_elements(shape)) * size);
  Shape at(shape.size(), 0);
  for (size_t i = 0; i * size < bytes.size(); ++i) {
    int64_t place = out.offset;
    for (size_t d = 0; d < at.size(); ++d) place += at[d] * out.strides[d];
    std::memcpy(bytes.data() + i * size, static_cast<std::byte*>(buffer.data()) + place * static_cast<int64_t>(size),
                size);
    for (size_t d = at.size(); d-- > 0;) {
      if (++at[d] < shape[d]) break;
      at[d] = 0;
    }
  }
  return bytes;
}

std::vector<std::vector<std::byte>> run(const ir::Program& p, const std::vector<runtime::Buffer>& inputs,
                                        const std::vector<uint64_t>& scalars) {
  passes::PipelineOptions options;
  options.verify = true;
  const passes::Plan plan = passes::compile(p, options);
  std::vector<runtime::Buffer> copies;
  for (const runtime::Buffer& b : inputs) copies.push_back(copy_of(b));
  const auto buffers = codegen::execute(plan, copies, scalars, codegen::always(codegen::interpreter()));
  for (size_t i = 0; i < inputs.size(); ++i) {
    bool donated = false;
    for (const auto& in : p.inputs) donated |= in.buffer == i && in.donated;
    if (!donated) {
      EXPECT_EQ(std::memcmp(copies[i].data(), inputs[i].data(), inputs[i].bytes()), 0) << "an input was overwritten";
    }
  }
  std::vector<std::vector<std::byte>> results;
  for (size_t i = 0; i < plan.outputs.size(); ++i) {
    const Value v = p.graph.outputs[i];
    results.push_back(gather(buffers[i], plan.outputs[i], p.graph.dtype(v), p.graph.shape(v)));
  }
  return results;
}

/// Every op as a program of its own.
std::vector<std::vector<std::byte>> run_op_by_op(const Case& c) {
  const ir::Graph& g = c.program.graph;
  std::vector<std::vector<std::byte>> made(g.size());
  for (uint32_t id = 0; id < g.size(); ++id) {
    const Value v{id};
    ir::Program one;
    std::vector<runtime::Buffer> inputs;
    if (g.op(v) == Op::parameter) {
      one.inputs = {c.program.inputs[static_cast<size_t>(g.attr(v))]};
      inputs = {c.buffers[one.inputs[0].buffer]};
      one.inputs[0].buffer = 0;
      one.inputs[0].donated = false;
      const Value p = one.graph.add(Op::parameter, g.dtype(v), g.shape(v), {}, {0});
      one.graph.outputs = {p};
    } else {
      std::vector<Value> operands;
      for (Value o : g.operands(v)) {
        ir::InputLayout layout;
        layout.strides = ir::c_strides(g.shape(o));
        layout.buffer = static_cast<uint32_t>(inputs.size());
        layout.buffer_elements = ir::num_elements(g.shape(o));
        runtime::Buffer b = runtime::Buffer::allocate(made[o.id].size());
        std::memcpy(b.data(), made[o.id].data(), made[o.id].size());
        inputs.push_back(b);
        one.inputs.push_back(layout);
        operands.push_back(
            one.graph.add(Op::parameter, g.dtype(o), g.shape(o), {}, {static_cast<int64_t>(one.inputs.size()) - 1}));
      }
      one.graph.outputs = {one.graph.add(g.op(v), g.dtype(v), g.shape(v), operands, g.attrs(v))};
      one.num_scalars = c.program.num_scalars;
    }
    made[id] = run(one, inputs, c.scalars)[0];
  }
  std::vector<std::vector<std::byte>> results;
  for (Value v : g.outputs) results.push_back(made[v.id]);
  return results;
}

/// Equal bits, all NaNs alike.
bool same_bits(DType t, const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  if (a.size() != b.size()) return false;
  auto compare = [&]<typename T>(T) {
    for (size_t i = 0; i + sizeof(T) <= a.size(); i += sizeof(T)) {
      T x, y;
      std::memcpy(&x, a.data() + i, sizeof x);
      std::memcpy(&y, b.data() + i, sizeof y);
      if (std::memcmp(&x, &y, sizeof x) != 0 && !(x != x && y != y)) return false;
    }
    return true;
  };
  if (t == DType::float32) return compare(float{});
  if (t == DType::float64) return compare(double{});
  return a == b;
}

TEST(RandomPrograms, PlannedWholeOrOpByOpGiveTheSameBits) {
  const char* replay = std::getenv("TARRY_SEED");
  const uint32_t first = replay ? static_cast<uint32_t>(std::atoi(replay)) : 1, last = replay ? first : 2000;
  for (uint32_t seed = first; seed <= last; ++seed) {
    const Case c = Generator(seed).make();
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + ir::print(c.program));
    std::vector<std::vector<std::byte>> whole, single;
    ASSERT_NO_THROW(whole = run(c.program, c.buffers, c.scalars));
    ASSERT_NO_THROW(single = run_op_by_op(c));
    for (size_t i = 0; i < whole.size(); ++i)
      ASSERT_TRUE(same_bits(c.program.graph.dtype(c.program.graph.outputs[i]), whole[i], single[i])) << "output " << i;
  }
}

}  // namespace
}  // namespace tarry
