"""The order in memory of what functions give for arrays that do not lie in C order (orders.txt).

    NAME ARGUMENT STRIDES           strides of the result in elements, of axes longer than 1, "x" for those of extent 1
"""

import numpy as np


def arguments():
    f = np.arange(12.0).reshape(3, 4)
    t = np.arange(24.0).reshape(2, 3, 4)
    return {
        "matrix": f.copy(),
        "turned": f.T,
        "permuted": t.transpose(2, 0, 1),
        "swapped": t.transpose(0, 2, 1),
        "reversed": f.T[::-1],
        "sliced": t.transpose(1, 2, 0)[:, ::-1][:, ::2],
        "columns": np.broadcast_to(np.arange(3.0)[:, None], (3, 4)),
        "rows": np.broadcast_to(np.arange(4.0), (3, 4)),
        "layers": np.broadcast_to(np.arange(4.0)[None, :, None], (2, 4, 3)),
        "turned_rows": np.broadcast_to(np.arange(4.0), (3, 4)).T,
    }


FUNCTIONS = {
    "copy": np.copy, "member_copy": lambda x: x.copy(), "astype": lambda x: x.astype(np.float32),
    "zeros_like": np.zeros_like, "ones_like": lambda x: np.ones_like(x, np.int8), "empty_like": np.empty_like,
    "full_like": lambda x: np.full_like(x, 3.0), "negative": np.negative, "add_scalar": lambda x: x + 1,
    "add_self": lambda x: x + x, "add_c": lambda x: x + np.ascontiguousarray(x), "less": lambda x: x < 3,
    "add_row": lambda x: x + np.arange(x.shape[-1]), "where": lambda x: np.where(x > 2, x, 0.0),
    "clip": lambda x: np.clip(x, 1, 5), "round": lambda x: np.round(x, 1), "nan_to_num": np.nan_to_num,
    "isclose": lambda x: np.isclose(x, 2.0), "modf": lambda x: np.modf(x)[0],
    "sort": np.sort, "sort_first": lambda x: np.sort(x, 0), "argsort": np.argsort, "partition": lambda x: np.partition(x, 1),
    "cumsum_first": lambda x: np.cumsum(x, 0), "cumsum_last": lambda x: np.cumsum(x, -1),
    "roll": lambda x: np.roll(x, 1), "roll_axis": lambda x: np.roll(x, 1, 0), "pad": lambda x: np.pad(x, 1),
    "pad_edge": lambda x: np.pad(x, 1, "edge"), "concatenate": lambda x: np.concatenate([x, x]),
    "concatenate_last": lambda x: np.concatenate([x, x], -1), "concatenate_c": lambda x: np.concatenate([x, np.ascontiguousarray(x)]),
    "stack": lambda x: np.stack([x, x]), "tile": lambda x: np.tile(x, 2),
    "repeat": lambda x: np.repeat(x, 2, 0), "take": lambda x: np.take(x, [0, 1], 0), "diff": lambda x: np.diff(x, axis=0),
    "compress": lambda x: np.compress([False, True], x, 0), "flip": lambda x: np.flip(x, 0).copy("K"),
    "tril": np.tril, "delete": lambda x: np.delete(x, 0, 0), "insert": lambda x: np.insert(x, 0, 0, 0),
    "append": lambda x: np.append(x, x, 0), "take_along_axis": lambda x: np.take_along_axis(x, np.zeros(x.shape, int), 0),
    "sum_first": lambda x: np.sum(x, 0), "sum_last": lambda x: np.sum(x, -1), "sum_kept": lambda x: np.sum(x, 0, keepdims=True),
    "max_last": lambda x: np.max(x, -1), "mean_first": lambda x: np.mean(x, 0), "var_last": lambda x: np.var(x, -1),
    "argmax_first": lambda x: np.argmax(x, 0), "gradient": lambda x: np.gradient(x, axis=0),
    "in_place": lambda x: (x + 0).__iadd__(1), "logical_not": np.logical_not, "power": lambda x: x ** 2,
    "matmul": lambda x: np.matmul(x, np.swapaxes(x, -1, -2)), "nancumsum": lambda x: np.nancumsum(x, 0),
    "asfortranarray": np.asfortranarray, "ascontiguousarray": np.ascontiguousarray, "choose": lambda x: np.choose((x > 2).astype(int), [x, x + 1]),
    "select": lambda x: np.select([x > 2], [x], 0.0), "fix": np.fix, "square": np.square, "bool": lambda x: x.astype(bool),
    "outer_sum": lambda x: x[..., None] + np.arange(2), "sinc": np.sinc, "real": lambda x: (x + 1j).real.copy("K"),
    "complex": lambda x: x + 1j, "maximum_c": lambda x: np.maximum(np.ascontiguousarray(x), x), "average": lambda x: np.average(x, 0),
    "resize": lambda x: np.resize(x, (3, 5)), "unique": lambda x: np.unique(x, axis=0), "rot90": lambda x: np.rot90(x).copy("K"),
}


def strides_of(a):
    return ",".join("x" if n == 1 else str(s // a.itemsize) for n, s in zip(a.shape, a.strides)) or "-"


def write(path):
    out = []
    for argument in arguments():
        for name, function in FUNCTIONS.items():
            out.append(f"{name} {argument} {strides_of(function(arguments()[argument]))}")
    path.write_text("\n".join(out) + "\n")
