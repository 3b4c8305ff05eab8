"""What functions give that are neither ufuncs nor reductions.

functions.txt: NAME DTYPE EXTENTS VALUES, one line each; a test makes the call that the expression below shows. Several
results of one call are several lines. VALUES are integers, or floats in hexadecimal, separated by commas, "-" if there
are none.
"""

import numpy as np

import reference_editing
import reference_types

X = np.arange(24).reshape(2, 3, 4)
F = np.array([[3.5, -1.0, 2.25, 0.0], [np.nan, 7.0, -2.5, 7.0], [1.0, 1.0, -0.0, 4.0]])
I = np.array([3, 1, 2, 3, 0, -1, 5, 1])


def put(*arguments, **more):
    x = np.arange(6)
    np.put(x, *arguments, **more)
    return x


def put_along(indices, values, axis):
    x = X[0].copy()
    np.put_along_axis(x, indices, values, axis)
    return x


def at(ufunc, x, *arguments):
    x = x.copy()
    ufunc.at(x, *arguments)
    return x


INDEXING = {
    "take_flat": lambda: np.take(X, [[0, 23], [-1, 5]]),
    "take_scalar": lambda: np.take(X, 3, 2),
    "take_axis": lambda: np.take(X, [[0, 2], [-1, 0]], 1),
    "take_wrap": lambda: np.take(X, [-30, 25, 7], mode="wrap"),
    "take_clip": lambda: np.take(X, [-30, 25, 7], 2, mode="clip"),
    "take_none": lambda: np.take(X, np.zeros((0,), int), 0),
    "put_repeats": lambda: put([0, -1, 2, 0], [10, 20]),
    "put_many": lambda: put([4, 1], [7, 8, 9]),
    "put_wrap": lambda: put([7, -8], 50, mode="wrap"),
    "put_clip": lambda: put([9, -9], [1, 2], mode="clip"),
    "along": lambda: np.take_along_axis(X[0], np.array([[3, 0], [1, -1], [2, 2]]), 1),
    "along_broadcast": lambda: np.take_along_axis(X[0], np.array([[2, 0, 1, 1]]), 0),
    "along_flat": lambda: np.take_along_axis(X, np.array([5, -1]), None),
    "put_along": lambda: put_along(np.array([[1], [0], [3]]), -5, 1),
    "put_along_values": lambda: put_along(np.array([[1, 2, 0, 0]]), np.array([[9, 8, 7, 6]]), 0),
    "choose": lambda: np.choose([[0, 1], [2, 1]], [X[0, :2, :2], 100, X[1, :2, :2]]),
    "choose_wrap": lambda: np.choose([-1, 4, 1], [[1, 2, 3], [4, 5, 6]], mode="wrap"),
    "choose_clip": lambda: np.choose([-1, 4, 1], [[1, 2, 3], [4, 5, 6]], mode="clip"),
    "compress": lambda: np.compress([True, False, True], X, 1),
    "compress_flat": lambda: np.compress([False, True, True], X),
    "extract": lambda: np.extract(X % 5 == 0, X),
    "nonzero": lambda: np.nonzero(F),
    "argwhere": lambda: np.argwhere(F > 1),
    "argwhere_scalar": lambda: np.argwhere(np.array(3)),
    "flatnonzero": lambda: np.flatnonzero(I % 2),
    "ix": lambda: X[0][np.ix_([2, 0], [True, False, False, True])],
    "zero_d_index": lambda: X[np.array(1)],
    "zero_d_among": lambda: X[np.array(1), :, [0, 3]],
    "true_index": lambda: X[0][np.array(True)],
    "true_among": lambda: X[np.array(True), 0, :, [1, 2]],
    "false_among": lambda: X[np.array(False), 0],
    "unsigned_index": lambda: X[0][np.array([2, 0], np.uint8)],
    "add_at": lambda: at(np.add, np.zeros(4), [1, 1, 3, 1], [0.5, 1.5, 2.0, 8.0]),
    "add_at_bool": lambda: at(np.add, np.array([True, False]), [1, 1], [False, True]),
    "add_at_half": lambda: at(np.add, np.zeros(2, np.float16), [0] * 40, np.float16(1.3)),
    "add_at_int8": lambda: at(np.add, np.zeros(2, np.int8), [1] * 9, np.int8(100)),
    "subtract_at": lambda: at(np.subtract, np.arange(5, dtype=np.uint8), [4, 4, 0], np.array([1, 2, 3], np.uint8)),
    "multiply_at": lambda: at(np.multiply, np.arange(1.0, 5.0), [[0, 3], [3, 3]], 1.1),
    "maximum_at": lambda: at(np.maximum, np.array([1.0, np.nan, 3.0]), [0, 1, 2, 0], [2.0, 5.0, np.nan, 1.0]),
    "minimum_at": lambda: at(np.minimum, X[0], (slice(None), [1, 1]), [-1, 4]),
    "add_at_rows": lambda: at(np.add, X[0], [2, 2], X[1, 0]),
    "add_at_mask": lambda: at(np.add, X[0], X[0] > 9, 100),
}

V = np.array([0.5, -2.0, 3.25, 0.5, 10.0, -7.5, 3.25, 0.0, -0.0])
G = ((np.arange(24) * 37 % 23) / 4 - 2).reshape(2, 3, 4)
W = np.array([[1.5, np.nan, -2.0], [np.nan, np.nan, 4.0]])


def unique_all(x):
    return np.unique(x, return_index=True, return_inverse=True, return_counts=True)


SORTING = {
    "sort": lambda: np.sort(G),
    "sort_axis": lambda: np.sort(G, 1),
    "sort_nan": lambda: np.sort(F, None),
    "sort_bool": lambda: np.sort(np.array([True, False, True])),
    "sort_uint8": lambda: np.sort(np.array([200, 3, 255, 0], np.uint8)),
    "sort_half": lambda: np.sort(V.astype(np.float16)),
    "sort_empty": lambda: np.sort(np.zeros((2, 0))),
    "argsort": lambda: np.argsort(V, kind="stable"),
    "argsort_axis": lambda: np.argsort(F, 0, kind="stable"),
    "argsort_int": lambda: np.argsort(I, kind="stable"),
    "argsort_extreme": lambda: np.argsort(np.array([2**63 - 1, -2**63, 0, -1])),
    "lexsort": lambda: np.lexsort((I, [1, 0, 1, 0, 1, 0, 1, 0])),
    "searchsorted": lambda: np.searchsorted([-1.0, 0.5, 0.5, 3.0], V),
    "searchsorted_right": lambda: np.searchsorted([-1.0, 0.5, 0.5, 3.0], V, "right"),
    "searchsorted_nan": lambda: np.searchsorted([-1.0, 3.0, np.nan], [np.nan, 5.0, 3.0]),
    "searchsorted_mixed": lambda: np.searchsorted([1, 3, 5], [[0.5, 3.0], [9.0, 5.5]]),
    "searchsorted_none": lambda: np.searchsorted(np.zeros(0), V),
    "digitize": lambda: np.digitize(V, [-2.0, 0.0, 3.25]),
    "digitize_right": lambda: np.digitize(V, [-2.0, 0.0, 3.25], right=True),
    "digitize_nan": lambda: (np.digitize([0.5, 2.0], [0.0, 1.0, np.nan]), np.digitize([0.5, 2.0], [np.nan, 1.0])),
    "digitize_level": lambda: np.digitize([0.5, 2.0], [1.0, 1.0]),
    "bincount_of_digitize": lambda: np.bincount(np.digitize([0.5, 1.5, 0.2], np.arange(6.0))),
    "bincount_of_places": lambda: np.bincount(np.searchsorted(np.arange(6.0), [0.5, 1.5, 0.2]), [1.0, 2.0, 3.0]),
    "digitize_falling": lambda: np.digitize(V, [3.25, 0.0, -2.0]),
    "unique": lambda: np.unique(I),
    "unique_nan": lambda: np.unique(np.array([np.nan, 1.0, np.nan, -1.0])),
    "unique_all": lambda: unique_all(I.reshape(2, 4)),
    "unique_all_float": lambda: unique_all(V),
    "isin": lambda: np.isin(I, [1, 5, 9]),
    "intersect1d": lambda: np.intersect1d(I, [5, 1, 7, 1]),
    "union1d": lambda: np.union1d(I, [5, 9]),
    "setdiff1d": lambda: np.setdiff1d(I, [5, 1]),
    "bincount": lambda: np.bincount([3, 1, 1, 0, 3, 3], minlength=6),
    "bincount_weights": lambda: np.bincount([3, 1, 1, 0], [0.5, 1.0, 2.0, 4.0]),
    "bincount_none": lambda: np.bincount(np.zeros(0, int)),
    "histogram": lambda: np.histogram(V, 4),
    "histogram_range": lambda: np.histogram(V, 3, (-1.0, 3.25)),
    "histogram_edges": lambda: np.histogram(V, [-8.0, 0.0, 0.5, 3.25]),
    "histogram_one_value": lambda: np.histogram(np.ones(3), 2),
}
STATISTICS = {
    "median": lambda: np.median(V),
    "median_axis": lambda: np.median(G, 1),
    "median_axes": lambda: np.median(G, (0, 2), keepdims=True),
    "median_nan": lambda: np.median(F, 1),
    "median_int": lambda: np.median(I),
    "quantile": lambda: np.quantile(V, 0.3),
    "quantile_several": lambda: np.quantile(G, [0.0, 0.25, 0.9, 1.0], 2),
    "quantile_nan": lambda: np.quantile(F, 0.5, 1),
    "percentile": lambda: np.percentile(G, 71, 0),
    "count_nonzero": lambda: np.count_nonzero(F, 1),
    "ptp": lambda: np.ptp(G, 1),
    "diff": lambda: np.diff(G, 2, 1),
    "diff_bool": lambda: np.diff(np.array([True, False, False])),
    "average_weights": lambda: np.average(G, 1, [1.0, 2.0, 4.0]),
    "nansum": lambda: np.nansum(F, 0),
    "nanprod": lambda: np.nanprod(W),
    "nanmax": lambda: np.nanmax(W, 0),
    "nanmin": lambda: np.nanmin(W, 1, keepdims=True),
    "nanmean": lambda: np.nanmean(W, 0),
    "nanvar": lambda: np.nanvar(F, 1),
    "nanstd_ddof": lambda: np.nanstd(F, ddof=1),
    "nanargmax": lambda: np.nanargmax(F, 1),
    "nanargmin": lambda: np.nanargmin(F),
    "nancumsum": lambda: np.nancumsum(F, 1),
    "nan_to_num": lambda: np.nan_to_num(np.array([np.nan, np.inf, -np.inf, 2.0])),
    "nanmedian": lambda: np.nanmedian(F, 1),
    "cumprod": lambda: np.cumprod(X[0], 1),
    "cov": lambda: np.cov(G[0]),
    "corrcoef": lambda: np.corrcoef(G[1]),
    "interp": lambda: np.interp([-1.0, 0.0, 0.5, 2.5, 4.0, 9.0], [0.0, 1.0, 4.0], [1.0, 3.0, -2.0]),
    "trapezoid": lambda: np.trapezoid(G, dx=0.5, axis=1),
}
GRIDS = {
    "eye": lambda: np.eye(3, 4, -1),
    "full_like": lambda: np.full_like(I, 2.5, float),
    "tri": lambda: np.tri(3, 4, 1),
    "tril": lambda: np.tril(X, -1),
    "triu": lambda: np.triu(X, 1),
    "tril_vector": lambda: np.tril(np.array([1, 2, 3])),
    "diag": lambda: np.diag([1.0, 2.0, 3.0], 1),
    "diag_below": lambda: np.diag([1, 2], -2),
    "diag_of": lambda: np.diag(X[0], -1),
    "diagonal": lambda: np.diagonal(X, 1, 2, 0),
    "diagonal_none": lambda: np.diagonal(X, 9),
    "trace": lambda: np.trace(X, 0, 1, 2),
    "vander": lambda: np.vander([1.0, 2.0, 3.0], 4),
    "vander_increasing": lambda: np.vander([1, 2, 3], increasing=True),
    "logspace": lambda: np.logspace(0, 3, 4),
    "geomspace": lambda: np.geomspace(1, 256, 5),
    "geomspace_negative": lambda: np.geomspace(-1000, -1, 4),
    "indices": lambda: np.indices((2, 3)),
    "meshgrid": lambda: np.meshgrid([1, 2, 3], [4.0, 5.0]),
    "meshgrid_ij": lambda: np.meshgrid([1, 2, 3], [4, 5], indexing="ij"),
    "fromfunction": lambda: np.fromfunction(lambda i, j: i * 10 + j, (2, 3)),
    "array_split": lambda: np.array_split(I, 3),
    "split_places": lambda: np.split(X, [1, 3], 2),
    "tile": lambda: np.tile(X[0], (2, 1, 2)),
    "tile_wide": lambda: np.tile(X, 2),
    "repeat": lambda: np.repeat(X[0], 2),
    "repeat_axis": lambda: np.repeat(X, 2, 1),
    "repeat_counts": lambda: np.repeat(X[0], [1, 0, 2], 0),
    "append": lambda: np.append(I, [[7, 8]]),
    "column_stack": lambda: np.column_stack(([1, 2], [3, 4])),
    "dstack": lambda: np.dstack(([1, 2], [3, 4])),
    "rot90": lambda: np.rot90(X[0]),
    "rot90_back": lambda: np.rot90(X, -1, (1, 2)),
    "rollaxis": lambda: np.rollaxis(X, 2),
}
PRODUCTS = {
    "vdot": lambda: np.vdot(G, X),
    "outer": lambda: np.outer([1, 2, 3], [0.5, 4.0]),
    "inner": lambda: np.inner(X, X[0]),
    "tensordot": lambda: np.tensordot(X, X.transpose(1, 2, 0)),
    "tensordot_axes": lambda: np.tensordot(X, X, ([0, 2], [0, 2])),
    "kron": lambda: np.kron([[1, 2], [3, 4]], [[0, 5], [6, 7]]),
    "cross": lambda: np.cross([[1, 2, 3], [4, 5, 6]], [7, 8, 10]),
    "einsum_matmul": lambda: np.einsum("ij,jk->ik", X[0], X[1].T),
    "einsum_implied": lambda: np.einsum("ji,jk", X[0], X[1]),
    "einsum_trace": lambda: np.einsum("ii", X[0, :, :3]),
    "einsum_diagonal": lambda: np.einsum("ii->i", X[0, :, :3]),
    "einsum_batch": lambda: np.einsum("bij,bkj->bik", X, X),
    "einsum_ellipsis": lambda: np.einsum("...j,j->...", X, [1, 2, 3, 4]),
    "einsum_three": lambda: np.einsum("ij,jk,kl->il", X[0], X[0].T, X[1]),
    "einsum_sum": lambda: np.einsum("ijk->j", X),
    "einsum_outer": lambda: np.einsum("i,j->ji", [1, 2], [3, 4, 5]),
}

CALLS = INDEXING | SORTING | STATISTICS | GRIDS | PRODUCTS | reference_editing.CALLS | reference_types.CALLS


def text_of(array):
    flat = np.asarray(array).ravel()
    if flat.dtype.kind == "f":
        return ",".join("nan" if np.isnan(v) else float(v).hex() for v in flat) or "-"
    return ",".join(str(int(v)) for v in flat) or "-"


def write(path):
    out = []
    for name, call in CALLS.items():
        with np.errstate(all="ignore"):
            result = call()
        for part in result if isinstance(result, (tuple, list)) else [result]:
            part = np.asarray(part)
            extents = ",".join(map(str, part.shape)) or "-"
            out.append(f"{name} {part.dtype.name} {extents} {text_of(part)}")
    path.write_text("\n".join(out) + "\n")
