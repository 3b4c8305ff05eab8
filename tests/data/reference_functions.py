"""What functions give that are neither ufuncs nor reductions.

functions.txt: NAME DTYPE EXTENTS VALUES, one line each; a test makes the call that the expression below shows. Several
results of one call are several lines. VALUES are integers, or floats in hexadecimal, separated by commas, "-" if there
are none.
"""

import numpy as np

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

CALLS = dict(INDEXING)


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
