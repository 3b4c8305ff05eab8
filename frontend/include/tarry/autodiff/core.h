#pragma once
/// What the transforms of autodiff.h do to functions of lists of arrays.

#include <tarry/autodiff/tree.h>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace tarry::frontend {

using FlatFunction = std::function<Arrays(const Arrays&)>;

struct Differentiated {
  Arrays values;       // of f
  Arrays derivatives;  // of the arguments (reverse) or of the values (forward)
};

/// Reverse mode, outputs seeded with ones. `name` is that of the user's call, for errors.
TARRY_API Differentiated reverse(std::string_view name, const FlatFunction& f, const Arrays& at);
/// Forward mode.
TARRY_API Differentiated forward(std::string_view name, const FlatFunction& f, const Arrays& at,
                                 const Arrays& tangents);

/// From cotangents of a function's values to those of its arguments. Keeps what the function computed and
/// the derivative needs; may be called any number of times.
class TARRY_API Pullback {
 public:
  Arrays operator()(const Arrays& cotangents) const;
  /// Whether nothing that it keeps depends on the arguments: whatever they are, it is the same.
  bool is_linear() const;

 private:
  struct State;
  friend TARRY_API std::pair<Arrays, Pullback> pull(std::string_view name, const FlatFunction& f, const Arrays& at);
  std::shared_ptr<const State> state_;
};
TARRY_API std::pair<Arrays, Pullback> pull(std::string_view name, const FlatFunction& f, const Arrays& at);

/// Which axis of an array a batched function is mapped over; nothing: the array is the same for all.
using MapAxis = std::optional<int64_t>;
/// f of each element of a batch at once. `axes` has one entry per argument, `out_axis` is where the batch
/// stands in the results. `here`: the user's call, for errors.
TARRY_API Arrays batched(std::string_view name, const FlatFunction& f, const Arrays& at,
                         const std::vector<MapAxis>& axes, int64_t out_axis, Here here = Here(nullptr, 0));
/// The unit arrays of an array's type: one more axis in front, of as many as it has elements.
TARRY_API Array unit_arrays(const Array& like);
/// From derivatives with one axis for all elements of the argument to one with the argument's axes.
TARRY_API Array columns_to_jacobian(const Array& columns, const Array& argument);
TARRY_API Array rows_to_jacobian(const Array& rows, const Array& value);

/// Throws ValueError with the worst entry where derivatives up to this order are not what differences give.
TARRY_API void check_gradients(const FlatFunction& f, const Arrays& at, int order);

/// Whether a transform of the calling thread runs its function.
TARRY_API bool is_recording();
/// What the rule of a function's own derivative is given: the call's arguments and results, and what it kept besides.
struct CustomContext {
  Arrays arguments, results, residuals;
};
/// From cotangents of the results to those of the arguments, or from tangents of the arguments to those of the results.
using CustomRule = std::function<Arrays(const CustomContext&, const Arrays&)>;
/// Results of a call whose derivative is a rule of the user's (null: not in this mode).
TARRY_API Arrays custom_call(const CustomContext& call, CustomRule backward, CustomRule forward);
/// The same values as other arrays, which nobody writes to.
TARRY_API Arrays snapshot(const Arrays& arrays);
/// The backward of a rule for tangents, which is linear in them.
TARRY_API CustomRule transposed(CustomRule tangents);

/// Computes and keeps these, the ends of what a derivative will compute again.
TARRY_API void begin_checkpoint(const Arrays& arguments);
TARRY_API Arrays end_checkpoint(const Arrays& results);

TARRY_API Array stop(const Array& x);

}  // namespace tarry::frontend
