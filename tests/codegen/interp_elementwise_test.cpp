/// Every elementwise op on every dtype it takes, on special values, against the op table's words.

#include "interp_reference.h"

#include <gtest/gtest.h>

#include <tarry/ir/error.h>
#include <tarry/ir/verify.h>
#include <tarry/passes/expand.h>

#include "interp/loops.h"

namespace tarry::test {
namespace {

struct Operands {
  std::vector<Data> arrays;
  size_t size = 0;
};

/// All combinations of special values; for three operands a part of them.
Operands combinations(Op op, DType t) {
  const int arity = ir::info(op).arity;
  Operands all;
  for (int i = 0; i < arity; ++i) all.arrays.emplace_back(op == Op::select && i == 0 ? DType::bool_ : t);
  std::vector<Data> values;
  for (const Data& array : all.arrays) values.push_back(special_values(array.dtype));
  const size_t step = arity == 3 ? 5 : 1;
  for (size_t i = 0; i < values[0].size(); ++i) {
    for (size_t j = 0; j < (arity > 1 ? values[1].size() : 1); j += step) {
      for (size_t k = 0; k < (arity > 2 ? values[2].size() : 1); k += step) {
        const size_t at[] = {i, j, k};
        for (int a = 0; a < arity; ++a) all.arrays[a].push(values[a].bits(at[a]));
        ++all.size;
      }
    }
  }
  return all;
}

DType result_dtype(Op op, DType t) { return ir::info(op).dtype_rule == ir::DTypeRule::boolean ? DType::bool_ : t; }

/// Runs the op with operand a broadcast where bit a of `splats` is set, and compares with the reference.
void check(Op op, DType t, unsigned splats) {
  SCOPED_TRACE(std::string(ir::info(op).name) + " " + std::string(ir::info(t).name) + " splats " +
               std::to_string(splats));
  Operands in = combinations(op, t);
  const int arity = ir::info(op).arity;
  KernelMaker maker;
  std::vector<Value> operands;
  for (const Data& array : in.arrays) operands.push_back(maker.read(array.dtype));
  const DType result = result_dtype(op, t);
  maker.write(maker.kernel.body.add(op, result, {}, operands, {}));
  const auto executable = maker.compile();

  Data out(result, in.size);
  // A broadcast operand takes a few values in turn.
  const size_t turns = splats ? 3 : 1;
  for (size_t turn = 0; turn < turns; ++turn) {
    const size_t shared = turn * in.size / turns;
    Launcher launch({static_cast<int64_t>(in.size)});
    for (int a = 0; a < arity; ++a) {
      const bool splat = splats >> a & 1;
      launch.operand(in.arrays[a].as<std::byte>() + (splat ? shared * ir::size_of(in.arrays[a].dtype) : 0),
                     {splat ? 0 : 1});
    }
    launch.operand(out.as<std::byte>(), {1}).run(*executable);
    for (size_t i = 0; i < in.size; ++i) {
      uint64_t bits[3] = {};
      for (int a = 0; a < arity; ++a) bits[a] = in.arrays[a].bits(splats >> a & 1 ? shared : i);
      const uint64_t expected = *reference(op, t, bits);
      ASSERT_TRUE(same_value(result, expected, out.bits(i)))
          << std::hex << "(" << bits[0] << ", " << bits[1] << ", " << bits[2] << ") is " << out.bits(i) << ", not "
          << expected;
    }
  }
}

class Elementwise : public testing::TestWithParam<DType> {};

TEST_P(Elementwise, MeansWhatTheOpTableSays) {
  const DType t = GetParam();
  int checked = 0;
  for (int i = 0; i < ir::kNumOps; ++i) {
    const Op op = static_cast<Op>(i);
    const uint64_t zeros[3] = {};
    if (!ir::is_elementwise(op) || ir::is_of_pairs(op) || op == Op::cast || op == Op::bitcast ||
        !ir::accepts(ir::info(op).accepts, t))
      continue;
    if (!reference(op, t, zeros)) continue;
    for (unsigned splats = 0; splats < 1u << ir::info(op).arity; ++splats) check(op, t, splats);
    ++checked;
  }
  EXPECT_GE(checked, ir::is_bool(t) ? 13 : 20);
}

TEST_P(Elementwise, CastsToEveryDType) {
  const DType from = GetParam();
  Data in = special_values(from);
  for (DType to : kRealDTypes) {
    KernelMaker maker;
    maker.write(maker.add(Op::cast, to, {maker.read(from)}));
    Data out(to, in.size());
    Launcher({static_cast<int64_t>(in.size())})
        .operand(in.as<void>(), {1})
        .operand(out.as<void>(), {1})
        .run(*maker.compile());
    for (size_t i = 0; i < in.size(); ++i)
      EXPECT_TRUE(same_value(to, reference_cast(from, to, in.bits(i)), out.bits(i)))
          << ir::info(from).name << " to " << ir::info(to).name << std::hex << " " << in.bits(i) << " is "
          << out.bits(i) << ", not " << reference_cast(from, to, in.bits(i));
  }
}

TEST_P(Elementwise, BitcastShowsEveryNanAsThePositiveQuietOne) {
  const DType from = GetParam();
  Data in = special_values(from);
  for (DType to : kRealDTypes) {
    if (ir::size_of(to) != ir::size_of(from) || ir::is_bool(to) != ir::is_bool(from)) continue;
    KernelMaker maker;
    maker.write(maker.add(Op::bitcast, to, {maker.read(from)}));
    Data out(to, in.size());
    Launcher({static_cast<int64_t>(in.size())})
        .operand(in.as<void>(), {1})
        .operand(out.as<void>(), {1})
        .run(*maker.compile());
    for (size_t i = 0; i < in.size(); ++i) {
      uint64_t expected = in.bits(i);
      if (is_nan(from, expected))
        expected = from == DType::float16    ? 0x7e00
                   : from == DType::bfloat16 ? 0x7fc0
                   : from == DType::float32  ? 0x7fc00000
                                             : 0x7ff8ull << 48;
      EXPECT_TRUE(same_value(to, expected, out.bits(i)))
          << ir::info(from).name << " as " << ir::info(to).name << std::hex << " " << in.bits(i);
    }
  }
}

/// The results of a kernel of one op on the operands.
Data run_alone(const ir::Kernel& kernel, DType result, Operands& in) {
  const auto executable = codegen::interpreter().compile(kernel);
  Data out(result, in.size);
  Launcher launch({static_cast<int64_t>(in.size)});
  for (Data& array : in.arrays) launch.operand(array.as<void>(), {1});
  launch.operand(out.as<void>(), {1}).run(*executable);
  return out;
}

/// The elementwise ops that take a dtype, casts to all others included, with the result's dtype.
std::vector<std::pair<Op, DType>> ops_on(DType t) {
  std::vector<std::pair<Op, DType>> cases;
  for (int i = 0; i < ir::kNumOps; ++i) {
    const Op op = static_cast<Op>(i);
    if (!ir::is_elementwise(op) || ir::is_of_pairs(op) || op == Op::bitcast || !ir::accepts(ir::info(op).accepts, t))
      continue;
    if (op != Op::cast) cases.emplace_back(op, result_dtype(op, t));
  }
  for (DType to : kRealDTypes) cases.emplace_back(Op::cast, to);
  return cases;
}

/// Special values and as many random ones that they end amid a vector.
Operands special_and_random(Op op, DType t) {
  Operands in = combinations(op, t);
  for (Data& array : in.arrays) {
    const Data random = random_values(array.dtype, 1000, in.size);
    for (size_t i = 0; i < random.size(); ++i) array.push(random.bits(i));
  }
  in.size += 1000;
  return in;
}

TEST_P(Elementwise, ExpansionsGiveTheSameBits) {
  const DType t = GetParam();
  for (const auto& [op, result] : ops_on(t)) {
    Operands in = special_and_random(op, t);
    KernelMaker maker;
    std::vector<Value> operands;
    for (const Data& array : in.arrays) operands.push_back(maker.read(array.dtype));
    maker.write(maker.kernel.body.add(op, result, {}, operands, {}));
    const Data whole = run_alone(maker.kernel, result, in);
    const Data expanded = run_alone(passes::expand(maker.kernel), result, in);
    for (size_t i = 0; i < in.size; ++i)
      ASSERT_TRUE(same_value(result, whole.bits(i), expanded.bits(i)))
          << ir::info(op).name << " " << ir::info(t).name << " to " << ir::info(result).name << std::hex << " of "
          << in.arrays[0].bits(i) << ": " << whole.bits(i) << ", expanded " << expanded.bits(i);
  }
}

TEST_P(Elementwise, WideVectorsGiveTheSameBits) {
  using namespace codegen::interp;
  if (widest_loops() == LoopSet::baseline) GTEST_SKIP() << "this processor has no wider vectors";
  const DType t = GetParam();
  int loops = 0;
  for (const auto& [op, result] : ops_on(t)) {
    const Loop narrow = primitive_loop(LoopSet::baseline, op, result, t);
    const Loop wide = primitive_loop(LoopSet::wide, op, result, t);
    ASSERT_EQ(narrow == nullptr, wide == nullptr) << ir::info(op).name;
    if (!narrow) continue;
    ++loops;
    const Operands in = special_and_random(op, t);
    for (unsigned splats = 0; splats + 1 < 1u << in.arrays.size(); ++splats) {
      std::vector<Lanes> operands;
      for (const Data& array : in.arrays)
        operands.push_back({array.bytes.data(), (splats >> operands.size() & 1) != 0});
      Data expected(result, in.size), got(result, in.size);
      narrow(expected.as<std::byte>(), operands.data(), static_cast<int64_t>(in.size));
      wide(got.as<std::byte>(), operands.data(), static_cast<int64_t>(in.size));
      for (size_t i = 0; i < in.size; ++i)
        ASSERT_TRUE(same_value(result, expected.bits(i), got.bits(i)))
            << ir::info(op).name << " to " << ir::info(result).name << ", element " << i << ", splats " << splats;
    }
  }
  EXPECT_GT(loops, 0);
}

INSTANTIATE_TEST_SUITE_P(Interpreter, Elementwise, testing::ValuesIn(kRealDTypes),
                         [](const auto& info) { return std::string(ir::info(info.param).name); });

TEST(InterpreterHalf, EveryFloat16GoesToFloat32AndBack) {
  KernelMaker widen, narrow;
  widen.write(widen.add(Op::cast, DType::float32, {widen.read(DType::float16)}));
  narrow.write(narrow.add(Op::cast, DType::float16, {narrow.read(DType::float32)}));
  Data halves(DType::float16, 1 << 16), floats(DType::float32, 1 << 16), back(DType::float16, 1 << 16);
  for (size_t i = 0; i < halves.size(); ++i) halves.set(i, i);
  Launcher({1 << 16}).operand(halves.as<void>(), {1}).operand(floats.as<void>(), {1}).run(*widen.compile());
  Launcher({1 << 16}).operand(floats.as<void>(), {1}).operand(back.as<void>(), {1}).run(*narrow.compile());
  for (size_t i = 0; i < halves.size(); ++i) {
    const auto expected = std::bit_cast<uint32_t>(ir::from_float16(static_cast<uint16_t>(i)));
    ASSERT_TRUE(same_value(DType::float32, expected, floats.bits(i))) << i;
    ASSERT_TRUE(same_value(DType::float16, i, back.bits(i))) << i;
  }
}

TEST(InterpreterErrors, ComplexKernelsAreRefused) {
  KernelMaker maker;
  maker.write(maker.read(DType::complex64));
  EXPECT_THROW(maker.compile(), TypeError);
}

}  // namespace
}  // namespace tarry::test
