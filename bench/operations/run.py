"""Measures single operations in tarry and in NumPy, and writes a table.

Each result is looked at at once. The two take turns, size after size; an operation's time is the best of seven rounds.

usage: run.py BUILD_FOLDER TABLE.md [--only NAME,…]
"""

import argparse
import json
import math
import os
import pathlib
import platform
import subprocess
import sys
import time

import numpy as np

import operations

SIZES = [10, 1000, 10**5, 10**6]
ROUNDS, ROUND_SECONDS = 7, 0.02
SOURCE = pathlib.Path(__file__).resolve().parents[2]

PROGRAM = """
#include <tarry/tarry.h>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstdio>
#include <cstdlib>
namespace np = tarry::numpy;
using tarry::Array;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class Call>
void measure(const char* name, const Call& call) {
  double best = 1e9;
  for (int round = 0; round < %(rounds)d; ++round) {
    const double begin = now();
    long calls = 0;
    do {
      call();
      ++calls;
    } while (now() - begin < %(seconds)g);
    best = std::min(best, (now() - begin) / static_cast<double>(calls));
  }
  std::printf("{\\"name\\": \\"%%s\\", \\"seconds\\": %%.9g}\\n", name, best);
}

int main(int, char** argv) {
  const int64_t n = std::atoll(argv[1]);
%(setup)s
%(calls)s
}
"""


def program(chosen: list) -> str:
    calls = [f'  measure("{name}", [&] {{ const Array result = {tarry}; tarry::eval(result); }});'
             for name, tarry, _ in chosen]
    return PROGRAM % {"rounds": ROUNDS, "seconds": ROUND_SECONDS, "setup": operations.SETUP_TARRY,
                      "calls": "\n".join(calls)}


def compiled(build: pathlib.Path, chosen: list) -> pathlib.Path:
    folder = build / "bench" / "operations"
    folder.mkdir(parents=True, exist_ok=True)
    source, binary = folder / "operations.cpp", folder / "operations"
    source.write_text(program(chosen))
    subprocess.run(["c++", "-std=c++20", "-O2", str(source), "-o", str(binary),
                    *(f"-I{SOURCE / part / 'include'}" for part in ("frontend", "ir", "runtime")),
                    f"-L{build / 'lib'}", "-ltarry", f"-Wl,-rpath,{build / 'lib'}"], check=True)
    return binary


def of_tarry(binary: pathlib.Path, n: int) -> dict[str, float]:
    lines = subprocess.run([str(binary), str(n)], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()
    return {row["name"]: row["seconds"] for row in map(json.loads, lines)}


def of_numpy(chosen: list, n: int) -> dict[str, float]:
    names = {"np": np, "math": math, "n": n}
    exec(operations.SETUP_NUMPY, names)
    times = {}
    for name, _, expression in chosen:
        call = eval(f"lambda: {expression}", names)
        best, calls = math.inf, 1
        for _ in range(ROUNDS):
            while True:
                begin = time.perf_counter()
                for _ in range(calls):
                    call()
                spent = time.perf_counter() - begin
                if spent > ROUND_SECONDS / 2:
                    break
                calls *= 2
            best = min(best, spent / calls)
        times[name] = best
    return times


def cell(tarry: float, numpy: float) -> str:
    def text(seconds: float) -> str:
        return f"{seconds * 1e6:.3g}"
    ratio = tarry / numpy
    return f"{text(tarry)} / {text(numpy)} = " + (f"**{ratio:.2f}**" if ratio > 1.05 else f"{ratio:.2f}")


def report(rows: dict, table: pathlib.Path) -> None:
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
                     platform.machine())
    ratios = [t / n for row in rows.values() for t, n in row]
    behind = sum(ratio > 1.05 for ratio in ratios)
    text = f"""# Single operations against NumPy

Written by `./tools/operations`, on {len(os.sched_getaffinity(0))} cores of an {processor}; NumPy {np.__version__}.
Microseconds of a call whose result is looked at, tarry / NumPy = their ratio, the best of {ROUNDS} rounds. **Bold** where
NumPy is more than 5 % ahead: at {behind} of {len(ratios)} places. The median ratio is {sorted(ratios)[len(ratios) // 2]:.2f}. tarry is made
for what is more than one operation; here it has nothing to fuse.

| | {' | '.join(f'{n:,}' for n in SIZES)} |
|---{'|---' * len(SIZES)}|
"""
    for name, row in rows.items():
        text += f"| {name.replace('|', chr(92) + '|')} | {' | '.join(cell(*times) for times in row)} |\n"
    table.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    only = set(filter(None, arguments.only.split(",")))
    chosen = [row for row in operations.OPERATIONS if not only or row[0] in only]
    binary = compiled(arguments.build.resolve(), chosen)
    rows = {name: [] for name, _, _ in chosen}
    for n in SIZES:
        tarry, numpy = of_tarry(binary, n), of_numpy(chosen, n)
        for name in rows:
            rows[name].append((tarry[name], numpy[name]))
        print(f"{n} elements done", file=sys.stderr)
    report(rows, arguments.table)


if __name__ == "__main__":
    main()
