"""Text under print options that are set for a while (options.txt).

    case NAME LINES                 followed by that many lines; a test makes the call of this name
"""

import numpy as np

X = np.array([[1.0, -2.5, 1e-9], [np.nan, 1e5, np.inf]])
W = np.arange(2000)
Z = np.array([1.5 - 2j, 1e-3 + 1j])


def under(function, **options):
    with np.printoptions(**options):
        return function()


CASES = {
    "precision": lambda: under(lambda: str(X), precision=2),
    "suppress": lambda: under(lambda: str(X), precision=3, suppress=True),
    "threshold": lambda: under(lambda: repr(np.arange(12)), threshold=10),
    "edgeitems": lambda: under(lambda: repr(W.reshape(40, 50)), edgeitems=1),
    "linewidth": lambda: under(lambda: repr(np.arange(20)), linewidth=30),
    "nanstr": lambda: under(lambda: str(X), nanstr="-", infstr="oo"),
    "sign": lambda: under(lambda: str(X), sign="+"),
    "floatmode": lambda: under(lambda: str(X / 3), floatmode="fixed", precision=4),
    "int_kind": lambda: under(lambda: repr(np.array([1, -20])), formatter={"int_kind": lambda v: f"<{v}>"}),
    "uint": lambda: under(lambda: repr(np.array([1, 200], np.uint8)), formatter={"int_kind": lambda v: f"<{v}>"}),
    "float_kind": lambda: under(lambda: str(X), formatter={"float_kind": lambda v: f"{v:.1e}"}),
    "bool": lambda: under(lambda: repr(np.array([True, False])), formatter={"bool": lambda v: "yes" if v else "no"}),
    "complex_kind": lambda: under(lambda: str(Z), formatter={"complex_kind": lambda v: f"{v.real:g}|{v.imag:g}"}),
    "override_repr": lambda: under(lambda: repr(np.arange(3)), override_repr=lambda a: f"{a.size} elements"),
    "str_with_override": lambda: under(lambda: str(np.arange(3)), override_repr=lambda a: f"{a.size} elements"),
    "zero_d_str": lambda: under(lambda: str(np.array(2 / 3)), precision=3),
    "zero_d_repr": lambda: under(lambda: repr(np.array(2 / 3)), precision=3),
    "complex_precision": lambda: under(lambda: str(Z / 3), precision=2),
    "separator": lambda: np.array2string(X, separator=", "),
    "separator_tight": lambda: np.array2string(np.arange(40).reshape(2, 20), separator=","),
    "separator_wide": lambda: np.array2string(np.arange(60).reshape(2, 30), separator=" | "),
    "prefix": lambda: np.array2string(np.arange(40), prefix="long_name = ", suffix=" (all of it)"),
    "own_precision": lambda: np.array2string(X, precision=1, suppress_small=True),
    "own_threshold": lambda: np.array2string(W, threshold=5, edgeitems=2),
    "own_width": lambda: np.array2string(np.arange(30), max_line_width=20),
    "own_formatter": lambda: np.array2string(np.array([0.5, 3.0]), formatter={"float_kind": lambda v: f"{v:.2f}"}),
    "empty": lambda: np.array2string(np.zeros((0, 3))),
    "zero_d": lambda: np.array2string(np.array(2 / 3), precision=3),
}


def write(path):
    out = []
    for name, call in CASES.items():
        lines = call().split("\n")
        out += [f"case {name} {len(lines)}"] + lines
    path.write_text("\n".join(out) + "\n")
