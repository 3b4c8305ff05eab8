"""Functions beyond the op table, in every dtype and size (conformance.txt):

    FUNCTION DTYPE EXTENTS OUT OUT_EXTENTS exact HASH      CRC-32 of the result's bytes
    FUNCTION DTYPE EXTENTS OUT OUT_EXTENTS near HEX        elements in little-endian bytes
    FUNCTION DTYPE EXTENTS refused

One line for each result of a call; what the functions are called with stands in FUNCTIONS below and, in C++, in
tests/conformance/function_table.cpp, and is made from `elements` and its twin there. NaNs are all one NaN.
"""

import warnings
import zlib

import numpy as np

from reference_ufuncs import BOOL, COMPLEX, FLOATS, SIGNED, UNSIGNED

DTYPES = [BOOL] + SIGNED + UNSIGNED + FLOATS + COMPLEX
# Around the widths of vectors of 1 to 16 bytes, and more than one thread's worth.
SHAPES = [(), (0,), (1,), (3, 0), (0, 2), (7,), (33,), (129,), (1, 1, 1), (3, 5), (2, 3, 4), (17, 9), (4099,)]


def elements(dtype, count, salt):
    """Every element is a function of its place."""
    i = np.arange(count, dtype=np.uint64)
    h = ((i + np.uint64(salt)) * np.uint64(2654435761) >> np.uint64(7)) % np.uint64(1 << 20)
    if dtype == BOOL:
        return h % 3 != 0
    if dtype in SIGNED:
        return (h % 251).astype(np.int64).__sub__(125).astype(dtype)
    if dtype in UNSIGNED:
        return (h % 251).astype(dtype)
    real = ((h % 81).astype(np.float64) - 40) / 8 + 0.0
    if dtype in FLOATS:
        return real.astype(dtype)
    return (real + 1j * (((h // 81) % 41).astype(np.float64) - 20) / 4).astype(dtype)


def given(dtype, shape, salt=0):
    return elements(dtype, int(np.prod(shape)), salt).reshape(shape)


def second(x):
    return given(x.dtype, x.shape, 1000)


def at(ufunc):
    def call(x):
        y = x.copy()
        ufunc.at(y, np.arange(len(y)) // 2, second(x))
        return y
    return call


def put(x):
    y = x.copy()
    np.put(y, [0, -1], second(x).ravel()[:2])
    return y


def written(index):
    def call(x):
        y = x.copy()
        y[index] = second(x)[index]
        return y
    return call


def masked(x):
    y = x.copy()
    y[y > y.ravel()[0]] = y.ravel()[0]
    return y


def in_place(x):
    y = x.copy()
    y += second(x)
    return y


def overlapping(x):
    y = x.copy()
    y[1:] = y[:-1]
    return y


def backwards(x):
    y = x.copy()
    y[::-1] += y
    return y


FUNCTIONS = {
    # Elementwise, beyond the table of single ops.
    "add": lambda x: x + second(x), "subtract": lambda x: x - second(x), "negative": lambda x: -x,
    "equal": lambda x: x == second(x), "less": lambda x: x < second(x), "maximum": lambda x: np.maximum(x, second(x)),
    "minimum": lambda x: np.minimum(x, second(x)), "fmax": lambda x: np.fmax(x, second(x)),
    "gcd": lambda x: np.gcd(x, second(x)), "lcm": lambda x: np.lcm(x, second(x)), "frexp": np.frexp,
    "ldexp": lambda x: np.ldexp(x, 3), "spacing": np.spacing, "modf": np.modf, "divmod": lambda x: np.divmod(x, second(x)),
    "floor": np.floor, "rint": np.rint, "round": lambda x: np.round(x, 1), "sign": np.sign, "isnan": np.isnan,
    "isfinite": np.isfinite, "logical_and": lambda x: np.logical_and(x, second(x)), "real": np.real, "imag": np.imag,
    "conj": np.conj, "clip": lambda x: np.clip(x, x.dtype.type(0), x.dtype.type(1)), "where": lambda x: np.where(x > second(x), x, second(x)),
    "isclose": lambda x: np.isclose(x, second(x)), "nan_to_num": np.nan_to_num, "invert": np.invert,
    "astype_float32": lambda x: x.astype(np.float32), "astype_int16": lambda x: x.astype(np.int16),
    "astype_complex64": lambda x: x.astype(np.complex64), "astype_bool": lambda x: x.astype(bool),
    "multiply": lambda x: x * second(x), "absolute": np.absolute, "square": np.square,
    # Reductions and scans.
    "sum": np.sum, "sum_last": lambda x: np.sum(x, -1), "prod_first": lambda x: np.prod(x[:3], 0), "max": np.max,
    "min_first": lambda x: np.min(x, 0), "argmax_last": lambda x: np.argmax(x, -1), "argmin": np.argmin,
    "any_first": lambda x: np.any(x, 0), "all": np.all, "count_nonzero": lambda x: np.count_nonzero(x, axis=-1),
    "ptp_last": lambda x: np.ptp(x, -1), "cumsum": lambda x: np.cumsum(x, -1), "mean_last": lambda x: np.mean(x, -1),
    "var_first": lambda x: np.var(x, 0), "median": np.median, "quantile": lambda x: np.quantile(x, 0.3, axis=-1),
    "nansum": lambda x: np.nansum(x, 0), "nanmax": lambda x: np.nanmax(x, -1), "diff": np.diff,
    "trapezoid": np.trapezoid,
    # Sorting, searching, sets.
    "sort": np.sort, "sort_first": lambda x: np.sort(x, 0), "argsort": lambda x: np.argsort(x, -1, kind="stable"),
    "partition": lambda x: np.partition(x, 0)[..., 0], "searchsorted": lambda x: np.searchsorted(np.sort(x.ravel()), second(x)),
    "unique": lambda x: np.unique(x, return_index=True, return_inverse=True, return_counts=True),
    "unique_rows": lambda x: np.unique(x, axis=0), "isin": lambda x: np.isin(x, second(x).ravel()[:5]),
    "setdiff1d": lambda x: np.setdiff1d(x, second(x).ravel()[:9]), "nonzero": np.nonzero, "argwhere": np.argwhere,
    "bincount": lambda x: np.bincount(x), "lexsort": lambda x: np.lexsort((x, second(x))),
    # Indexing, reading and writing.
    "take": lambda x: np.take(x, [0, -1, 0]), "take_first": lambda x: np.take(x, [[0], [-1]], 0),
    "index_array": lambda x: x[np.array([-1, 0])], "index_mask": lambda x: x[x > second(x)],
    "index_mixed": lambda x: x[:, np.array([0, -1, 0])], "take_along_axis": lambda x: np.take_along_axis(x, np.argsort(x, -1, kind="stable"), -1),
    "compress": lambda x: np.compress([True], x, 0), "choose": lambda x: np.choose(x, [1, 2, 3, 4, 5], mode="wrap"),
    "put": put, "write_mask": masked, "write_slice": written(np.s_[::2]), "write_back": written(np.s_[::-1]),
    "write_last": written(np.s_[..., -1]), "add_at": at(np.add), "maximum_at": at(np.maximum),
    "in_place": in_place, "overlapping": overlapping, "backwards": backwards,
    # Movement.
    "flip": np.flip, "roll": lambda x: np.roll(x, 1, -1), "concatenate": lambda x: np.concatenate([x, second(x)]),
    "stack": lambda x: np.stack([x, second(x)], -1), "tile": lambda x: np.tile(x, 2), "repeat": lambda x: np.repeat(x, 3),
    "pad": lambda x: np.pad(x, 1), "diag": np.diag, "tril": np.tril, "insert": lambda x: np.insert(x, 0, x.ravel()[-1]),
    "delete": lambda x: np.delete(x, 0, -1), "resize": lambda x: np.resize(x, (2, 3)), "transpose": lambda x: x.T.copy(),
    "real_part_written": lambda x: real_written(x), "broadcast": lambda x: np.broadcast_to(x, (2,) + x.shape).copy(),
    # Products.
    "outer": lambda x: np.outer(x[:7], second(x)[:5]), "matmul": lambda x: x @ np.swapaxes(second(x), -1, -2),
    "vdot": lambda x: np.vdot(x[:7], second(x)[:7]), "einsum": lambda x: np.einsum("...i->...", x),
    "convolve": lambda x: np.convolve(x, second(x)[:3]), "cumprod": lambda x: np.cumprod(x[:5]),
}


def real_written(x):
    y = x.astype(np.complex64 if x.dtype == np.complex64 else np.complex128)
    y.real = np.flip(y.imag)
    return y


# Roundings differ, by the order of additions or in last places.
NEAR = {"mean_last", "var_first", "median", "quantile", "trapezoid", "matmul", "vdot", "convolve", "cumprod", "outer",
        "multiply", "absolute", "square", "prod_first", "sum", "sum_last", "nansum", "cumsum", "einsum", "round", "isclose"}


def bytes_of(a):
    a = np.ascontiguousarray(a).copy()
    for part in (a.real, a.imag) if a.dtype.kind == "c" else (a,) if a.dtype.kind == "f" else ():
        part[np.isnan(part)] = np.nan
    return a.tobytes()


def text_of(shape):
    return ",".join(map(str, shape)) or "-"


def row(name, x, result):
    """None for what nobody could read: many inexact elements."""
    result = np.asarray(result)
    where = f"{name} {x.dtype.name} {text_of(x.shape)} {result.dtype.name} {text_of(result.shape)}"
    if name in NEAR and result.dtype.kind in "fc":
        return f"{where} near {bytes_of(result).hex() or '-'}" if result.size <= 160 else None
    return f"{where} exact {zlib.crc32(bytes_of(result)):08x}"


def write(path):
    out = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, function in FUNCTIONS.items():
            for dtype in DTYPES:
                for shape in SHAPES:
                    x = given(dtype, shape)
                    try:
                        result = function(x)
                    except (ValueError, TypeError, IndexError):
                        out.append(f"{name} {dtype.name} {text_of(shape)} refused")
                        continue
                    parts = result if isinstance(result, tuple) else (result,)
                    out += [r for r in (row(name, x, p) for p in parts) if r]
    path.write_text("\n".join(out) + "\n")
