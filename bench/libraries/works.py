"""The measured functions, as a user of each library writes them.

A library is a function of no arguments that imports it and returns a Library. float32 throughout; rows are 1024 long where
the size allows it. All cores are used where a library offers that.
"""

import dataclasses
import os
from typing import Any, Callable

import numpy as np

THREADS = len(os.sched_getaffinity(0))
ROW = 1024


@dataclasses.dataclass
class Library:
    works: dict[str, Callable]
    array: Callable[[np.ndarray], Any]
    wait: Callable[[Any], Any]
    numpy: Callable[[Any], np.ndarray] = np.asarray


def inputs(work: str, size: int) -> list[np.ndarray]:
    draw = np.random.default_rng(size)
    shape = (size // ROW, ROW) if work == "softmax" and size >= ROW else (1, size) if work == "softmax" else (size,)
    count = {"update": 1, "ops4": 3, "ops12": 3, "softmax": 1}[work]
    return [draw.uniform(0.1, 2, shape).astype(np.float32) for _ in range(count)]


def generic(m, maximum_of_rows, sum_of_rows) -> dict[str, Callable]:
    """For libraries whose modules have NumPy's names."""

    def update(x):
        return x * 0.999 + 0.001

    def ops4(a, b, c):
        return (a * b + c) * a - b

    def ops12(a, b, c):
        t = a * b + c
        u = t * t - a
        v = u / (m.abs(b) + 1.5)
        w = m.maximum(v, 0.1 * v)
        return m.sqrt(w * w + 2)

    def softmax(x):
        e = m.exp(x - maximum_of_rows(x))
        return e / sum_of_rows(e)

    return {"update": update, "ops4": ops4, "ops12": ops12, "softmax": softmax}


def numpy() -> Library:
    works = generic(np, lambda x: x.max(1, keepdims=True), lambda x: x.sum(1, keepdims=True))
    return Library(works, lambda a: a, lambda y: y)


def numexpr() -> Library:
    import numexpr as ne

    ne.set_num_threads(THREADS)
    evaluate = lambda text, **names: ne.evaluate(text, local_dict=names, global_dict={})
    f = {"p": np.float32(0.999), "q": np.float32(0.001), "tenth": np.float32(0.1), "half3": np.float32(1.5)}

    def softmax(x):
        m = x.max(1, keepdims=True)
        e = evaluate("exp(x - m)", x=x, m=m)
        return evaluate("e / s", e=e, s=e.sum(1, keepdims=True))

    def ops12(a, b, c):
        v = evaluate("((a * b + c) * (a * b + c) - a) / (abs(b) + half3)", a=a, b=b, c=c, half3=f["half3"])
        return evaluate("sqrt(where(v > tenth * v, v, tenth * v) ** 2 + 2)", v=v, tenth=f["tenth"])

    works = {
        "update": lambda x: evaluate("x * p + q", x=x, p=f["p"], q=f["q"]),
        "ops4": lambda a, b, c: evaluate("(a * b + c) * a - b", a=a, b=b, c=c),
        "ops12": ops12,
        "softmax": softmax,
    }
    return Library(works, lambda a: a, lambda y: y)


def numba() -> Library:
    import numba as nb

    nb.set_num_threads(THREADS)
    one, tenth, half3 = np.float32(0.999), np.float32(0.1), np.float32(1.5)
    small, two = np.float32(0.001), np.float32(2)

    def update(x):
        return x * one + small

    def ops4(a, b, c):
        return (a * b + c) * a - b

    def ops12(a, b, c):
        t = a * b + c
        u = t * t - a
        v = u / (np.abs(b) + half3)
        w = np.maximum(v, tenth * v)
        return np.sqrt(w * w + two)

    def softmax(x):
        y = np.empty_like(x)
        for i in nb.prange(x.shape[0]):
            e = np.exp(x[i] - np.max(x[i]))
            y[i] = e / np.sum(e)
        return y

    def compiled(f):
        serial, parallel = nb.njit(f), nb.njit(f, parallel=True)
        return lambda x, *rest: (parallel if x.size >= 20000 else serial)(x, *rest)

    return Library({f.__name__: compiled(f) for f in (update, ops4, ops12, softmax)}, lambda a: a, lambda y: y)


def torch_works():
    import torch

    torch.set_num_threads(THREADS)
    torch.set_grad_enabled(False)
    return torch, generic(torch, lambda x: x.amax(1, keepdim=True), lambda x: x.sum(1, keepdim=True))


def torch_eager() -> Library:
    torch, works = torch_works()
    return Library(works, torch.from_numpy, lambda y: y)


def torch_compiled() -> Library:
    torch, works = torch_works()
    return Library({name: torch.compile(f) for name, f in works.items()}, torch.from_numpy, lambda y: y)


def jax() -> Library:
    import jax as j
    import jax.numpy as jnp

    works = generic(jnp, lambda x: x.max(1, keepdims=True), lambda x: x.sum(1, keepdims=True))
    return Library({name: j.jit(f) for name, f in works.items()}, jnp.asarray, lambda y: y.block_until_ready())


def mlx() -> Library:
    import mlx.core as mx

    works = generic(mx, lambda x: mx.max(x, axis=1, keepdims=True), lambda x: mx.sum(x, axis=1, keepdims=True))
    return Library({name: mx.compile(f) for name, f in works.items()}, mx.array, lambda y: (mx.eval(y), y)[1])


def drjit() -> Library:
    import drjit as dr
    from drjit.llvm import Float

    works = generic(dr, None, None)

    def softmax(x):
        row = min(ROW, dr.width(x))
        e = dr.exp(x - dr.repeat(dr.block_reduce(dr.ReduceOp.Max, x, row), row))
        return e / dr.repeat(dr.block_sum(e, row), row)

    works["softmax"] = softmax

    def wait(y):
        dr.eval(y)
        dr.sync_thread()
        return y

    return Library(works, lambda a: Float(a.ravel()), wait, lambda y: y.numpy())


LIBRARIES = {
    "NumPy": numpy,
    "NumExpr": numexpr,
    "Numba": numba,
    "PyTorch": torch_eager,
    "PyTorch compiled": torch_compiled,
    "JAX": jax,
    "MLX": mlx,
    "Dr.Jit": drjit,
}
