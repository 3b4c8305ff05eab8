"""Small .npy files in every form that NumPy writes.

npy/DTYPE_FORM.npy holds (0, 1, … 5) in shape (2, 3), as bool those that are odd; the imaginary parts of complex
ones are the same rows in the other order. FORM:

    plain       C order, native bytes, as np.save writes it
    fortran     Fortran order
    big         big-endian
    v2, v3      format versions 2.0 and 3.0

shape_EXTENTS.npy holds int16 zeros.
"""

import ml_dtypes
import numpy as np

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
          "float64", "bfloat16", "complex64", "complex128"]
SHAPES = [(), (0,), (1,), (5,), (0, 3), (1234567, 0), (2, 1, 3), (1,) * 30]


def write(folder):
    folder.mkdir(exist_ok=True)
    for name in DTYPES:
        values = np.arange(6).reshape(2, 3)
        dtype = ml_dtypes.bfloat16 if name == "bfloat16" else np.dtype(name)
        array = (values % 2 == 1) if name == "bool" else values.astype(dtype)
        if array.dtype.kind == "c":
            array = (array + 1j * values[::-1]).astype(dtype)
        np.save(folder / f"{name}_plain.npy", array)
        np.save(folder / f"{name}_fortran.npy", np.asfortranarray(array))
        if array.itemsize > 1 and name != "bfloat16":
            np.save(folder / f"{name}_big.npy", array.astype(array.dtype.newbyteorder(">")))
    for version in (2, 3):
        with open(folder / f"int32_v{version}.npy", "wb") as file:
            np.lib.format.write_array(file, np.arange(6, dtype=np.int32).reshape(2, 3), version=(version, 0))
    for shape in SHAPES:
        extents = "x".join(map(str, shape)) or "scalar"
        np.save(folder / f"shape_{extents}.npy", np.zeros(shape, np.int16))


def write_archives(folder):
    folder.mkdir(exist_ok=True)
    arrays = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "fortran": np.asfortranarray(np.eye(3, 4)),
              "swapped": np.array([1, -2], ">i4"), "none": np.zeros((0, 3)), "scalar": np.array(7)}
    np.savez(folder / "stored.npz", **arrays)
    np.savez_compressed(folder / "deflated.npz", **arrays)
