/// What is printed reads back as it was, and what cannot be read is refused with its place.

#include <tarry/ir/error.h>
#include <tarry/ir/text.h>
#include <tarry/ir/verify.h>

#include <gtest/gtest.h>

#include <random>

#include "random_graph.h"

namespace tarry::ir {
namespace {

std::string refusal(std::string_view text) {
  try {
    parse_file(text);
  } catch (const ValueError& e) {
    return e.what();
  }
  return "";
}

TEST(Text, PrintsAProgramAsDocumented) {
  Program p;
  Graph& g = p.graph;
  const Value x = g.add(Op::parameter, DType::float32, Shape{3, 4}, {}, {0});
  const Value s = g.add(Op::slice, DType::float32, Shape{2, 4}, {x}, {1, 1, 3, -1});
  const Value z = g.add(Op::constant, DType::float32, Shape{}, {}, {int64_t{0x80000000}});
  const Value d = g.add(Op::pad, DType::float32, Shape{5, 4}, {s, z}, {1, 2, 0, 0});
  const Value t = g.add(Op::transpose, DType::float32, Shape{4, 5}, {d}, {1, 0});
  const Value r = g.add(Op::reduce_sum, DType::float32, Shape{}, {t}, {0, 1});
  g.outputs = {t, r};
  p.inputs = {{.offset = 2, .strides = {1, 3}, .buffer = 0, .donated = true, .buffer_elements = 14}};
  p.output_order = {{1, 0}};
  EXPECT_EQ(print(p, "main"), R"(program @main {
  input 0: strides (1, 3), offset 2, buffer 0, elements 14, donated
  output 0: order (1, 0)
  %0 = parameter 0 : f32[3, 4]
  %1 = slice %0, at [1::1, 3::-1] : f32[2, 4]
  %2 = constant -0 : f32
  %3 = pad %1, %2, by [1:2, 0:0] : f32[5, 4]
  %4 = transpose %3, perm (1, 0) : f32[4, 5]
  %5 = reduce_sum %4, axes (0, 1) : f32
  return %4, %5
}
)");
  EXPECT_TRUE(equal(parse_program(print(p)), p));
}

TEST(Text, PrintsAKernelAsDocumented) {
  constexpr std::string_view kText = R"(kernel @"say \22hi\22" schedule row, outer 2, row 1 {
  access 0: read f32 any|unit in_row
  access 1: index i64 zero|zero
  access 2: write f32 any|zero
  scalar 0: f32
  %0 = load access 0 : f32
  %1 = scalar 0 : f32
  %2 = gt %0, %1 : bool
  %3 = cold_begin %2
    %4 = sin %0 : f32
  %5 = cold_end %3, %4, %0 : f32
  %6 = reduce_sum %5 : f32
  %7 = store %6, access 2
}
)";
  const Kernel k = parse_kernel(kText);
  EXPECT_EQ(k.name, "say \"hi\"");
  EXPECT_EQ(print(k), kText);
  verify(k);
}

TEST(Text, ProgramsReadBack) {
  std::vector<bool> seen(kNumOps, false);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Program p = test::random_program(seed);
    ASSERT_NO_THROW(verify(p));
    const std::string text = print(p, "p");
    ASSERT_TRUE(equal(parse_program(text), p)) << text;
    EXPECT_EQ(print(parse_program(text), "p"), text);
    ASSERT_TRUE(equal(parse_graph(print(p.graph)), p.graph));
    EXPECT_EQ(hash(parse_graph(print(p.graph))), hash(p.graph));
    for (uint32_t id = 0; id < p.graph.size(); ++id) seen[static_cast<int>(p.graph.op({id}))] = true;
  }
  for (int i = 0; i < kNumOps; ++i) EXPECT_EQ(seen[i], class_of(static_cast<Op>(i)) != OpClass::kernel) << kOps[i].name;
}

TEST(Text, KernelsReadBack) {
  std::vector<bool> seen(kNumOps, false);
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const Kernel k = test::random_kernel(seed);
    ASSERT_NO_THROW(verify(k));
    const std::string text = print(k);
    const Kernel back = parse_kernel(text);
    ASSERT_TRUE(equal(back, k)) << text;
    EXPECT_EQ(back.name, k.name);
    EXPECT_EQ(hash(back), hash(k));
    for (uint32_t id = 0; id < k.body.size(); ++id) seen[static_cast<int>(k.body.op({id}))] = true;
  }
  for (Op op : {Op::load, Op::index, Op::store, Op::cold_begin, Op::cold_end, Op::reduce_max, Op::scan_sum})
    EXPECT_TRUE(seen[static_cast<int>(op)]) << info(op).name;
}

TEST(Text, GraphsThatTheVerifierRefusesReadBackToo) {
  Graph g;
  const Value a = g.add(Op::add, DType::complex128, Shape{2, 0}, {}, {1, 2, 3});
  const Value b = g.add(Op::transpose, DType::bool_, Shape{}, {a, a, a});
  g.add(Op::store, DType::int8, Shape{4}, {b});
  g.add(Op::slice, DType::int8, Shape{1}, {b}, {7});
  g.add(Op::constant, DType::uint8, Shape{}, {}, {-1});
  g.add(Op::parameter, DType::uint8, Shape{}, {a}, {INT64_MIN});
  g.add(Op::reshape, DType::uint8, Shape{INT64_MAX, INT64_MAX}, {b});
  g.outputs = {b, a, b};
  EXPECT_TRUE(equal(parse_graph(print(g)), g)) << print(g);
}

TEST(Text, LocationsArePrintedOnRequest) {
  Graph g;
  g.add(Op::parameter, DType::float32, Shape{}, {}, {});
  g.add(Op::neg, DType::float32, Shape{}, std::vector{Value{0}}, {}, Location::of("/somewhere/model.cpp", 12));
  EXPECT_EQ(print(g).find("model"), std::string::npos);
  const std::string text = print(g, {.locations = true});
  EXPECT_NE(text.find("%1 = neg %0 : f32  ; model.cpp:12\n"), std::string::npos);
  EXPECT_TRUE(equal(parse_graph(text), g));
}

TEST(Text, LayoutsHaveDefaults) {
  const Program p = parse_program(R"(
program @p {  ; a comment
  input 1: strides (1, 2)
  input 3: strides (-1), offset 4, donated
  %0 = parameter 0 : f32[2, 3]
  %1 = parameter 1 : f32[2,3]
  %2 = parameter 2 : f32[0, 7]
  %3 = parameter 3 : f32[5]
  %4 = scalar 2 : f64
})");
  ASSERT_EQ(p.inputs.size(), 4u);
  EXPECT_EQ(p.inputs[0], (InputLayout{.strides = {3, 1}, .buffer = 0, .buffer_elements = 6}));
  EXPECT_EQ(p.inputs[1], (InputLayout{.strides = {1, 2}, .buffer = 1, .buffer_elements = 6}));
  EXPECT_EQ(p.inputs[2], (InputLayout{.strides = {7, 1}, .buffer = 2, .buffer_elements = 0}));
  EXPECT_EQ(p.inputs[3],
            (InputLayout{.offset = 4, .strides = {-1}, .buffer = 3, .donated = true, .buffer_elements = 5}));
  EXPECT_EQ(p.num_scalars, 3u);
}

TEST(Text, FilesHoldSeveralFunctions) {
  const File f = parse_file("kernel @k schedule map, outer 1, row 0 {}\nprogram @p {}; the end\nprogram @q {}");
  ASSERT_EQ(f.functions.size(), 3u);
  EXPECT_EQ(f.functions[1].name, "p");
  EXPECT_TRUE(std::holds_alternative<Kernel>(f.functions[0].body));
  EXPECT_TRUE(equal(parse_file(print(f)), f));
  EXPECT_FALSE(equal(parse_file("program @p {}"), f));
  EXPECT_TRUE(parse_file("; nothing\n").functions.empty());
}

TEST(Text, RefusalsSayWhereAndWhat) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"program @p {\n  %0 = parameter 0 ; f32\n}", "line 3, column 1: expected ',' or ':' and a type, found '}'"},
      {"program @p {\n  %1 = empty : f32\n}",
       "line 2, column 3: values are numbered without gaps: expected %0, found %1"},
      {"program @p {\n  %0 = neg %0 : f32\n}", "line 2, column 12: %0 is not defined before its use"},
      {"program @p {\n  %0 = nag %0 : f32\n}", "line 2, column 8: there is no op 'nag'"},
      {"program @p {\n  %0 = empty : float\n}", "line 2, column 16: there is no dtype 'float'"},
      {"program @p {\n  %0 = empty : f32[-1]\n}", "an extent is -1"},
      {"program @p {\n  %0 = empty : f32[9223372036854775808]\n}", "out of the range of int64"},
      {"program @p {\n  %0 = constant 300 : u8\n}", "line 2, column 17: '300' is no uint8 literal"},
      {"program @p {\n  %0 = constant 1e99 : f32\n}", "'1e99' is no float32 literal"},
      {"program @p {\n  %0 = constant bits 0x10000000000000000 : f32\n}", "at most 16 hexadecimal digits"},
      {"program @p {\n  %0 = scalar 0 : f32\n  %1 = scalar 0 : f32\n}", "line 3, column 3: %1 repeats an older value"},
      {"program @p {\n  %0 = iota 1 : i64[2]\n}", "expected 'axis', found '1'"},
      {"program @p {\n  return %4\n}", "%4 is not defined before its use"},
      {"program @p {\n  %4294967296 = empty : f32\n}", "expected a value such as %7, found '%4294967296'"},
      {"program @p {\n  %0 = parameter 70000 : f32\n}", "outside 0 to 65535"},
      {"program @p {\n  %0 = parameter 1 : f32\n}", "input 0 has neither a parameter nor a layout"},
      {"program @p {\n  input 65535: donated\n}", "input 0 has neither a parameter nor a layout"},
      {"program @p {\n  input 0: donated\n}", "input 0 has no parameter"},
      {"program @p {\n  input 0: donated\n  input 0: donated\n}", "line 3, column 3: input 0 is stated twice"},
      {"program @p {\n  output 2: order ()\n}", "line 2, column 3: there is no output 2"},
      {"program @p {\n  %0 = parameter 0 : f32[3037000500, 3037000500]\n}", "too big for a buffer"},
      {"program @p {\n  input 0: strides (9223372036854775807)\n  %0 = parameter 0 : f32[3]\n}", "exceeds int64"},
      {"program @p {", "line 1, column 13: expected a value, return or '}', found the end"},
      {"program @\"p {\n}", "line 1, column 9: a quoted name does not end in its line"},
      {"program @\"\\g0\" {}", "two hexadecimal digits"},
      {"program @p { ! }", "line 1, column 14: unexpected character '!'"},
      {"kernel @k schedule diagonal", "expected map, row, column or split, found 'diagonal'"},
      {"kernel @k schedule map, outer 1, row 0 {\n  access 1: read f32 unit|zero\n}",
       "line 2, column 10: expected access 0"},
      {"function @f {}", "line 1, column 1: expected program or kernel, found 'function'"},
  };
  for (const auto& [text, message] : kCases)
    EXPECT_NE(refusal(text).find(message), std::string::npos) << text << "\nsays: " << refusal(text);
}

TEST(Text, ShapesOfTooManyAxesAreRefused) {
  std::string axes = "1";
  for (int i = 0; i < 64; ++i) axes += ", 1";
  EXPECT_NE(refusal("program @p { %0 = empty : f32[" + axes + "] }").find("more than 64 axes"), std::string::npos);
}

TEST(Text, ListsLongerThanANodeHoldsAreRefused) {
  std::string numbers = "0", values = "%0";
  for (int i = 0; i < 66000; ++i) {
    numbers += ", 0";
    values += ", %0";
  }
  EXPECT_NE(refusal("program @p { %0 = empty attrs (" + numbers + ") : f32 }").find("too many attributes"),
            std::string::npos);
  EXPECT_NE(refusal("program @p { %0 = empty : f32 %1 = add " + values + " : f32 }").find("too many operands"),
            std::string::npos);
}

/// Damaged text is read or refused, and what is read is whole.
TEST(Text, DamagedTextNeverCrashes) {
  std::mt19937_64 random(7);
  auto roll = [&](size_t n) { return random() % n; };
  constexpr std::string_view kPieces[] = {"%",
                                          "@",
                                          "\"",
                                          "\\",
                                          "::",
                                          "[",
                                          "]",
                                          "(",
                                          ")",
                                          "-",
                                          "0x",
                                          "9999999999",
                                          ";",
                                          "\n",
                                          "attrs (1, 2)",
                                          "bits 0x",
                                          "nan",
                                          ", ",
                                          ": f32",
                                          "cold_end %0, %0, %0 : f32",
                                          "return",
                                          "}",
                                          "\x80",
                                          "input 1: ",
                                          "strides (1)",
                                          "%0 = empty : f32\n"};
  int read = 0, refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string text = round % 2 ? print(test::random_kernel(roll(50))) : print(test::random_program(roll(5)));
    for (size_t edits = 1 + roll(2); edits > 0; --edits) {
      const size_t at = roll(text.size());
      switch (roll(8)) {
        case 0: text.erase(at, 1 + roll(20)); break;
        case 1: text.insert(at, kPieces[roll(std::size(kPieces))]); break;
        case 2: text[at] = static_cast<char>(roll(256)); break;
        case 3: text.resize(std::max<size_t>(at, 1)); break;
        default:
          if (const size_t digit = text.find_first_of("0123456789", at); digit != text.npos)
            text[digit] = static_cast<char>('0' + roll(10));
      }
      if (text.empty()) break;
    }
    try {
      const File f = parse_file(text);
      ++read;
      ASSERT_TRUE(equal(parse_file(print(f)), f)) << text;
      for (const Function& function : f.functions) {
        try {
          std::visit([](const auto& body) { verify(body); }, function.body);
        } catch (const InternalError&) {
        }
      }
    } catch (const ValueError&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace tarry::ir
