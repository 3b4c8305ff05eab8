"""Measures tarry, Eigen and xtensor (programs in FOLDER) and the Python libraries.

Every function in a process of its own, size after size: there `resized` is the first call of each size, `steady` all
that follow. And each size in a process of its own, for the `first` call of a process.

usage: run.py FOLDER RESULTS.json [--largest N] [--only LIBRARY,…]
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

WORKS = ["update", "ops4", "ops12", "softmax"]
COMPILED = {"tarry": "with_tarry", "Eigen": "with_eigen", "xtensor": "with_xtensor"}
QUICK = ["tarry", "Eigen", "xtensor", "NumPy", "NumExpr"]  # to start
PYTHON = ["NumPy", "NumExpr", "Numba", "PyTorch", "PyTorch compiled", "JAX", "MLX", "Dr.Jit"]


def command(folder: str, library: str) -> list[str]:
    if library in COMPILED:
        return [str(pathlib.Path(folder) / COMPILED[library])]
    return [sys.executable, str(pathlib.Path(__file__).with_name("measure.py")), library]


def measure(folder: str, library: str, work: str, sizes: list[int], flags: list[str] = []) -> list[dict]:
    with tempfile.TemporaryDirectory() as empty:
        # A first call is one without files that an earlier process left.
        environment = dict(os.environ, HOME=empty, TMPDIR=empty, XDG_CACHE_HOME=empty)
        done = subprocess.run(command(folder, library) + flags + [work, *map(str, sizes)], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0:
        why = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        print(f"  {library}, {work}: {why[0]}", file=sys.stderr)
        rows.append({"library": library, "work": work, "failed": why[0]})
    return rows


def first_calls(folder: str, libraries: list[str], work: str, exponent: int) -> list[dict]:
    """The first call of a process: of several processes, where that takes no time, the median. They take turns, as a
    shared machine is now faster and now slower."""
    rows = {name: [] for name in libraries}
    for turn in range(5 if exponent <= 6 else 3 if exponent <= 7 else 1):
        for name in libraries:
            every_second = name == "PyTorch compiled"  # what compiles for ten seconds does so whatever the size
            if name in QUICK or turn == 0 and not (every_second and exponent % 2):
                rows[name] += measure(folder, name, work, [10**exponent], ["--first"])
    return [row for name in libraries for row in median(rows[name])]


def median(rows: list[dict]) -> list[dict]:
    done = sorted((row for row in rows if "first" in row), key=lambda row: row["first"])
    return done[len(done) // 2 : len(done) // 2 + 1] or rows[:1]


def versions() -> dict[str, str]:
    from importlib import metadata

    names = ["numpy", "numexpr", "numba", "torch", "jax", "mlx", "drjit"]
    return {n: metadata.version(n) for n in names if any(d.name.lower() == n for d in metadata.distributions())}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("results")
    parser.add_argument("--largest", type=int, default=8, help="the largest size is ten to this power")
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    sizes = [10**e for e in range(chosen.largest + 1)]
    libraries = [*COMPILED, *PYTHON]
    if chosen.only:
        libraries = [name for name in libraries if name in chosen.only.split(",")]
    rows = []
    for work in WORKS:
        for library in libraries:
            print(f"{work}: {library}", flush=True)
            rows += measure(chosen.folder, library, work, sizes)
        for exponent in range(chosen.largest + 1):
            print(f"{work}: first calls at 10^{exponent}", flush=True)
            rows += first_calls(chosen.folder, libraries, work, exponent)
    with open("/proc/cpuinfo") as info:
        cpu = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())
    machine = {"processor": cpu, "cores": len(os.sched_getaffinity(0)), "versions": versions()}
    pathlib.Path(chosen.results).write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")


main()
