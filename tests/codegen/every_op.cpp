#include "every_op.h"

#include "interp_support.h"

#include <tarry/ir/verify.h>

#include <gtest/gtest.h>

namespace tarry::test {
namespace {

/// All pairs of special values, as two columns; the third operand goes round.
struct Operands {
  Data columns[3];
  explicit Operands(DType t) : columns{Data(t), Data(t), Data(t)} {
    const Data special = special_values(t);
    for (size_t i = 0; i < special.size(); ++i)
      for (size_t j = 0; j < special.size(); ++j) {
        columns[0].push(special.bits(i));
        columns[1].push(special.bits(j));
        columns[2].push(special.bits((3 * i + j) % special.size()));
      }
  }
};

/// A kernel of many results, so that many ops share one compile.
class OpsOfOneDType {
 public:
  OpsOfOneDType(DType t, const codegen::Backend& compiled) : compiled_(&compiled), operands_(t) {
    for (Value& v : loads_) v = maker_.read(t);
    positive_ = maker_.add(Op::ge, DType::bool_, {loads_[0], loads_[1]});
    for (ir::Access& a : maker_.kernel.accesses) a.outer = ir::StrideClass::unit;
  }

  void add(Op op, DType result, const std::string& name) {
    Value v;
    switch (ir::info(op).arity) {
      case 1: v = maker_.add(op, result, {loads_[0]}); break;
      case 2: v = maker_.add(op, result, {loads_[0], loads_[1]}); break;
      default:
        v = op == Op::select ? maker_.add(op, result, {positive_, loads_[1], loads_[0]})
                             : maker_.add(op, result, {loads_[0], loads_[1], loads_[2]});
    }
    maker_.write(v);
    maker_.kernel.accesses.back().outer = ir::StrideClass::unit;
    results_.emplace_back(result, operands_.columns[0].size());
    names_.push_back(name);
    if (results_.size() == 12) check();
  }

  /// Compares what has been added, and begins anew.
  void check() {
    if (results_.empty()) return;
    ir::verify(maker_.kernel);
    const std::vector<Data> expected = run(codegen::interpreter());
    const std::vector<Data> got = run(*compiled_);
    for (size_t r = 0; r < got.size(); ++r) compare(r, expected[r], got[r]);
    *this = OpsOfOneDType(operands_.columns[0].dtype, *compiled_);
  }

 private:
  std::vector<Data> run(const codegen::Backend& backend) {
    std::vector<Data> results = results_;
    Launcher launcher({static_cast<int64_t>(operands_.columns[0].size())});
    for (Data& column : operands_.columns) launcher.operand(column.bytes.data(), {1});
    for (Data& result : results) launcher.operand(result.bytes.data(), {1});
    launcher.run(*backend.compile(maker_.kernel));
    return results;
  }

  void compare(size_t r, const Data& expected, const Data& got) {
    for (size_t i = 0; i < got.size(); ++i) {
      if (same_value(got.dtype, expected.bits(i), got.bits(i))) continue;
      ADD_FAILURE() << names_[r] << " of " << std::hex << operands_.columns[0].bits(i) << ", "
                    << operands_.columns[1].bits(i) << ", " << operands_.columns[2].bits(i) << " gives " << got.bits(i)
                    << ", not " << expected.bits(i);
      return;
    }
  }

  const codegen::Backend* compiled_;
  Operands operands_;
  KernelMaker maker_;
  Value loads_[3], positive_;
  std::vector<Data> results_;
  std::vector<std::string> names_;
};

}  // namespace

void expect_interpreted_ops(DType t, const codegen::Backend& compiled) {
  OpsOfOneDType ops(t, compiled);
  for (int i = 0; i < ir::kNumOps; ++i) {
    const Op op = static_cast<Op>(i);
    if (!ir::is_elementwise(op) || ir::is_of_pairs(op) || op == Op::cast || op == Op::bitcast) continue;
    if (op != Op::select && !ir::accepts(ir::info(op).accepts, t)) continue;
    const bool to_bool = ir::info(op).dtype_rule == ir::DTypeRule::boolean;
    ops.add(op, to_bool ? DType::bool_ : t, std::string(ir::info(op).name));
  }
  ops.check();
}

void expect_interpreted_casts(DType t, const codegen::Backend& compiled) {
  OpsOfOneDType ops(t, compiled);
  for (DType to : kRealDTypes) {
    ops.add(Op::cast, to, "cast to " + std::string(ir::info(to).name));
    if (ir::size_of(to) == ir::size_of(t) && ir::is_bool(to) == ir::is_bool(t))
      ops.add(Op::bitcast, to, "bitcast to " + std::string(ir::info(to).name));
  }
  ops.check();
}

}  // namespace tarry::test
