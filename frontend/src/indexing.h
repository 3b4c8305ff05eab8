#pragma once
/// Indices with arrays in them, under NumPy's rules.

#include "record.h"

#include <tarry/index.h>

#include <optional>
#include <vector>

namespace tarry::frontend {

/// Whether indexing by it copies: it holds arrays of integers or bools.
bool is_advanced(const Index& index);

/// An index beside the shape of what it is applied to. Where the arrays in it stand side by side, the axes they
/// broadcast to take their place in the result, else they come first.
class AdvancedIndex {
 public:
  /// Counts what masks select. Throws IndexError for indices that are known to lie outside.
  AdvancedIndex(Recorder& recorder, ir::Shape source, const Index& index, IndexUse use = IndexUse::write);
  AdvancedIndex(const AdvancedIndex&) = delete;

  /// The shape of what the index shows.
  ir::Shape shape() const;
  Term read(Term source);
  /// `source` with `value`, which has the shape above; `op` is scatter or one of its kin.
  Term write(Op op, Term source, Term value);

 private:
  void take(const Item& item, Here here);
  void take_mask(const Array& mask, Here here);
  void add_index(const Array& array);
  void bind(Here here, IndexUse use);
  void keep(int64_t axis) { shown_.push_back(axis); }
  void note_array();
  [[noreturn]] void refuse_shapes() const;
  bool is_whole(size_t axis) const { return start_[axis] == 0 && step_[axis] == 1 && count_[axis] == extent_[axis]; }
  bool is_indexed(size_t axis) const;
  /// Source axes that no array takes: those shown before and behind the arrays' axes, then those an integer took.
  ir::Ints rest_in_shown_order() const;
  bool shows_nothing() const;
  Term reshaped(Term index, const ir::Shape& shape);
  Term positions(const ir::Shape& shape, int64_t along, size_t axis);

  Recorder& r_;
  ir::Shape extent_;               // of the source
  ir::Ints start_, step_, count_;  // by source axis: the basic part
  std::vector<bool> dropped_;      // by source axis: an integer took it
  ir::Ints axes_;                  // those that arrays take, ascending
  std::vector<Term> indices_;      // for them
  std::vector<Array> arrays_;      // as given
  std::vector<ir::Shape> shapes_;  // of the arrays, single truth values included
  ir::Shape broadcast_;            // of all arrays together
  ir::Ints shown_;                 // the result's other axes: a source axis, or -1 for a new one
  size_t axis_ = 0;                // the next one of the source
  size_t place_ = 0;               // of the arrays' axes among the shown ones
  bool seen_array_ = false, apart_ = false, last_was_array_ = false;
};

/// The places where a mask, or any array, is not zero: one array for each axis.
std::vector<Array> nonzero_places(const Array& x, Here here);
/// By element of a mask in C order: how many up to here are true.
Array running_count(const Array& mask, Here here);
/// How many are true in all: looks at one number.
int64_t last_of(const Array& counts, Here here);

/// `value` in the shape of the place that it is written to, if it broadcasts to that: NumPy lets it have more axes, of
/// extent 1, in front.
std::optional<Term> fit_value(Recorder& r, Term value, const ir::Shape& place);
/// The same for what an index with arrays selects. ValueError where it does not broadcast.
Term fit_selected(Recorder& r, Term value, const ir::Shape& place);

}  // namespace tarry::frontend
