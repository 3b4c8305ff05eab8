// Looking changes nothing: random imperative programs with views, writes and branches give the same
// bits whether nothing is looked at before the end, everything at once, or now and then; interpreted
// or compiled; on one thread or two. A failure names its seed; TARRY_SEED replays it, TARRY_PROGRAMS
// sets how many are run.

#include <tarry/runtime/config.h>
#include <tarry/runtime/threads.h>
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <sstream>

namespace np = tarry::numpy;
using tarry::Array;
using tarry::DType;
using tarry::Shape;

namespace {

enum class Looking { never, always, sometimes };

/// One run of the program that a seed stands for. Looking takes random numbers of its own, so that
/// the program is the same however it is looked at.
class Program {
 public:
  Program(uint32_t seed, Looking looking) : random_(seed), eyes_(seed + 1), looking_(looking) {}

  std::vector<std::string> run() {
    for (int i = pick(2, 4); i > 0; --i) arrays_.push_back(fresh());
    for (int i = pick(5, 40); i > 0; --i) {
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

  void look() {
    if (looking_ == Looking::never) return;
    if (looking_ == Looking::always) {
      for (const Array& a : arrays_) tarry::eval(a);
      return;
    }
    if (std::uniform_int_distribution(0, 3)(eyes_)) return;
    const Array& a = arrays_[std::uniform_int_distribution<size_t>(0, arrays_.size() - 1)(eyes_)];
    switch (std::uniform_int_distribution(0, 2)(eyes_)) {
      case 0: tarry::eval(a); break;
      case 1: (void)tarry::to_string(a); break;
      default: (void)bits(a);
    }
  }

  static std::string bits(const Array& a) {
    std::string bytes;
    auto take = [&]<typename T>(T) {
      for (T x : a.template to_vector<T>()) {
        if (x != x) x = T(0) / T(1) - T(12345);  // all NaNs are equal
        bytes.append(reinterpret_cast<const char*>(&x), sizeof x);
      }
    };
    switch (a.dtype()) {
      case DType::float32: take(float{}); break;
      case DType::int64: take(int64_t{}); break;
      case DType::bool_: take(uint8_t{}); break;
      default: take(double{});
    }
    std::ostringstream head;
    head << a.shape();
    return head.str() + bytes;
  }

  DType dtype() {
    static const DType types[] = {tarry::float32, tarry::float64, tarry::int64};
    return types[pick(0, 2)];
  }

  Array fresh() {
    static const int64_t extents[] = {1, 2, 3, 4, 5, 8, 17, 40};
    tarry::Shape shape;
    int64_t n = 1;
    for (int i = pick(0, 3); i > 0; --i) {
      shape.push_back(extents[pick(0, 7)]);
      n *= shape.back();
    }
    std::vector<double> values(static_cast<size_t>(n));
    for (double& v : values) v = pick(0, 9) ? number() * 3 : -0.0;
    return np::array(std::span<const double>(values), shape).astype(dtype());
  }

  /// An index of slices, integers and new axes, always inside the array.
  std::vector<tarry::Item> index(const Array& a) {
    std::vector<tarry::Item> items;
    for (int64_t n : a.shape()) {
      if (n == 0) {
        items.push_back(np::all);
        continue;
      }
      switch (pick(0, 5)) {
        case 0: items.push_back(pick(-static_cast<int>(n), static_cast<int>(n) - 1)); break;
        case 1: items.push_back(np::slice(np::none, np::none, -1)); break;
        case 2: items.push_back(np::slice(pick(0, static_cast<int>(n) - 1), np::none, pick(1, 2))); break;
        case 3: items.push_back(np::slice(np::none, -pick(0, 1) ? tarry::Bound(-1) : tarry::Bound(np::none))); break;
        default: items.push_back(np::all);
      }
    }
    if (pick(0, 9) == 0) items.push_back(np::newaxis);
    return items;
  }

  void keep(Array a) {
    if (a.size() > 20000) return;
    if (arrays_.size() < 8)
      arrays_.push_back(std::move(a));
    else
      any() = std::move(a);
  }

  void note(const std::string& what) { text_ += what + "\n"; }

  void step() {
    static const std::vector<void (Program::*)()> steps = {
        &Program::binary,   &Program::binary,   &Program::unary,  &Program::unary,  &Program::view,
        &Program::view,     &Program::reduce,   &Program::row,    &Program::write,  &Program::write,
        &Program::in_place, &Program::in_place, &Program::gather, &Program::gather, &Program::scatter,
        &Program::scatter,  &Program::masked,   &Program::branch, &Program::joined, &Program::shaped,
        &Program::product,  &Program::alias};
    (this->*steps[static_cast<size_t>(pick(0, static_cast<int>(steps.size()) - 1))])();
  }

  /// Another array that broadcasts with `a`, or a scalar.
  Array partner(const Array& a) {
    for (int tries = 0; tries < 6; ++tries) {
      const Array& b = any();
      bool fits = true;
      int64_t n = 1;
      for (size_t i = 0; i < std::max(a.shape().size(), b.shape().size()); ++i) {
        const int64_t x = i < a.shape().size() ? a.shape()[a.shape().size() - 1 - i] : 1;
        const int64_t y = i < b.shape().size() ? b.shape()[b.shape().size() - 1 - i] : 1;
        fits &= x == y || x == 1 || y == 1;
        n *= std::max(x, y);
      }
      if (fits && n <= 20000) return b;
    }
    return pick(0, 1) ? Array(number()) : Array(pick(-3, 3));
  }

  void binary() {
    Array a = any(), b = partner(a);
    note("binary");
    switch (pick(0, 8)) {
      case 0: return keep(a + b);
      case 1: return keep(a - b);
      case 2: return keep(a * b);
      case 3: return keep(a / b);
      case 4: return keep(np::maximum(a, b));
      case 5: return keep(np::minimum(a, b));
      case 6: return keep(np::where(a < b, a, b));
      case 7: return keep(np::hypot(a, b));
      default: return keep(np::floor_divide(a, b));
    }
  }

  void unary() {
    Array a = any();
    note("unary");
    switch (pick(0, 8)) {
      case 0: return keep(-a);
      case 1: return keep(np::abs(a));
      case 2: return keep(np::exp(np::minimum(a, 3)));
      case 3: return keep(np::tanh(a));
      case 4: return keep(np::sqrt(np::abs(a)));
      case 5: return keep(np::sin(a));
      case 6: return keep(np::log1p(np::abs(a)));
      case 7: return keep(a.astype(dtype()));
      default: return keep(np::clip(a, -1, 1));
    }
  }

  void view() {
    Array a = any();
    note("view");
    switch (pick(0, 4)) {
      case 0: return keep(a.T());
      case 1: return keep(np::flip(a));
      case 2: return keep(a.reshape({-1}));
      case 3: return keep(np::expand_dims(a, pick(0, static_cast<int>(a.ndim()))));
      default: return keep(a[tarry::Index(index(a))]);
    }
  }

  int axis(const Array& a) { return pick(0, static_cast<int>(a.ndim()) - 1); }

  void reduce() {
    Array a = any();
    note("reduce");
    const bool all = a.ndim() == 0 || pick(0, 2) == 0;
    const tarry::Axes axes = all ? tarry::Axes() : tarry::Axes(axis(a));
    if (a.size() == 0) return keep(np::sum(a, axes));
    switch (pick(0, 6)) {
      case 0: return keep(np::sum(a, axes));
      case 1: return keep(np::max(a, axes));
      case 2: return keep(np::mean(a, axes));
      case 3: return keep(np::var(a, axes));
      case 4: return keep(np::any(a > 0, axes));
      case 5: return keep(all ? np::argmax(a) : np::argmax(a, axis(a)));
      default: return keep(all ? np::cumsum(a) : np::cumsum(a, axis(a)));
    }
  }

  void row() {
    Array a = any();
    if (a.ndim() == 0 || a.size() == 0) return;
    note("row");
    const int along = axis(a);
    Array e = np::exp(a - np::max(a, along, tarry::keepdims));
    keep(e / np::sum(e, along, tarry::keepdims));
  }

  void write() {
    Array& a = any();
    note("write");
    if (pick(0, 3) == 0 && a.ndim() > 0 && a.shape()[0] > 1) {
      // Overlapping places of one array.
      a[np::slice(1, np::none)] = a[np::slice(np::none, -1)];
      return;
    }
    const tarry::Index where(index(a));
    if (pick(0, 1))
      a[where] = number();
    else
      a[where] = a[where] * 2 + 1;
  }

  void in_place() {
    Array& a = any();
    note("in place");
    switch (pick(0, 3)) {
      case 0: a += pick(-2, 2); return;
      case 1: a *= 2; return;
      case 2:
        if (a.ndim() == 2 && a.shape()[0] == a.shape()[1])
          a += a.T();
        else
          a -= 1;
        return;
      default: a[tarry::Index(index(a))] += 1;
    }
  }

  /// An index array for an axis of this size, known or not; now and then one that reaches outside, and is known to.
  Array places(int64_t n, const Shape& shape) {
    std::vector<int64_t> values(static_cast<size_t>(tarry::ir::num_elements(shape)));
    for (int64_t& v : values) v = pick(-static_cast<int>(n), static_cast<int>(n) - 1);
    const bool outside = pick(0, 399) == 0;
    if (outside) values[0] = n;
    const Array known = np::array(std::span<const int64_t>(values), shape);
    return outside || pick(0, 1) ? known : known * 1;
  }

  /// An index with arrays, integers and slices in it.
  tarry::Index advanced(const Array& a) {
    static const Shape shapes[] = {{3}, {1}, {2, 3}, {1, 3}, {2, 1}};
    std::vector<tarry::Item> items;
    for (int64_t n : a.shape()) {
      if (n == 0) break;
      const int kind = pick(0, 5);
      if (kind < 3)
        items.push_back(places(n, shapes[pick(0, 4)]));
      else if (kind == 3)
        items.push_back(pick(-static_cast<int>(n), static_cast<int>(n) - 1));
      else if (kind == 4)
        items.push_back(np::slice(pick(0, static_cast<int>(n) - 1), np::none));
      else
        items.push_back(np::all);
    }
    if (pick(0, 5) == 0) items.push_back(np::newaxis);
    return tarry::Index(items);
  }

  void gather() {
    Array a = any();
    if (a.ndim() == 0 || a.size() == 0) return;
    note("gather");
    if (pick(0, 3)) return keep(Array(a[advanced(a)]));
    const int along = axis(a);
    keep(np::take(a, places(a.shape()[static_cast<size_t>(along)], {2, 2}), along));
  }

  void scatter() {
    Array& a = any();
    if (a.ndim() == 0 || a.size() == 0) return;
    note("scatter");
    const tarry::Index where = advanced(a);
    switch (pick(0, 3)) {
      case 0: a[where] = number(); return;
      case 1: a[where] += 1; return;
      case 2: a[where] = a[where] * 2 + 1; return;
      default: np::add_at(a, where, pick(-2, 2));
    }
  }

  void masked() {
    Array& a = any();
    note("masked");
    if (pick(0, 1))
      a[a > 1] = 0;
    else
      keep(a[a > 0]);
  }

  void branch() {
    Array& a = any();
    note("branch");
    if (a.size() == 0) return;
    if (np::sum(a) > 0)
      a[np::ellipsis] = a - 1;
    else
      keep(a + 1);
  }

  void joined() {
    Array a = any();
    if (a.ndim() == 0 || a.size() == 0) return;
    note("joined");
    const int along = axis(a);
    switch (pick(0, 3)) {
      case 0: return keep(np::concatenate({a, a * 2}, along));
      case 1: return keep(np::stack({a, -a}, along));
      case 2: return keep(np::roll(a, pick(-3, 3), along));
      default: return keep(np::pad(a, pick(0, 2)));
    }
  }

  void shaped() {
    note("shaped");
    Array a = any();
    keep(np::broadcast_to(a, a.shape()).copy());
    keep(np::arange(pick(0, 30)) * 0.5);
  }

  void product() {
    Array a = any();
    if (a.ndim() != 2 || a.dtype() == tarry::bool_) return;
    note("product");
    keep(np::matmul(a, a.T()));
  }

  void alias() {
    note("alias");
    Array a = any();
    any() = a;
  }

  std::mt19937 random_, eyes_;
  Looking looking_;
  std::vector<Array> arrays_;
  std::string text_;
};

using tarry::runtime::Tier;

struct Way {
  const char* name;
  Looking looking;
  Tier tier;
  int threads;
};

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

void check(const std::vector<Way>& ways, int programs) {
  const int replay = setting("TARRY_SEED", 0);
  const int first = replay ? replay : 1, last = replay ? replay : setting("TARRY_PROGRAMS", programs);
  int refused = 0;
  for (int seed = first; seed <= last; ++seed) {
    std::vector<std::string> expected;
    for (size_t w = 0; w < ways.size(); ++w) {
      tarry::runtime::set_tier(ways[w].tier);
      tarry::runtime::set_num_threads(ways[w].threads);
      Program program(static_cast<uint32_t>(seed), ways[w].looking);
      std::vector<std::string> results;
      try {
        results = program.run();
      } catch (const std::exception& e) {
        results = {std::string("threw ") + e.what()};
      }
      if (w == 0) {
        expected = results;
        const bool threw = results[0].starts_with("threw");
        refused += threw;
        if (threw && replay) std::printf("%s\n", results[0].c_str());
        continue;
      }
      ASSERT_EQ(results.size(), expected.size())
          << "seed " << seed << ", " << ways[w].name << ": " << results[0].substr(0, 300) << "\n"
          << expected[0].substr(0, 300);
      for (size_t i = 0; i < results.size(); ++i)
        ASSERT_TRUE(results[i] == expected[i])
            << "seed " << seed << ", " << ways[w].name << ", array " << i << " differs from " << ways[0].name << "\n"
            << results[i].substr(0, 200) << "\n"
            << expected[i].substr(0, 200) << "\n"
            << program.text();
    }
  }
  // NumPy's rules refuse some writes; a program that always ends there would show nothing.
  EXPECT_LT(refused, std::max(1, (last - first + 1) / 5));
}

TEST(RandomPrograms, LookingChangesNoBitInterpreted) {
  check({{"looking at everything", Looking::always, Tier::interpreter, 1},
         {"looking at the end", Looking::never, Tier::interpreter, 1},
         {"looking now and then", Looking::sometimes, Tier::interpreter, 2}},
        1000);
}

TEST(RandomPrograms, CompiledGivesTheBitsOfInterpreted) {
  check({{"interpreted", Looking::always, Tier::interpreter, 1},
         {"compiled, looking at the end", Looking::never, Tier::llvm, 2},
         {"compiled, looking now and then", Looking::sometimes, Tier::llvm, 1}},
        40);
}

}  // namespace
