// Looking changes nothing, with complex numbers: random programs of arithmetic, views of parts, writes through them
// and reductions give the same bits however they are looked at, interpreted or compiled. TARRY_SEED replays one,
// TARRY_PROGRAMS sets how many are run.

#include "ways.h"

#include <tarry/runtime/config.h>
#include <tarry/runtime/threads.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <sstream>

namespace np = tarry::numpy;
using tarry::Array;
using tarry::DType;
using Z = std::complex<double>;

namespace {

using programs::Looking;
using programs::setting;
using programs::Way;

class Program {
 public:
  Program(uint32_t seed, Looking looking) : random_(seed), eyes_(seed + 1), looking_(looking) {}

  std::vector<std::string> run() {
    for (int i = pick(2, 4); i > 0; --i) arrays_.push_back(fresh());
    for (int i = pick(5, 30); i > 0; --i) {
      step();
      look();
    }
    std::vector<std::string> results;
    for (const Array& a : arrays_) results.push_back(bits(a));
    return results;
  }
  const std::string& text() const { return text_; }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  double number() { return std::uniform_real_distribution(-2.0, 2.0)(random_); }
  Array& any() { return arrays_[static_cast<size_t>(pick(0, static_cast<int>(arrays_.size()) - 1))]; }
  Array any_complex() {
    const Array a = any();
    return np::iscomplexobj(a) ? a : a * Z(0.5, 1);
  }
  void note(const char* what) { text_ += std::string(what) + "\n"; }

  void look() {
    if (looking_ == Looking::never) return;
    if (looking_ == Looking::always) {
      for (const Array& a : arrays_) tarry::eval(a);
      return;
    }
    if (std::uniform_int_distribution(0, 2)(eyes_)) return;
    const Array& a = arrays_[std::uniform_int_distribution<size_t>(0, arrays_.size() - 1)(eyes_)];
    if (std::uniform_int_distribution(0, 1)(eyes_))
      tarry::eval(a);
    else
      (void)tarry::to_string(a);
  }

  static std::string bits(const Array& a) {
    std::ostringstream out;
    out << static_cast<int>(a.dtype()) << a.shape();
    std::string bytes = out.str();
    for (const Z& z : a.to_vector<Z>())
      for (double x : {z.real(), z.imag()}) {
        if (x != x) x = 12345;  // all NaNs are equal
        bytes.append(reinterpret_cast<const char*>(&x), sizeof x);
      }
    return bytes;
  }

  Array fresh() {
    static const int64_t extents[] = {1, 2, 3, 4, 5, 9, 33};
    static const DType types[] = {tarry::complex64, tarry::complex128, tarry::complex128, tarry::float32};
    tarry::Shape shape;
    for (int i = pick(0, 2); i > 0; --i) shape.push_back(extents[pick(0, 6)]);
    std::vector<Z> values(static_cast<size_t>(tarry::ir::num_elements(shape)));
    for (Z& z : values) z = {pick(0, 9) ? number() : -0.0, pick(0, 9) ? number() : 0.0};
    return np::array(std::span<const Z>(values), shape).astype(types[pick(0, 3)]);
  }

  void keep(Array a) {
    if (a.size() > 5000) return;
    if (arrays_.size() < 7)
      arrays_.push_back(std::move(a));
    else
      any() = std::move(a);
  }

  std::vector<tarry::Item> index(const Array& a) {
    std::vector<tarry::Item> items;
    for (int64_t n : a.shape()) {
      switch (n == 0 ? 9 : pick(0, 4)) {
        case 0: items.push_back(pick(-static_cast<int>(n), static_cast<int>(n) - 1)); break;
        case 1: items.push_back(np::slice(np::none, np::none, -1)); break;
        case 2: items.push_back(np::slice(pick(0, static_cast<int>(n) - 1), np::none, pick(1, 2))); break;
        default: items.push_back(np::all);
      }
    }
    return items;
  }

  Array places(int64_t n) {
    std::vector<int64_t> values(3);
    for (int64_t& v : values) v = pick(-static_cast<int>(n), static_cast<int>(n) - 1);
    const Array known = np::array(values);
    return pick(0, 1) ? known : known * 1;
  }

  void step() {
    static const std::vector<void (Program::*)()> steps = {
        &Program::binary,     &Program::binary,   &Program::unary,   &Program::unary,  &Program::part,
        &Program::part,       &Program::view,     &Program::write,   &Program::write,  &Program::write_part,
        &Program::write_part, &Program::in_place, &Program::indexed, &Program::masked, &Program::reduce,
        &Program::reduce,     &Program::product,  &Program::sorted,  &Program::branch};
    (this->*steps[static_cast<size_t>(pick(0, static_cast<int>(steps.size()) - 1))])();
  }

  void binary() {
    note("binary");
    const Array a = any(), other = any();
    const Array b = other.shape() == a.shape() || other.ndim() == 0 ? other : Array(Z(number(), number()));
    switch (pick(0, 5)) {
      case 0: return keep(a + b);
      case 1: return keep(a - b);
      case 2: return keep(a * b);
      case 3: return keep(a / b);
      case 4: return keep(np::maximum(a, b));
      default: return keep(np::where(a == b, a, np::conj(b)));
    }
  }

  void unary() {
    note("unary");
    const Array a = any_complex();
    switch (pick(0, 7)) {
      case 0: return keep(-a);
      case 1: return keep(np::abs(a));
      case 2: return keep(np::conj(a));
      case 3: return keep(np::sqrt(a));
      case 4: return keep(np::exp(a / (1 + np::abs(a))));
      case 5: return keep(np::angle(a));
      case 6: return keep(a.astype(pick(0, 1) ? tarry::complex64 : tarry::complex128));
      default: return keep(np::tanh(a));
    }
  }

  /// A view that is kept: later writes go through it.
  void part() {
    note("part");
    const Array a = any();
    keep(pick(0, 1) || !np::iscomplexobj(a) ? a.real() : a.imag());
  }

  void view() {
    note("view");
    const Array a = any();
    switch (pick(0, 3)) {
      case 0: return keep(a.T());
      case 1: return keep(a.reshape({-1}));
      case 2: return keep(np::flip(a));
      default: return keep(a[tarry::Index(index(a))]);
    }
  }

  void write() {
    note("write");
    Array& a = any();
    const tarry::Index where(index(a));
    switch (pick(0, 3)) {
      case 0: a[where] = number(); return;
      case 1: a[where] = a[where] * 2 + 1; return;
      case 2:
        if (a.ndim() > 0 && a.shape()[0] > 1) a[np::slice(1, np::none)] = a[np::slice(np::none, -1)];
        return;
      default:
        if (np::iscomplexobj(a)) a[where] = Z(number(), number());
    }
  }

  void write_part() {
    note("write part");
    Array& a = any();
    if (!np::iscomplexobj(a)) return;
    Array p = pick(0, 1) ? a.real() : a.imag();
    const tarry::Index where(index(p));
    Array region = p[where];
    switch (pick(0, 3)) {
      case 0: region[np::ellipsis] = number(); return;
      case 1: region[np::ellipsis] = (pick(0, 1) ? a.imag() : a.real())[where]; return;
      case 2: region += 1; return;
      default: p[p > 0.5] = -1;
    }
  }

  void in_place() {
    note("in place");
    Array& a = any();
    switch (pick(0, 3)) {
      case 0: a += 1; return;
      case 1: a *= np::iscomplexobj(a) ? Array(Z(0, 1)) : Array(-1); return;
      case 2: a -= a.T().ndim() == 2 && a.shape()[0] == a.shape()[1] ? a.T() : Array(2); return;
      default: a[tarry::Index(index(a))] /= 2;
    }
  }

  void indexed() {
    Array& a = any();
    if (a.ndim() == 0 || a.shape()[0] == 0) return;
    note("indexed");
    const Array at = places(a.shape()[0]);
    switch (pick(0, 3)) {
      case 0: return keep(a[at]);
      case 1: a[at] = number(); return;
      case 2: a[at] += 1; return;
      default: np::add_at(a, at, pick(-2, 2));
    }
  }

  void masked() {
    note("masked");
    Array& a = any();
    const Array mask = a.real() > 0.5;
    if (pick(0, 1))
      a[mask] = 0;
    else
      keep(a[mask]);
  }

  void reduce() {
    note("reduce");
    const Array a = any();
    const bool all = a.ndim() == 0 || pick(0, 1);
    const tarry::Axes axes = all ? tarry::Axes() : tarry::Axes(pick(0, static_cast<int>(a.ndim()) - 1));
    if (a.size() == 0) return keep(np::sum(a, axes));
    switch (pick(0, 6)) {
      case 0: return keep(np::sum(a, axes));
      case 1: return keep(np::mean(a, axes));
      case 2: return keep(np::var(a, axes));
      case 3: return keep(np::prod(a, axes));
      case 4: return keep(np::max(a, axes));
      case 5: return keep(all ? np::argmin(a) : np::argmin(a, axes.list()[0]));
      default: return keep(all ? np::cumsum(a) : np::cumprod(a, axes.list()[0]));
    }
  }

  void product() {
    const Array a = any();
    if (a.ndim() != 2) return;
    note("product");
    keep(np::matmul(a, np::conj(a.T())));
  }

  void sorted() {
    const Array a = any();
    if (a.ndim() == 0) return;
    note("sorted");
    keep(np::sort(a));
  }

  void branch() {
    note("branch");
    Array& a = any();
    if (a.size() && np::sum(np::abs(a)) > 3)
      a[np::ellipsis] = a / 2;
    else
      keep(a + Z(1, -1));
  }

  std::mt19937 random_, eyes_;
  Looking looking_;
  std::vector<Array> arrays_;
  std::string text_;
};

using tarry::runtime::Tier;

void check(const std::vector<Way>& ways, int programs) {
  const int replay = setting("TARRY_SEED", 0);
  const int first = replay ? replay : 1, last = replay ? replay : setting("TARRY_PROGRAMS", programs);
  int refused = 0;
  for (int seed = first; seed <= last; ++seed) {
    std::vector<std::string> expected;
    for (size_t w = 0; w < ways.size(); ++w) {
      tarry::runtime::set_tier(ways[w].tier);
      tarry::runtime::set_num_threads(ways[w].threads);
      const tarry::ContextScope with(ways[w].on_gpu ? tarry::gpu(0) : tarry::cpu());
      Program program(static_cast<uint32_t>(seed), ways[w].looking);
      std::vector<std::string> results;
      try {
        results = program.run();
      } catch (const std::exception& e) {
        results = {std::string("threw ") + e.what()};
      }
      if (w == 0) {
        expected = results;
        refused += results[0].starts_with("threw");
        if (replay) std::printf("%s\n", results[0].c_str());
        continue;
      }
      ASSERT_EQ(results.size(), expected.size())
          << "seed " << seed << ", " << ways[w].name << ": " << results[0].substr(0, 300) << "\n"
          << expected[0].substr(0, 300);
      for (size_t i = 0; i < results.size(); ++i)
        ASSERT_TRUE(results[i] == expected[i])
            << "seed " << seed << ", " << ways[w].name << ", array " << i << " differs from " << ways[0].name << "\n"
            << program.text();
    }
  }
  EXPECT_LT(refused, std::max(1, (last - first + 1) / 5));
}

TEST(ComplexPrograms, LookingChangesNoBitInterpreted) {
  check({{"looking at everything", Looking::always, Tier::interpreter, 1},
         {"looking at the end", Looking::never, Tier::interpreter, 1},
         {"looking now and then", Looking::sometimes, Tier::interpreter, 2}},
        1000);
}

TEST(ComplexPrograms, CompiledGivesTheBitsOfInterpreted) {
  check({{"interpreted", Looking::always, Tier::interpreter, 1},
         {"compiled, looking at the end", Looking::never, Tier::llvm, 2},
         {"compiled, looking now and then", Looking::sometimes, Tier::llvm, 1}},
        5);
}

/// Where there is a GPU; tests/cuda runs it on the stand-in.
TEST(ComplexPrograms, AGpuGivesTheBitsOfTheHost) {
  if (tarry::num_gpus() == 0) GTEST_SKIP() << "SKIPPED: there is no GPU here";
  check({{"interpreted", Looking::always, Tier::interpreter, 1},
         {"on a GPU, looking at the end", Looking::never, Tier::interpreter, 1, true},
         {"on a GPU, looking now and then", Looking::sometimes, Tier::interpreter, 1, true}},
        30);
}

}  // namespace
