"""What NumPy computes with complex numbers.

complex.txt, HEX being elements in little-endian bytes, one row of words a line:

    values NAME DTYPE EXTENTS HEX            an argument
    unary NAME ARGUMENT DTYPE HOW HEX        a ufunc of it
    binary NAME ARGUMENT DTYPE HOW HEX       of every pair of its elements, the second running fastest
    call NAME DTYPE EXTENTS HOW HEX          what the expression of this name below gives

HOW is "exact", or "near" where roundings differ. NaNs are all one NaN. EXTENTS is "-" for 0-d.
"""

import itertools
import warnings

import numpy as np

COMPLEX = [np.dtype("complex64"), np.dtype("complex128")]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, np.inf, -np.inf, np.nan]

EXACT_UNARY = ["negative", "positive", "conjugate", "real", "imag", "rint", "isnan", "isinf", "isfinite", "logical_not",
               "iscomplex", "isreal"]
NEAR_UNARY = ["absolute", "angle", "square", "reciprocal", "sign", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p",
              "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh",
              "arctanh"]
EXACT_BINARY = ["add", "subtract", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and",
                "logical_or", "logical_xor", "maximum", "minimum", "fmax", "fmin"]
NEAR_BINARY = ["multiply", "divide", "power"]
# What becomes of numbers near overflow depends on how NumPy's processor contracts products; its log1p loses small ones.
MODERATE = ["square", "exp2", "log1p", "reciprocal", "sign"]


def precise(function, how, *arguments):
    """NumPy's value, computed in 80 bits where that is finite as well: float32 loops lose bits on the way."""
    result = function(*arguments)
    if how == "exact":
        return result
    wide = function(*(a.astype(np.clongdouble) for a in arguments)).astype(result.dtype)
    return np.where(np.isfinite(result) & np.isfinite(wide), wide, result)


def arguments(dtype):
    part = dtype.type(0).real.dtype
    generator = np.random.default_rng(3)
    special = np.array([complex(a, b) for a, b in itertools.product(SPECIAL, repeat=2)], dtype)
    normal = generator.normal(size=(2, 80))
    ordinary = (normal[0] + 1j * normal[1]) * np.repeat([0.01, 0.5, 1.0, 4.0], 20)
    on_circle = np.exp(1j * np.linspace(0.1, 6.2, 20)) * np.repeat([0.999, 1.0001], 10)
    large = np.array([1e18 + 2e18j, -3e-18 + 1e-18j, 30 - 2j, -40 + 3j, 2 + 50j, -0.3 - 60j])
    far = np.array([] if part.itemsize == 4 else [1e200 - 2e200j, 3e-200 + 1e-200j, 1.5e308 + 1.5e308j, 1e-310 - 3e-320j])
    ordinary = np.concatenate([ordinary, on_circle])
    usual = np.concatenate([ordinary, large, far]).astype(dtype)
    pairs = np.array([0, complex(-0.0, 0.0), 1, -1, 2, 1j, -2.5j, 0.5 - 1.5j, 3 + 4j, -7 + 0.25j, 1e-3 + 2j, complex(np.inf, 1),
                      complex(-1, -np.inf), complex(np.nan, 2), complex(2, np.nan), 3], dtype)
    finite = pairs[[2, 3, 4, 6, 7, 8, 9, 10, 15]]
    matrix = (generator.normal(size=(3, 4)) + 1j * generator.normal(size=(3, 4))).astype(dtype)
    stack = (generator.normal(size=(2, 4, 5)) + 1j * generator.normal(size=(2, 4, 5))).astype(dtype)
    ties = np.array([2 + 1j, 1 + 5j, 2 + 1j, complex(1, -0.0), 1 + 0j, 2 - 3j, 2 + 1j, -4, 1 + 5j, 1 - 5j], dtype)
    unknown = np.array([2 + 1j, complex(np.nan, 1), 3, complex(1, np.nan), complex(np.nan, np.nan), -1j, complex(0, np.nan),
                        complex(np.nan, -2), np.inf, complex(-np.inf, 3)], dtype)
    return {"special": special, "ordinary": ordinary.astype(dtype), "usual": usual, "pairs": pairs, "finite": finite, "matrix": matrix, "stack": stack,
            "ties": ties, "unknown": unknown}


def calls(a):
    m, s, t, u = a["matrix"], a["stack"], a["ties"], a["unknown"]
    square = m[:, :3]
    results = {
        "sum": (m.sum(), "near"), "sum_0": (m.sum(0), "near"), "mean": (m.mean(), "near"), "mean_1": (m.mean(1), "near"),
        "var": (m.var(), "near"), "var_0": (m.var(0), "near"), "std_1": (m.std(1), "near"),
        "prod": (m.prod(), "near"), "prod_0": (m.prod(0), "near"), "prod_12": (s.prod((0, 2)), "near"),
        "cumsum_1": (m.cumsum(1), "near"), "cumprod": (m.cumprod(), "near"), "cumprod_0": (m.cumprod(0), "near"),
        "prod_empty": (m[:0].prod(0), "exact"), "sum_empty": (m[:0].sum(0), "exact"),
        "max": (t.max(), "exact"), "min": (t.min(), "exact"), "max_0": (m.max(0), "exact"), "min_1": (m.min(1), "exact"),
        "max_nan": (u.max(), "exact"), "min_nan": (u[2:].min(), "exact"),
        "argmax": (np.array(t.argmax()), "exact"), "argmin": (np.array(t.argmin()), "exact"),
        "argmax_0": (m.argmax(0), "exact"), "argmin_nan": (np.array(u.argmin()), "exact"),
        "argmax_imag_nan": (np.array(u[2:4].argmax()), "exact"),
        "sort": (np.sort(t), "exact"), "sort_nan": (np.sort(u), "exact"), "sort_0": (np.sort(m, 0), "exact"),
        "argsort": (np.argsort(t, kind="stable"), "exact"), "argsort_nan": (np.argsort(u, kind="stable"), "exact"),
        "search": (np.searchsorted(np.sort(u), u), "exact"), "search_right": (np.searchsorted(np.sort(t), t, "right"), "exact"),
        "median": (np.array(np.median(t)), "near"), "nanmean": (np.array(np.nanmean(u[:8])), "near"),
        "nanvar": (np.array(np.nanvar(u[:8])), "near"), "ptp": (np.array(np.ptp(t)), "exact"), "cov": (np.cov(m), "near"),
        "cov_float32": (np.cov(m.real.astype(np.float32)), "near"),
        "average": (np.average(m, 1, [1, 2, 3, 4]), "near"), "roll": (np.roll(t, 3), "exact"), "tile": (np.tile(t, 2), "exact"),
        "triu": (np.triu(m), "exact"), "tensordot": (np.tensordot(m, m, [[0], [0]]), "near"),
        "trapezoid": (np.array(np.trapezoid(m[0])), "near"), "nan_to_num": (np.nan_to_num(u[:4]), "exact"),
        "linspace": (np.linspace(0, 1, 5, dtype=m.dtype), "exact"), "round_trip": (m.real + 1j * m.imag, "exact"),
        "unique": (np.unique(t), "exact"), "any": (np.array(t.any()), "exact"), "all": (np.array(t.all()), "exact"),
        "count_nonzero": (np.array(np.count_nonzero(t)), "exact"), "nonzero": (np.nonzero(t - 1)[0], "exact"),
        "matmul": (m @ s, "near"), "matmul_turned": (m.T @ m.conj(), "near"), "matmul_vector": (m @ m[0], "near"),
        "dot": (np.array(np.dot(m[0], m[1])), "near"), "vdot": (np.array(np.vdot(m[0], m[1])), "near"),
        "outer": (np.outer(m[0], m[1]), "near"), "inner": (np.inner(m, m), "near"), "kron": (np.kron(square, m), "near"),
        "einsum": (np.einsum("ij,kjl->ikl", m, s), "near"), "trace": (np.array(np.trace(square)), "near"),
        "where": (np.where(t.real > 1, t, 1j), "exact"), "take": (m[[2, 0]], "exact"), "mask": (t[t.imag > 0], "exact"),
        "concatenate": (np.concatenate([m, m.real.astype(np.float32)]), "exact"), "pad": (np.pad(m, 1), "exact"),
        "isclose": (np.isclose(t, t + 1e-9), "exact"), "nansum": (np.array(np.nansum(u[:8])), "exact"),
        "real_if_close": (np.real_if_close(square + 0j), "exact"), "angle_deg": (np.angle(t, deg=True), "near"),
        "power_2": (m ** 2, "near"), "power_half": (m ** 0.5, "near"), "power_minus_1": (m ** -1, "near"),
        "power_3": (m ** 3, "near"), "power_7": (m ** 7, "near"), "times_real": (m * 2.5, "exact"),
        "real_minus": (1 - m, "exact"), "diff": (np.diff(m), "exact"), "clip": (np.clip(m, -0.1, 0.1), "exact"),
        "to_float": (m.astype(np.float32), "exact"), "to_int": (t.astype(np.int64), "exact"), "to_bool": (t.astype(bool), "exact"),
        "to_complex64": (m.astype(np.complex64), "exact"), "to_complex128": (m.astype(np.complex128), "exact"),
        "to_float16": (m.astype(np.float16), "exact"), "add_at": (added(t), "exact"),
        "arange": (np.arange(4).astype(m.dtype), "exact"), "eye": (np.eye(3, dtype=m.dtype), "exact"),
    }
    return {name: (np.asarray(value), how) for name, (value, how) in results.items()}


def added(t):
    x = t.copy()
    np.add.at(x, [0, 0, 3], [1j, 2, 1 - 1j])
    return x


def hex_of(array):
    array = np.ascontiguousarray(array).copy()
    if array.dtype.kind == "c":
        for part in (array.real, array.imag):
            part[np.isnan(part)] = np.nan
    elif array.dtype.kind == "f":
        array[np.isnan(array)] = np.nan
    return array.tobytes().hex() or "-"


def extents(array):
    return ",".join(map(str, array.shape)) or "-"


def write(path):
    out = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for dtype in COMPLEX:
            given = arguments(dtype)
            for name, values in given.items():
                out.append(f"values {name} {dtype.name} {extents(values)} {hex_of(values)}")
            for argument in ("special", "ordinary", "usual"):
                for name in EXACT_UNARY + NEAR_UNARY:
                    if argument == "usual" and name in MODERATE:
                        continue
                    how = "exact" if name in EXACT_UNARY else "near"
                    result = precise(getattr(np, name), how, given[argument])
                    out.append(f"unary {name} {argument} {result.dtype.name} {how} {hex_of(result)}")
            for name in EXACT_BINARY + NEAR_BINARY:
                argument = "finite" if name in NEAR_BINARY else "pairs"
                a = given[argument]
                how = "exact" if name in EXACT_BINARY else "near"
                result = precise(getattr(np, name), how, a[:, None], a)
                out.append(f"binary {name} {argument} {result.dtype.name} {how} {hex_of(result)}")
            for name, (result, how) in calls(given).items():
                out.append(f"call {name} {result.dtype.name} {extents(result)} {how} {hex_of(result)}")
    path.write_text("\n".join(out) + "\n")
