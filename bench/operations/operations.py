"""Operations as a user of tarry and one of NumPy write them, on the arrays of SETUP.

A name, tarry's expression (C++), NumPy's. In both n is the number of elements of x, y, d, i, mask and small, and m is a
square matrix of as many; r is one row of it.
"""

SETUP_TARRY = """
  np::random::seed(1);
  const int64_t s = static_cast<int64_t>(std::sqrt(static_cast<double>(n)));
  const Array d = np::random::rand(n), x = d.astype(tarry::float32), y = np::random::rand(n).astype(tarry::float32);
  const Array i = np::random::randint(0, n, {n}), mask = np::random::rand(n) < 0.5, small = i % 20;
  const Array m = np::random::rand(s, s).astype(tarry::float32), r = np::random::rand(s).astype(tarry::float32);
  const Array well = np::random::rand(s, s) + np::eye(s), sorted = np::linspace(0.0, 1.0, n);
  const Array bins = np::linspace(0.0, 1.0, 20), weights = np::random::rand(5).astype(tarry::float32);
  const Array half = x.astype(tarry::float16), complex = d + d * std::complex<double>(0, 1);
  Array z = x + 0.5f;
  const np::random::Generator generator(3);
  tarry::eval(d, x, y, i, mask, small, m, r);
  tarry::eval(well, sorted, bins, weights, half, complex, z);
"""

SETUP_NUMPY = """
s = int(math.sqrt(n))
generator = np.random.default_rng(3)
d, y = generator.random(n), generator.random(n).astype(np.float32)
x = d.astype(np.float32)
i, mask = generator.integers(0, n, n), generator.random(n) < 0.5
small = i % 20
m, r = generator.random((s, s)).astype(np.float32), generator.random(s).astype(np.float32)
well, sorted = generator.random((s, s)) + np.eye(s), np.linspace(0.0, 1.0, n)
bins, weights = np.linspace(0.0, 1.0, 20), generator.random(5).astype(np.float32)
half, complex = x.astype(np.float16), d + d * 1j
z = x + np.float32(0.5)
"""

OPERATIONS = [
    ("x + y", "x + y", "x + y"),
    ("x < y", "x < y", "x < y"),
    ("x ** 2", "np::power(x, 2)", "x ** 2"),
    ("exp(x)", "np::exp(x)", "np.exp(x)"),
    ("sin of float64", "np::sin(d)", "np.sin(d)"),
    ("float16 + float16", "half + half", "half + half"),
    ("complex * complex", "complex * complex", "complex * complex"),
    ("int64 // 7", "np::floor_divide(i, 7)", "i // 7"),
    ("int64 % 7", "i % 7", "i % 7"),
    ("clip", "np::clip(x, 0.2, 0.8)", "np.clip(x, 0.2, 0.8)"),
    ("where", "np::where(mask, x, y)", "np.where(mask, x, y)"),
    ("astype(int64)", "x.astype(tarry::int64)", "x.astype(np.int64)"),
    ("every second", "x[{np::slice(np::none, np::none, 2)}] * 2", "x[::2] * 2"),
    ("matrix + row", "m + r", "m + r"),
    ("sum", "np::sum(x)", "np.sum(x)"),
    ("sum of float64", "np::sum(d)", "np.sum(d)"),
    ("mean", "np::mean(x)", "np.mean(x)"),
    ("std", "np::std(x)", "np.std(x)"),
    ("max", "np::max(x)", "np.max(x)"),
    ("argmax", "np::argmax(x)", "np.argmax(x)"),
    ("prod", "np::prod(x)", "np.prod(x)"),
    ("norm", "np::linalg::norm(x)", "np.linalg.norm(x)"),
    ("all", "np::all(mask | true)", "np.all(mask | True)"),
    ("nansum", "np::nansum(x)", "np.nansum(x)"),
    ("sum(axis=0)", "np::sum(m, 0)", "np.sum(m, 0)"),
    ("sum(axis=1)", "np::sum(m, 1)", "np.sum(m, 1)"),
    ("var(axis=0)", "np::var(m, 0)", "np.var(m, 0)"),
    ("max(axis=1)", "np::max(m, 1)", "np.max(m, 1)"),
    ("argmax(axis=1)", "np::argmax(m, 1)", "np.argmax(m, 1)"),
    ("cumsum", "np::cumsum(x)", "np.cumsum(x)"),
    ("cumsum(axis=0)", "np::cumsum(m, 0)", "np.cumsum(m, 0)"),
    ("diff", "np::diff(x)", "np.diff(x)"),
    ("trapezoid", "np::trapezoid(x)", "np.trapezoid(x)"),
    ("convolve with 5", "np::convolve(x, weights)", "np.convolve(x, weights)"),
    ("sort", "np::sort(x)", "np.sort(x)"),
    ("sort of float64", "np::sort(d)", "np.sort(d)"),
    ("sort of int64", "np::sort(i)", "np.sort(i)"),
    ("sort(axis=0)", "np::sort(m, 0)", "np.sort(m, 0)"),
    ("sort(axis=1)", "np::sort(m, 1)", "np.sort(m, 1)"),
    ("argsort", "np::argsort(x)", "np.argsort(x)"),
    ("lexsort of two", "np::lexsort({x, y})", "np.lexsort((x, y))"),
    ("partition in the middle", "np::partition(x, n / 2)", "np.partition(x, n // 2)"),
    ("median", "np::median(x)", "np.median(x)"),
    ("percentile", "np::percentile(x, 30.0)", "np.percentile(x, 30.0)"),
    ("unique of int64", "np::unique(i)", "np.unique(i)"),
    ("searchsorted", "np::searchsorted(sorted, d)", "np.searchsorted(sorted, d)"),
    ("digitize in 20", "np::digitize(x, bins)", "np.digitize(x, bins)"),
    ("interp in 20", "np::interp(x, bins, bins)", "np.interp(x, bins, bins)"),
    ("histogram of 20", "np::histogram(x, 20).first", "np.histogram(x, 20)[0]"),
    ("bincount of 20", "np::bincount(small)", "np.bincount(small)"),
    ("isin of 20", "np::isin(i, np::arange(20))", "np.isin(i, np.arange(20))"),
    ("x[i]", "x[i]", "x[i]"),
    ("x[mask]", "x[mask]", "x[mask]"),
    ("nonzero", "np::nonzero(mask)[0]", "np.nonzero(mask)[0]"),
    ("z[i] = y", "(z[i] = y, z)", "z.__setitem__(i, y)"),
    ("z[mask] = 0", "(z[mask] = 0, z)", "z.__setitem__(mask, 0)"),
    ("add.at", "(np::add_at(z, i, y), z)", "np.add.at(z, i, y)"),
    ("concatenate", "np::concatenate({x, y})", "np.concatenate((x, y))"),
    ("stack", "np::stack({x, y})", "np.stack((x, y))"),
    ("roll", "np::roll(x, 3)", "np.roll(x, 3)"),
    ("tile three times", "np::tile(x, {3})", "np.tile(x, 3)"),
    ("repeat three times", "np::repeat(x, 3)", "np.repeat(x, 3)"),
    ("pad", "np::pad(x, 3)", "np.pad(x, 3)"),
    ("triu", "np::triu(m)", "np.triu(m)"),
    ("outer of rows", "np::outer(r, r)", "np.outer(r, r)"),
    ("dot", "np::dot(x, y)", "np.dot(x, y)"),
    ("matrix and vector", "np::matmul(m, r)", "np.matmul(m, r)"),
    ("matrix product", "np::matmul(m, m)", "np.matmul(m, m)"),
    ("einsum ij,kj->ik", 'np::einsum("ij,kj->ik", {m, m})', "np.einsum('ij,kj->ik', m, m, optimize=True)"),
    ("solve", "np::linalg::solve(well, well[0])", "np.linalg.solve(well, well[0])"),
    ("inv", "np::linalg::inv(well)", "np.linalg.inv(well)"),
    ("random", "generator.random({n})", "generator.random(n)"),
    ("standard_normal", "generator.standard_normal({n})", "generator.standard_normal(n)"),
    ("permutation", "generator.permutation(n)", "generator.permutation(n)"),
    ("arange", "np::arange(n)", "np.arange(n)"),
    ("linspace", "np::linspace(0.0, 1.0, n)", "np.linspace(0.0, 1.0, n)"),
]
