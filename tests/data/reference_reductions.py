"""Reductions, scans and positions of extremes.

reductions.txt:

    pattern NAME DTYPE HEX                        inputs are such a pattern, repeated to their shape
    CALL PATTERN DTYPE EXTENTS AXES KEEP HOW OUT OUT_EXTENTS HEX

EXTENTS and OUT_EXTENTS are "2,3", "-" for 0-d; AXES "none", "1" or "0,2"; KEEP 0 or 1. HOW is "exact", or "near" where
roundings in another order may differ in the last places.
"""

import itertools
import warnings

import numpy as np

from reference_ufuncs import BOOL, DTYPES, FLOATS, UNSIGNED, hex_of

SHAPES = [(), (0,), (1,), (7,), (600,), (3, 4), (0, 3), (3, 0), (9, 5), (2, 3, 4)]
REDUCTIONS = ["sum", "prod", "min", "max", "mean", "var", "std", "any", "all"]
ALONG = ["argmin", "argmax", "cumsum", "cumprod"]


def patterns_of(dtype):
    if dtype == BOOL:
        return {"plain": np.array([True, False, True, True, False]), "false": np.array([False])}
    if dtype in FLOATS:
        return {"plain": np.array([1.5, -2.25, 3.0, 0.5, -0.75, 4.0, 1.0, -1.5], dtype),
                "special": np.array([1.0, -0.0, np.inf, 2.0, np.nan, -3.0], dtype),
                "zeros": np.array([-0.0], dtype)}
    if dtype in UNSIGNED:
        return {"plain": np.array([3, 0, 7, 1, 250, 2, 100], dtype)}
    return {"plain": np.array([3, -4, 7, 0, 120, -100, 2, -1], dtype)}


def text_of(numbers):
    return ",".join(map(str, numbers)) or "-"


def axes_of(shape):
    yield None
    for axis in range(len(shape)):
        yield axis
    if len(shape) > 2:
        yield (0, 2)
        yield tuple(range(len(shape)))
    if len(shape) > 1:
        yield -1


def how_of(name, dtype, pattern):
    if dtype in FLOATS and pattern == "plain" and name in ("sum", "prod", "mean", "var", "std", "cumprod"):
        return "near"
    return "near" if name in ("mean", "var", "std") else "exact"


def row(out, name, pattern, values, shape, axis, keep):
    array = np.resize(values, int(np.prod(shape))).reshape(shape)
    arguments = {"axis": axis} if name in ALONG else {"axis": axis, "keepdims": bool(keep)}
    try:
        result = np.asarray(getattr(np, name)(array, **arguments))
    except (ValueError, TypeError):
        return
    axes = "none" if axis is None else text_of(axis if isinstance(axis, tuple) else (axis,))
    out.append(f"{name} {pattern} {array.dtype.name} {text_of(shape)} {axes} {keep} "
               f"{how_of(name, array.dtype, pattern)} {result.dtype.name} {text_of(result.shape)} {hex_of(result) or '-'}")


def write(path):
    out = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for dtype in DTYPES:
            patterns = patterns_of(dtype)
            out.extend(f"pattern {name} {dtype.name} {hex_of(values)}" for name, values in patterns.items())
            for (pattern, values), shape in itertools.product(patterns.items(), SHAPES):
                if pattern != "plain" and shape not in ((7,), (600,), (3, 4)):
                    continue
                for axis in axes_of(shape):
                    for name, keep in itertools.product(REDUCTIONS, (0, 1)):
                        if keep == 0 or shape == (3, 4):
                            row(out, name, pattern, values, shape, axis, keep)
                    if not isinstance(axis, tuple):
                        for name in ALONG:
                            if name.startswith("arg") or np.prod(shape) < 50 or dtype == np.int8:
                                row(out, name, pattern, values, shape, axis, 0)
    path.write_text("\n".join(out) + "\n")
