#pragma once
/// Recording ops: what every function of `tarry::numpy` is made of.
///
/// A function opens a Recorder with its NumPy name and its caller's place, reads its arguments as
/// Terms, combines them, and turns the last Term into an Array. Shapes and dtypes are checked on the
/// way, in NumPy's words; nothing is computed. A whole formula costs one array, not one per op:
///
///     Array logaddexp(Arg a, Arg b) {
///       Recorder r("logaddexp", a.here());
///       auto [x, y] = r.operands(Typing::floating, a, b);
///       Term distance = r.op(Op::neg, r.op(Op::abs, r.op(Op::sub, x, y)));
///       return r.result(r.op(Op::add, r.op(Op::max, x, y), r.op(Op::log1p, r.op(Op::exp, distance))));
///     }
///
/// Functions that are one op are one line: see ufunc.h. Views are made by view.h.

#include "axes.h"
#include "promote.h"
#include "trace.h"

#include <tarry/array.h>

#include <array>
#include <initializer_list>
#include <span>
#include <string_view>

namespace tarry::frontend {

using ir::Op;

/// A value while it is recorded. Means something only inside its Recorder.
struct Term {
  ir::Value value;
};

/// In which order the axes of a result lie in memory.
enum class Layout : uint8_t {
  keep,     // NumPy's K: as the arrays that were read
  c,        // C order
  like,     // as the first array read, whose repeated axes come last: what copies and zeros_like give
  fortran,  // Fortran order if the first array read lies in that, else C order
};

class Recorder {
 public:
  Recorder(std::string_view name, Here here);
  ~Recorder();
  Recorder(const Recorder&) = delete;

  // ---- arguments -------------------------------------------------------------------------------
  /// The array's value in its own dtype.
  Term read(const Arg& a);
  /// Where an array may be a view that will be read, or written through: best called before anything is read, as the
  /// results that are read can no longer be carried.
  void prepare(const Array& array);
  /// Cast to `dtype`. A C++ integer that does not fit an integer dtype throws NumPy's words.
  Term read(const Arg& a, DType dtype);
  /// All arguments in the dtype that `typing` gives them together. TypeError where NumPy has no loop.
  template <class... Args>
  std::array<Term, sizeof...(Args)> operands(Typing typing, const Args&... args) {
    const DType dtype = common({dtype_class(args)...}, typing);
    return {read(args, dtype)...};
  }
  /// The promotion of the arguments alone.
  template <class... Args>
  DType common_dtype(const Args&... args) const {
    return common({dtype_class(args)...}, Typing::same);
  }

  /// Whether a transform that is recording follows this value, or it depends on an element of a batch.
  bool is_followed(Term x) const {
    return trace_.recording() && (trace_.followed(x.value) || trace_.abstract(x.value));
  }

  // ---- nodes -----------------------------------------------------------------------------------
  /// An elementwise op. Operands have the dtypes the op wants; shapes broadcast, else ValueError.
  Term op(Op op, std::initializer_list<Term> operands);
  Term op(Op o, Term a) { return op(o, {a}); }
  Term op(Op o, Term a, Term b) { return op(o, {a, b}); }
  Term op(Op o, Term a, Term b, Term c) { return op(o, {a, b, c}); }
  /// The same value when it has this dtype already.
  Term cast(Term x, DType dtype);
  /// The same bits in a plain dtype of the same size.
  Term bitcast(Term x, DType dtype) { return add(Op::bitcast, dtype, ir::Shape(shape(x)), {x}); }
  /// A 0-d value that belongs to the formula, such as the 2 of log 2. Part of a kernel's identity.
  Term literal(DType dtype, double value);
  Term literal_int(DType dtype, int64_t value);
  /// A 0-d value that the user gave. Never part of a kernel's identity.
  Term scalar(DType dtype, double value);
  Term scalar_int(DType dtype, int64_t value);

  /// The index along `axis`, as int64.
  Term iota(std::span<const int64_t> shape, int64_t axis);
  /// Undefined content, to be overwritten by update().
  Term empty(DType dtype, std::span<const int64_t> shape);
  /// Same elements in C order; the caller has checked that their number agrees.
  Term reshape(Term x, std::span<const int64_t> shape);
  /// Result axis i is axis perm[i] of x.
  Term transpose(Term x, std::span<const int64_t> perm);
  /// The caller has checked that x broadcasts to `shape`.
  Term broadcast(Term x, std::span<const int64_t> shape);
  Term slice(Term x, std::span<const int64_t> start, std::span<const int64_t> step, std::span<const int64_t> extents);
  /// `x` with `value`, which has the extents of the region, at start + i*step.
  Term update(Term x, Term value, std::span<const int64_t> start, std::span<const int64_t> step);
  /// An array of integers as an index along an axis of this size, in its own shape, as int64. Throws IndexError when it
  /// holds no integers, and for indices outside where they are known already. Many on a GPU are not known to the host:
  /// what reads by them finds out when it runs, what writes looks first.
  Term index(const Arg& a, int64_t axis, int64_t size, IndexUse use = IndexUse::write);
  /// x at index arrays of one shape along ascending axes: that shape comes first in the result's, then the other axes.
  Term gather(Term x, std::span<const Term> indices, std::span<const int64_t> axes);
  /// `x` with `value`, which has the shape of what gather reads there. `op` is scatter or one of its kin.
  Term scatter(Op op, Term x, Term value, std::span<const Term> indices, std::span<const int64_t> axes);
  /// What is known of the elements of an index array.
  void note_range(Term x, IndexRange range) { trace_.note_range(x.value, range); }
  void copy_range(Term from, Term to);
  /// As broadcast; what is known of `x` is known of the result.
  Term spread_index(Term x, std::span<const int64_t> shape);
  /// `x` surrounded by the 0-d `value`.
  Term pad(Term x, Term value, std::span<const int64_t> before, std::span<const int64_t> after);
  /// reduce_* over ascending `axes`, which are dropped, or kept with extent 1. `op` accumulates in x's dtype.
  Term reduce(Op op, Term x, std::span<const int64_t> axes, KeepDims keep = KeepDims::no);
  /// scan_* along one axis.
  Term scan(Op op, Term x, int64_t axis);
  /// The indices along an axis in the order that sorts it, as int64.
  Term argsort(Term x, int64_t axis);
  /// search_left or search_right: how many elements of the sorted 1-d array stand before each value, as int64.
  Term search(Op op, Term sorted, Term values);
  /// (…, m, k) × (…, k, n) with equal batch axes, which the caller has checked.
  Term matmul(Term a, Term b);

  DType dtype(Term x) const { return trace_.graph.dtype(x.value); }
  const ir::Shape& shape(Term x) const { return trace_.graph.shape(x.value); }
  int64_t ndim(Term x) const { return static_cast<int64_t>(shape(x).size()); }

  // ---- the end ---------------------------------------------------------------------------------
  /// A new array with this value. It is weak when every argument read was, and it is 0-d.
  Array result(Term x, Layout layout = Layout::keep);
  /// A new array at a place.
  Array result_at(Term x, uint8_t place);
  /// As result, never weak.
  Array strong_result(Term x, Layout layout = Layout::c);
  /// As strong_result, with its axes in memory as numpy.concatenate sorts those of these arrays, new axes being of
  /// extent 1 in them: `added` is where one is, or -1.
  Array joined_result(Term x, std::span<const Array> arrays, int64_t added = -1);
  /// A reduction's result: K order of the axes that are left.
  Array reduced_result(Term x, std::span<const int64_t> axes, KeepDims keep);

  /// The new content of an existing array, which has this shape; it is cast to the array's dtype.
  /// Throws ValueError when the array is read-only.
  void write(const Array& target, Term x, const char* refusal = "assignment destination is read-only");

  std::string_view name() const { return name_; }
  ir::Location where() const { return where_; }

 private:
  static DTypeClass dtype_class(const Arg& a);
  DType common(std::initializer_list<DTypeClass> classes, Typing typing) const;
  void note(Cell& cell);
  void carry(Cell& cell);
  void note_place(ir::Value v);
  Term placed(Term x);
  Term hold(ir::Value v);
  Term number(DType dtype, uint64_t bits);
  Term add(Op op, DType dtype, std::span<const int64_t> shape, std::initializer_list<Term> operands,
           std::span<const int64_t> attrs = {}) {
    return add_all(op, dtype, shape, std::span(operands.begin(), operands.size()), attrs);
  }
  Term add_all(Op op, DType dtype, std::span<const int64_t> shape, std::span<const Term> operands,
               std::span<const int64_t> attrs);
  [[noreturn]] void refuse_shapes(std::initializer_list<Term> operands) const;
  bool needs_copy(Term x) const;
  Array finish(Term x, ir::Strides strides, bool weak);

  Trace& trace_;
  TraceLock lock_;
  std::string_view name_;
  ir::Location where_;
  bool all_weak_ = true;
  bool run_now_ = false;  // an operand is shared with the user
  bool read_any_ = false;
  uint8_t place_ = kAnywhere;  // of the arrays that were read
  uint8_t num_held_ = 0;
  uint8_t num_read_ = 0;
  std::array<ir::Value, 6> held_;  // kept alive while they are Terms
  std::vector<ir::Value> more_held_;
  std::array<CellPointer, 4> read_;  // those whose axes have an order, for that of the result
};

}  // namespace tarry::frontend
