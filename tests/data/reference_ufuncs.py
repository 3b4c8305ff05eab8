"""Values and result types of NumPy's universal functions.

ufuncs.txt, HEX being elements in little-endian bytes, one row of words a line:

    values LIST DTYPE HEX                         inputs, named LIST for this DTYPE
    unary NAME IN OUT HOW LIST HEX                NAME of the list
    binary NAME IN OUT HOW LIST_A LIST_B HEX      of every pair, the second list running fastest
    cast IN OUT exact LIST HEX

HOW is "exact", or "near" where the value is correct to rounding (computed in 80 bits) and an implementation may be a
last place off. A function with two results has rows NAME.0 and NAME.1. NaNs are all one NaN.

promotion.txt, one letter per dtype (those of NumPy's type characters, E for bfloat16, - where NumPy refuses):

    result_type A LETTERS        with each of the dtypes in the order of the first line
    weak KIND LETTERS            each dtype with a Python number of that kind
    weak_ufunc NAME KIND LETTERS
    unary NAME LETTERS           of each dtype
    binary NAME A LETTERS
"""

import warnings

import ml_dtypes
import numpy as np

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
BOOL = np.dtype("bool")
SIGNED = [np.dtype(t) for t in ("int8", "int16", "int32", "int64")]
UNSIGNED = [np.dtype(t) for t in ("uint8", "uint16", "uint32", "uint64")]
FLOATS = [np.dtype(t) for t in ("float16", "float32", "float64")]
COMPLEX = [np.dtype("complex64"), np.dtype("complex128")]
DTYPES = [BOOL] + SIGNED + UNSIGNED + FLOATS
PROMOTED = DTYPES + COMPLEX
LETTERS = {**{t: t.char for t in PROMOTED}, np.dtype("int64"): "l", np.dtype("uint64"): "L", BFLOAT16: "E"}

# Correct to rounding where libm's long double is: the error of 64 bits is far below the last place of 53.
NEAR = {"arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "cos", "cosh", "exp", "exp2",
        "expm1", "hypot", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "power", "float_power", "sin",
        "sinh", "tan", "tanh", "deg2rad", "rad2deg"}
UNARY = ["absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "bitwise_count", "cbrt", "ceil", "cos",
         "cosh", "deg2rad", "exp", "exp2", "expm1", "fabs", "floor", "invert", "isfinite", "isinf", "isnan", "log", "log10",
         "log1p", "log2", "logical_not", "modf", "frexp", "negative", "positive", "rad2deg", "reciprocal", "rint", "sign",
         "signbit", "sin", "sinh", "spacing", "sqrt", "square", "tan", "tanh", "trunc"]
BINARY = ["add", "arctan2", "bitwise_and", "bitwise_or", "bitwise_xor", "copysign", "divide", "divmod", "equal",
          "float_power", "floor_divide", "fmax", "fmin", "fmod", "gcd", "greater", "greater_equal", "heaviside", "hypot",
          "lcm", "left_shift", "less", "less_equal", "logaddexp", "logaddexp2", "logical_and", "logical_or", "logical_xor",
          "maximum", "minimum", "multiply", "nextafter", "not_equal", "power", "remainder", "right_shift", "subtract"]


def float_lists(dtype):
    limits = np.finfo(dtype)
    special = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]
    edges = [limits.max, -limits.max, limits.tiny, limits.smallest_subnormal, -limits.smallest_subnormal]
    common = [0.5, -0.5, 1.5, 2.5, -2.5, 3.0, 0.1, -0.1, 10.0, 100.0, 1e-3, -7.25, np.pi, np.pi / 2, -np.pi / 4, np.e, 0.9999,
              1.0001, -0.99, 5.5, 11.0, -10.5, 88.5, -87.5, 709.5, -745.0, 12345.0, 1e-5, 2.0 ** -12, 1000.25]
    pairs = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 7.25, 1e-3, np.inf, -np.inf, np.nan, limits.max, limits.smallest_subnormal]
    return {"all": special + edges + common, "pairs": pairs,
            "small": [0.0, -0.0, 0.25, 0.5, 1.0, 1.75, 2.0, 3.5, 100.0, 120.9]}


def integer_lists(dtype):
    limits, bits = np.iinfo(dtype), dtype.itemsize * 8
    whole = [0, 1, 2, 3, 7, 10, bits - 1, bits, limits.max, limits.max - 1]
    if limits.min < 0:
        whole += [-1, -2, -7, limits.min, limits.min + 1]
    return {"all": whole, "pairs": whole, "powers": [0, 1, 2, 3, 7, 64]}


def lists_of(dtype):
    if dtype == BOOL:
        return {"all": [False, True], "pairs": [False, True]}
    lists = float_lists(dtype) if dtype in FLOATS else integer_lists(dtype)
    return {name: np.array(values, dtype) for name, values in lists.items()}


def hex_of(array):
    if array.dtype.kind == "f" or array.dtype == BFLOAT16:
        array = np.where(np.isnan(array), np.array(np.nan, array.dtype), array)
    return np.ascontiguousarray(array).tobytes().hex()


def call(function, *arguments):
    """The results, or None where NumPy has no loop for these dtypes."""
    try:
        results = function(*arguments)
    except TypeError:
        return None
    return results if isinstance(results, tuple) else (results,)


def value_rows(name, arguments, kept):
    """(suffix, dtype, how, values) of each result."""
    function = getattr(np, name)
    results = call(function, *arguments)
    if results is None or any(r.dtype == object for r in results):
        return
    for i, result in enumerate(results):
        suffix = f".{i}" if len(results) > 1 else ""
        if result.dtype != arguments[0].dtype and result.dtype != BOOL and not suffix and name != "bitwise_count":
            continue  # computed after promotion: promotion.txt tells
        how = "exact"
        if name in NEAR and result.dtype in FLOATS:
            how = "near"
            precise = function(*(a.astype(np.longdouble) for a in arguments)).astype(result.dtype)
            check_class(name, result, precise, arguments)
            result = precise
        kept.append((name + suffix, arguments[0].dtype, result.dtype, how, hex_of(result)))


def check_class(name, result, precise, arguments):
    """NumPy's own value must be NaN, infinite or close where the precise one is."""
    both_nan = np.isnan(result) & np.isnan(precise)
    with np.errstate(all="ignore"):
        close = np.isclose(result.astype(float), precise.astype(float), rtol=2e-3 if result.dtype.itemsize == 2 else 1e-5,
                           atol=float(np.finfo(result.dtype).tiny))
    same = both_nan | (result == precise) | (close & np.isfinite(precise))
    if not same.all():
        where = np.flatnonzero(~same.ravel())
        raise AssertionError(f"{name} {result.dtype}: {result.ravel()[where]} against {precise.ravel()[where]}")


def unary_rows(out, lists):
    for dtype in DTYPES:
        for name in UNARY:
            if name == "reciprocal" and dtype not in FLOATS:
                continue  # 1 / 0 of integers is what the processor makes of it
            kept = []
            value_rows(name, [lists[dtype]["all"]], kept)
            out.extend(f"unary {n} {i.name} {o.name} {how} all {text}" for n, i, o, how, text in kept)


def binary_rows(out, lists):
    for dtype in DTYPES:
        for name in BINARY:
            # NumPy raises for negative exponents of integers.
            second = "powers" if name == "power" and dtype in SIGNED + UNSIGNED else "pairs"
            a, b = np.meshgrid(lists[dtype]["pairs"], lists[dtype][second], indexing="ij")
            kept = []
            value_rows(name, [a.ravel(), b.ravel()], kept)
            out.extend(f"binary {n} {i.name} {o.name} {how} pairs {second} {text}" for n, i, o, how, text in kept)


def cast_rows(out, lists):
    for source in DTYPES:
        for target in DTYPES:
            # Unsigned results of values out of range depend on how NumPy's compiler vectorised.
            name = "small" if source in FLOATS and target in UNSIGNED[2:] else "all"
            out.append(f"cast {source.name} {target.name} exact {name} {hex_of(lists[source][name].astype(target))}")
    for source, target in ((np.dtype("float32"), BFLOAT16), (BFLOAT16, np.dtype("float32"))):
        values = lists[np.dtype("float32")]["all"]
        if source == BFLOAT16:
            values = values.astype(BFLOAT16)
            out.append(f"values all bfloat16 {hex_of(values)}")
        out.append(f"cast {source.name} {target.name} exact all {hex_of(values.astype(target))}")


def letter(call_it):
    try:
        result = call_it()
    except (TypeError, OverflowError, ValueError):
        return "-"
    if isinstance(result, tuple):
        result = result[0]
    return LETTERS.get(np.dtype(getattr(result, "dtype", result)), "-")


def promotion_rows():
    ones = {t: np.ones(2, t) for t in PROMOTED}
    with_bfloat = PROMOTED + [BFLOAT16]
    out = ["dtypes " + "".join(LETTERS[t] for t in with_bfloat)]
    for a in with_bfloat:
        out.append(f"result_type {LETTERS[a]} " + "".join(letter(lambda: np.result_type(a, b)) for b in with_bfloat))
    for kind, number in (("bool", True), ("int", 1), ("float", 1.0), ("complex", 1j)):
        out.append(f"weak {kind} " + "".join(letter(lambda: np.result_type(a, number)) for a in PROMOTED))
        for name in BINARY:
            function = getattr(np, name)
            out.append(f"weak_ufunc {name} {kind} " + "".join(letter(lambda: function(ones[a], number)) for a in PROMOTED))
    for name in UNARY:
        out.append(f"unary {name} " + "".join(letter(lambda: getattr(np, name)(ones[a])) for a in PROMOTED))
    for name in BINARY:
        function = getattr(np, name)
        for a in PROMOTED:
            out.append(f"binary {name} {LETTERS[a]} " +
                       "".join(letter(lambda: function(ones[a], ones[b])) for b in PROMOTED))
    return out


def write(values_path, promotion_path):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        lists = {dtype: lists_of(dtype) for dtype in DTYPES}
        lists[BOOL] = {name: np.array(v) for name, v in lists[BOOL].items()}
        out = [f"values {name} {dtype.name} {hex_of(values)}"
               for dtype in DTYPES for name, values in lists[dtype].items()]
        unary_rows(out, lists)
        binary_rows(out, lists)
        cast_rows(out, lists)
        values_path.write_text("\n".join(out) + "\n")
        promotion_path.write_text("\n".join(promotion_rows()) + "\n")
