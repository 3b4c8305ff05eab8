/// Each invariant of graphs, programs and kernels, broken.

#include <tarry/ir/error.h>
#include <tarry/ir/text.h>
#include <tarry/ir/verify.h>

#include <gtest/gtest.h>

namespace tarry::ir {
namespace {

template <class Whole>
std::string complaint(const Whole& whole) {
  try {
    verify(whole);
  } catch (const InternalError& e) {
    return e.what();
  }
  return "";
}

using Cases = std::initializer_list<std::pair<std::string_view, std::string_view>>;

void expect_graph_complaints(Cases cases) {
  for (const auto& [text, message] : cases) {
    const Graph g = parse_graph(text);
    const std::string said = complaint(g);
    EXPECT_NE(said.find(message), std::string::npos) << text << "\nsays: " << said;
    EXPECT_NE(said.find(print(g)), std::string::npos) << "the complaint shows the graph";
  }
}

/// The last node of `text` is named in the complaint.
TEST(Verify, NamesTheNodeAndShowsTheGraph) {
  EXPECT_EQ(complaint(parse_graph("%0 = parameter 0 : f32[3]\n%1 = neg %0 : f32[4]\nreturn %1")),
            "verify: %1 = neg %0 : f32[4]: the shape of the result must be (3,)\n"
            "%0 = parameter 0 : f32[3]\n%1 = neg %0 : f32[4]\nreturn %1\n");
}

TEST(Verify, OperandsAndAttributes) {
  expect_graph_complaints({
      {"%0 = parameter 0 : f32 %1 = add %0 : f32", "takes 2 operands"},
      {"%0 = parameter 0 : f32 %1 = parameter %0, 1 : f32", "takes 0 operands"},
      {"%0 = parameter 0 : f32 %1 = neg %0, attrs (1) : f32", "takes 0 attributes"},
      {"%0 = parameter : f32", "takes 1 attributes"},
      {"%0 = parameter -1 : f32", "the slot is negative"},
      {"%0 = constant bits 0x100 : u8", "exceed its dtype"},
      {"%0 = constant bits 0x2 : bool", "a bool is 0 or 1"},
      {"%0 = constant bits 0x2 : c128", "a complex number is no literal"},
      {"%0 = load access 0 : f32", "is an op of the kernel level"},
  });
}

TEST(Verify, OperandsAreOlder) {
  Graph g;
  g.add(Op::neg, DType::float32, Shape{}, {Value{0}});
  EXPECT_NE(complaint(g).find("operands must be older"), std::string::npos);
  Graph h;
  h.add(Op::neg, DType::float32, Shape{}, {Value{}});
  EXPECT_NE(complaint(h).find("operands must be older"), std::string::npos);
}

TEST(Verify, OutputsExist) {
  Graph g;
  g.outputs = {Value{0}};
  EXPECT_NE(complaint(g).find("output %0 does not exist"), std::string::npos);
}

TEST(Verify, Dtypes) {
  expect_graph_complaints({
      {"%0 = parameter 0 : f32 %1 = parameter 1 : f64 %2 = add %0, %1 : f64", "different dtypes: f32 and f64"},
      {"%0 = parameter 0 : f32 %1 = neg %0 : f64", "the dtype of the result must be f32"},
      {"%0 = parameter 0 : bool %1 = neg %0 : bool", "neg does not take bool"},
      {"%0 = parameter 0 : i32 %1 = exp %0 : i32", "exp does not take i32"},
      {"%0 = parameter 0 : f32 %1 = shl %0, %0 : f32", "shl does not take f32"},
      {"%0 = parameter 0 : f32 %1 = and %0, %0 : f32", "and does not take f32"},
      {"%0 = parameter 0 : c64 %1 = mod %0, %0 : c64", "mod does not take c64"},
      {"%0 = parameter 0 : f32 %1 = lt %0, %0 : f32", "the dtype of the result must be bool"},
      {"%0 = parameter 0 : f32 %1 = isnan %0 : u8", "the dtype of the result must be bool"},
      {"%0 = parameter 0 : i8 %1 = select %0, %0, %0 : i8", "the condition must be a bool"},
      {"%0 = parameter 0 : bool %1 = parameter 1 : f32 %2 = select %0, %1, %0 : f32", "different dtypes"},
      {"%0 = parameter 0 : bool %1 = parameter 1 : f32 %2 = select %0, %1, %1 : f64", "must be f32"},
      {"%0 = parameter 0 : f32 %1 = bitcast %0 : i64", "changes the size"},
      {"%0 = iota axis 0 : i32[3]", "must be i64"},
      {"%0 = parameter 0 : f32[3] %1 = parameter 1 : f64[1] %2 = update %0, %1, at [0::1] : f32[3]",
       "different dtypes"},
  });
}

TEST(Verify, ElementwiseShapes) {
  expect_graph_complaints({
      {"%0 = parameter 0 : f32[3] %1 = parameter 1 : f32[4] %2 = add %0, %1 : f32[4]", "do not broadcast"},
      {"%0 = parameter 0 : f32[3] %1 = parameter 1 : f32[4, 1] %2 = add %0, %1 : f32[3, 4]", "must be (4, 3)"},
      {"%0 = parameter 0 : f32[0] %1 = parameter 1 : f32[1] %2 = add %0, %1 : f32[1]", "must be (0,)"},
      {"%0 = parameter 0 : f32[9223372036854775807] %1 = neg %0 : f32[9223372036854775807]", "the array is too big"},
      {"%0 = parameter 0 : f32[0, 9223372036854775807]", "the array is too big"},
  });
  Graph g;
  g.add(Op::parameter, DType::float32, Shape{-1}, {}, {0});
  EXPECT_NE(complaint(g).find("an extent is negative"), std::string::npos);
}

TEST(Verify, MovementShapes) {
  expect_graph_complaints({
      {"%0 = scalar 0 : f32[1]", "must have 0 axes"},
      {"%0 = constant 1 : f32[1]", "must have 0 axes"},
      {"%0 = iota axis 1 : i64[3]", "there is no such axis"},
      {"%0 = iota axis -1 : i64[3]", "there is no such axis"},
      {"%0 = parameter 0 : f32[2, 3] %1 = reshape %0 : f32[5]", "the number of elements changes"},
      {"%0 = parameter 0 : f32[2, 3] %1 = transpose %0, perm (0) : f32[2]", "takes 2 attributes"},
      {"%0 = parameter 0 : f32[2, 3] %1 = transpose %0, perm (1, 1) : f32[3, 3]", "no permutation"},
      {"%0 = parameter 0 : f32[2, 3] %1 = transpose %0, perm (0, 2) : f32[3, 3]", "no permutation"},
      {"%0 = parameter 0 : f32[2, 3] %1 = transpose %0, perm (1, 0) : f32[2, 3]", "must be (3, 2)"},
      {"%0 = parameter 0 : f32[2, 3] %1 = broadcast %0 : f32[3]", "fewer axes"},
      {"%0 = parameter 0 : f32[2, 3] %1 = broadcast %0 : f32[2, 4]", "does not broadcast to this shape"},
      {"%0 = parameter 0 : f32[1] %1 = parameter 1 : f32[1] %2 = pad %0, %1, by [0:0] : f32[1]", "must be a 0-d value"},
      {"%0 = parameter 0 : f32[1] %1 = parameter 1 : f32 %2 = pad %0, %1, by [0:-1] : f32[0]", "a width is negative"},
      {"%0 = parameter 0 : f32[1] %1 = parameter 1 : f32 %2 = pad %0, %1, by [1:1] : f32[2]", "must be (3,)"},
      {"%0 = parameter 0 : f32[1] %1 = parameter 1 : f32 %2 = pad %0, %1 : f32[1]", "takes 2 attributes"},
  });
}

TEST(Verify, SlicesAndUpdatesStayInside) {
  expect_graph_complaints({
      {"%0 = parameter 0 : f32[5] %1 = slice %0, at [0::0] : f32[1]", "a step is 0"},
      {"%0 = parameter 0 : f32[5] %1 = slice %0, at [5::1] : f32[1]", "reaches outside its extent 5"},
      {"%0 = parameter 0 : f32[5] %1 = slice %0, at [-1::1] : f32[1]", "reaches outside"},
      {"%0 = parameter 0 : f32[5] %1 = slice %0, at [0::2] : f32[4]", "axis 0 reaches outside"},
      {"%0 = parameter 0 : f32[5] %1 = slice %0, at [2::-1] : f32[4]", "reaches outside"},
      {"%0 = parameter 0 : f32[5] %1 = slice %0, at [1::9223372036854775807] : f32[2]", "reaches outside"},
      {"%0 = parameter 0 : f32[5] %1 = slice %0 : f32[5]", "takes 2 attributes"},
      {"%0 = parameter 0 : f32[5] %1 = slice %0, at [0::1] : f32[5, 1]", "as many axes"},
      {"%0 = parameter 0 : f32[5] %1 = update %0, %0, at [1::1] : f32[5]", "reaches outside"},
      {"%0 = parameter 0 : f32[5] %1 = parameter 1 : f32 %2 = update %0, %1, at [0::1] : f32[5]", "as many axes"},
      {"%0 = parameter 0 : f32[5] %1 = update %0, %0, at [0::1] : f32[4]", "must be (5,)"},
  });
  EXPECT_EQ(complaint(parse_graph("%0 = parameter 0 : f32[5] %1 = slice %0, at [7::3] : f32[0]")), "");
  EXPECT_EQ(complaint(parse_graph("%0 = parameter 0 : f32[5] %1 = slice %0, at [4::-2] : f32[3]")), "");
}

TEST(Verify, ReductionsScansAndProducts) {
  expect_graph_complaints({
      {"%0 = parameter 0 : f32[2, 3] %1 = reduce_sum %0, axes (1, 0) : f32", "axes must ascend"},
      {"%0 = parameter 0 : f32[2, 3] %1 = reduce_sum %0, axes (0, 0) : f32[3]", "axes must ascend"},
      {"%0 = parameter 0 : f32[2, 3] %1 = reduce_sum %0, axes (2) : f32[2]", "axes must ascend"},
      {"%0 = parameter 0 : f32[2, 3] %1 = reduce_sum %0, axes (1) : f32[3]", "must be (2,)"},
      {"%0 = parameter 0 : f32[2] %1 = reduce_max %0, axes (0) : f64", "must be f32"},
      {"%0 = parameter 0 : f32[2] %1 = scan_sum %0, axis 1 : f32[2]", "there is no such axis"},
      {"%0 = parameter 0 : f32[2] %1 = scan_sum %0, axis 0 : f32[3]", "must be (2,)"},
      {"%0 = parameter 0 : f32[2] %1 = matmul %0, %0 : f32[2]", "at least 2"},
      {"%0 = parameter 0 : f32[2, 3] %1 = matmul %0, %0 : f32[2, 3]", "the inner extents differ"},
      {"%0 = parameter 0 : f32[2, 2] %1 = matmul %0, %0 : f32[2, 3]", "must be (2, 2)"},
      {"%0 = parameter 0 : f32[4, 2, 2] %1 = parameter 1 : f32[1, 2, 2] %2 = matmul %0, %1 : f32[4, 2, 2]",
       "the batch extents differ"},
  });
}

TEST(Verify, Programs) {
  const Cases cases = {
      {"program @p { input 0: strides (1), elements 4 %0 = parameter 0 : f32[5] }", "reaches outside its buffer"},
      {"program @p { input 0: strides (-1), elements 9 %0 = parameter 0 : f32[5] }", "reaches outside its buffer"},
      {"program @p { input 0: offset -1, elements 9 %0 = parameter 0 : f32[5] }", "reaches outside its buffer"},
      {"program @p { input 0: strides (1, 1), elements 9 %0 = parameter 0 : f32[5] }", "has strides (1, 1)"},
      {"program @p { input 0: buffer 1 %0 = parameter 0 : f32[5] }", "buffers are numbered as inputs are"},
      {"program @p { output 0: order (0) %0 = parameter 0 : f32[5, 5] return %0 }", "order of output 0"},
      {"program @p { output 0: order (1, 1) %0 = parameter 0 : f32[5, 5] return %0 }", "is no permutation"},
      {"program @p { output 0: order (0, 2) %0 = parameter 0 : f32[5, 5] return %0 }", "is no permutation"},
      {"program @p { %0 = parameter 0 : f32[5] %1 = parameter 0 : f64[5] }", "of this slot has another type"},
      {"program @p { scalars 1 %0 = scalar 1 : f64 }", "there are fewer scalars"},
  };
  for (const auto& [text, message] : cases) {
    const std::string said = complaint(parse_program(text));
    EXPECT_NE(said.find(message), std::string::npos) << text << "\nsays: " << said;
    EXPECT_NE(said.find("program @main {"), std::string::npos);
  }
  Program p = parse_program("program @p { %0 = parameter 0 : f32[5] }");
  p.inputs.clear();
  EXPECT_NE(complaint(p).find("there is no such input"), std::string::npos);
  p = parse_program("program @p { %0 = parameter 0 : f32[5] }");
  p.output_order.resize(1);
  EXPECT_NE(complaint(p).find("more orders than outputs"), std::string::npos);
}

void expect_kernel_complaints(std::string_view header, Cases bodies) {
  for (const auto& [body, message] : bodies) {
    const Kernel k = parse_kernel("kernel @k schedule " + std::string(header) + std::string(body) + " }");
    const std::string said = complaint(k);
    EXPECT_NE(said.find(message), std::string::npos) << body << "\nsays: " << said;
    EXPECT_NE(said.find(print(k)), std::string::npos);
  }
}

constexpr std::string_view kMap =
    "map, outer 1, row 0 { access 0: read f32 unit|zero access 1: write f32 unit|zero access 2: index i64 unit|zero "
    "access 3: read bool unit|zero scalar 0: f32 ";

TEST(VerifyKernel, Headers) {
  expect_kernel_complaints("",
                           {
                               {"map, outer 0, row 0 {", "at least one outer axis"},
                               {"map, outer 1, row 1 {", "the schedule is map just when"},
                               {"row, outer 1, row 0 {", "the schedule is map just when"},
                               {"map, outer 1, row 0 { access 0: read f32 unit|zero in_row", "no row axes"},
                               {"map, outer 1, row 0 { access 0: read f32 unit|unit", "does not vary in the row"},
                               {"row, outer 1, row 1 { access 0: read f32 unit|any", "does not vary in the row"},
                               {"map, outer 1, row 0 { access 0: index f32 unit|zero", "is an index and must be i64"},
                           });
}

TEST(VerifyKernel, OpsAndAccesses) {
  expect_kernel_complaints(
      kMap, {
                {"%0 = parameter 0 : f32", "is an op of the array level"},
                {"%0 = iota axis 0 : i64", "is an op of the array level"},
                {"%0 = constant 1 : f32 %1 = reshape %0 : f32", "is an op of the array level"},
                {"%0 = load access 0 : f32[1]", "values of a kernel are 0-d"},
                {"%0 = load access 9 : f32", "there is no such access"},
                {"%0 = load access 1 : f32", "needs an access of kind read"},
                {"%0 = load access 0 : f64", "the access has another dtype"},
                {"%0 = load access 3 : bool %1 = load %0, %0, access 0 : f32", "takes 0 or 1 operands"},
                {"%0 = load access 0 : f32 %1 = load %0, access 0 : f32", "the predicate must be a bool"},
                {"%0 = index access 0 : i64", "needs an access of kind index"},
                {"%0 = index access 2 : f32", "must be i64"},
                {"%0 = load access 0 : f32 %1 = store %0, access 0", "needs an access of kind write"},
                {"%0 = load access 3 : bool %1 = store %0, access 1", "the access has another dtype"},
                {"%0 = load access 0 : f32 %1 = store %0, access 1 : bool", "must be f32"},
                {"%0 = load access 0 : f32 %1 = store %0, access 1 %2 = neg %1 : f32", "an operand has no result"},
                {"%0 = scalar 1 : f32", "there is no such scalar"},
                {"%0 = scalar 0 : f64", "declared with another dtype"},
                {"%0 = load access 0 : f32 %1 = bits %0 : i64", "changes the size"},
                {"%0 = load access 0 : f32 %1 = reduce_sum %0 : f32", "needs row axes"},
                {"%0 = load access 0 : f32 %1 = scan_sum %0 : f32", "needs row axes"},
                {"%0 = load access 0 : f32 return %0", "stores, not outputs"},
            });
}

TEST(VerifyKernel, ColdRegions) {
  const std::string head = std::string(kMap) + "%0 = load access 3 : bool %1 = load access 0 : f32 ";
  expect_kernel_complaints(
      head,
      {
          {"%2 = cold_begin %0", "the region is not closed"},
          {"%2 = cold_begin %1", "does not take f32"},
          {"%2 = cold_begin %0 %3 = neg %1 : f32 %4 = cold_end %2, %3, %1 : f32 %5 = abs %3 : f32", "a closed region"},
          {"%2 = cold_begin %0 %3 = cold_end %2, %1, %1 : f32 %4 = cold_end %2, %1, %1 : f32",
           "its region is closed already"},
          {"%2 = cold_begin %0 %3 = cold_begin %0 %4 = cold_end %2, %1, %1 : f32", "not the innermost"},
          {"%2 = cold_begin %0 %3 = neg %1 : f32 %4 = cold_end %2, %3, %3 : f32", "must stand outside the region"},
          {"%2 = cold_begin %0 %3 = cold_end %2, %1, %0 : f32", "different dtypes"},
          {"%2 = cold_begin %0 %3 = cold_end %2, %1, %1 : f64", "must be f32"},
          {"%2 = cold_begin %0 %3 = cold_end %0, %1, %1 : f32", "operand 0 must be a cold_begin"},
          {"%2 = cold_begin %0 %3 = cold_end %2, %2, %2 : bool", "an operand has no result"},
          {"%2 = cold_begin %0 %3 = store %1, access 1 %4 = cold_end %2, %1, %1 : f32", "a store in a cold region"},
      });
}

TEST(VerifyKernel, LevelsInRows) {
  expect_kernel_complaints(
      "row, outer 1, row 1 { access 0: read f32 any|unit in_row access 1: read f32 unit|zero access 2: write f32 "
      "unit|zero "
      "access 3: read bool any|unit in_row %0 = load access 0 : f32 %1 = load access 1 : f32 %2 = load access 3 : "
      "bool ",
      {
          {"%3 = reduce_sum %0, axes (0) : f32", "it runs along the row"},
          {"%3 = store %0, access 2", "stores an element-level value"},
          {"%3 = load %2, access 1 : f32 %4 = store %3, access 2", "stores an element-level value"},
          {"%3 = cold_begin %2 %4 = reduce_sum %0 : f32 %5 = cold_end %3, %4, %0 : f32", "in a cold region"},
      });
}

TEST(VerifyKernel, SplitKernelsWalkOnce) {
  expect_kernel_complaints(
      "split, outer 1, row 1 { access 0: read f32 any|unit in_row access 1: write f32 unit|zero access 2: write f32 "
      "any|unit in_row %0 = load access 0 : f32 ",
      {
          {"%1 = scan_sum %0 : f32", "no scans"},
          {"%1 = reduce_max %0 : f32 %2 = sub %0, %1 : f32 %3 = reduce_sum %2 : f32 %4 = store %3, access 1", "once"},
          {"%1 = reduce_max %0 : f32 %2 = sub %0, %1 : f32 %3 = store %2, access 2", "once"},
      });
}

}  // namespace
}  // namespace tarry::ir
