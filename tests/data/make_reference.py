#!/usr/bin/env python3
"""Writes the reference values that the tests compare with, as NumPy gives them.

    python3 -m venv /tmp/reference && /tmp/reference/bin/pip install numpy==2.4.6 ml_dtypes==0.6.0
    /tmp/reference/bin/python tests/data/make_reference.py

The files lie beside this script and are committed, so running it must change nothing.
"""

import pathlib

import ml_dtypes
import numpy as np

import reference_complex
import reference_conformance
import reference_errors
import reference_functions
import reference_indexing
import reference_npy
import reference_options
import reference_orders
import reference_print
import reference_reductions
import reference_scripts
import reference_sums
import reference_ufuncs

assert np.__version__ == "2.4.6", "the files were made with NumPy 2.4.6, this is " + np.__version__
assert ml_dtypes.__version__ == "0.6.0", "the files were made with ml_dtypes 0.6.0"

HERE = pathlib.Path(__file__).parent


def main():
    reference_print.write(HERE / "print.txt")
    reference_options.write(HERE / "options.txt")
    reference_orders.write(HERE / "orders.txt")
    reference_npy.write(HERE / "npy")
    reference_npy.write_archives(HERE / "npz")
    reference_ufuncs.write(HERE / "ufuncs.txt", HERE / "promotion.txt")
    reference_reductions.write(HERE / "reductions.txt")
    reference_functions.write(HERE / "functions.txt")
    reference_indexing.write(HERE / "indexing.txt")
    reference_scripts.write(HERE / "scripts.txt")
    reference_sums.write(HERE / "sums.txt")
    reference_errors.write(HERE / "errors.txt", reference_errors.CALLS)
    reference_errors.write(HERE / "refusals.txt", reference_errors.REFUSALS)
    reference_complex.write(HERE / "complex.txt")
    reference_conformance.write(HERE / "conformance.txt")


if __name__ == "__main__":
    main()
