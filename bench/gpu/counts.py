"""Counts of what tarry's GPU kernels execute and keep, against CUDA C++ by hand: not times.

usage: counts.py BUILD_FOLDER [--keep FOLDER] [WORK...]

Both run on the stand-in for the driver in BUILD_FOLDER. nvcc compiles bench/gpu/by_hand.cu twice, with its products
and sums contracted, as it does by default, and with -fmad=false, which gives the bits that tarry gives. Registers are
those that ptxas gives the kernels.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ARCHITECTURE = "sm_90"
HERE = Path(__file__).resolve().parent
BARS = {"launches": 1.0, "bytes": 1.0, "instructions": 1.2, "registers": 1.25}
WORKS = {
    "chain": "12-op chain",
    "sum": "`sum(x*y+x)`",
    "stencil": "5-point stencil by slices; by hand a thread a point",
    "stencil_kept": "the same; by hand a thread keeps what it read going down a column",
    "softmax": "softmax of rows of 1,024",
    "square_softmax": "the same with `d*d` in place of `exp(d)`",
    "layernorm": "layernorm of rows of 1,024",
    "gather": "`take`",
    "transpose_add": "`x.T() + z`",
}


def find(tool):
    found = shutil.which(tool) or shutil.which(tool, path="/usr/local/cuda/bin")
    if not found:
        sys.exit(f"{tool} is missing: it comes with NVIDIA's CUDA toolkit, and the counts need it")
    return found


def compile_by_hand(folder, contracted):
    text = folder / ("contracted.ptx" if contracted else "strict.ptx")
    flags = [] if contracted else ["-fmad=false"]
    command = [find("nvcc"), "-O3", "-ptx", f"-arch={ARCHITECTURE}", *flags, "-o", text, HERE / "by_hand.cu"]
    subprocess.run(command, check=True)
    return text


def registers_in(text):
    """Of each kernel of a text."""
    command = [find("ptxas"), "-v", f"-arch={ARCHITECTURE}", text, "-o", os.devnull]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return {name: int(n) for name, n in re.findall(r"entry function '(\w+)'.*?Used (\d+) registers", said, re.S)}


class Counts:
    """Of one side: sums over its kernels, the largest number of registers."""

    def __init__(self, kernels, registers, elements):
        self.launches = sum(k["launches"] for k in kernels)
        self.bytes = sum(k["global_read"] + k["global_written"] for k in kernels) / elements
        self.sectors = sum(k["global_sectors_read"] + k["global_sectors_written"] for k in kernels) * 32 / elements
        self.instructions = sum(k["thread_instructions"] for k in kernels) / elements
        self.registers = max(registers[k["name"]] for k in kernels)


def run(build, work, by_hand, folder):
    """tarry's counts, and those by hand."""
    texts, report = folder / f"{work}_{by_hand.stem}", folder / f"{work}_{by_hand.stem}.json"
    texts.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    environment = dict(os.environ, TARRY_CUDA_LIBRARY=str(build / "tests/cudasim/libcuda.so.1"), TARRY_CACHE_DIR="off",
                       CUDASIM_APPROX="on", CUDASIM_REPORT=str(report), CUDASIM_TEXTS=str(texts))
    ran = subprocess.run([build / "bench/gpu/gpu-counts", work, by_hand], env=environment, check=True,
                         capture_output=True, text=True)
    elements = int(ran.stdout)
    kernels = json.loads(report.read_text())["kernels"]
    hand_registers = registers_in(by_hand)
    registers = {}
    for text in texts.iterdir():
        if text.read_text() != by_hand.read_text():
            for name, n in registers_in(text).items():
                registers[name] = max(n, registers.get(name, 0))
    ours = [k for k in kernels if k["name"] not in hand_registers]
    theirs = [k for k in kernels if k["name"] in hand_registers]
    return Counts(ours, registers, elements), Counts(theirs, hand_registers, elements)


def cell(name, ours, theirs):
    a, b = getattr(ours, name), getattr(theirs, name)
    missed = name in BARS and a > BARS[name] * b * 1.0005
    digits = 0 if isinstance(a, int) else 2
    return f"{a:.{digits}f} / {b:.{digits}f}{' *' if missed else ''}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--keep", type=Path, help="where texts and reports stay")
    parser.add_argument("works", nargs="*", metavar="WORK", help=" ".join(WORKS))
    arguments = parser.parse_intermixed_args()
    arguments.build = arguments.build.resolve()
    columns = ["launches", "bytes", "sectors", "instructions", "registers"]
    print("| work | launches | bytes | bytes in sectors | instructions | by hand with fma | registers |")
    print("|" + "---|" * 7)
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        folder.mkdir(exist_ok=True)
        strict, contracted = compile_by_hand(folder, False), compile_by_hand(folder, True)
        for work in arguments.works or WORKS:
            ours, theirs = run(arguments.build, work, strict, folder)
            cells = [cell(c, ours, theirs) for c in columns]
            _, with_fma = run(arguments.build, work, contracted, folder)
            cells.insert(4, f"{with_fma.instructions:.2f}")
            print(f"| {WORKS[work]} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
