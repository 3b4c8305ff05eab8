#include "tarry_opt/run.h"

#include <tarry/codegen/execute.h>
#include <tarry/ir/error.h>
#include <tarry/ir/literal.h>
#include <tarry/ir/text.h>
#include <tarry/runtime/buffer.h>

#include <algorithm>
#include <cstring>

#include "npy.h"

namespace tarry::tools {
namespace {

/// A bit pattern that depends on the place alone, with values that are small, signed and exact in all dtypes.
uint64_t made_up(ir::DType t, uint64_t buffer, uint64_t place) {
  uint64_t h = (buffer + 1) * 0x9e3779b97f4a7c15 ^ (place + 1) * 0xbf58476d1ce4e5b9;
  h ^= h >> 31;
  h *= 0x94d049bb133111eb;
  const auto roll = static_cast<int64_t>((h >> 33) % 201);
  if (ir::is_bool(t)) return roll % 2;
  if (ir::is_unsigned_int(t)) return ir::bits_of(t, static_cast<double>(roll));
  if (ir::is_float(t)) return ir::bits_of(t, static_cast<double>(roll - 100) / 8);
  return ir::bits_of(t, static_cast<double>(roll - 100));
}

runtime::Buffer made_up_buffer(ir::DType t, int64_t elements, uint64_t number) {
  if (ir::is_complex(t)) return made_up_buffer(ir::part_of(t), 2 * elements, number);
  const size_t size = ir::size_of(t);
  runtime::Buffer buffer = runtime::Buffer::allocate(static_cast<size_t>(elements) * size);
  auto* at = static_cast<std::byte*>(buffer.data());
  for (int64_t i = 0; i < elements; ++i, at += size) {
    const uint64_t bits = made_up(t, number, static_cast<uint64_t>(i));
    std::memset(at, 0, size);
    std::memcpy(at, &bits, std::min(size, sizeof bits));
  }
  return buffer;
}

/// Calls f(place in C order, offset) for each element of a strided array.
template <class F>
void each_element(std::span<const int64_t> shape, int64_t offset, std::span<const int64_t> strides, F f) {
  const int64_t count = ir::num_elements(shape);
  ir::Ints at(shape.size(), 0);
  for (int64_t i = 0; i < count; ++i) {
    f(i, offset);
    for (size_t axis = shape.size(); axis-- > 0;) {
      offset += strides[axis];
      if (++at[axis] < shape[axis]) break;
      offset -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
}

Result gather(ir::DType t, const ir::Shape& shape, const std::byte* data, int64_t offset,
              std::span<const int64_t> strides) {
  const auto size = static_cast<int64_t>(ir::size_of(t));
  Result r{t, shape, std::vector<std::byte>(static_cast<size_t>(ir::num_elements(shape) * size))};
  each_element(shape, offset, strides,
               [&](int64_t i, int64_t from) { std::memcpy(r.bytes.data() + i * size, data + from * size, size); });
  return r;
}

/// Puts the array of a file where the layout of an input says.
void place_file(const std::string& path, ir::DType t, const ir::Shape& shape, const ir::InputLayout& layout,
                const runtime::Buffer& buffer) {
  const frontend::NpyArray file = frontend::read_npy(path);
  if (file.dtype != t || !(file.shape == shape))
    throw ValueError(path + " holds " + ir::type_text(file.dtype, file.shape) + ", the parameter is " +
                     ir::type_text(t, shape));
  ir::Strides strides = ir::c_strides(shape);
  if (file.fortran) {
    int64_t stride = 1;
    for (size_t axis = 0; axis < shape.size(); ++axis) stride *= (strides[axis] = stride, shape[axis]);
  }
  const Result values = gather(t, shape, static_cast<const std::byte*>(file.buffer.data()), 0, strides);
  const auto size = static_cast<int64_t>(ir::size_of(t));
  auto* to = static_cast<std::byte*>(buffer.data());
  each_element(shape, layout.offset, layout.strides,
               [&](int64_t i, int64_t at) { std::memcpy(to + at * size, values.bytes.data() + i * size, size); });
}

uint64_t scalar_bits(ir::DType t, uint32_t slot, const ByNumber& given) {
  auto at = given.find(slot);
  if (at == given.end()) return ir::bits_of(t, slot + 1);
  const auto bits = ir::literal_bits(t, at->second);
  if (!bits)
    throw ValueError("scalar " + std::to_string(slot) + ": '" + at->second + "' is no " +
                     std::string(ir::info(t).name));
  return *bits;
}

std::vector<runtime::Buffer> program_inputs(const ir::Program& p, const RunOptions& options) {
  const ir::Graph& g = p.graph;
  std::vector<runtime::Buffer> buffers(p.inputs.size());
  std::vector<ir::Value> parameter(p.inputs.size());
  for (uint32_t id = 0; id < g.size(); ++id)
    if (g.op({id}) == ir::Op::parameter) parameter[g.attr({id})] = {id};
  for (uint32_t slot = 0; slot < p.inputs.size(); ++slot) {
    const ir::InputLayout& layout = p.inputs[slot];
    const ir::DType t = parameter[slot].valid() ? g.dtype(parameter[slot]) : ir::DType::uint8;
    if (!buffers[layout.buffer]) buffers[layout.buffer] = made_up_buffer(t, layout.buffer_elements, layout.buffer);
  }
  for (const auto& [slot, path] : options.inputs) {
    if (slot >= p.inputs.size() || !parameter[slot].valid())
      throw ValueError("there is no input " + std::to_string(slot));
    const ir::InputLayout& layout = p.inputs[slot];
    place_file(path, g.dtype(parameter[slot]), g.shape(parameter[slot]), layout, buffers[layout.buffer]);
  }
  return buffers;
}

/// Strides of an access in a compact array of its own: the axis of class unit or two innermost, one of
/// class any spaced out, none where it does not vary.
ir::Strides access_strides(const ir::Kernel& k, const ir::Access& a, const ir::Ints& extents) {
  const size_t outer = static_cast<size_t>(k.outer_rank), rank = extents.size();
  auto class_of_axis = [&](size_t axis) {
    if (axis >= outer && !a.in_row) return ir::StrideClass::zero;
    if (axis + 1 == rank && k.row_rank) return a.row;
    return axis + 1 == outer ? a.outer : ir::StrideClass::any;
  };
  ir::Strides strides(rank, 0);
  int64_t next = 1;
  for (size_t axis = rank; axis-- > 0;) {
    const ir::StrideClass along = class_of_axis(axis);
    if (along != ir::StrideClass::unit && along != ir::StrideClass::two) continue;
    strides[axis] = along == ir::StrideClass::unit ? 1 : 2;
    next = std::max(next, strides[axis] * extents[axis]);
  }
  for (size_t axis = rank; axis-- > 0;)
    if (class_of_axis(axis) == ir::StrideClass::any) {
      next += next == 1;  // an innermost stride of 1 would be of class unit
      strides[axis] = next;
      next *= extents[axis];
    }
  return strides;
}

int64_t span_of(const ir::Strides& strides, const ir::Ints& extents) {
  int64_t last = 0;
  for (size_t i = 0; i < extents.size(); ++i) last += strides[i] * (extents[i] - 1);
  return last + 1;
}

}  // namespace

std::vector<Result> run_program(const ir::Program& program, const codegen::Backend& backend,
                                const RunOptions& options) {
  const passes::Plan plan = passes::compile(program, options.pipeline);
  const std::vector<runtime::Buffer> inputs = program_inputs(program, options);
  std::vector<uint64_t> scalars(program.num_scalars, 0);
  const ir::Graph& g = program.graph;
  for (uint32_t id = 0; id < g.size(); ++id)
    if (g.op({id}) == ir::Op::scalar) {
      const auto slot = static_cast<uint32_t>(g.attr({id}));
      scalars[slot] = scalar_bits(g.dtype({id}), slot, options.scalars);
    }
  const auto buffers = codegen::execute(plan, inputs, scalars, codegen::always(backend));
  std::vector<Result> results;
  for (size_t i = 0; i < buffers.size(); ++i) {
    const passes::PlanOutput& out = plan.outputs[i];
    const ir::Value v = g.outputs[i];
    results.push_back(
        gather(g.dtype(v), g.shape(v), static_cast<const std::byte*>(buffers[i].data()), out.offset, out.strides));
  }
  return results;
}

std::vector<Result> run_kernel(const ir::Kernel& k, const codegen::Backend& backend, const RunOptions& options) {
  const size_t rank = static_cast<size_t>(k.outer_rank + k.row_rank);
  const ir::Ints extents = options.extents.empty() ? ir::Ints(rank, 8) : options.extents;
  if (extents.size() != rank) throw ValueError("the kernel has " + std::to_string(rank) + " axes");
  if (std::ranges::any_of(extents, [](int64_t extent) { return extent < 1; }))
    throw ValueError("extents are at least 1");

  for (const ir::Access& a : k.accesses)
    if (a.kind == ir::Access::Kind::gather || a.kind == ir::Access::Kind::scatter)
      throw ValueError("made-up places lie anywhere: run a program that gathers or scatters, not its kernel");

  std::vector<ir::Strides> strides;
  std::vector<runtime::Buffer> buffers;
  for (size_t i = 0; i < k.accesses.size(); ++i) {
    strides.push_back(access_strides(k, k.accesses[i], extents));
    buffers.push_back(made_up_buffer(k.accesses[i].dtype, span_of(strides[i], extents), i));
    if (k.accesses[i].kind == ir::Access::Kind::write) std::memset(buffers[i].data(), 0, buffers[i].bytes());
  }
  std::vector<codegen::Launch::Operand> operands(k.accesses.size());
  for (size_t i = 0; i < operands.size(); ++i) {
    operands[i].strides = strides[i].data();
    if (k.accesses[i].kind == ir::Access::Kind::index)
      operands[i].offset = 0;
    else
      operands[i].data = buffers[i].data();
  }
  std::vector<uint64_t> scalars;
  for (uint32_t slot = 0; slot < k.scalars.size(); ++slot)
    scalars.push_back(scalar_bits(k.scalars[slot], slot, options.scalars));
  backend.compile(k)->run({extents, operands, scalars});

  std::vector<Result> results;
  for (size_t i = 0; i < k.accesses.size(); ++i) {
    if (k.accesses[i].kind != ir::Access::Kind::write) continue;
    ir::Shape shape(extents);
    for (size_t axis = 0; axis < rank; ++axis)
      if (strides[i][axis] == 0) shape[axis] = 1;
    results.push_back(
        gather(k.accesses[i].dtype, shape, static_cast<const std::byte*>(buffers[i].data()), 0, strides[i]));
  }
  return results;
}

}  // namespace tarry::tools
