"""More calls of functions.txt: narrow types that sums and products overflow, mixed types, complex numbers."""

import numpy as np

U = np.array([200, 100], np.uint8)
PIXELS = np.full((2, 2, 3), 200, np.uint8)


def parts(z):
    return z.real, z.imag


CALLS = {
    "average_uint8": lambda: np.average(U, 0, np.array([2, 3], np.uint8)),
    "average_mixed": lambda: np.average(U.astype(np.float32), 0, np.array([2, 3])),
    "average_narrow": lambda: np.average(np.array([1.5, 3.0], np.float32), 0, np.array([2, 3], np.uint8)),
    "average_complex": lambda: parts(np.average(np.array([1.0, 2.0]), 0, [1 + 1j, 1 - 2j])),
    "einsum_pixels": lambda: np.einsum("hwc,c->", PIXELS, [0.25, 0.5, 0.125]),
    "einsum_mask": lambda: np.einsum("ij,j->", np.array([[True, True], [True, False]]), [5, 7]),
    "einsum_int32": lambda: np.einsum("ij,j->j", np.full((2, 2), 2**31 - 1, np.int32), [1, 2]),
    "einsum_half": lambda: np.einsum("ij,j->", np.full((2, 2), 6e4, np.float16), [1.0, 2.0]),
    "einsum_three_types": lambda: np.einsum("ij,jk,kl->il", U[:1, None], np.array([[150]], np.uint8), [[3.0]]),
    "einsum_elements": lambda: np.einsum("i,i,i->i", U, U, [1, 2]),
    "einsum_number": lambda: np.einsum("i,->i", np.array([1.5], np.float32), 2.0),
    "gradient_int32": lambda: np.gradient(np.array([1.0, 2.0, 5.0]), np.array([0, 100000, 300000], np.int32)),
    "gradient_falling": lambda: np.gradient(np.array([1.0, 2.0, 5.0, 0.0]), np.array([30, 20, 10, 0], np.uint8)),
    "gradient_uneven": lambda: np.gradient(np.array([1, 2, 5, 0], np.uint8), np.array([250, 20, 10, 0], np.uint8)),
    "vander_uint8": lambda: np.vander(np.array([200, 3], np.uint8), 3),
    "vander_float32": lambda: np.vander(np.array([1.1, 3.0], np.float32), 3),
    "vander_bool": lambda: np.vander(np.array([True, False]), 2),
    "polyfit_float32": lambda: np.polyfit(
        np.array([0, 1, 2, 3, 5], np.float32), np.array([1, 3, 2, 5, 4], np.float32), 2
    ),
    "polyfit_half": lambda: np.polyfit(np.array([0, 1, 2, 3, 5], np.float16), np.array([1.0, 3.0, 2.0, 5.0, 4.0]), 1),
}
