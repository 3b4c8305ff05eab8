"""Measures one function of one Python library at all sizes, in a process of its own; prints a JSON object per size.

usage: measure.py LIBRARY [--first] WORK SIZE…

With --first the first call alone, which is that of the process if there is one size.
"""

import json
import mmap
import statistics
import sys
import time

import numpy as np
import works

WARM_SECONDS = 0.5
SECONDS = 0.25  # of steady state
MOST_RUNS = 2000
LARGE = 10**6
PAGE, RESULTS = 4096, 6


def steady(call) -> float:
    """Median seconds of a call, over runs that fill SECONDS, or so many, once it is warm."""
    start = time.perf_counter()
    while time.perf_counter() - start < WARM_SECONDS:
        call()
    start = time.perf_counter()
    times = []
    while len(times) < MOST_RUNS and (len(times) < 3 or time.perf_counter() - start < SECONDS):
        before = time.perf_counter()
        call()
        times.append(time.perf_counter() - before)
    return statistics.median(times[len(times) // 4 :])


def bring_memory_back(size: int) -> None:
    """On a virtual machine whose host takes free memory away, a page that it has to bring back costs ten times what the
    page itself does, whoever asks for it. So what the results of a first call may need was just in use."""
    if size < LARGE:
        return
    length = size * 4 * RESULTS
    with mmap.mmap(-1, length, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        np.frombuffer(memory, np.uint8)[::PAGE] = 1


def main() -> None:
    name, *rest = sys.argv[1:]
    only_first = rest[0] == "--first"
    work, *sizes = rest[only_first:]
    library, reference = works.LIBRARIES[name](), works.numpy()
    function = library.works[work]
    for size in map(int, sizes):
        plain = works.inputs(work, size)
        arrays = [library.array(a) for a in plain]
        call = lambda: library.wait(function(*arrays))
        bring_memory_back(size)
        before = time.perf_counter()
        y = call()
        first = time.perf_counter() - before
        if size <= 10**6:
            expected = reference.works[work](*plain)
            np.testing.assert_allclose(library.numpy(y).reshape(expected.shape), expected, rtol=1e-5, atol=1e-6)
        del y
        times = {"first": first} if only_first else {"resized": first, "steady": steady(call)}
        print(json.dumps({"library": name, "work": work, "size": size} | times), flush=True)


main()
