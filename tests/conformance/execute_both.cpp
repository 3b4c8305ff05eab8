#include "execute_both.h"

#include "ptx_runner.h"

#include <tarry/codegen/execute.h>
#include <tarry/ir/text.h>
#include <tarry/passes/pass.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

namespace tarry::test {
namespace {

int64_t cases = 0, compiles = 0, cases_as_ptx = 0;

class Report : public testing::Environment {
  void TearDown() override {
    std::printf("%lld cases on two executors, by %lld executables\n", static_cast<long long>(cases),
                static_cast<long long>(compiles));
    std::printf("%lld of them as PTX too\n", static_cast<long long>(cases_as_ptx));
    EXPECT_GT(cases, 0);
    EXPECT_GT(cases_as_ptx, 0);
  }
};
const testing::Environment* const kReport = testing::AddGlobalTestEnvironment(new Report);

/// Whether some kernel of a plan has not been run as PTX: that is slow, so that one case stands for all with its
/// kernels, unless the whole table is asked for.
bool is_new_as_ptx(const passes::Plan& plan) {
  static const bool whole = std::getenv("TARRY_WHOLE_TABLE") != nullptr;
  static std::set<std::string> known;
  bool is_new = whole;
  for (const passes::Step& step : plan.steps)
    if (const auto* kernel = std::get_if<passes::KernelStep>(&step.work))
      is_new |= known.insert(ir::print(*kernel->kernel)).second;
  return is_new;
}

/// Kernels do not depend on sizes, so that many cases share one executable.
std::shared_ptr<const codegen::Executable> executable(const codegen::Backend& backend, const ir::Kernel& kernel) {
  static std::map<std::string, std::shared_ptr<const codegen::Executable>> known;
  auto& entry = known[std::string(backend.name) + ir::print(kernel)];
  if (!entry) {
    entry = backend.compile(kernel);
    ++compiles;
  }
  return entry;
}

/// Calls visit(i, place) for element i in C order at its place under these strides.
template <class Visit>
void each_element(const ir::Shape& shape, const ir::Strides& strides, Visit visit) {
  const int64_t n = ir::num_elements(shape);
  std::vector<int64_t> at(shape.size(), 0);
  int64_t place = 0;
  for (int64_t i = 0; i < n; ++i) {
    visit(i, place);
    for (size_t axis = shape.size(); axis-- > 0;) {
      place += strides[axis];
      if (++at[axis] < shape[axis]) break;
      place -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
}

constexpr int64_t kAround = 3;  // elements of other memory on both sides

/// The lowest and highest place that an array touches.
std::pair<int64_t, int64_t> span_of(const Placed& p) {
  const auto reach = ir::reach({0, p.strides, 0, false, 0}, p.shape);
  return reach ? std::pair{reach->first, reach->last} : std::pair<int64_t, int64_t>{0, -1};
}

runtime::Buffer place(const Placed& p) {
  const auto [first, last] = span_of(p);
  const size_t size = ir::size_of(p.elements.dtype);
  runtime::Buffer buffer = runtime::Buffer::allocate(static_cast<size_t>(last - first + 1 + 2 * kAround) * size);
  // What lies around must not matter; where it is read by mistake a bool would not be 0 or 1.
  std::memset(buffer.data(), 0xa5, buffer.bytes());
  auto* const start = static_cast<std::byte*>(buffer.data()) + (kAround - first) * static_cast<int64_t>(size);
  each_element(p.shape, p.strides, [&](int64_t i, int64_t at) {
    std::memcpy(start + at * static_cast<int64_t>(size), p.elements.bytes.data() + static_cast<size_t>(i) * size, size);
  });
  return buffer;
}

Data run(const codegen::Backend& backend, const ir::Program& program, const passes::Plan& plan,
         const std::vector<Placed>& placed) {
  std::vector<runtime::Buffer> inputs;
  for (const Placed& p : placed) inputs.push_back(place(p));
  const auto results = codegen::execute(
      plan, inputs, {}, [&](const passes::KernelStep& step) { return executable(backend, *step.kernel); });
  const Value v = program.graph.outputs[0];
  Data out(program.graph.dtype(v), static_cast<size_t>(ir::num_elements(program.graph.shape(v))));
  const size_t size = ir::size_of(out.dtype);
  const auto* const from = static_cast<const std::byte*>(results[0].data());
  each_element(program.graph.shape(v), plan.outputs[0].strides, [&](int64_t i, int64_t at) {
    std::memcpy(out.bytes.data() + static_cast<size_t>(i) * size,
                from + (plan.outputs[0].offset + at) * static_cast<int64_t>(size), size);
  });
  return out;
}

}  // namespace

Value add_input(ir::Program& program, const Placed& placed) {
  const auto [first, last] = span_of(placed);
  const auto slot = static_cast<uint32_t>(program.inputs.size());
  program.inputs.push_back({kAround - first, placed.strides, slot, false, last - first + 1 + 2 * kAround});
  return program.graph.add(Op::parameter, placed.elements.dtype, placed.shape, {}, {slot});
}

Both execute_both(ir::Program program, const std::vector<Placed>& placed) {
  ++cases;
  ir::verify(program);
  passes::PipelineOptions options;
  options.verify = true;
  const passes::Plan plan = passes::compile(program, options);
  Both both{run(codegen::interpreter(), program, plan, placed), run(codegen::llvm_cpu(), program, plan, placed)};
  for (size_t i = 0; i < both.interpreted.size(); ++i)
    if (!same_value(both.interpreted.dtype, both.interpreted.bits(i), both.compiled.bits(i))) {
      ADD_FAILURE() << "element " << i << std::hex << " is " << both.interpreted.bits(i) << " interpreted and "
                    << both.compiled.bits(i) << " compiled\n"
                    << ir::print(program, "case");
      break;
    }
  if (is_new_as_ptx(plan)) {
    ++cases_as_ptx;
    const Data as_ptx = run(ptx_backend(), program, plan, placed);
    for (size_t i = 0; i < both.interpreted.size(); ++i)
      if (!same_value(both.interpreted.dtype, both.interpreted.bits(i), as_ptx.bits(i))) {
        ADD_FAILURE() << "element " << i << std::hex << " is " << both.interpreted.bits(i) << " interpreted and "
                      << as_ptx.bits(i) << " as PTX\n"
                      << ir::print(program, "case");
        break;
      }
  }
  return both;
}

std::string case_name(std::string_view op, DType t, std::string_view layout) {
  return std::string(op) + " " + std::string(ir::info(t).name) + " " + std::string(layout);
}

}  // namespace tarry::test
