"""How far NumPy's float32 sums of badly conditioned numbers are off.

sums.txt: COUNT SEEDS MEAN_ERROR
"""

import math

import numpy as np

MASK = 2**64 - 1


def conditioned(seed, count):
    """Numbers of every magnitude within 2^40, of both signs, each float32 exactly."""
    state = (seed * 0x9E3779B97F4A7C15 + 1) & MASK
    values = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & MASK
        values.append(math.ldexp((state >> 41) - (1 << 22), (state >> 33 & 31) % 24 - 24))
    array = np.array(values, np.float32)
    assert array.astype(float).tolist() == values
    return array


def write(path):
    out = []
    for count in (1000, 20000):
        errors = []
        for seed in range(100):
            values = conditioned(seed, count)
            errors.append(abs(float(np.sum(values)) - math.fsum(values.tolist())))
        out.append(f"{count} 100 {float(np.mean(errors))!r}")
    path.write_text("\n".join(out) + "\n")
