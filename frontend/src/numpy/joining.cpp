// The functions of manipulation.h that copy: joining, rolling, padding.

#include "cell.h"
#include "memory_check.h"
#include "record.h"

#include <tarry/numpy/manipulation.h>

#include <algorithm>
#include <string>

namespace tarry::numpy {

using frontend::Recorder;
using frontend::Term;
using ir::Ints;

namespace {

/// Part of x along one axis, forwards or (step -1) backwards from `start`.
Term part(Recorder& r, Term x, int64_t axis, int64_t start, int64_t count, int64_t step = 1) {
  const ir::Shape& shape = r.shape(x);
  Ints starts(shape.size(), 0), steps(shape.size(), 1), extents(shape);
  starts[static_cast<size_t>(axis)] = start;
  steps[static_cast<size_t>(axis)] = step;
  extents[static_cast<size_t>(axis)] = count;
  return r.slice(x, starts, steps, extents);
}

/// Parts of one dtype written one after the other into a new array: each is computed right there.
Term join(Recorder& r, const std::vector<Term>& parts, int64_t axis) {
  const size_t a = static_cast<size_t>(axis);
  ir::Shape shape = r.shape(parts[0]);
  shape[a] = 0;
  for (const Term& p : parts)
    if (__builtin_add_overflow(shape[a], r.shape(p)[a], &shape[a])) frontend::refuse_size();
  Term whole = r.empty(r.dtype(parts[0]), shape);
  Ints start(shape.size(), 0), step(shape.size(), 1);
  for (const Term& p : parts) {
    if (r.shape(p)[a] == 0) continue;
    whole = r.update(whole, p, start, step);
    start[a] += r.shape(p)[a];
  }
  return whole;
}

std::vector<Term> read_promoted(Recorder& r, const std::vector<Array>& arrays, Here here) {
  DType dtype = frontend::cell_of(arrays[0]).dtype;
  std::vector<frontend::DTypeClass> classes;
  for (const Array& a : arrays) classes.push_back({frontend::cell_of(a).dtype, frontend::cell_of(a).weak});
  dtype = frontend::result_type(classes);
  std::vector<Term> terms;
  for (const Array& a : arrays) terms.push_back(r.read(Arg(a, here), dtype));
  return terms;
}

void check_joinable(const std::vector<Term>& terms, const Recorder& r, int64_t axis) {
  const ir::Shape& first = r.shape(terms[0]);
  for (size_t i = 1; i < terms.size(); ++i) {
    const ir::Shape& shape = r.shape(terms[i]);
    if (shape.size() != first.size())
      throw ValueError("all the input arrays must have same number of dimensions, but the array at index 0 has " +
                       std::to_string(first.size()) + " dimension(s) and the array at index " + std::to_string(i) +
                       " has " + std::to_string(shape.size()) + " dimension(s)");
    for (size_t d = 0; d < first.size(); ++d)
      if (static_cast<int64_t>(d) != axis && shape[d] != first[d])
        throw ValueError(
            "all the input array dimensions except for the concatenation axis must match exactly, but along "
            "dimension " +
            std::to_string(d) + ", the array at index 0 has size " + std::to_string(first[d]) +
            " and the array at index " + std::to_string(i) + " has size " + std::to_string(shape[d]));
  }
}

Term roll_axis(Recorder& r, Term x, int64_t shift, int64_t axis) {
  const int64_t n = r.shape(x)[static_cast<size_t>(axis)];
  if (n == 0) return x;
  const int64_t by = ((shift % n) + n) % n;
  if (by == 0) return x;
  return join(r, {part(r, x, axis, n - by, by), part(r, x, axis, 0, n - by)}, axis);
}

/// Where each of `total` elements of a padded axis comes from: the axis goes round, or there and back.
Term mirrored(Recorder& r, int64_t n, int64_t before, int64_t total, PadMode mode) {
  const auto number = [&](int64_t v) { return r.scalar_int(DType::int64, v); };
  const Term place = r.op(ir::Op::sub, r.iota(ir::Shape{total}, 0), number(before));
  const int64_t period = mode == PadMode::wrap ? n : mode == PadMode::reflect ? 2 * (n - 1) : 2 * n;
  Term from = r.op(ir::Op::mod, place, number(period));
  if (mode != PadMode::wrap) {
    const Term back = r.op(ir::Op::sub, number(mode == PadMode::reflect ? period : period - 1), from);
    from = r.op(ir::Op::min, from, back);
  }
  if (mode == PadMode::reflect) from = r.op(ir::Op::max, from, number(0));  // of one element
  r.note_range(from, {0, n - 1});
  return from;
}

/// The elements at these places of an axis.
Term taken(Recorder& r, Term x, int64_t axis, Term places) {
  const Term first = r.gather(x, std::span(&places, 1), std::span(&axis, 1));
  Ints order;
  for (int64_t a = 0; a < r.ndim(x); ++a) order.push_back(a < axis ? a + 1 : a == axis ? 0 : a);
  return r.transpose(first, order);
}

/// One axis of a pad that repeats elements of the array.
Term pad_axis(Recorder& r, Term x, int64_t axis, int64_t before, int64_t after, PadMode mode) {
  const int64_t n = r.shape(x)[static_cast<size_t>(axis)];
  if (before == 0 && after == 0) return x;
  if (n == 0)
    throw ValueError("can't extend empty axis " + std::to_string(axis) +
                     " using modes other than 'constant' or 'empty'");
  std::vector<Term> parts;
  if (mode == PadMode::edge) {
    auto edge = [&](int64_t at, int64_t width) {
      ir::Shape shape = r.shape(x);
      shape[static_cast<size_t>(axis)] = width;
      return r.broadcast(part(r, x, axis, at, 1), shape);
    };
    if (before) parts.push_back(edge(0, before));
    parts.push_back(x);
    if (after) parts.push_back(edge(n - 1, after));
    return join(r, parts, axis);
  }
  if (std::max(before, after) > (mode == PadMode::reflect ? n - 1 : n))
    return taken(r, x, axis, mirrored(r, n, before, before + n + after, mode));
  // Once round or back: parts of the array.
  const bool wrap = mode == PadMode::wrap;
  const int64_t edge = mode == PadMode::reflect ? 1 : 0;  // not repeated
  if (before)
    parts.push_back(wrap ? part(r, x, axis, n - before, before) : part(r, x, axis, before - 1 + edge, before, -1));
  parts.push_back(x);
  if (after) parts.push_back(wrap ? part(r, x, axis, 0, after) : part(r, x, axis, n - 1 - edge, after, -1));
  return join(r, parts, axis);
}

}  // namespace

Array copy(Arg x) {
  Recorder r("copy", x.here());
  return r.strong_result(r.read(x), frontend::Layout::like);
}

Array astype(Arg x, DType dtype) {
  Recorder r("astype", x.here());
  return r.strong_result(r.read(x, dtype), frontend::Layout::like);
}

Array concat(const std::vector<Array>& arrays, Dim axis, Here here) { return concatenate(arrays, axis, here); }
Array concatenate(const std::vector<Array>& arrays, Dim axis, Here here) {
  if (arrays.empty()) throw ValueError("need at least one array to concatenate");
  Recorder r("concatenate", here);
  const std::vector<Term> terms = read_promoted(r, arrays, here);
  if (r.ndim(terms[0]) == 0) throw ValueError("zero-dimensional arrays cannot be concatenated");
  const int64_t a = frontend::normalize_axis(axis.value, r.ndim(terms[0]));
  check_joinable(terms, r, a);
  return r.joined_result(join(r, terms, a), arrays);
}

Array stack(const std::vector<Array>& arrays, Dim axis, Here here) {
  if (arrays.empty()) throw ValueError("need at least one array to stack");
  Recorder r("stack", here);
  std::vector<Term> terms = read_promoted(r, arrays, here);
  for (const Term& t : terms)
    if (!(r.shape(t) == r.shape(terms[0]))) throw ValueError("all input arrays must have the same shape");
  ir::Shape shape = r.shape(terms[0]);
  const int64_t a = frontend::normalize_axis(axis.value, r.ndim(terms[0]) + 1);
  shape.insert(static_cast<size_t>(a), 1);
  for (Term& t : terms) t = r.reshape(t, shape);
  return r.joined_result(join(r, terms, a), arrays, a);
}

Array vstack(const std::vector<Array>& arrays, Here here) {
  std::vector<Array> rows;
  for (const Array& a : arrays) rows.push_back(atleast_2d(Arg(a, here)));
  return concatenate(rows, 0, here);
}

Array hstack(const std::vector<Array>& arrays, Here here) {
  std::vector<Array> columns;
  for (const Array& a : arrays) columns.push_back(atleast_1d(Arg(a, here)));
  return concatenate(columns, !columns.empty() && columns[0].ndim() == 1 ? 0 : 1, here);
}

Array roll(Arg x, int64_t shift) {
  Recorder r("roll", x.here());
  const Term v = r.read(x);
  const ir::Shape shape = r.shape(v);
  const Term flat = r.reshape(v, ir::Shape{ir::num_elements(shape)});
  return r.strong_result(r.reshape(roll_axis(r, flat, shift, 0), shape));
}

Array roll(Arg x, int64_t shift, Dim axis) {
  Recorder r("roll", x.here());
  const Term v = r.read(x);
  return r.strong_result(roll_axis(r, v, shift, frontend::normalize_axis(axis.value, r.ndim(v))),
                         frontend::Layout::like);
}

Array pad(Arg x, const PadWidth& width, PadMode mode, const Array& value) {
  Recorder r("pad", x.here());
  Term v = r.read(x);
  const size_t n = r.shape(v).size();
  if (width.size() != n && width.size() != 1)
    throw ValueError("operands could not be broadcast together with remapped shapes: " + std::to_string(width.size()) +
                     " pad widths for an array of " + std::to_string(n) + " dimension(s)");
  Ints before, after;
  for (size_t d = 0; d < n; ++d) {
    const auto [b, a] = width[width.size() == 1 ? 0 : d];
    if (b < 0 || a < 0) throw ValueError("index can't contain negative values");
    before.push_back(b);
    after.push_back(a);
  }
  if (mode == PadMode::constant) {
    const Term fill = r.read(Arg(value, x.here()), r.dtype(v));
    if (r.ndim(fill) != 0)
      throw ValueError("pad: the constant must be a scalar, not an array of shape " + ir::tuple_text(r.shape(fill)));
    return r.strong_result(r.pad(v, fill, before, after), frontend::Layout::fortran);
  }
  for (size_t d = 0; d < n; ++d) v = pad_axis(r, v, static_cast<int64_t>(d), before[d], after[d], mode);
  return r.strong_result(v, frontend::Layout::fortran);
}

Array pad(Arg x, int64_t width, PadMode mode, const Array& value) {
  return pad(x, PadWidth{{width, width}}, mode, value);
}

}  // namespace tarry::numpy
