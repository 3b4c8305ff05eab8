#pragma once
/// Reduction of large arguments modulo π/2, after Payne and Hanek: x · 2/π modulo 4 needs only those
/// digits of 2/π whose product with x's integer significand is below 4.

#include "arithmetic.h"

namespace tarry::passes::math {

/// x = n π/2 + high - excess with |high| <= π/4; of n the low bits count.
template <template <class> class V, class T>
struct Quadrant {
  V<BitsOf<T>> n;
  V<T> high, excess;
};

/// `Count` 64-bit words of the digits of 2/π from bit `position` on; the first word of the table is 0.
template <int Count, template <class> class V>
void digits_of_two_over_pi(V<uint64_t> position, V<uint64_t> (&out)[Count]) {
  using U = V<uint64_t>;
  constexpr int kWords = sizeof kTwoOverPi / sizeof kTwoOverPi[0];
  // Without indexing: the table is moved by 16, 8, … words where the position has that bit.
  constexpr int kFirst = Count == 2 ? 2 : 16, kLast = Count == 2 ? 6 : kWords;
  U words[kWords];
  for (int i = 0; i < kLast; ++i) words[i] = kTwoOverPi[i];
  const U index = position >> U(6), shift = position & U(63);
  for (int step = kFirst; step > 0; step /= 2) {
    const V<bool> moves = (index & U(step)) != U(0);
    for (int i = 0; i < Count + step && i + step < kLast; ++i) words[i] = select(moves, words[i + step], words[i]);
  }
  for (int i = 0; i < Count; ++i) out[i] = (words[i] << shift) | (words[i + 1] >> (U(64) - shift));
}

/// The significand of |x| as an integer and the position of the first digit that counts, for large x.
template <template <class> class V, class T>
struct LargeArgument {
  V<uint64_t> significand, position;
  explicit LargeArgument(V<T> x) {
    using F = Format<T>;
    using B = BitsOf<T>;
    const V<B> b = bits<B>(abs(x));
    significand = convert<uint64_t>((b & V<B>(F::mantissa_mask)) | V<B>(F::mantissa_mask + 1));
    // x = significand · 2^k; the digit of weight 2^-(k - 1) is the first whose product is below 4.
    position = convert<uint64_t>(b >> V<B>(F::mantissa)) - V<uint64_t>(F::bias + F::mantissa - 62);
  }
};

/// The integer nearest to a fraction of 4, given in units of 2^-62.
template <template <class> class V>
V<uint64_t> nearest_quadrant(V<uint64_t> turns) {
  return (turns + V<uint64_t>(1ull << 61)) >> V<uint64_t>(62);
}

template <template <class> class V, class T>
Quadrant<V, T> with_sign(V<T> x, V<uint64_t> n, V<T> high, V<T> low) {
  using B = BitsOf<T>;
  const V<bool> negative = x < T(0);
  const V<B> count = convert<B>(n);
  return {select(negative, V<B>(0) - count, count), select(abs(x) < kInf<T>, select(negative, -high, high), kNaN<T>),
          select(negative, low, -low)};
}

template <template <class> class V>
Quadrant<V, float> reduce_far(V<float> x) {
  using U = V<uint64_t>;
  const LargeArgument<V, float> large(x);
  U digits[2];
  digits_of_two_over_pi(large.position, digits);
  // The product modulo 2^96, in units of 2^-94, in steps of 32 bits.
  const U mask = 0xffffffffull;
  const U third = large.significand * (digits[1] >> U(32));
  const U second = large.significand * (digits[0] & mask) + (third >> U(32));
  const U first = large.significand * (digits[0] >> U(32)) + (second >> U(32));
  const U turns = (first << U(32)) | (second & mask);
  const U n = nearest_quadrant(turns);
  const V<double> fraction = convert<double>(bits<int64_t>(turns - (n << U(62))));
  const V<double> r = fraction * (Coefficients<double>::half_pi[0] * 0x1p-62);
  const V<float> high = convert<float>(r);
  return with_sign(x, n, high, convert<float>(r - convert<double>(high)));
}

template <template <class> class V>
Quadrant<V, double> reduce_far(V<double> x) {
  using C = Coefficients<double>;
  using U = V<uint64_t>;
  using D = V<double>;
  const LargeArgument<V, double> large(x);
  U digits[3];
  digits_of_two_over_pi(large.position, digits);
  // The product modulo 2^192, in units of 2^-190: two limbs of the significand by six of the digits.
  const U mask = 0xffffffffull;
  const U low_half = large.significand & mask, high_half = large.significand >> U(32);
  U limb[6];
  U carry = 0, above = 0;  // `above` is the high half times the limb before
  for (int i = 5; i >= 0; --i) {
    const U digit = i % 2 ? digits[i / 2] & mask : digits[i / 2] >> U(32);
    const U below = low_half * digit;
    const U sum = (below & mask) + (above & mask) + carry;
    limb[i] = sum & mask;
    carry = (sum >> U(32)) + (below >> U(32)) + (above >> U(32));
    above = high_half * digit;
  }
  const U turns = (limb[0] << U(32)) | limb[1];
  const U n = nearest_quadrant(turns);
  // The fraction as a pair, from four exact pieces.
  const V<int64_t> top = bits<int64_t>(turns - (n << U(62)));
  const auto piece = [&](const U& integer, double unit) { return convert<double>(bits<int64_t>(integer)) * D(unit); };
  const D first = convert<double>(top >> V<int64_t>(32)) * D(0x1p-30);
  const Pair<D> upper = fast_sum(first, piece(limb[1], 0x1p-62));
  const Pair<D> fraction = fast_sum(upper.high, upper.low + (piece(limb[2], 0x1p-94) + piece(limb[3], 0x1p-126)));
  const Pair<D> product = exact_product(fraction.high, D(C::half_pi[0]));
  const D rest = fma(fraction.low, C::half_pi[0], fma(fraction.high, C::half_pi[1], product.low));
  const Pair<D> r = fast_sum(product.high, rest);
  return with_sign(x, n, r.high, r.low);
}

}  // namespace tarry::passes::math
