"""More calls of functions.txt: narrow types that sums and products overflow, mixed types, complex numbers."""

import numpy as np

U = np.array([200, 100], np.uint8)
PIXELS = np.full((2, 2, 3), 200, np.uint8)


def parts(z):
    return z.real, z.imag


def changed(x, function, *arguments):
    x = x.copy()
    function(x, *arguments)
    return x


COUNTING = np.array([1, 2, 3], np.uint8)

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
    "putmask_number": lambda: changed(U, np.putmask, U > 150, 7.9),
    "putmask_narrower": lambda: changed(U.astype(np.int64), np.putmask, U > 0, np.array([5, 6], np.uint8)),
    "place_narrower": lambda: changed(U.astype(np.float32), np.place, U > 0, np.array([5, 6], np.uint8)),
    "interp_complex": lambda: parts(
        np.interp([-1.0, 0.5, np.nan, 3.0], [0, 1, 2], np.array([1j, 2 + 3j, -1 - 1j], np.complex64))
    ),
    "interp_complex_outside": lambda: parts(np.interp([-1.0, 0.5, 3.0], [0.0, 1.0], [1j, 2 + 3j], -5.0, 5.0)),
    "interp_complex_point": lambda: parts(np.interp([-1.0, 0.0, 3.0], [0.0], [1 + 2j])),
    "searchsorted_beyond": lambda: (np.searchsorted(COUNTING, 300), np.searchsorted(COUNTING, -5)),
    "searchsorted_between": lambda: np.searchsorted(np.array([1.0], np.float32), 1.00000001),
    "digitize_beyond": lambda: (np.digitize(300, COUNTING), np.digitize(-5, COUNTING[::-1])),
    "bincount_uint64": lambda: np.bincount(np.array([1, 3], np.uint64)),
    "quantile_list_of_one": lambda: np.quantile(U, [0.5]),
    "percentile_list_of_one": lambda: np.percentile(U, [25]),
    "percentile_none": lambda: np.percentile(np.ones((2, 3)), [], 1),
    "histogram_float32": lambda: np.histogram(np.array([1, 2, 2.3333335, 5], np.float32), 3),
    "histogram_half": lambda: np.histogram(np.array([1, 2, 5], np.float16), 3),
    "histogram_float32_range": lambda: np.histogram(np.array([1, 2, 1.1], np.float32), 3, (0.0, 1.1)),
    "histogram_float32_one": lambda: np.histogram(np.ones(3, np.float32), 3),
    "histogram_float32_none": lambda: np.histogram(np.zeros(0, np.float32), 3),
    "histogram_narrow": lambda: np.histogram(np.array([1.0, 1.0 + 2.0**-50, 1 + 2.0**-52]), 4),
    "select_bool": lambda: np.select([np.array([True, False])], [np.array([1, 2], np.uint64)], np.array(True)),
    "select_float32": lambda: np.select(
        [np.array([True, False]), np.array([False, True])], [np.array([1, 2], np.float32), np.array([1], np.int8)], 0.5
    ),
    "select_int8": lambda: np.select(
        [np.array([False]), np.array([True])], [np.array([1], np.int8), np.array([True])], 0
    ),
    "intersect1d_mixed": lambda: np.intersect1d(np.array([1, 2], np.int8), np.array([1.0, 3.0])),
    "intersect1d_wider": lambda: np.intersect1d(np.array([1, 2], np.int8), np.array([300, 1])),
    "array_of_scalars": lambda: (
        np.array([np.float32(1.5), 2.5]), np.array([np.int8(1), 300]), np.array([np.float32(1.5), True]),
        np.array([np.uint64(5), 3]), np.array([np.float16(1), 3]),
    ),
    "cond_zeros": lambda: np.linalg.cond(np.zeros((2, 2))),
    "geomspace_signs": lambda: np.geomspace(1, -1000, 4),
    "nanmedian_none": lambda: (np.nanmedian(np.zeros(0)), np.nanmedian(np.zeros((0, 3)), 0)),
    "nanquantile_none": lambda: (
        np.nanquantile(np.zeros(0, int), 0.5), np.nanquantile(np.zeros(0, bool), 0.5),
        np.nanquantile(np.zeros((0, 3)), 0.5, 0), np.nanquantile(np.zeros((0, 3), int), 0.5, 1),
    ),
    "matrix_rank_none": lambda: np.linalg.matrix_rank(np.zeros((0, 3))),
    "norm_none": lambda: (np.linalg.norm(np.zeros((3, 0)), 1), np.linalg.norm(np.zeros((0, 3)), np.inf),
                          np.linalg.norm(np.zeros((3, 0)), 2)),
    "partition_none": lambda: (np.partition(np.zeros(0), 0), np.argpartition(np.zeros((0, 3)), 1, 0)),
    "polymul_none": lambda: np.polymul([], []),
    "polyval_columns": lambda: np.polyval(np.array([[1, 2], [3, 4.0]]), 2),
    "take_bool": lambda: np.take(np.array([5, 6, 7]), [True, False]),
    "nanargmax_none": lambda: np.nanargmax(np.zeros((3, 0)), 0),
    "vander_uint8": lambda: np.vander(np.array([200, 3], np.uint8), 3),
    "vander_float32": lambda: np.vander(np.array([1.1, 3.0], np.float32), 3),
    "vander_bool": lambda: np.vander(np.array([True, False]), 2),
    "polyfit_float32": lambda: np.polyfit(
        np.array([0, 1, 2, 3, 5], np.float32), np.array([1, 3, 2, 5, 4], np.float32), 2
    ),
    "polyfit_half": lambda: np.polyfit(np.array([0, 1, 2, 3, 5], np.float16), np.array([1.0, 3.0, 2.0, 5.0, 4.0]), 1),
}
