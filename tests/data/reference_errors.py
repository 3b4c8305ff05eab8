"""What NumPy says when a call cannot be right.

errors.txt, refusals.txt: NAME TYPE MESSAGE, one line each, without spaces at the end; a test makes the call that the expression below
shows.
"""

import numpy as np

CALLS = {
    "broadcast_add": lambda: np.ones((2, 3)) + np.ones((4, 3)),
    "broadcast_compare": lambda: np.ones(3) < np.ones(4),
    "broadcast_where": lambda: np.where(np.ones(2, bool), np.ones(3), 1.0),
    "broadcast_to": lambda: np.broadcast_to(np.ones((2, 3)), (3, 2)),
    "in_place_grows": lambda: np.ones(3).__iadd__(np.ones((2, 3))),
    "in_place_cast": lambda: np.ones(3, int).__iadd__(np.ones(3)),
    "in_place_unsigned": lambda: np.ones(3, np.uint8).__iadd__(np.ones(3, int)),
    "in_place_divide_int": lambda: np.ones(3, int).__itruediv__(2),
    "in_place_complex": lambda: np.ones(3).__iadd__(np.ones(3, complex)),
    "complex_floor": lambda: np.floor(np.ones(3, complex)),
    "complex_floor_divide": lambda: np.ones(3, complex) // 2,
    "complex_remainder": lambda: np.ones(3, complex) % 2,
    "complex_arctan2": lambda: np.arctan2(np.ones(3, complex), 1.0),
    "complex_cbrt": lambda: np.cbrt(np.ones(3, np.complex64)),
    "complex_bits": lambda: np.ones(3, complex) & 1,
    "complex_degrees": lambda: np.degrees(np.ones(3, complex)),
    "write_shape": lambda: np.ones((2, 3)).__setitem__(0, np.ones(4)),
    "write_mask_count": lambda: np.ones(3).__setitem__(np.array([True, False, True]), np.ones(3)),
    "write_negative_float": lambda: np.ones(2, np.uint8).__setitem__(0, -1.5),
    "write_large_float": lambda: np.ones(2, np.uint8).__setitem__(slice(None), 300.0),
    "write_nan": lambda: np.ones(2, int).__setitem__(0, np.nan),
    "array_of_nan": lambda: np.array([1.0, np.nan], int),
    "weak_int_uint8": lambda: np.ones(2, np.uint8) + 300,
    "weak_int_int8": lambda: np.ones(2, np.int8) * -129,
    "bitwise_float": lambda: np.ones(2) & np.ones(2),
    "invert_float": lambda: np.invert(np.ones(2)),
    "negative_bool": lambda: -np.ones(2, bool),
    "subtract_bool": lambda: np.ones(2, bool) - np.ones(2, bool),
    "shift_float": lambda: np.ones(2) << 1,
    "integer_power": lambda: np.arange(1, 3) ** -1,
    "truth_many": lambda: bool(np.ones(2)),
    "truth_none": lambda: bool(np.ones(0)),
    "item_many": lambda: np.ones(2).item(),
    "float_many": lambda: float(np.ones(2)),
    "len_scalar": lambda: len(np.array(3.0)),
    "reshape_size": lambda: np.ones(6).reshape(4, 2),
    "reshape_unknown": lambda: np.ones(6).reshape(4, -1),
    "reshape_two_unknown": lambda: np.ones(6).reshape(-1, -1),
    "axis_sum": lambda: np.ones((2, 3)).sum(2),
    "axis_sum_negative": lambda: np.ones((2, 3)).sum(-3),
    "axis_twice": lambda: np.ones((2, 3)).sum((0, 0)),
    "axis_cumsum": lambda: np.cumsum(np.ones(3), 1),
    "axis_cumulative_sum": lambda: np.cumulative_sum(np.ones((2, 3))),
    "axis_cumulative_prod": lambda: np.cumulative_prod(np.ones((2, 0))),
    "axis_argmax": lambda: np.argmax(np.ones((2, 3)), 2),
    "axis_flip": lambda: np.flip(np.ones(3), 1),
    "axis_expand_dims": lambda: np.expand_dims(np.ones(3), 3),
    "squeeze_extent": lambda: np.squeeze(np.ones((2, 1)), 0),
    "transpose_axes_count": lambda: np.transpose(np.ones((2, 3)), (0,)),
    "transpose_axes_twice": lambda: np.transpose(np.ones((2, 3)), (0, 0)),
    "min_empty": lambda: np.min(np.ones(0)),
    "max_empty_axis": lambda: np.max(np.ones((0, 3)), 0),
    "argmin_empty": lambda: np.argmin(np.ones(0)),
    "matmul_core": lambda: np.ones((2, 3)) @ np.ones((2, 3)),
    "matmul_scalar": lambda: np.matmul(np.ones((2, 3)), 3.0),
    "matmul_batch": lambda: np.ones((2, 2, 3)) @ np.ones((3, 3, 2)),
    "vecdot_extents": lambda: np.vecdot(np.ones(3), np.ones(2)),
    "vecdot_number": lambda: np.vecdot(np.ones(3), 1.0),
    "matvec_extents": lambda: np.matvec(np.ones((2, 3)), np.ones(2)),
    "matvec_vector": lambda: np.matvec(np.ones(3), np.ones(3)),
    "vecmat_extents": lambda: np.vecmat(np.ones(3), np.ones((2, 3))),
    "solve_vector": lambda: np.linalg.solve(np.eye(2), np.ones(3)),
    "solve_matrix": lambda: np.linalg.solve(np.eye(2), np.ones((3, 2))),
    "solve_complex": lambda: np.linalg.solve(np.eye(2), np.ones(3, complex)),
    "nonzero_number": lambda: np.nonzero(np.array(3)),
    "dot_shapes": lambda: np.dot(np.ones((2, 3)), np.ones((2, 3))),
    "concatenate_none": lambda: np.concatenate([]),
    "concatenate_ranks": lambda: np.concatenate([np.ones(2), np.ones((2, 2))]),
    "concatenate_extents": lambda: np.concatenate([np.ones((2, 3)), np.ones((2, 2))]),
    "concatenate_scalars": lambda: np.concatenate([np.array(1.0), np.array(2.0)]),
    "stack_shapes": lambda: np.stack([np.ones(2), np.ones(3)]),
    "stack_none": lambda: np.stack([]),
    "array_ragged": lambda: np.array([[1, 2], [3]]),
    "arange_zero_step": lambda: np.arange(0, 5, 0),
    "zeros_negative": lambda: np.zeros((2, -1)),
    "linspace_negative": lambda: np.linspace(0, 1, -1),
    "pad_negative": lambda: np.pad(np.ones(3), -1),
    "roll_axis": lambda: np.roll(np.ones(3), 1, 1),
}


# What needs 73 TB and more; a view does not.
REFUSALS = {
    "zeros": lambda: np.zeros(10**13),
    "sum_of_zeros": lambda: np.sum(np.zeros(10**13)),
    "empty": lambda: np.empty((10**6, 10**6, 10)),
    "full": lambda: np.full(10**13, 1.0, np.float32),
    "full_like": lambda: np.full_like(np.broadcast_to(1.0, 10**13), 2.0),
    "arange": lambda: np.arange(10**13),
    "linspace": lambda: np.linspace(0, 1, 10**13),
    "eye": lambda: np.eye(10**7),
    "bytes": lambda: np.ones(2**62, np.int8),
    "rounded_to_a_unit": lambda: np.empty(1023 * 1024**4 + 1023 * 1024**3, np.int8),
    "several_digits": lambda: np.empty(1000 * 1024**4, np.int8),
    "random": lambda: np.random.rand(10**13),
    "result": lambda: np.broadcast_to(1.0, 10**13) + 1,
    "function": lambda: np.exp(np.broadcast_to(1.0, 10**13)),
    "compared": lambda: np.broadcast_to(1.0, 10**15) < 2,
    "broadcast_result": lambda: np.broadcast_to(1.0, (10**7, 1)) * np.broadcast_to(1.0, 10**7),
    "where": lambda: np.where(np.broadcast_to(True, 10**13), 1.0, 2.0),
    "astype": lambda: np.broadcast_to(1.0, 10**13).astype(np.float32),
    "copied": lambda: np.broadcast_to(1.0, 10**13).copy(),
    "outer": lambda: np.outer(np.zeros(10**7), np.zeros(10**7)),
    "matmul": lambda: np.ones((10**7, 1)) @ np.ones((1, 10**7)),
    "cumsum": lambda: np.cumsum(np.broadcast_to(1.0, 10**13)),
    "sort": lambda: np.sort(np.broadcast_to(1.0, 10**13)),
    "gather": lambda: np.zeros(10)[np.broadcast_to(0, 10**13)],
    "repeat": lambda: np.repeat(np.zeros(10), 10**12),
    "pad": lambda: np.pad(np.zeros(3), 10**13),
    "concatenate": lambda: np.concatenate([np.broadcast_to(1.0, 10**13)] * 2),
    "stack": lambda: np.stack([np.broadcast_to(1.0, 10**13)] * 2),
    "meshgrid": lambda: np.meshgrid(np.zeros(10**7), np.zeros(10**7)),
    "too_big": lambda: np.ones(2**62),
    "too_big_product": lambda: np.zeros((2**40, 2**40)),
    "too_big_and_empty": lambda: np.zeros((0, 2**40, 2**40)),
    "too_big_view": lambda: np.broadcast_to(1.0, 2**61),
}

def write(path, calls):
    out = []
    for name, call in calls.items():
        try:
            call()
        except Exception as error:  # whatever NumPy raises is what is wanted
            message = str(error).replace("\n", " ")
            out.append(f"{name} {type(error).__name__} {message}".rstrip())
        else:
            raise AssertionError(f"{name} does not fail")
    path.write_text("\n".join(out) + "\n")
