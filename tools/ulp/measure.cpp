#include "measure.h"

#include "errors.h"

#include <tarry/passes/math/loops.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <random>
#include <thread>

namespace ulp {
namespace {

using tarry::ir::DType;

constexpr int64_t kBlock = 4096;

template <class T>
constexpr DType kDType = sizeof(T) == 4 ? DType::float32 : DType::float64;
template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

/// Runs `work(index)` for index < threads and merges what they find.
Worst on_threads(unsigned threads, const std::function<Worst(unsigned)>& work) {
  std::vector<Worst> found(threads);
  std::vector<std::thread> running;
  for (unsigned t = 0; t < threads; ++t)
    running.emplace_back([&, t] {
      found[t] = work(t);
      mpfr_free_cache();  // each thread has its own
    });
  for (auto& t : running) t.join();
  Worst worst;
  for (const auto& w : found) worst.merge(w);
  return worst;
}

/// An argument of one of the kinds that `ranges` and the format suggest.
template <class T>
T sample(std::mt19937_64& random, uint64_t kind, const Range* range) {
  if (range) {
    const double x = std::uniform_real_distribution<double>(range->low, range->high)(random);
    return static_cast<T>(x);
  }
  if (kind % 2 == 0) return std::bit_cast<T>(static_cast<Bits<T>>(random()));
  // Close to a multiple of a power of two, and of π/2.
  const int exponent = static_cast<int>(random() % 60) - 30;
  const double base = std::ldexp(static_cast<double>(random() % 64) - 32, exponent);
  const auto near = static_cast<T>(kind % 4 == 1 ? base : base * 1.57079632679489661923);
  return std::bit_cast<T>(static_cast<Bits<T>>(std::bit_cast<Bits<T>>(near) + random() % 9 - 4));
}

/// Values where formats end.
template <class T>
std::vector<T> special_values() {
  using L = std::numeric_limits<T>;
  std::vector<T> out;
  for (T x :
       {T(0), T(0.5), T(1), T(1.5), T(2), T(3), T(4), L::denorm_min(), L::min(), L::max(), L::infinity(),
        L::quiet_NaN(), L::epsilon(), T(1) + L::epsilon(), T(1) - L::epsilon() / 2, T(1e5), T(0x1p24), T(0x1p53)}) {
    out.push_back(x);
    out.push_back(-x);
  }
  return out;
}

/// The error of a result by MPFR.
template <class T, class Evaluate>
double exact_error(T got, Evaluate evaluate) {
  mpfr_t result;
  mpfr_init2(result, 160);
  evaluate(result);
  const double error = error_of(got, result);
  mpfr_clear(result);
  return error;
}

/// Takes the error against a reference of more digits, and MPFR's word where that would be a new worst.
template <class T, class Evaluate>
void judge(Worst& worst, T got, long double reference, T x, T y, Evaluate evaluate) {
  double error = error_of(got, reference);
  if (error > worst.error && std::isfinite(error) && std::isfinite(got) && std::isfinite(reference))
    error = exact_error(got, evaluate);
  worst.meet(error, static_cast<double>(x), static_cast<double>(y));
}

/// Whether the result is the float32 nearest to the reference, or both are NaN.
bool is_nearest(float got, double reference) {
  return std::bit_cast<uint32_t>(static_cast<float>(reference)) == std::bit_cast<uint32_t>(got) ||
         (std::isnan(reference) && std::isnan(got));
}

/// Whether a finite result is off by less than `ulps`; false where it takes a closer look to tell.
bool surely_within(float got, double reference, double ulps) {
  using F = std::numeric_limits<float>;
  const int exponent = static_cast<int>(std::bit_cast<uint64_t>(reference) >> 52 & 0x7ff) - 1023;
  const int64_t place = std::clamp(exponent, F::min_exponent - 1, F::max_exponent - 1) - F::digits + 1;
  const double one_ulp = std::bit_cast<double>(static_cast<uint64_t>(1023 + place) << 52);
  return std::signbit(got) == std::signbit(reference) && reference != 0 &&
         std::fabs(got - reference) < 0.999999 * ulps * one_ulp;
}

template <class T>
Worst measure_sampled(const Binary& f, const Effort& effort) {
  const tarry::passes::Loop loop = tarry::passes::elementwise_loop(f.op, kDType<T>);
  return on_threads(effort.threads, [&](unsigned thread) {
    Worst worst;
    std::mt19937_64 random(1000 + thread);
    const std::vector<T> specials = special_values<T>();
    std::vector<T> x(kBlock), y(kBlock), out(kBlock);
    mpfr_t a, b;
    mpfr_init2(a, std::numeric_limits<T>::digits);
    mpfr_init2(b, std::numeric_limits<T>::digits);
    for (uint64_t done = 0; done * effort.threads < effort.samples; done += kBlock) {
      for (int64_t i = 0; i < kBlock; ++i) {
        const uint64_t kind = random();
        const auto* range = kind % 3 ? &f.ranges[kind / 4 % f.ranges.size()] : nullptr;
        x[i] = sample<T>(random, kind / 16, range ? &(*range)[0] : nullptr);
        y[i] = sample<T>(random, kind / 64, range ? &(*range)[1] : nullptr);
        if (done == 0 && i < static_cast<int64_t>(specials.size() * specials.size())) {
          x[i] = specials[i / specials.size()];
          y[i] = specials[i % specials.size()];
        }
      }
      const void* const operands[] = {x.data(), y.data()};
      loop(operands, out.data(), kBlock);
      for (int64_t i = 0; i < kBlock; ++i) {
        judge(worst, out[i], f.in_long_double(x[i], y[i]), x[i], y[i], [&](mpfr_t result) {
          mpfr_set_d(a, x[i], MPFR_RNDN);
          mpfr_set_d(b, y[i], MPFR_RNDN);
          f.exact(result, a, b, MPFR_RNDN);
        });
      }
    }
    mpfr_clear(a);
    mpfr_clear(b);
    return worst;
  });
}

}  // namespace

namespace {

/// All arguments that lie `stride` apart, in blocks. Of an even or odd function only those without a sign
/// bit meet the reference; their negatives are compared with them.
class Float32Sweep {
 public:
  Float32Sweep(const Unary& f, const Effort& effort)
      : f_(f), stride_(effort.stride), loop_(tarry::passes::elementwise_loop(f.op, DType::float32)) {
    mpfr_init2(argument_, std::numeric_limits<float>::digits);
    worst_.error = 0.5;  // of results that are the nearest number, which most are: no place stands out
  }
  ~Float32Sweep() { mpfr_clear(argument_); }
  Float32Sweep(const Float32Sweep&) = delete;

  /// The arguments first, first + 1, … times the stride, as bit patterns.
  void block(uint64_t first, int64_t n) {
    float x[kBlock], out[kBlock];
    for (int64_t i = 0; i < n; ++i) x[i] = std::bit_cast<float>(static_cast<uint32_t>((first + i) * stride_));
    run(x, out, n);
    for (int64_t i = 0; i < n; ++i) meet(x[i], out[i]);
    if (f_.parity == Parity::none) return;
    float negative[kBlock], mirrored[kBlock];
    for (int64_t i = 0; i < n; ++i) negative[i] = -x[i];
    run(negative, mirrored, n);
    for (int64_t i = 0; i < n; ++i) {
      const float wanted = f_.parity == Parity::odd ? -out[i] : out[i];
      const bool same = std::bit_cast<uint32_t>(mirrored[i]) == std::bit_cast<uint32_t>(wanted);
      if (same || (std::isnan(mirrored[i]) && std::isnan(wanted)))
        ++worst_.samples;
      else
        meet(negative[i], mirrored[i]);
    }
  }
  const Worst& worst() const { return worst_; }

 private:
  void run(const float* x, float* out, int64_t n) const {
    const void* const operands[] = {x};
    loop_(operands, out, n);
  }

  void meet(float x, float got) {
    const double reference = f_.in_double(x);
    if (is_nearest(got, reference) || surely_within(got, reference, worst_.error)) {
      ++worst_.samples;
      return;
    }
    judge(worst_, got, reference, x, 0.0f, [&](mpfr_t result) {
      mpfr_set_d(argument_, x, MPFR_RNDN);
      f_.exact(result, argument_, MPFR_RNDN);
    });
  }

  const Unary& f_;
  uint64_t stride_;
  tarry::passes::Loop loop_;
  mpfr_t argument_;
  Worst worst_;
};

}  // namespace

Worst measure_float32(const Unary& f, const Effort& effort) {
  const uint64_t patterns = uint64_t{1} << (f.parity == Parity::none ? 32 : 31);
  const uint64_t count = (patterns + effort.stride - 1) / effort.stride;
  const uint64_t share = (count + effort.threads - 1) / effort.threads;
  return on_threads(effort.threads, [&](unsigned thread) {
    Float32Sweep sweep(f, effort);
    const uint64_t end = std::min(count, (thread + 1) * share);
    for (uint64_t first = thread * share; first < end; first += kBlock)
      sweep.block(first, static_cast<int64_t>(std::min<uint64_t>(kBlock, end - first)));
    return sweep.worst();
  });
}

Worst measure_float64(const Unary& f, const Effort& effort) {
  const tarry::passes::Loop loop = tarry::passes::elementwise_loop(f.op, DType::float64);
  return on_threads(effort.threads, [&](unsigned thread) {
    Worst worst;
    std::mt19937_64 random(1 + thread);
    const std::vector<double> specials = special_values<double>();
    std::vector<double> x(kBlock), out(kBlock);
    mpfr_t a;
    mpfr_init2(a, 53);
    for (uint64_t done = 0; done * effort.threads < effort.samples; done += kBlock) {
      for (int64_t i = 0; i < kBlock; ++i) {
        const uint64_t kind = random();
        x[i] = sample<double>(random, kind / 4, kind % 3 ? &f.ranges[kind / 4 % f.ranges.size()] : nullptr);
        if (done == 0 && i < static_cast<int64_t>(specials.size())) x[i] = specials[i];
      }
      const void* const operands[] = {x.data()};
      loop(operands, out.data(), kBlock);
      for (int64_t i = 0; i < kBlock; ++i) {
        judge(worst, out[i], f.in_long_double(x[i]), x[i], 0.0, [&](mpfr_t result) {
          mpfr_set_d(a, x[i], MPFR_RNDN);
          f.exact(result, a, MPFR_RNDN);
        });
      }
    }
    mpfr_clear(a);
    return worst;
  });
}

Worst measure_float32(const Binary& f, const Effort& effort) { return measure_sampled<float>(f, effort); }
Worst measure_float64(const Binary& f, const Effort& effort) { return measure_sampled<double>(f, effort); }

}  // namespace ulp
