#!/usr/bin/env python3
"""Runs what numpy_programs writes, and compares: every result of tarry with NumPy's.

What IEEE 754 or integer arithmetic fixes has to agree to the bit, at the end of the program, through every alias. Where
bits are nobody's promise (elementary functions, the order of additions, which of two equal zeros) the line says how far
off NumPy may be; that is checked at once, and the program goes on with tarry's value, so that nothing adds up.
"""

import json
import sys
import traceback

import numpy as np

np.seterr(all="ignore")
HOST = {"float16": np.float32}
KINDS = {"ValueError": (ValueError, OverflowError), "TypeError": (TypeError,), "IndexError": (IndexError,)}


class Different(Exception):
    pass


def array(described):
    dtype, shape, digits = described
    raw = np.frombuffer(bytes.fromhex(digits), HOST.get(dtype, np.dtype(dtype)))
    return raw.astype(dtype).reshape(shape)


def same_kind(got, want):
    if got.dtype != want.dtype or got.shape != want.shape:
        raise Different(f"NumPy gives {got.dtype} {got.shape}, tarry {want.dtype} {want.shape}")


def same_bits(got, want):
    if got.dtype.kind != "f":
        return np.array_equal(got, want)
    whole = np.dtype(f"u{got.dtype.itemsize}")
    equal = np.isnan(got) & np.isnan(want)
    return np.all(equal | (np.ascontiguousarray(got).reshape(got.shape).view(whole) == want.view(whole)))


def exact(got, want):
    """For numpy_programs' `every`: where the program first goes wrong."""
    same_kind(got, want)
    if not same_bits(got, want):
        raise Different(f"NumPy gives\n{got!r}\ntarry\n{want!r}")
    return got


def close(got, want, tolerance):
    """The result, with tarry's elements in it."""
    same_kind(got, want)
    if got.dtype.kind == "f":
        g, w = got.astype(np.float64), want.astype(np.float64)
        good = (g == w) | (np.isnan(g) & np.isnan(w)) | (np.abs(g - w) <= tolerance) | ~np.isfinite(tolerance)
    else:
        good = got == want
    if not np.all(good):
        raise Different(f"NumPy gives\n{got!r}\ntarry\n{want!r}")
    got[...] = want
    return got


def limits(dtype):
    return np.finfo(dtype)


def ulp(got, want):
    if got.dtype.kind != "f":
        return close(got, want, 0)
    return close(got, want, 4 * np.spacing(np.abs(want)).astype(np.float64) if want.dtype == got.dtype else 0)


def zero(got, want):
    return close(got, want, 0)


def magnitude(x):
    return np.abs(x.astype(np.float64))


def rounding(got, size, scale):
    """How far a sum of `size` rounded terms of this size together may be off; anything where one of them overflows."""
    if got.dtype.kind != "f":
        return 0
    info = limits(got.dtype)
    bound = 4 * max(size, 1) * float(info.eps) * scale + float(info.smallest_subnormal) * max(size, 1)
    return np.where(scale * 2 < float(info.max), bound, np.inf)


def shaped(value, like):
    return np.asarray(value).reshape(like.shape) if np.asarray(value).size == like.size else value


def total(x, axis):
    size = x.size if axis is None else x.shape[axis]
    return lambda got, want: close(got, want, rounding(got, size, shaped(np.sum(magnitude(x), axis=axis), got)))


def average(x, axis):
    size = x.size if axis is None else x.shape[axis]

    def check(got, want):
        info = limits(got.dtype)
        scale = np.sum(magnitude(x), axis=axis)
        sums = np.where(scale * 2 < float(info.max), scale / max(size, 1), np.inf)
        return close(got, want, rounding(got, size, shaped(sums, got)))

    return check


def variance(x, axis):
    size = x.size if axis is None else x.shape[axis]

    def check(got, want):
        info = limits(got.dtype)
        scale = np.sum(magnitude(x) ** 2, axis=axis)
        squares = np.where(scale * 8 < float(info.max), scale / max(size, 1), np.inf)
        return close(got, want, 4 * rounding(got, size, shaped(squares, got)))

    return check


def relative(got, want, scale, smallest, size):
    """A product is off by a share of itself, unless it left the range on the way."""
    info = limits(got.dtype)
    bound = 4 * max(size, 1) * float(info.eps) * scale
    inside = (scale < float(info.max) / 2) & (smallest > float(info.tiny) * 2)
    return close(got, want, np.where(inside, bound, np.inf))


def extremes(x, axis):
    """The largest and the smallest product of any part of the factors."""
    m = magnitude(x)
    with_zero = m[m != 0] if axis is None else np.where(m == 0, 1.0, m)
    large = np.prod(np.maximum(with_zero, 1), axis=axis)
    small = np.prod(np.minimum(with_zero, 1), axis=axis)
    return large, small


def product(x, axis):
    size = x.size if axis is None else x.shape[axis]

    def check(got, want):
        large, small = extremes(x, axis)
        return relative(got, want, shaped(large, got), shaped(small, got), size)

    return check


def running(x, axis):
    size = x.size if axis is None else x.shape[axis]
    return lambda got, want: close(got, want, rounding(got, size, np.cumsum(magnitude(x), axis=axis)))


def growing(x, axis):
    size = x.size if axis is None else x.shape[axis]

    def check(got, want):
        m = np.where(magnitude(x) == 0, 1.0, magnitude(x))
        large = np.cumprod(np.maximum(m, 1), axis=axis)
        small = np.cumprod(np.minimum(m, 1), axis=axis)
        return relative(got, want, large, small, size)

    return check


def dots(a, b):
    return lambda got, want: close(got, want, rounding(got, a.shape[-1], np.matmul(magnitude(a), magnitude(b))))


def gathered(x, result):
    """What an index array selects, in C order; a view stays one."""
    return result if np.may_share_memory(x, result) else np.array(result, order="C")


def at(ufunc, x, where, value):
    """NumPy writes there even through what broadcast_to made."""
    if not x.flags.writeable:
        raise ValueError("output array is read-only")
    ufunc.at(x, where, value)


def fails(kind, error):
    if error is None:
        raise Different(f"tarry throws {kind}, NumPy nothing")
    if "read-only" in str(error) or isinstance(error, OverflowError):
        return  # which of two mistakes is told first is open
    if not isinstance(error, KINDS[kind]):
        raise Different(f"tarry throws {kind}, NumPy {type(error).__name__}: {error}")


def source(lines):
    out = []
    for i, (code, error, target, bound, result) in enumerate(lines):
        statement = code
        if target:
            statement = f"{target} = np.asarray({code})"
            if bound and result is not None:
                statement = f"{target} = {bound}(np.asarray({code}), given({i}))"
        if error:
            out.append(f"try:\n {statement}\nexcept Different: raise\nexcept Exception as e: fails({error!r}, e)\n"
                       f"else: fails({error!r}, None)")
        else:
            out.append(statement)
    return "\n".join(out)


def run(program):
    lines = program["lines"]
    names = dict(globals())
    names["given"] = lambda i: array(lines[i][4])
    exec(compile(source(lines), "program", "exec"), names)
    for name, described in program["results"].items():
        got, want = names[name], array(described)
        same_kind(got, want)
        if not same_bits(got, want):
            raise Different(f"{name}: NumPy has\n{got!r}\ntarry\n{want!r}")


def statement(program, error):
    """The line of the program that an error came out of."""
    numbers = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "program"]
    text = source(program["lines"]).split("\n")
    while numbers and numbers[-1] > 1 and text[numbers[-1] - 1].startswith(("except", "else")):
        numbers[-1] -= 1
    return text[numbers[-1] - 1].strip() if numbers else "at the end"


def main():
    stop_after = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    programs = different = lines = errors = 0
    for line in sys.stdin:
        program = json.loads(line)
        programs += 1
        lines += len(program["lines"])
        errors += sum(bool(l[1]) for l in program["lines"])
        try:
            run(program)
        except Exception as error:  # whatever it is, the program shows it
            different += 1
            print(f"seed {program['seed']}: {type(error).__name__}: {error}\n    {statement(program, error)}")
            if stop_after == 1:
                print(source(program["lines"]))
            if different >= stop_after:
                break
    print(f"{programs} programs of {lines} lines, {errors} of them refused, NumPy {np.__version__}: "
          f"{different} differ")
    return different != 0


if __name__ == "__main__":
    sys.exit(main())
