"""NumPy's str and repr of arrays.

print.txt holds one case after another:

    case DTYPE EXTENTS OPTIONS      EXTENTS "-" for 0-d, OPTIONS "-" for the defaults
    HEX                             elements, little-endian; the array is this pattern, repeated
    str LINES                       followed by that many lines
    repr LINES
"""

import itertools

import ml_dtypes
import numpy as np

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype(t) for t in ("float16", "float32", "float64")]
COMPLEX = [np.dtype("complex64"), np.dtype("complex128")]
INTS = [np.dtype(t) for t in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")]

# Values that decide between notations, widths and digits.
NUMBERS = [
    [0.0], [-0.0], [1.0], [-1.0, 1.0], [0.1], [0.1, 0.25, 1 / 3], [1 / 3, 2 / 3], [1e-5], [1e-4], [9.9e-5, 1.0],
    [0.001, 1.0], [0.001, 1.0009], [0.0009, 1.0], [1.0, 1000.0], [1.0, 1000.5], [1.0, 1001.0], [0.5, 999.0],
    [999.0, 1000.0], [999.5], [1000.0], [1234.5], [99999.0], [999999.0], [1e6], [1234567.0], [9999999.0, 1e7],
    [12345678.0], [99999999.0], [1e8], [123456789.0], [1e15], [1e16], [123456789012345680.0], [1e100], [1e-100],
    [1e-300, 1e300], [5e-324], [1.7976931348623157e308], [2.2250738585072014e-308], [3.4028235e38], [1e-45],
    [65504.0], [6e-8], [6.1e-5], [np.pi, np.e], [np.pi * 1e5, np.e * 1e-5], [-np.pi * 1e7], [1.5, 2.25, 3.125],
    [0.15, 0.25, 0.35], [2.5, 3.5, -4.5], [1e-9, 1.0], [123.456, -0.001234], [0.30000000000000004], [1e22, 1e23],
    [9007199254740993.0], [4.35, 0.000035], [0.0, 1e-7], [0.0, 100.0], [0.0, np.pi * 1e9], [-0.0, 0.0, 1.5],
    [np.nan], [np.inf], [-np.inf], [np.nan, 1.0], [np.inf, -1.5], [-np.inf, 0.001, 2.0], [np.nan, 1e10],
    [np.nan, np.inf, -np.inf], [np.nan, 123456.789], [-np.inf, 1e-10, 3.0], [np.inf, 1234.5678],
]

OPTIONS = [
    {"precision": 3}, {"precision": 0}, {"precision": 1}, {"precision": 17}, {"suppress": True},
    {"precision": 3, "suppress": True}, {"sign": "+"}, {"sign": " "}, {"floatmode": "fixed"},
    {"floatmode": "fixed", "precision": 2}, {"floatmode": "unique"}, {"floatmode": "maxprec_equal"},
    {"floatmode": "maxprec_equal", "precision": 4}, {"nanstr": "not a number", "infstr": "oo"},
    {"floatmode": "fixed", "precision": 25}, {"floatmode": "unique", "sign": "+"},
]

SHAPES = [
    (1,), (2,), (7,), (30,), (1, 1), (2, 3), (3, 1), (1, 12), (2, 40), (2, 2, 2), (3, 1, 2), (2, 1, 1, 3), (1, 1, 1, 1, 1),
]
EMPTY_SHAPES = [(0,), (0, 3), (3, 0), (2, 0, 4), (0, 0)]
LARGE_SHAPES = [(1000,), (1001,), (100000,), (50, 50), (7, 200), (200, 7), (2, 600), (6, 6, 40), (7, 8, 30), (3, 1000, 2), (1001, 1)]


def case(out, pattern, shape, options=None):
    options = options or {}
    size = int(np.prod(shape))
    array = np.resize(pattern, size).astype(pattern.dtype).reshape(shape)
    with np.printoptions(**options):
        texts = {"str": str(array), "repr": repr(array)}
    extents = ",".join(map(str, shape)) or "-"
    flags = ";".join(f"{k}={int(v) if isinstance(v, bool) else v}" for k, v in options.items()) or "-"
    little = pattern.astype(pattern.dtype.newbyteorder("<")) if pattern.dtype != BFLOAT16 else pattern
    out.append(f"case {pattern.dtype.name} {extents} {flags}")
    out.append(little.tobytes().hex())
    for name, text in texts.items():
        lines = text.split("\n")
        out.append(f"{name} {len(lines)}")
        out.extend(lines)


def random_bits(generator, dtype, count):
    """Numbers of every magnitude, NaNs and infinities among them."""
    size = np.dtype(dtype).itemsize
    values = np.frombuffer(generator.bytes(count * size), dtype=dtype)
    # A payload is no part of the text.
    return np.where(np.isnan(values), np.array(np.nan, dtype), values)


def float_cases(out):
    for numbers, dtype in itertools.product(NUMBERS, FLOATS):
        pattern = np.array(numbers, dtype)
        case(out, pattern, (len(numbers),))
        if len(numbers) == 1:
            case(out, pattern, ())
    for numbers, options in itertools.product(NUMBERS[5::4], OPTIONS):
        case(out, np.array(numbers), (len(numbers),), options)
    for dtype, options in itertools.product(FLOATS, OPTIONS):
        case(out, np.array([0.15, -2.5, 1 / 3, 40.0], dtype), (2, 2), options)
        case(out, np.array([0.15, -2.5e-7, np.nan, 400000.0], dtype), (2, 2), options)
    generator = np.random.default_rng(1)
    for dtype in FLOATS:
        for count in (1, 1, 1, 1, 2, 3, 5, 40):
            case(out, random_bits(generator, dtype, count), (count,))
            case(out, generator.normal(size=count).astype(dtype), (count,))
            case(out, np.exp(generator.normal(size=count) * 3).astype(dtype), (count,), {"floatmode": "unique"})
        for _ in range(30):
            case(out, random_bits(generator, dtype, 1), ())


def complex_cases(out):
    pairs = list(zip(NUMBERS, NUMBERS[7:] + NUMBERS[:7]))
    for (real, imag), dtype in itertools.product(pairs, COMPLEX):
        count = max(len(real), len(imag))
        pattern = np.empty(count, dtype)
        pattern.real, pattern.imag = np.resize(real, count), np.resize(imag, count)
        case(out, pattern, (count,))
        case(out, pattern[:1], ())
    for real, imag in itertools.product([0.0, -0.0, 1.0, 1e20, np.nan, np.inf, -np.inf, 1e-5], repeat=2):
        for dtype in COMPLEX:
            case(out, np.array([complex(real, imag)], dtype), ())
    for dtype, options in itertools.product(COMPLEX, OPTIONS):
        case(out, np.array([0.15 - 2.5j, 40.0 + 1j / 3, -7j, 1e5 + 0j], dtype), (2, 2), options)
        case(out, np.array([0.15 - 2.5e-7j, complex(np.nan, -np.inf)], dtype), (2,), options)
    generator = np.random.default_rng(2)
    for dtype in COMPLEX:
        for count in (1, 2, 3, 5, 40):
            part = dtype.type(0).real.dtype
            case(out, random_bits(generator, part, 2 * count).view(dtype), (count,))
            case(out, generator.normal(size=2 * count).astype(part).view(dtype), (count,))
        pattern = (np.arange(7) * 0.25 - 1j * np.arange(7)).astype(dtype)
        for shape in SHAPES + EMPTY_SHAPES + [(1001,), (50, 50)]:
            case(out, pattern, shape)
        for width in range(1, 60, 7):
            case(out, pattern, (2, 7), {"linewidth": width})


def other_cases(out):
    for dtype in INTS:
        limits = np.iinfo(dtype)
        for numbers in ([0], [limits.max], [limits.min], [limits.min, 0, limits.max], [1, 10, 100], [5, limits.max]):
            case(out, np.array(numbers, dtype), (len(numbers),))
            if len(numbers) == 1:
                case(out, np.array(numbers, dtype), ())
        for sign in "+ ":
            case(out, np.array([limits.min, 7, 12], dtype), (3,), {"sign": sign})
            case(out, np.array([3, 7, 12], dtype), (3,), {"sign": sign})
    for numbers in ([True], [False], [True, False], [False, False]):
        case(out, np.array(numbers), (len(numbers),))
        if len(numbers) == 1:
            case(out, np.array(numbers), ())
    for numbers in ([1.0], [0.1], [np.nan], [np.inf, -np.inf], [1, 2.5, 3.14159, 1e10, 1e-5, -0.0, 123456, 3e38, 1e-40]):
        case(out, np.array(numbers, BFLOAT16), (len(numbers),))
        if len(numbers) == 1:
            case(out, np.array(numbers, BFLOAT16), ())


def shape_cases(out):
    patterns = [
        np.arange(97), np.array([1.5, -0.25, 3.0, 10.125, 7.0]), np.array([True, False, True]),
        np.array([0.1, 2.0, 300.0], np.float32), np.arange(-50, 51, 7).astype(np.int8), np.array([1, 2.5, 0.1], BFLOAT16),
        np.array([1e-9, 1.0, np.nan]), np.array([0.5, 1 / 3], np.float16),
    ]
    for pattern, shape in itertools.product(patterns, SHAPES + EMPTY_SHAPES):
        case(out, pattern, shape)
    for pattern, shape in zip(itertools.cycle(patterns), LARGE_SHAPES * 3):
        case(out, pattern, shape)
    for shape in LARGE_SHAPES:
        case(out, np.arange(97), shape, {"edgeitems": 2})
        case(out, np.arange(97), shape, {"linewidth": 40, "threshold": 500})
    for width in range(1, 40, 3):
        case(out, np.arange(97), (3, 12), {"linewidth": width})
        case(out, np.array([1.5, -0.25, 1e-7], np.float32), (2, 7), {"linewidth": width})
    for size in range(1, 24):  # where dtype=... moves to a line of its own
        case(out, np.array([1], np.int16), (size,))
        case(out, np.array([0.25], np.float32), (size,))


def write(path):
    out = []
    float_cases(out)
    complex_cases(out)
    other_cases(out)
    shape_cases(out)
    path.write_text("\n".join(out) + "\n")
