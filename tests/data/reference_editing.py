"""More calls of functions.txt: parts left out and put in, sets, index arithmetic, polynomials, slopes, windows, numbers."""

import numpy as np

X = np.arange(24).reshape(2, 3, 4)
F = np.array([[3.5, -1.0, 2.25, 0.0], [np.nan, 7.0, -2.5, 7.0], [1.0, 1.0, -0.0, 4.0]])
I = np.array([3, 1, 2, 3, 0, -1, 5, 1])
V = np.array([0.5, -2.0, 3.25, 0.5, 10.0, -7.5, 3.25, 0.0, -0.0])
ROWS = np.array([[1, 2, 2], [0, 5, 1], [1, 2, 2], [0, 5, 0], [1, 2, 2]])


# Consecutive Fibonacci numbers keep Euclid's algorithm busy the longest.
FIBONACCI = [1, 1]
while FIBONACCI[-1] < 2**64:
    FIBONACCI.append(FIBONACCI[-1] + FIBONACCI[-2])


def longest_divisions(dtype):
    numbers = np.array([n for n in FIBONACCI if n <= np.iinfo(dtype).max], dtype)
    return np.gcd(numbers[1:], numbers[:-1])


def changed(x, function, *arguments):
    x = x.copy()
    function(x, *arguments)
    return x


def all_of(x, **more):
    return np.unique(x, return_index=True, return_inverse=True, return_counts=True, **more)


EDITING = {
    "delete": lambda: np.delete(I, 2),
    "delete_last": lambda: np.delete(X, -1, 2),
    "delete_slice": lambda: np.delete(X, np.s_[::2], 2),
    "delete_back": lambda: np.delete(I, np.s_[6:1:-2]),
    "delete_list": lambda: np.delete(X, [0, 2, 2], 1),
    "delete_mask": lambda: np.delete(I, I > 2),
    "delete_flat": lambda: np.delete(X, [1, -1]),
    "delete_none": lambda: np.delete(I, np.s_[3:3]),
    "insert": lambda: np.insert(I, 2, 9),
    "insert_end": lambda: np.insert(I, 8, [7, 6]),
    "insert_several": lambda: np.insert(I, [1, 1, 5], [7, 8, 9]),
    "insert_same": lambda: np.insert(I, [0, -1], 4),
    "insert_rows": lambda: np.insert(X[0], 1, [9, 8, 7, 6], 0),
    "insert_columns": lambda: np.insert(X[0], [1], [[1], [2], [3]], 1),
    "insert_column": lambda: np.insert(X[0], 1, [1, 2, 3], 1),
    "insert_slice": lambda: np.insert(I, np.s_[1:4], 0),
    "insert_mask": lambda: np.insert(I, I == 3, 8),
    "insert_cast": lambda: np.insert(I, 1, 2.9),
    "resize": lambda: np.resize(I, (2, 7)),
    "resize_less": lambda: np.resize(X, 5),
    "trim_zeros": lambda: np.trim_zeros(np.array([0, 0, 1, 0, 2, 0])),
    "trim_zeros_front": lambda: np.trim_zeros(np.array([0, 0, 1, 0, 2, 0]), "f"),
    "select": lambda: np.select([I < 1, I > 2], [I * 10, I / 2], -1),
    "place": lambda: changed(I, np.place, I > 0, [7, 8]),
    "putmask": lambda: changed(I, np.putmask, I > 0, [10, 20, 30]),
    "copyto": lambda: changed(X[0], np.copyto, [1, 2, 3, 4]),
    "copyto_where": lambda: changed(I, lambda x: np.copyto(x, 9, where=I == 1)),
    "fill_diagonal": lambda: changed(X[0], np.fill_diagonal, -1),
    "fill_diagonal_wrap": lambda: changed(np.zeros((7, 3), int), lambda x: np.fill_diagonal(x, [4, 5], True)),
    "fill_diagonal_cube": lambda: changed(np.zeros((2, 2, 2)), np.fill_diagonal, [1, 2]),
    "broadcast_arrays": lambda: np.broadcast_arrays(X[0, :1], X[1, :, :1]),
    "unstack": lambda: np.unstack(X, axis=1),
    "ravel_multi_index": lambda: np.ravel_multi_index(([0, 1, 1], [2, 0, 2], [3, 0, 1]), (2, 3, 4)),
    "unravel_index": lambda: np.unravel_index([0, 13, 23], (2, 3, 4)),
    "diag_indices": lambda: np.diag_indices(3),
    "tril_indices": lambda: np.tril_indices(3, 1, 4),
    "triu_indices": lambda: np.triu_indices(3, -1),
    "pad_reflect_far": lambda: np.pad(np.arange(3), (5, 4), "reflect"),
    "pad_reflect_one": lambda: np.pad(np.arange(1) + 7, 3, "reflect"),
    "pad_symmetric": lambda: np.pad(X[0], ((1, 5), (9, 2)), "symmetric"),
    "pad_symmetric_once": lambda: np.pad(X[0], ((1, 3), (4, 2)), "symmetric"),
    "pad_wrap_once": lambda: np.pad(X[0], ((0, 3), (4, 1)), "wrap"),
    "pad_wrap_far": lambda: np.pad(X[0], ((1, 5), (9, 2)), "wrap"),
    "pad_edge": lambda: np.pad(X[0], ((1, 2), (0, 2)), "edge"),
    "pad_reflect": lambda: np.pad(X, ((1, 0), (2, 2), (0, 3)), "reflect"),
    "repeat_one_count": lambda: np.repeat(X[0], [2], 0),
    "cross_flat": lambda: np.cross([1, 2], [[3, 4], [5, 6]]),
    "cross_mixed": lambda: np.cross([1, 2], [3, 4, 5]),
    "interp_outside": lambda: np.interp([-1.0, np.nan, 0.5, 1.0, 10.0], [0.0, 1.0], [5.0, 6.0], -9.0, 9.0),
    "interp_infinite": lambda: np.interp(
        [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, -np.inf, np.inf], [0.0, 1.0, 2.0, 4.0], [1.0, np.inf, np.inf, 0.0]
    ),
    "interp_infinite_ends": lambda: np.interp([-5.0, 0.0, 5.0], [-np.inf, 0.0, np.inf], [2.0, 3.0, 3.0]),
    "interp_one_point": lambda: np.interp([np.nan, 0.0, 1.0, 2.0], [1.0], [7.0], -1.0, 9.0),
    "interp_columns": lambda: np.interp(np.arange(6.0).reshape(2, 3).T, [0.0, 2.0, 9.0], [1.0, 0.0, 5.0]),
    "nan_to_num_given": lambda: np.nan_to_num(np.array([np.nan, np.inf, -np.inf, 1.5]), nan=1.0, posinf=2.0, neginf=3.0),
    "unpackbits": lambda: np.unpackbits(np.array([[2], [7], [23]], np.uint8)),
    "packbits": lambda: np.packbits([1, 0, 1, 1, 0, 0, 0, 1, 1, 1]),
}
SETS = {
    "unique_rows": lambda: all_of(ROWS, axis=0),
    "unique_columns": lambda: all_of(ROWS, axis=1),
    "unique_planes": lambda: np.unique(np.concatenate([X, X[:1]]), axis=0),
    "unique_rows_nan": lambda: np.unique(np.array([[np.nan, 1.0], [np.nan, 1.0], [0.0, 2.0]]), axis=0),
    "unique_no_columns": lambda: np.unique(np.zeros((3, 0)), axis=0),
    "unique_no_rows": lambda: np.unique(np.zeros((0, 3)), axis=0),
    "unique_equal_nan": lambda: all_of(np.array([np.nan, 1.0, np.nan])),
    "unique_counts_nan": lambda: np.unique_counts(np.array([np.nan, 1.0, np.nan, 1.0])),
    "unique_inverse": lambda: np.unique_inverse(I.reshape(2, 4)),
    "setxor1d": lambda: np.setxor1d(I, [5, 9, 9]),
    "ediff1d": lambda: np.ediff1d(X[0]),
}
POLYNOMIALS = {
    "polyval": lambda: np.polyval([2, -1, 3], [[0.5, 2.0], [3.0, -1.0]]),
    "polyadd": lambda: np.polyadd([1, 2], [3, 4, 5]),
    "polysub": lambda: np.polysub([1, 2], [3, 4, 5]),
    "polymul": lambda: np.polymul([1, 2, 3], [9.0, 5.0, 1.0]),
    "polydiv": lambda: np.polydiv([3.0, 5.0, 2.0, 7.0], [2.0, 1.0]),
    "polyder": lambda: np.polyder([4, 3, 2, 1], 2),
    "polyint": lambda: np.polyint([6, 2, 1], 2, [3.0, 5.0]),
    "poly": lambda: np.poly([1.0, -2.0, 3.0]),
    "polyfit": lambda: np.polyfit([0.0, 1.0, 2.0, 3.0, 5.0], [1.0, 3.0, 2.0, 5.0, 4.0], 2),
    "convolve": lambda: np.convolve([1, 2, 3], [0, 1, 0.5]),
    "convolve_same": lambda: np.convolve(V, [1.0, 2.0, 3.0, 4.0], "same"),
    "convolve_valid": lambda: np.convolve([1, 2], V, "valid"),
    "convolve_long": lambda: np.convolve(np.arange(40), np.arange(20) - 9, "same"),
    "convolve_half": lambda: np.convolve(np.array([2048, 1, 1, 1, 1], np.float16), np.ones(4, np.float16)),
    "convolve_half_long": lambda: np.convolve(
        np.array([2048] + [1] * 30, np.float16), np.ones(20, np.float16), "valid"
    ),
    "convolve_bool": lambda: np.convolve([True, False, True], [True, True]),
    "correlate": lambda: np.correlate(V, [1.0, -2.0, 0.5]),
    "correlate_full": lambda: np.correlate([1, 2, 3], [0, 1, 0.5, 4], "full"),
    "correlate_same": lambda: np.correlate(V, [1.0, 2.0, 3.0, 4.0], "same"),
    "gradient": lambda: np.gradient(X[0]),
    "gradient_spacing": lambda: np.gradient(V, 0.5),
    "gradient_axis": lambda: np.gradient(X.astype(float) ** 2, 2.0, axis=1),
    "gradient_coordinates": lambda: np.gradient(V[:4], [0.0, 1.0, 1.5, 4.0]),
    "bartlett": lambda: np.bartlett(7),
    "blackman": lambda: np.blackman(6),
    "hamming": lambda: np.hamming(5),
    "hanning": lambda: np.hanning(8),
    "kaiser": lambda: np.kaiser(9, 14.0),
    "window_one": lambda: np.hanning(1),
    "window_none": lambda: np.blackman(0),
    "i0": lambda: np.i0([0.0, 1.0, -7.5, 8.0, 30.0]),
}
NUMBERS = {
    "round": lambda: np.round(np.array([0.5, 1.5, -2.5, 2.675, 1e300]), 0),
    "round_decimals": lambda: np.round(np.array([1.005, 2.675, -0.125, 1e300, np.nan]), 2),
    "round_negative": lambda: np.round(np.array([15.0, 25.0, -1234.5]), -1),
    "round_int": lambda: np.round(np.array([15, 25, -35, 1234]), -1),
    "round_uint8": lambda: np.round(np.array([15, 25, 255], np.uint8), -1),
    "round_half": lambda: np.round(np.array([1.2345, 1000.5, 60000.0], np.float16), 2),
    "round_float32": lambda: np.round(np.array([1.2345, 2.675], np.float32), 2),
    "round_bool": lambda: np.round(np.array([True, False])),
    "ldexp": lambda: np.ldexp([0.5, 3.0, -1.0, np.inf, 5e-324, 1.7e308], [3, -1080, -1074, 5, 2000, -2200]),
    "ldexp_float32": lambda: np.ldexp(np.array([3.0, 1.5, 1e-40, 3e38], np.float32), [-151, -149, 200, -400]),
    "ldexp_half": lambda: np.ldexp(np.array([3.0, 1.5, 6e-8, 60000.0], np.float16), np.array([-26, 30, 38, -41], np.int32)),
    "ldexp_int": lambda: np.ldexp(np.array([3, 5], np.int8), 2),
    "gcd_int8": lambda: longest_divisions(np.int8), "gcd_uint16": lambda: longest_divisions(np.uint16),
    "gcd_int32": lambda: longest_divisions(np.int32), "gcd_int64": lambda: longest_divisions(np.int64),
    "gcd_uint64": lambda: longest_divisions(np.uint64),
    "isneginf": lambda: np.isneginf(np.array([-np.inf, np.inf, np.nan, 1.0])),
    "isposinf": lambda: np.isposinf(np.array([-np.inf, np.inf, np.nan, 1.0])),
    "sinc": lambda: np.sinc(np.array([0.0, 0.5, -1.5, 3.0])),
    "unwrap": lambda: np.unwrap(np.array([0.0, 0.78, 5.49, 6.28, 0.3])),
    "unwrap_period": lambda: np.unwrap(np.array([[0, 1, 2, -1, 0], [5, 1, 1, 9, 2]]), axis=1, period=4),
    "nancumprod": lambda: np.nancumprod(F, 1),
    "nanquantile": lambda: np.nanquantile(F, 0.3, 1),
    "nanpercentile": lambda: np.nanpercentile(F, 60),
    "cumulative_sum": lambda: np.cumulative_sum(I, include_initial=True),
    "cumulative_prod": lambda: np.cumulative_prod(X + 1, axis=1),
    "cumulative_only_axis": lambda: (np.cumulative_sum(I), np.cumulative_prod(I), np.cumulative_sum(I[:0])),
    "cumulative_no_axis": lambda: (
        np.cumulative_sum(np.array(3.0)),
        np.cumulative_prod(np.array(3.0), axis=-1, include_initial=True),
    ),
    "cumulative_of_nothing": lambda: (
        np.cumulative_prod(X[:0], axis=0, include_initial=True),
        np.cumulative_sum(X[:0], axis=-1, include_initial=True),
    ),
    "vecdot": lambda: np.vecdot(X, X[0]),
    "matvec": lambda: np.matvec(X, [1, 2, 3, 4]),
    "vecmat": lambda: np.vecmat([1, 2, 3], X),
    "array_of_min": lambda: np.array([np.iinfo(np.int16).min, np.iinfo(np.uint8).max]),
    "finfo": lambda: np.array([getattr(np.finfo(t), n) for t in (np.float16, np.float32, np.float64)
                               for n in ("eps", "epsneg", "max", "tiny", "smallest_subnormal", "resolution", "precision",
                                         "nmant", "nexp", "maxexp", "minexp", "bits")], np.float64),
}

CALLS = EDITING | SETS | POLYNOMIALS | NUMBERS
