#include <tarry/numpy/random.h>

#include "broadcast.h"
#include "cell.h"
#include "observe.h"
#include "record.h"
#include "scalar.h"

#include <tarry/device.h>
#include <tarry/numpy.h>
#include <tarry/runtime/fork.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <numbers>
#include <random>
#include <string>
#include <vector>

namespace tarry::numpy::random {

using frontend::cell_of;
using frontend::Recorder;
using frontend::Term;
using ir::Op;

/// One draw: the key and the high half of the counter.
struct Generator::Draw {
  uint64_t seed, number;
};

namespace {

constexpr DType kWord = DType::uint64;

constexpr uint32_t kMultipliers[] = {0xD2511F53, 0xCD9E8D57}, kWeyl[] = {0x9E3779B9, 0xBB67AE85};
constexpr int kRounds = 10;

using Words = std::array<uint32_t, 4>;

/// Philox 4x32-10 of one element, as Philox records it for all.
Words philox(uint64_t seed, uint64_t number, uint64_t element) {
  const auto low = [](uint64_t x) { return static_cast<uint32_t>(x); };
  const auto high = [](uint64_t x) { return static_cast<uint32_t>(x >> 32); };
  Words w = {low(element), high(element), low(number), high(number)};
  uint32_t keys[] = {low(seed), high(seed)};
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t a = uint64_t{w[0]} * kMultipliers[0], b = uint64_t{w[2]} * kMultipliers[1];
    w = {high(b) ^ w[1] ^ keys[0], low(b), high(a) ^ w[3] ^ keys[1], low(a)};
    for (int i = 0; i < 2; ++i) keys[i] += kWeyl[i];
  }
  return w;
}

/// The words of Philox 4x32-10 for each element of a shape, as uint64 below 2^32.
class Philox {
 public:
  Philox(Recorder& r, uint64_t seed, uint64_t number, const Shape& shape) : r_(r), shape_(shape) {
    half_ = r.literal_int(kWord, 32);
    const int64_t n = ir::num_elements(shape);
    recorded_ = n > kFew || current_context() != cpu();
    if (recorded_)
      record(seed, number);
    else  // is done sooner than so many ops are recorded
      for (int64_t i = 0; i < n; ++i) few_.push_back(philox(seed, number, static_cast<uint64_t>(i)));
  }

  Term word(int i) {
    return recorded_ ? words_[i] : array_of([i](const Words& w) { return w[i]; });
  }

  /// 64 bits out of two words.
  Term pair(int first) {
    if (recorded_) return r_.op(Op::or_, r_.op(Op::shl, words_[first], half_), words_[first + 1]);
    return array_of([first](const Words& w) { return uint64_t{w[first]} << 32 | w[first + 1]; });
  }

  /// In [0, 1) out of two words, or of one for float32.
  Term uniform(DType t, int first) {
    if (t == DType::float32) {
      const Term bits = r_.cast(r_.op(Op::shr, word(first), r_.literal_int(kWord, 8)), t);
      return r_.op(Op::mul, bits, r_.literal(t, 0x1p-24));
    }
    const Term bits = r_.cast(r_.op(Op::shr, pair(first), r_.literal_int(kWord, 11)), DType::float64);
    return r_.op(Op::mul, bits, r_.literal(DType::float64, 0x1p-53));
  }

 private:
  static constexpr int64_t kFew = 1024;

  void record(uint64_t seed, uint64_t number) {
    low_ = r_.literal_int(kWord, 0xffffffff);
    const Term element = r_.cast(position(), kWord);
    words_[0] = low(element);
    words_[1] = high(element);
    const Term draw = r_.scalar_int(kWord, static_cast<int64_t>(number)),
               key = r_.scalar_int(kWord, static_cast<int64_t>(seed));
    words_[2] = low(draw);
    words_[3] = high(draw);
    Term keys[2] = {low(key), high(key)};
    for (int round = 0; round < kRounds; ++round) {
      turn(keys);
      for (int i = 0; i < 2; ++i) keys[i] = low(r_.op(Op::add, keys[i], r_.literal_int(kWord, kWeyl[i])));
    }
  }

  /// Elements counted in C order.
  Term position() {
    const int64_t n = ir::num_elements(shape_);
    if (shape_.empty()) return r_.literal_int(DType::int64, 0);
    return r_.reshape(r_.iota(ir::Shape{n}, 0), shape_);
  }
  Term low(Term x) { return r_.op(Op::and_, x, low_); }
  Term high(Term x) { return r_.op(Op::shr, x, half_); }

  void turn(const Term* keys) {
    const Term a = r_.op(Op::mul, words_[0], r_.literal_int(kWord, kMultipliers[0]));
    const Term b = r_.op(Op::mul, words_[2], r_.literal_int(kWord, kMultipliers[1]));
    const Term next[] = {r_.op(Op::xor_, r_.op(Op::xor_, high(b), words_[1]), keys[0]), low(b),
                         r_.op(Op::xor_, r_.op(Op::xor_, high(a), words_[3]), keys[1]), low(a)};
    std::copy(next, next + 4, words_);
  }

  template <class Number>
  Term array_of(const Number& number) {
    const Array array = frontend::new_array(kWord, shape_);
    auto* const to = static_cast<uint64_t*>(cell_of(array).buffer.data());
    for (size_t i = 0; i < few_.size(); ++i) to[i] = number(few_[i]);
    return r_.read(array);
  }

  Recorder& r_;
  const Shape& shape_;
  bool recorded_;
  Term low_, half_, words_[4];
  std::vector<Words> few_;
};

DType float_dtype(DType t) {
  if (t != DType::float32 && t != DType::float64)
    throw TypeError("Unsupported dtype dtype('" + std::string(ir::info(t).name) + "') for random numbers");
  return t;
}

/// The shape of a draw with parameters.
Shape drawn_shape(const Shape& size, std::initializer_list<const Arg*> parameters) {
  ir::Shape shape;
  for (const Arg* p : parameters)
    if (!frontend::broadcast_into(shape, cell_of(*p).shape))
      throw ValueError("shape mismatch: objects cannot be broadcast to a single shape");
  if (size.empty()) return shape;
  frontend::check_extents(size);
  if (!frontend::broadcasts_to(shape, size))
    throw ValueError("Output size " + ir::tuple_text(size) + " is not compatible with broadcast dimensions of inputs " +
                     ir::tuple_text(shape) + ".");
  return size;
}

void refuse_negative(const Arg& scale) {
  const frontend::Cell& cell = cell_of(scale);
  if (cell.weak && scale.array().item<double>() < 0) throw ValueError("scale < 0");
}

}  // namespace

Generator::Generator(uint64_t seed) : state_(std::make_shared<State>()) { state_->seed = seed; }

Generator::Draw Generator::next() const {
  return {state_->seed, state_->draws.fetch_add(1, std::memory_order_relaxed)};
}

Array Generator::bits(const Shape& size, Here here) const {
  frontend::check_extents(size);
  const Draw d = next();
  Recorder r("bits", here);
  return r.strong_result(Philox(r, d.seed, d.number, size).pair(0));
}

Array Generator::random(const Shape& size, DType dtype, Here here) const {
  frontend::check_extents(size);
  float_dtype(dtype);
  const Draw d = next();
  Recorder r("random", here);
  return r.strong_result(Philox(r, d.seed, d.number, size).uniform(dtype, 0));
}

/// By Box and Muller: the radius from two words, the angle from the other two.
Array Generator::standard_normal(const Shape& size, DType dtype, Here here) const {
  frontend::check_extents(size);
  const DType t = float_dtype(dtype);
  const Draw d = next();
  Recorder r("standard_normal", here);
  Philox p(r, d.seed, d.number, size);
  const Term share = r.op(Op::sub, r.literal(t, 1.0), p.uniform(t, 0));  // in (0, 1]
  const Term radius = r.op(Op::sqrt, r.op(Op::mul, r.literal(t, -2.0), r.op(Op::log, share)));
  const Term angle = r.op(Op::mul, r.literal(t, 2 * std::numbers::pi), p.uniform(t, 2));
  return r.strong_result(r.op(Op::mul, radius, r.op(Op::cos, angle)));
}

namespace {
/// Of [low, high), for draws of this dtype.
void check_bounds(int64_t low, int64_t high, DType dtype) {
  const auto fits = [dtype](int64_t v) { return frontend::fits(DType::int64, static_cast<uint64_t>(v), dtype); };
  const char* outside = low < 0 && !fits(low) ? "low" : high > 0 && !fits(high - 1) ? "high" : nullptr;
  if (outside) throw ValueError(std::string(outside) + " is out of bounds for " + std::string(ir::info(dtype).name));
  if (low >= high) throw ValueError("low >= high");
}
}  // namespace

Array Generator::integers(int64_t low, int64_t high, const Shape& size, DType dtype, Here here) const {
  frontend::check_extents(size);
  if (!ir::is_int(dtype))
    throw TypeError("Unsupported dtype dtype('" + std::string(ir::info(dtype).name) + "') for integers");
  check_bounds(low, high, dtype);
  const Draw d = next();
  Recorder r("integers", here);
  Philox p(r, d.seed, d.number, size);
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  const Term n = r.scalar_int(kWord, static_cast<int64_t>(range));
  Term x;
  if (range >> 32 == 0) {
    // The high word of a 64-bit number times n: as even as 64 bits allow.
    const Term half = r.literal_int(kWord, 32);
    const Term carried = r.op(Op::shr, r.op(Op::mul, p.word(1), n), half);
    x = r.op(Op::shr, r.op(Op::add, r.op(Op::mul, p.word(0), n), carried), half);
  } else {
    x = r.op(Op::mod, p.pair(0), n);
  }
  x = r.op(Op::add, r.cast(x, DType::int64), r.scalar_int(DType::int64, low));
  return r.strong_result(r.cast(x, dtype));
}
Array Generator::integers(int64_t high, Here here) const { return integers(0, high, {}, DType::int64, here); }

// ---- distributions -----------------------------------------------------------------------------

Array Generator::uniform(Arg low, Arg high, const Shape& size) const {
  const Array u = random(drawn_shape(size, {&low, &high}), DType::float64, low.here());
  return add(low, multiply(u, subtract(high, low)));
}
Array Generator::normal(Arg loc, Arg scale, const Shape& size) const {
  refuse_negative(scale);
  const Array z = standard_normal(drawn_shape(size, {&loc, &scale}), DType::float64, loc.here());
  return add(loc, multiply(z, scale));
}
Array Generator::standard_exponential(const Shape& size, DType dtype, Here here) const {
  return -log1p(-random(size, dtype, here));
}
Array Generator::exponential(Arg scale, const Shape& size) const {
  refuse_negative(scale);
  return multiply(standard_exponential(drawn_shape(size, {&scale}), DType::float64, scale.here()), scale);
}
Array Generator::laplace(Arg loc, Arg scale, const Shape& size) const {
  refuse_negative(scale);
  const Array u = random(drawn_shape(size, {&loc, &scale}), DType::float64, loc.here());
  const Array x = where(u >= 0.5, -log(2 - 2 * u), log(maximum(2 * u, 0x1p-53)));
  return add(loc, multiply(x, scale));
}
Array Generator::logistic(Arg loc, Arg scale, const Shape& size) const {
  refuse_negative(scale);
  const Array u = maximum(random(drawn_shape(size, {&loc, &scale}), DType::float64, loc.here()), 0x1p-54);
  return add(loc, multiply(log(u / (1 - u)), scale));
}
Array Generator::gumbel(Arg loc, Arg scale, const Shape& size) const {
  refuse_negative(scale);
  const Array e = standard_exponential(drawn_shape(size, {&loc, &scale}), DType::float64, loc.here());
  return subtract(loc, multiply(log(maximum(e, 0x1p-54)), scale));
}
Array Generator::lognormal(Arg mean, Arg sigma, const Shape& size) const { return exp(normal(mean, sigma, size)); }
Array Generator::rayleigh(Arg scale, const Shape& size) const {
  refuse_negative(scale);
  return multiply(sqrt(2 * standard_exponential(drawn_shape(size, {&scale}), DType::float64, scale.here())), scale);
}
Array Generator::weibull(Arg a, const Shape& size) const {
  return power(standard_exponential(drawn_shape(size, {&a}), DType::float64, a.here()), divide(1.0, a));
}
Array Generator::standard_cauchy(const Shape& size, Here here) const {
  return tan(std::numbers::pi * (random(size, DType::float64, here) - 0.5));
}

// ---- orders ------------------------------------------------------------------------------------

Array Generator::permutation(int64_t n, Here here) const { return argsort(Arg(bits({n}, here), here)); }

Array Generator::permutation(const Array& x, Here here) const {
  if (x.ndim() == 0) return permutation(x.item<int64_t>(here), here);
  return take(Arg(x, here), permutation(x.shape()[0], here), 0);
}

void Generator::shuffle(const Array& x, Here here) const {
  if (x.ndim() == 0) throw TypeError("only arrays with at least one axis can be shuffled");
  x.fill(Arg(permutation(x, here), here));
}

namespace {

/// Whether `count` draws are possible out of n elements, or out of the numbers below n.
void check_choice(bool from_number, int64_t n, int64_t count, bool replace) {
  if (n <= 0 && count > 0)
    throw ValueError(from_number ? "a must be a positive integer unless no samples are taken"
                                 : "a cannot be empty unless no samples are taken");
  if (!replace && count > n) throw ValueError("Cannot take a larger sample than population when replace is False");
}

/// The weights of n elements as float64, of which `drawn` different ones are asked for.
Array checked_weights(const Array& p, int64_t n, int64_t drawn) {
  if (p.ndim() != 1) throw ValueError("p must be 1-dimensional");
  if (p.size() != n) throw ValueError("a and p must have same size");
  const Array weights = p.astype(DType::float64);
  const double total = sum(weights).item<double>();
  if (std::isnan(total)) throw ValueError("Probabilities contain NaN");
  if (any(weights < 0).item<bool>()) throw ValueError("Probabilities are not non-negative");
  // Weights of fewer digits cannot sum to 1 more exactly than those digits allow.
  const double coarse = ir::is_float(p.dtype()) ? finfo(p.dtype()).eps : 0;
  if (std::abs(total - 1) > std::sqrt(std::max(coarse, finfo(DType::float64).eps)))
    throw ValueError("Probabilities do not sum to 1. See Notes section of docstring for more information.");
  if (drawn > 0 && count_nonzero(weights).item<int64_t>() < drawn)
    throw ValueError("Fewer non-zero entries in p than size");
  return weights;
}

}  // namespace

Array Generator::choice(Arg from, const Shape& size, bool replace, const std::optional<Array>& p) const {
  frontend::check_extents(size);
  const Array data = from.array();
  const int64_t n = data.ndim() == 0 ? data.item<int64_t>() : data.shape()[0];
  const int64_t count = ir::num_elements(size);
  check_choice(data.ndim() == 0, n, count, replace);
  const Array weights = p ? checked_weights(*p, n, replace ? 0 : count) : Array();
  Array chosen;
  if (replace && p) {
    // Divided by its last, for then the last element with a weight ends at 1, which no draw reaches.
    const Array ends = cumsum(weights);
    chosen = searchsorted(ends / ends[-1], random(size, DType::float64, from.here()), Side::right);
  } else if (replace) {
    chosen = integers(0, std::max<int64_t>(n, 1), size, DType::int64, from.here());  // none of none is fine
  } else if (p) {
    // Whose exponential clock, running at the rate of its weight, rings first. Those without a weight never ring, not
    // even after one so light that it rings at infinity: NaNs are sorted last.
    const Array rings = standard_exponential({n}, DType::float64, from.here()) / weights;
    chosen = argsort(where(weights > 0, rings, NAN))[slice(count)].reshape(size);
  } else {
    chosen = permutation(n, from.here())[slice(count)].reshape(size);
  }
  return data.ndim() == 0 ? chosen.copy() : take(data, chosen, 0);
}

// ---- generators --------------------------------------------------------------------------------

Generator default_rng(uint64_t seed) { return Generator(seed); }
Generator default_rng() {
  std::random_device device;
  return Generator(static_cast<uint64_t>(device()) << 32 | device());
}

namespace {
struct Global {
  runtime::ForkMutex mutex;
  Generator generator = default_rng();
};
Global& global() {
  static constinit runtime::MadeOnce<Global> g;
  return g.get();
}
}  // namespace

Generator global_generator() {
  const std::lock_guard guard(global().mutex);
  return global().generator;
}
void seed(uint64_t value) {
  const std::lock_guard guard(global().mutex);
  global().generator = Generator(value);
}

}  // namespace tarry::numpy::random
