// What a loop reads through views is found again from turn to turn, whatever it stands for by then: elements of other
// arrays, other numbers, other indices. Nothing that was computed of what it stood for before may be taken for it.
#include <tarry/tarry.h>

#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using Values = std::vector<double>;

constexpr int kLength = 8, kArrays = 3, kTurns = 14, kPrograms = 600;
constexpr double kModulus = 97;  // all values are small integers: no order of operations matters

double reduced(double x) { return x - std::floor(x / kModulus) * kModulus; }

/// start:start + count*step:step
struct Range {
  int start, step, count;
  int at(int i) const { return start + i * step; }
  tarry::Slice slice() const {
    const int stop = start + count * step;
    return stop < 0 ? np::slice(start, np::none, step) : np::slice(start, stop, step);
  }
};

/// An array of this library beside what it has to hold, which views of it share.
struct Pair {
  Array array;
  std::shared_ptr<Values> values;
  Pair(const Array& a, Values v) : array(a), values(std::make_shared<Values>(std::move(v))) {}
};

struct View {
  Array array;
  std::shared_ptr<Values> base;
  Range at;
};

enum class Kind : uint8_t {
  write,
  add_to,
  rebuild,
  element,
  gather,
  turn_indices,
  look,
  look_at_part,
  keep,
  keep_part,
  keep_result,
  hold_view,
  write_view,
  rename,
  count
};

struct Statement {
  Kind kind;
  int to, a, b;
  Range at, from, other;
  bool product;
};

class Program {
 public:
  explicit Program(unsigned seed) : random_(seed) {
    for (int i = 0; i < kArrays; ++i) arrays_.push_back(made());
    for (int i = 0; i < kLength; ++i) indices_.push_back(below(kLength));
    index_array_ = np::array(indices_);
    const int length = 2 + below(5);
    for (int i = 0; i < length; ++i) body_.push_back(statement());
  }

  void run() {
    for (int turn = 0; turn < kTurns; ++turn) {
      factor_ = 1 + turn % 5;
      for (const Statement& s : body_) execute(s);
      if (below(6) == 0) expect_same(arrays_[static_cast<size_t>(below(kArrays))]);
    }
    for (const Pair& p : arrays_) expect_same(p);
    for (const Pair& p : kept_) expect_same(p);
    for (const View& v : views_) expect_same(v);
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  Pair made() {
    Values values;
    for (int i = 0; i < kLength; ++i) values.push_back(below(50));
    return {np::array(values), values};
  }

  Range range(int count) {
    const int step = below(3) == 0 ? -1 : count <= kLength / 2 && below(3) == 0 ? 2 : 1;
    const int reach = (count - 1) * std::abs(step), start = below(kLength - reach);
    return {step < 0 ? start + reach : start, step, count};
  }

  Statement statement() {
    const int count = 1 + below(kLength - 1);
    return {static_cast<Kind>(below(static_cast<int>(Kind::count))),
            below(kArrays),
            below(kArrays),
            below(kArrays),
            range(count),
            range(count),
            range(count),
            below(2) == 0};
  }

  Array part(int i, const Range& r) { return arrays_[static_cast<size_t>(i)].array[{r.slice()}]; }
  double value(int i, int place) const {
    return arrays_[static_cast<size_t>(i)].values->at(static_cast<size_t>(place));
  }

  /// Of the operands' parts, in one expression.
  std::pair<Array, Values> computed(const Statement& s) {
    const Array x = part(s.a, s.from), y = part(s.b, s.other);
    const Array z = s.product ? np::remainder(x * y + factor_, kModulus) : np::remainder(x - y * factor_, kModulus);
    Values values;
    for (int i = 0; i < s.from.count; ++i) {
      const double u = value(s.a, s.from.at(i)), v = value(s.b, s.other.at(i));
      values.push_back(reduced(s.product ? u * v + factor_ : u - v * factor_));
    }
    return {z, values};
  }

  void execute(const Statement& s) {
    Pair& to = arrays_[static_cast<size_t>(s.to)];
    switch (s.kind) {
      case Kind::write: {
        const auto [z, values] = computed(s);
        to.array[{s.at.slice()}] = z;
        for (int i = 0; i < s.at.count; ++i)
          to.values->at(static_cast<size_t>(s.at.at(i))) = values[static_cast<size_t>(i)];
        break;
      }
      case Kind::add_to: {
        Values sums;
        for (int i = 0; i < s.at.count; ++i)
          sums.push_back(reduced(value(s.to, s.at.at(i)) + value(s.a, s.from.at(i))));
        to.array[{s.at.slice()}] += part(s.a, s.from);
        to.array[{s.at.slice()}] %= kModulus;
        for (int i = 0; i < s.at.count; ++i)
          to.values->at(static_cast<size_t>(s.at.at(i))) = sums[static_cast<size_t>(i)];
        break;
      }
      case Kind::rebuild: {
        const auto [z, values] = computed(s);
        const int rest = kLength - s.at.count;
        Pair fresh{np::concatenate({z, part(s.to, {0, 1, rest})}), values};
        for (int i = 0; i < rest; ++i) fresh.values->push_back(value(s.to, i));
        to = fresh;
        break;
      }
      case Kind::element: {
        const int from = s.from.start, other = s.other.start, at = s.at.start;
        const double sum = reduced(value(s.a, from) * factor_ + value(s.b, other));
        to.array[at] = np::remainder(
            arrays_[static_cast<size_t>(s.a)].array[from] * factor_ + arrays_[static_cast<size_t>(s.b)].array[other],
            kModulus);
        to.values->at(static_cast<size_t>(at)) = sum;
        break;
      }
      case Kind::gather: {
        Values taken;
        for (int64_t i : indices_) taken.push_back(value(s.a, static_cast<int>(i)));
        to = {arrays_[static_cast<size_t>(s.a)].array[index_array_], taken};
        break;
      }
      case Kind::turn_indices:
        index_array_ = (index_array_ + static_cast<int>(factor_)) % kLength;
        for (int64_t& i : indices_) i = (i + static_cast<int>(factor_)) % kLength;
        break;
      case Kind::look: expect_same(to); break;
      case Kind::look_at_part: {
        const Array seen = part(s.to, s.at);
        const Values got = seen.to_vector<double>();
        for (int i = 0; i < s.at.count; ++i) EXPECT_EQ(got[static_cast<size_t>(i)], value(s.to, s.at.at(i)));
        break;
      }
      case Kind::keep: kept_.push_back({to.array.copy(), *to.values}); break;
      case Kind::keep_part: {
        Values values;
        for (int i = 0; i < s.at.count; ++i) values.push_back(value(s.to, s.at.at(i)));
        kept_.push_back({part(s.to, s.at) + 0.0, values});
        break;
      }
      case Kind::keep_result: {
        const auto [z, values] = computed(s);
        if (s.product) tarry::eval(z);
        kept_.push_back({z, values});
        break;
      }
      case Kind::hold_view: views_.push_back({part(s.to, s.at), to.values, s.at}); break;
      case Kind::write_view: {
        if (views_.empty()) break;
        View& v = views_[static_cast<size_t>(below(static_cast<int>(views_.size())))];
        if (s.product) expect_same(v);
        v.array[0] = np::remainder(v.array[0] * factor_ + v.array[-1], kModulus);
        double& first = v.base->at(static_cast<size_t>(v.at.start));
        first = reduced(first * factor_ + v.base->at(static_cast<size_t>(v.at.at(v.at.count - 1))));
        break;
      }
      case Kind::rename: std::swap(arrays_[static_cast<size_t>(s.a)], arrays_[static_cast<size_t>(s.b)]); break;
      case Kind::count: break;
    }
  }

  void expect_same(const Pair& p) { EXPECT_EQ(p.array.to_vector<double>(), *p.values); }
  void expect_same(const View& v) {
    Values values;
    for (int i = 0; i < v.at.count; ++i) values.push_back(v.base->at(static_cast<size_t>(v.at.at(i))));
    EXPECT_EQ(v.array.to_vector<double>(), values);
  }

  std::mt19937 random_;
  std::vector<Pair> arrays_, kept_;
  std::vector<View> views_;
  std::vector<int64_t> indices_;
  Array index_array_;
  std::vector<Statement> body_;
  double factor_ = 1;
};

/// What was known of indices that lay at a place says nothing of those that lie there now.
TEST(ViewsAgain, IndicesThatChangeWhereTheyLie) {
  const Array x = np::arange(5) * 10;
  Array indices = np::array({0, 1, 2, 3});
  tarry::eval(x, indices);
  for (int64_t first = 0; first < 9; ++first) {
    indices[0] = first;
    tarry::eval(indices);
    const auto taken = [&] { return np::sum(x[indices[{np::slice(0, 3)}]]).item<int64_t>(); };
    if (first < 5)
      EXPECT_EQ(taken(), first * 10 + 30);
    else
      EXPECT_THROW(taken(), tarry::IndexError);
  }
}

/// What views are made of is kept by the thread that made them for its next ones, and by no other.
TEST(ViewsAgain, ThreadsThatOnlyDropViews) {
  const Array x = np::arange(100);
  const auto drop_in_threads = [&](int threads) {
    for (int i = 0; i < threads; ++i) {
      std::vector<Array> views;
      for (int64_t k = 0; k < 64; ++k) views.push_back(x[k]);
      std::thread([&] { views.clear(); }).join();
    }
    return mallinfo2().uordblks;
  };
  const size_t before = drop_in_threads(20), after = drop_in_threads(100);
  EXPECT_LT(after, before + (1 << 20));
}

/// What is refused has kept no memory.
TEST(ViewsAgain, RefusedCallsKeepNoMemory) {
  const uint64_t before = tarry::stats().bytes_live;
  {
    Array truth = np::zeros({1 << 20}) > 1.0, numbers = np::zeros({1 << 20});
    tarry::eval(truth, numbers);
    const Array inside = truth[{np::slice(1, np::none)}], behind = truth[{np::slice(np::none, -1)}];
    EXPECT_THROW(inside - behind, tarry::TypeError);
    EXPECT_THROW(-inside, tarry::TypeError);
    EXPECT_THROW(numbers[{np::slice(1, np::none)}] + numbers[{np::slice(2, np::none)}], tarry::ValueError);
    EXPECT_THROW(numbers[{np::slice(1, np::none)}] & numbers[{np::slice(1, np::none)}], tarry::TypeError);
    EXPECT_THROW(np::power(np::arange(9)[{np::slice(1, 3)}], -1), tarry::ValueError);
  }
  EXPECT_EQ(tarry::stats().bytes_live, before);
}

TEST(ViewsAgain, RandomLoops) {
  for (unsigned seed = 0; seed < kPrograms; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Program(seed).run();
    if (HasFailure()) break;
  }
}

}  // namespace
