#pragma once
/// `tarry::numpy`: NumPy's functions by NumPy's names. Usually `namespace np = tarry::numpy;`.

#include <tarry/array.h>
#include <tarry/numpy/complex.h>
#include <tarry/numpy/creation.h>
#include <tarry/numpy/dtypes.h>
#include <tarry/numpy/editing.h>
#include <tarry/numpy/elementwise.h>
#include <tarry/numpy/grids.h>
#include <tarry/numpy/indexing.h>
#include <tarry/numpy/io.h>
#include <tarry/numpy/linalg.h>
#include <tarry/numpy/manipulation.h>
#include <tarry/numpy/memory.h>
#include <tarry/numpy/pieces.h>
#include <tarry/numpy/polynomials.h>
#include <tarry/numpy/printing.h>
#include <tarry/numpy/products.h>
#include <tarry/numpy/random.h>
#include <tarry/numpy/ranges.h>
#include <tarry/numpy/reductions.h>
#include <tarry/numpy/sorting.h>
#include <tarry/numpy/statistics.h>
