#pragma once
/// Random kernels over random layouts: what executors are compared on.

#include "interp_support.h"

#include <functional>

namespace tarry::test {

class RandomKernel {
 public:
  explicit RandomKernel(uint64_t seed);

  /// States strides of 0 and 1 as such, nearly always; without this every stride class is `any`.
  void classify();
  ir::Kernel& kernel() { return maker_.kernel; }
  bool has_rows() const { return maker_.kernel.row_rank > 0; }
  bool has_scans() const;
  /// Runs once on fresh copies of the arrays; returns their contents afterwards, by access.
  std::vector<Data> run(const std::function<void(const codegen::Launch&)>& execute);
  /// While `execute` runs: the memory of each access, empty for those without.
  std::vector<std::span<std::byte>> memory();
  /// The kernel's text, extents and strides.
  std::string describe() const;

 private:
  /// Memory and strides of one access.
  struct Array {
    Data data;
    Data initial;
    std::vector<int64_t> strides;
    int64_t base = 0;
    int64_t offset = 0;  // of an index access
  };

  int below(int n) { return static_cast<int>(random_() % n); }
  std::vector<int64_t> choose_extents();
  Array array(DType t, bool in_row, bool may_broadcast);
  Value pick(DType t);
  Value load(bool masked);
  Value index();
  Value distance();
  Value load_at(bool masked);
  void store_at(Value v);
  ir::Level level(Value v);
  Value predicate();
  Value elementwise();
  Value fold();
  Value cold();
  void build();

  std::mt19937_64 random_;
  KernelMaker maker_;
  std::vector<int64_t> extents_;
  std::vector<Array> arrays_;
  std::vector<Value> visible_;
  uint64_t scalar_ = 0;
};

/// Fails where two runs of a kernel left different values.
void expect_same(const std::vector<Data>& expected, const std::vector<Data>& got);

}  // namespace tarry::test
