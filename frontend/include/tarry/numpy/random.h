#pragma once
/// Random numbers by counting (Philox 4x32-10): element i of a generator's d-th draw is a function of the seed, d and i
/// alone. A draw belongs to its call, whenever it is computed, and on whatever device; its values are tarry's own.

#include <tarry/array.h>

#include <atomic>
#include <memory>
#include <optional>

namespace tarry::numpy::random {

/// Copying it makes another name for the same generator. Draws take the next number of the generator at the call.
/// Without a `size` the shape is that of the parameters together. Parameters are checked where they are C++ numbers.
class TARRY_API Generator {
 public:
  explicit Generator(uint64_t seed);

  /// Uniform in [0, 1), with 53 bits (float32: 24).
  Array random(const Shape& size = {}, DType dtype = DType::float64, Here here = {}) const;
  Array uniform(Arg low = 0.0, Arg high = 1.0, const Shape& size = {}) const;
  Array standard_normal(const Shape& size = {}, DType dtype = DType::float64, Here here = {}) const;
  Array normal(Arg loc = 0.0, Arg scale = 1.0, const Shape& size = {}) const;
  /// In [low, high); one alone in [0, high).
  Array integers(int64_t low, int64_t high, const Shape& size = {}, DType dtype = DType::int64, Here here = {}) const;
  Array integers(int64_t high, Here here = {}) const;
  /// 64 random bits an element, as uint64.
  Array bits(const Shape& size = {}, Here here = {}) const;

  Array standard_exponential(const Shape& size = {}, DType dtype = DType::float64, Here here = {}) const;
  Array exponential(Arg scale = 1.0, const Shape& size = {}) const;
  Array laplace(Arg loc = 0.0, Arg scale = 1.0, const Shape& size = {}) const;
  Array logistic(Arg loc = 0.0, Arg scale = 1.0, const Shape& size = {}) const;
  Array gumbel(Arg loc = 0.0, Arg scale = 1.0, const Shape& size = {}) const;
  Array lognormal(Arg mean = 0.0, Arg sigma = 1.0, const Shape& size = {}) const;
  Array rayleigh(Arg scale = 1.0, const Shape& size = {}) const;
  Array weibull(Arg a, const Shape& size = {}) const;
  Array standard_cauchy(const Shape& size = {}, Here here = {}) const;

  /// Elements of `from` (its first axis, or the numbers below an integer), with or without putting them back, all as
  /// likely or by weights that sum to one.
  Array choice(Arg from, const Shape& size = {}, bool replace = true, const std::optional<Array>& p = {}) const;
  /// The numbers below n, or the first axis of x, in random order.
  Array permutation(int64_t n, Here here = {}) const;
  Array permutation(const Array& x, Here here = {}) const;
  /// Reorders x along its first axis.
  void shuffle(const Array& x, Here here = {}) const;

 private:
  struct State {
    uint64_t seed;
    std::atomic<uint64_t> draws{0};
  };
  struct Draw;
  Draw next() const;
  std::shared_ptr<State> state_;
};

/// A generator of its own; without a seed from the system's randomness.
TARRY_API Generator default_rng();
TARRY_API Generator default_rng(uint64_t seed);

/// The generator that the functions below use. `seed` starts it anew.
TARRY_API Generator global_generator();
TARRY_API void seed(uint64_t value);

inline Array uniform(Arg low = 0.0, Arg high = 1.0, const Shape& size = {}) {
  return global_generator().uniform(low, high, size);
}
inline Array normal(Arg loc = 0.0, Arg scale = 1.0, const Shape& size = {}) {
  return global_generator().normal(loc, scale, size);
}
inline Array random(const Shape& size = {}, Here here = {}) {
  return global_generator().random(size, DType::float64, here);
}
inline Array standard_normal(const Shape& size = {}, Here here = {}) {
  return global_generator().standard_normal(size, DType::float64, here);
}
inline Array exponential(Arg scale = 1.0, const Shape& size = {}) {
  return global_generator().exponential(scale, size);
}
inline Array integers(int64_t low, int64_t high, const Shape& size = {}, Here here = {}) {
  return global_generator().integers(low, high, size, DType::int64, here);
}
inline Array randint(int64_t low, int64_t high, const Shape& size = {}, Here here = {}) {
  return integers(low, high, size, here);
}
inline Array randint(int64_t high, Here here = {}) { return integers(0, high, {}, here); }
inline Array choice(Arg from, const Shape& size = {}, bool replace = true, const std::optional<Array>& p = {}) {
  return global_generator().choice(from, size, replace, p);
}
inline Array permutation(int64_t n, Here here = {}) { return global_generator().permutation(n, here); }
inline Array permutation(const Array& x, Here here = {}) { return global_generator().permutation(x, here); }
inline void shuffle(const Array& x, Here here = {}) { global_generator().shuffle(x, here); }
/// The extents one by one: rand(2, 3).
template <Integer... T>
Array rand(T... extents) {
  return random(Shape{extents...});
}
template <Integer... T>
Array randn(T... extents) {
  return standard_normal(Shape{extents...});
}

}  // namespace tarry::numpy::random
