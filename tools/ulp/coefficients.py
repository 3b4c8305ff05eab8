#!/usr/bin/env python3
"""Derives every polynomial and split constant of the elementary functions.

    python3 coefficients.py > passes/src/math/coefficients.h      (needs mpmath; about two minutes)

Each polynomial is the weighted minimax fit (Lawson's iteration) of one function on one interval. Its
coefficients are rounded one after the other, lowest degree first, and the rest is fitted again around
what was rounded. The error that remains is printed beside the coefficients as a power of two.
"""

import sys

from mpmath import asin, atan, cbrt, cos, erf, erfc, exp, expm1, fabs, floor, ldexp, log, log1p, lu_solve, matrix
from mpmath import mp, mpf, nint, pi, sin, sinh, sqrt, tan, tanh, workprec

mp.prec = 200


def rounded(x, bits):
    """x to the nearest number of that many significand bits."""
    x = mpf(x)
    if x == 0:
        return x
    e = int(floor(log(fabs(x), 2)))
    unit = mpf(2) ** (e - bits + 1)
    return nint(x / unit) * unit


def cut(x, bits):
    """x > 0 rounded down to that many significand bits."""
    unit = mpf(2) ** (int(floor(log(x, 2))) - bits + 1)
    return floor(mpf(x) / unit) * unit


def hexfloat(x, suffix):
    """An exact literal in C's hexadecimal notation."""
    if x == 0:
        return "0.0" + suffix
    sign, x = ("-" if x < 0 else ""), fabs(x)
    e = int(floor(log(x, 2)))
    m = int(ldexp(x, 60 - e))
    assert mpf(m) == ldexp(x, 60 - e), "not exact"
    digits = f"{m - (1 << 60):015x}".rstrip("0")
    return f"{sign}0x1{'.' if digits else ''}{digits}p{e:+d}{suffix}"


def least_squares(terms, target, weight):
    """Coefficients c_k that minimise Σ weight·(target - Σ c_k terms_k)^2."""
    n = len(terms[0])
    a, b = matrix(n, n), matrix(n, 1)
    for ps, t, w in zip(terms, target, weight):
        for i in range(n):
            wp = w * ps[i]
            b[i] += wp * t
            for j in range(i, n):
                a[i, j] += wp * ps[j]
    for i in range(n):
        for j in range(i):
            a[i, j] = a[j, i]
    solution = lu_solve(a, b)
    coefficients = [solution[k] for k in range(n)]
    error = [t - sum(c * p for c, p in zip(coefficients, ps)) for t, ps in zip(target, terms)]
    return coefficients, error


def fit(function, low, high, exponents, bits, weight=None, variable=lambda x: x, term=None):
    """Coefficients with `bits` bits each, for powers of variable(x) or what term(x, exponent) says, and the error that
    is left."""
    count = 12 * len(exponents) + 1
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    xs = [middle - half * cos(pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    xs = [x if fabs(x) > half * mpf("1e-9") else half * mpf("1e-9") for x in xs]
    target = [function(x) for x in xs]
    weights = [weight(x) if weight else 1 / fabs(t) for x, t in zip(xs, target)]
    terms = [[term(x, e) if term else variable(x) ** e for e in exponents] for x in xs]
    # Lawson's weights turn least squares into minimax; the best round is kept.
    lawson, best = [mpf(1)] * count, None
    for _ in range(24):
        squared = [l * w * w for l, w in zip(lawson, weights)]
        _, error = least_squares(terms, target, squared)
        error = [fabs(w * e) for w, e in zip(weights, error)]
        if best is None or max(error) < best[0]:
            best = max(error), squared
        lawson = [l * e for l, e in zip(lawson, error)]
        total = sum(lawson)
        lawson = [l / total for l in lawson]
    squared = best[1]
    done = []
    for k in range(len(exponents)):
        rest, _ = least_squares([ps[k:] for ps in terms], target, squared)
        c = rounded(rest[0], bits)
        done.append(c)
        target = [t - c * ps[k] for t, ps in zip(target, terms)]
    return done, max(fabs(w * t) for w, t in zip(weights, target))


class Header:
    def __init__(self, name, bits, suffix):
        self.name, self.bits, self.suffix = name, bits, suffix
        print(f"template <>\nstruct Coefficients<{name}> {{")

    def close(self):
        print("};\n")

    def comment(self, text):
        print(f"  // {text}")

    def polynomial(self, name, what, *args, **kwargs):
        values, error = fit(*args, bits=self.bits, **kwargs)
        print(f"  // {what}; error 2^{float(log(error, 2)):.1f}")
        print(f"  static constexpr {self.name} {name}[] = {{")
        for v in values:
            print(f"      {hexfloat(v, self.suffix)},")
        print("  };")
        print(name, self.name, f"2^{float(log(error, 2)):.2f}", file=sys.stderr)

    def constant(self, name, value, bits=None):
        print(f"  static constexpr {self.name} {name} = {hexfloat(rounded(value, bits or self.bits), self.suffix)};")

    def split(self, name, value, parts, first_bits=None, rounding=rounded):
        """name[i] sum to value; the first has room for exact products with small integers."""
        values = []
        for k in range(parts):
            v = rounding(value, first_bits if k == 0 and first_bits else self.bits)
            values.append(v)
            value -= v
        print(f"  static constexpr {self.name} {name}[] = {{{', '.join(hexfloat(v, self.suffix) for v in values)}}};")


def square(x):
    return x * x


def steps(first, count, step=1):
    return [first + step * k for k in range(count)]


def constants(h):
    h.constant("log2_e", 1 / log(2))
    # n·ln2[0] is exact for every exponent n.
    h.split("ln2", log(2), 2, first_bits=h.bits - (9 if h.bits == 24 else 12))
    h.split("ln2_parts", log(2), 2)
    h.split("log2_e_parts", 1 / log(2), 2)
    h.split("log10_e_parts", 1 / log(10), 2)
    h.split("log10_2", log(2) / log(10), 2, first_bits=h.bits - (9 if h.bits == 24 else 12))
    h.constant("two_over_pi", 2 / pi)
    h.split("half_pi", pi / 2, 2)
    h.comment("All parts positive: a zero that they are taken from keeps its sign.")
    h.split("half_pi_from_below", pi / 2, 3, rounding=cut)
    h.constant("quarter_pi", pi / 4)
    h.constant("three_quarter_pi", 3 * pi / 4)
    h.split("two_over_ln2", 2 / log(2), 2)


def half_ln2():
    return log(2) / 2 * (1 + mpf(2) ** -10)


def common(h, count):
    """What both precisions have; `count` tells the number of coefficients of each."""
    r = half_ln2()
    low, high = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1
    h.polynomial("exp_tail", "(e^r - 1 - r) / r^2, relative to e^r", lambda x: (expm1(x) - x) / x**2, -r, r,
                 steps(0, count["exp"]), weight=lambda x: x**2 / exp(x))
    h.polynomial("exp_slope", "(e^r - 1) / r, relative to e^r", lambda x: expm1(x) / x, -r, r,
                 steps(0, count["exp"] + 1), weight=lambda x: fabs(x) / exp(x))
    h.polynomial("expm1_tail", "(e^r - 1 - r) / r^2, relative to e^r - 1", lambda x: (expm1(x) - x) / x**2, -r, r,
                 steps(0, count["expm1"]), weight=lambda x: x**2 / fabs(expm1(x)))
    quarter_pi = pi / 4 * (1 + mpf(2) ** -8)
    h.polynomial("sin_tail", "(r - sin r) / r^3 in r^2", lambda x: (x - sin(x)) / x**3, 0, quarter_pi,
                 steps(0, count["sin"]), weight=lambda x: x**3 / sin(x), variable=square)
    h.polynomial("cos_tail", "(cos r - 1) / r^2 in r^2", lambda x: (cos(x) - 1) / x**2, 0,
                 quarter_pi, steps(0, count["cos"]), weight=lambda x: x**2 / cos(x), variable=square)
    h.polynomial("tan_tail", "(tan r - r) / r^3 in r^2", lambda x: (tan(x) - x) / x**3, 0, quarter_pi,
                 steps(0, count["tan"]), weight=lambda x: x**3 / tan(x), variable=square)
    h.polynomial("atan_tail", "(atan z - z) / z^3 in z^2 for z up to 1", lambda x: (atan(x) - x) / x**3, 0, 1,
                 steps(0, count["atan"]), weight=lambda x: x**3 / atan(x), variable=square)
    h.polynomial("asin_tail", "(asin z - z) / z^3 in z^2 for z up to 1/2", lambda x: (asin(x) - x) / x**3, 0,
                 mpf(1) / 2, steps(0, count["asin"]), weight=lambda x: x**3 / asin(x), variable=square)
    h.polynomial("sinh_tail", "(sinh x - x) / x^3 in x^2 for x up to 1", lambda x: (sinh(x) - x) / x**3, 0, 1,
                 steps(0, count["sinh"]), weight=lambda x: x**3 / sinh(x), variable=square)
    h.polynomial("cbrt_estimate", "cbrt v between 1/(2 sqrt 2) and 2 sqrt 2", cbrt, 1 / sqrt(mpf(8)), sqrt(mpf(8)),
                 steps(0, 4))
    limit = mpf(count["erf_limit"])
    h.constant("erf_limit", limit)
    h.polynomial("erf_small", "erf(x)/x - 1 in x^2 below erf_limit", lambda x: erf(x) / x - 1, 0, limit,
                 steps(0, count["erf_small"]), weight=lambda x: x / erf(x), variable=square)
    end = mpf(count["erf_end"])
    h.constant("erf_end", end)
    erfc_root(h, count["erfc_root"], limit, end, count["erfc_root_slope"])
    return low, high


def erfc_root(h, root, limit, end, count):
    """c, its square, and S of erfc(limit + t)^(1/root) = c + t S.

    S is a polynomial in t and w = t (t + 2 limit) = x^2 - limit^2, which cost no more than powers of t. The limits are
    places where c^2 happens to be a number of h.bits bits to two percent of its last place: no fit could repair its
    rounding.
    """
    c, square = rounded(erfc(limit) ** (mpf(1) / root), h.bits), rounded(erfc(limit) ** (mpf(2) / root), h.bits)
    h.constant("erfc_root", c)
    h.constant("erfc_root_square", square)
    # u = t S with u^2 + 2 c u + square = erfc^(2/root); c is rounded.
    u = lambda x: sqrt(erfc(x) ** (mpf(2) / root) + c * c - square) - c
    h.comment(f"(erfc(x)^(1/{root}) - erfc_root) / t as a + bt + cw + dtw + ew^2 + ... up to erf_end, where")
    h.polynomial("erfc_root_slope", "t = x - erf_limit and w = x^2 - erf_limit^2; as it counts in erf x",
                 lambda x: u(x) / (x - limit), limit, end, steps(0, count),
                 weight=lambda x: (x - limit) * root * erfc(x) ** (1 - mpf(1) / root) / erf(x),
                 term=lambda x, e: (x - limit) ** (e % 2) * (x * x - limit * limit) ** (e // 2))


def single():
    h = Header("float", 24, "f")
    constants(h)
    low, high = common(h, dict(exp=5, expm1=6, sin=3, cos=4, tan=7, atan=10, asin=5, sinh=4, erf_limit="0.83544921875",
                               erf_end="3.9375", erf_small=6, erfc_root=4, erfc_root_slope=9))
    h.polynomial("log_tail", "(log(1 + f) - f + f^2/2) / f^3", lambda x: (log1p(x) - x + x**2 / 2) / x**3, low, high,
                 steps(0, 9), weight=lambda x: fabs(x**3 / log1p(x)))
    limit, r = mpf("1.01"), half_ln2() / 2
    h.constant("tanh_limit", limit)
    h.polynomial("tanh_tail", "(tanh x - x) / x^3 in x^2 up to tanh_limit", lambda x: (tanh(x) - x) / x**3, 0, limit,
                 steps(0, 7), weight=lambda x: x**3 / tanh(x), variable=square)
    h.polynomial("exp_twice_slope", "(e^2r - 1) / r, relative to e^2r", lambda x: expm1(2 * x) / x, -r, r, steps(0, 6),
                 weight=lambda x: fabs(x) / exp(2 * x))
    h.close()


def atanh_variable(f):
    return f / (2 + f)


def double():
    h = Header("double", 53, "")
    constants(h)
    low, high = common(h, dict(exp=10, expm1=11, sin=6, cos=7, tan=14, atan=20, asin=13, sinh=8,
                               erf_limit="0.92333984375", erf_end="5.9375", erf_small=11, erfc_root=6,
                               erfc_root_slope=17))
    h.polynomial("log_tail", "(log(1 + f) - 2s) / s^3 in s^2, s = f / (2 + f)",
                 lambda f: (log1p(f) - 2 * atanh_variable(f)) / atanh_variable(f) ** 3, mpf("1e-8"), high, steps(0, 7),
                 weight=lambda f: atanh_variable(f) ** 3 / log1p(f), variable=lambda f: atanh_variable(f) ** 2)
    # pow of floats works in doubles; the bounds are those of its 24-bit result.
    h.polynomial("powf_log2_tail", "(log2(1 + f) - c s) / s^3 in s^2, s = f / (2 + f), c = 2 / ln 2",
                 lambda f: (log1p(f) / log(2) - 2 / log(2) * atanh_variable(f)) / atanh_variable(f) ** 3, mpf("1e-8"),
                 high, steps(0, 4), weight=lambda f: atanh_variable(f) ** 3 / log1p(f),
                 variable=lambda f: atanh_variable(f) ** 2)
    h.polynomial("powf_exp2", "(2^r - 1) / r", lambda r: expm1(r * log(2)) / r, -mpf("0.501"), mpf("0.501"),
                 steps(0, 7), weight=lambda r: fabs(r) / exp(r * log(2)))
    # The third term of the series, 0.96 z, is carried as z and the rest of it.
    h.polynomial("pow_log2_rest", "(log2(1 + f) / s - 2 / ln 2 - z) / z in z = s^2, s = f / (2 + f)",
                 lambda f: (log1p(f) / log(2) / atanh_variable(f) - 2 / log(2)) / atanh_variable(f) ** 2 - 1,
                 mpf("1e-8"), high, steps(0, 9), weight=lambda f: atanh_variable(f) ** 3 / log1p(f),
                 variable=lambda f: atanh_variable(f) ** 2)
    h.polynomial("pow_exp2_slope", "(2^r - 1) / r", lambda r: expm1(r * log(2)) / r, -mpf("0.501"), mpf("0.501"),
                 steps(0, 11), weight=lambda r: fabs(r) / exp(r * log(2)))
    h.close()


def two_over_pi():
    words = 20
    with workprec(64 * words + 64):
        digits = int(floor(ldexp(2 / pi, 64 * (words - 1))))
    print("/// The binary digits of 2/π after 64 zeros.")
    print("inline constexpr uint64_t kTwoOverPi[] = {")
    for k in reversed(range(words)):
        print(f"    0x{digits >> 64 * k & 2**64 - 1:016x},")
    print("};\n")


print("""#pragma once
/// Polynomials and split constants of the elementary functions. Generated by tools/ulp/coefficients.py: edit that.

#include <cstdint>

namespace tarry::passes::math {

template <class T>
struct Coefficients;
""")
single()
double()
two_over_pi()
print("}  // namespace tarry::passes::math")
