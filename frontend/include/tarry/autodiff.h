#pragma once
/// Derivatives of functions written with tarry: any C++ control flow, any mutation.
///
/// A transform calls the function once and differentiates what it recorded, so the result is ordinary
/// arrays, computed when somebody looks, and differentiable again. Functions take and return trees of
/// arrays (autodiff/tree.h). Arguments are floats, else TypeError. An output that is no scalar is seeded
/// with ones. Where a function is constant its gradient is zeros.
///
/// docs/derivatives.md states the conventions at awkward points.

#include <tarry/autodiff/core.h>

#include <initializer_list>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace tarry {

namespace frontend {

/// A function that a const object can call, whether it is const itself or not.
template <class F>
struct Callable {
  mutable F f;
};

/// Calls f with the arguments, those at `positions` taken from `active`, a tuple in the order of the positions.
template <class Positions, class F, class Args, class Active>
struct Caller;
template <size_t... positions, class F, class... Args, class Active>
struct Caller<std::index_sequence<positions...>, F, std::tuple<Args...>, Active> {
  template <size_t i>
  static constexpr size_t rank() {
    size_t r = 0, at = 0;
    ((positions == i ? (r = at) : 0, ++at), ...);
    return r;
  }
  template <size_t i>
  static decltype(auto) pick(std::tuple<Args...>& args, Active& active) {
    if constexpr (((i == positions) || ...))
      return (std::get<rank<i>()>(active));
    else
      return std::forward<std::tuple_element_t<i, std::tuple<Args...>>>(std::get<i>(args));
  }
  static decltype(auto) call(F& f, std::tuple<Args...>& args, Active& active) {
    return [&]<size_t... i>(std::index_sequence<i...>)->decltype(auto) { return f(pick<i>(args, active)...); }
    (std::index_sequence_for<Args...>{});
  }
};

/// What f returned, while flat code sees its leaves alone.
template <class T>
struct Kept {
  std::vector<T> value;  // one, once f ran
  Arrays keep(T&& result) {
    static_assert(Tree<T>, "the function must return an Array or a tree of arrays");
    value.clear();
    value.push_back(std::move(result));
    return leaves(value[0]);
  }
};

template <size_t... positions>
constexpr bool are_distinct() {
  constexpr size_t all[] = {positions...};
  for (size_t i = 0; i < sizeof...(positions); ++i)
    for (size_t j = 0; j < i; ++j)
      if (all[i] == all[j]) return false;
  return true;
}

/// value and gradient with respect to the trees at `positions`.
template <size_t... positions, class F, class... Args>
auto value_and_gradient(std::string_view name, F& f, Args&&... args) {
  static_assert(((positions < sizeof...(Args)) && ...), "there is no argument at this position");
  static_assert(are_distinct<positions...>(), "the same position twice");
  using Positions = std::index_sequence<positions...>;
  std::tuple<Args&&...> all(std::forward<Args>(args)...);
  auto active = std::make_tuple(as_tree(std::get<positions>(all))...);
  using Active = decltype(active);
  using Call = Caller<Positions, F, std::tuple<Args&&...>, Active>;
  using Result = std::remove_cvref_t<decltype(Call::call(f, all, active))>;
  Kept<Result> kept;
  const Differentiated d = reverse(
      name,
      [&](const Arrays& at) {
        Active given = with_leaves(active, at);
        return kept.keep(Call::call(f, all, given));
      },
      leaves(active));
  Active gradient = with_leaves(active, d.derivatives);
  if constexpr (sizeof...(positions) == 1)
    return std::pair(std::move(kept.value[0]), std::get<0>(std::move(gradient)));
  else
    return std::pair(std::move(kept.value[0]), std::move(gradient));
}

/// Arguments that scalars reach as Arrays; others untouched.
template <class T>
decltype(auto) scalar_as_array(T&& x) {
  if constexpr (Scalar<std::remove_cvref_t<T>>)
    return Array(x);
  else
    return std::forward<T>(x);
}

/// Positions known when the program runs.
TARRY_API std::vector<size_t> checked_positions(std::string_view name, const std::vector<int>& positions, size_t count);
[[noreturn]] TARRY_API void refuse_position(std::string_view name, size_t position);

template <class T>
void take_position(std::string_view name, size_t position, size_t wanted, const T& x, Arrays& out) {
  if (position != wanted) return;
  if constexpr (std::is_same_v<std::remove_cvref_t<T>, Array>)
    out.push_back(x);
  else
    refuse_position(name, position);
}
template <class T>
void put_position(size_t position, size_t wanted, T& x, const Array& value) {
  if constexpr (std::is_same_v<std::remove_cvref_t<T>, Array>)
    if (position == wanted) x = value;
}

/// value and gradients with respect to the arrays at positions known at run time.
template <class F, class... Args>
auto value_and_gradients(std::string_view name, F& f, const std::vector<int>& wanted, Args&&... args) {
  std::tuple<std::decay_t<decltype(scalar_as_array(args))>...> all(scalar_as_array(args)...);
  constexpr auto kAll = std::index_sequence_for<Args...>{};
  const std::vector<size_t> positions = checked_positions(name, wanted, sizeof...(Args));
  const auto call = [&](const Arrays& at) -> decltype(auto) {
    auto changed = all;
    for (size_t p = 0; p < positions.size(); ++p) [&]<size_t... i>(std::index_sequence<i...>) {
        (put_position(i, positions[p], std::get<i>(changed), at[p]), ...);
      }
    (kAll);
    return std::apply([&](auto&... x) -> decltype(auto) { return f(x...); }, changed);
  };
  Arrays active;
  for (size_t p : positions) [&]<size_t... i>(std::index_sequence<i...>) {
      (take_position(name, i, p, std::get<i>(all), active), ...);
    }
  (kAll);
  using Result = std::remove_cvref_t<decltype(call(active))>;
  Kept<Result> kept;
  Differentiated d = reverse(
      name, [&](const Arrays& at) { return kept.keep(call(at)); }, active);
  return std::pair(std::move(kept.value[0]), std::move(d.derivatives));
}

template <class T, class U>
std::pair<U, T> swapped(std::pair<T, U> p) {
  return {std::move(p.second), std::move(p.first)};
}

template <class T>
std::pair<T, Array> first_of(std::pair<T, Arrays> p) {
  return {std::move(p.first), std::move(p.second[0])};
}

/// Calls f with the arrays of a list, as many as there are.
template <size_t n, class F>
decltype(auto) call_with(F& f, const Arrays& at) {
  return [&]<size_t... i>(std::index_sequence<i...>)->decltype(auto) { return f(at[i]...); }
  (std::make_index_sequence<n>{});
}
template <size_t n, class F>
concept TakesArrays = []<size_t... i>(std::index_sequence<i...>) {
  return std::is_invocable_v<F&, decltype((void)i, std::declval<const Array&>())...>;
}
(std::make_index_sequence<n>{});

[[noreturn]] TARRY_API void refuse_axes(size_t axes, size_t arguments);
[[noreturn]] TARRY_API void refuse_count(size_t count);

inline constexpr size_t kMostArrays = 8;
/// run(n) for the number of arrays that a list has, among those that F takes.
template <class Result, class F, size_t n, class Run>
Result with_count(size_t count, const Run& run) {
  if constexpr (n > kMostArrays)
    refuse_count(count);
  else {
    if constexpr (TakesArrays<n, F>)
      if (count == n) return run(std::integral_constant<size_t, n>{});
    return with_count<Result, F, n + 1>(count, run);
  }
}
template <class F, size_t n = 1, class Run>
auto with_arity(size_t count, const Run& run) {
  static_assert(n <= kMostArrays, "the function does not take arrays");
  if constexpr (TakesArrays<n, F>)
    return with_count<decltype(run(std::integral_constant<size_t, n>{})), F, n>(count, run);
  else
    return with_arity<F, n + 1>(count, run);
}

/// An argument of a batched function: where its leaves begin in the list of all.
template <class T>
auto map_argument(const T& x, const Arrays& all, size_t& next) {
  if constexpr (Tree<T>) {
    const Array* at = all.data() + next;
    T tree = with_leaves(x, at);
    next = static_cast<size_t>(at - all.data());
    return tree;
  } else {
    return x;
  }
}

template <class F, class Axes, class... Args>
auto map_over(F& f, const Axes& axes, int64_t out_axis, Here here, const Args&... args) {
  Arrays all;
  std::vector<MapAxis> of_leaves;
  size_t argument = 0;
  const auto add = [&](const auto& x) {
    if constexpr (Tree<std::remove_cvref_t<decltype(x)>>) {
      for (Array& leaf : leaves(x)) {
        all.push_back(std::move(leaf));
        of_leaves.push_back(axes.size() == 0 ? MapAxis(0) : axes.begin()[axes.size() == 1 ? 0 : argument].axis);
      }
    }
    ++argument;
  };
  if (axes.size() > 1 && axes.size() != sizeof...(Args)) refuse_axes(axes.size(), sizeof...(Args));
  (add(args), ...);
  const auto call = [&](const Arrays& at) {
    size_t next = 0;
    std::tuple<Args...> given{map_argument(args, at, next)...};  // braces: in order
    return std::apply([&](auto&... x) { return f(x...); }, given);
  };
  using Result = std::remove_cvref_t<decltype(call(all))>;
  Kept<Result> kept;
  const Arrays results = batched(
      "vmap", [&](const Arrays& at) { return kept.keep(call(at)); }, all, of_leaves, out_axis, here);
  return with_leaves(kept.value[0], results);
}

}  // namespace frontend

/// The gradient function of f with respect to argument 0: any tree; it has the type of the argument.
/// `grad<1>(f)`: another position; `grad<0, 2>(f)`: a std::tuple of several.
template <size_t position = 0, size_t... more, class F>
auto grad(F f) {
  return [f = frontend::Callable<F>{std::move(f)}]<class... Args>(Args&&... args) {
    return frontend::value_and_gradient<position, more...>("grad", f.f, std::forward<Args>(args)...).second;
  };
}
/// With respect to the Array at this position; C++ numbers reach f as Arrays. Negative positions count from the end.
template <class F>
auto grad(F f, int position) {
  return [f = frontend::Callable<F>{std::move(f)}, position]<class... Args>(Args&&... args) {
    return frontend::value_and_gradients("grad", f.f, {position}, std::forward<Args>(args)...).second[0];
  };
}
/// With respect to the Arrays at these positions, as a std::vector<Array>.
template <class F>
auto grad(F f, std::initializer_list<int> positions) {
  return [f = frontend::Callable<F>{std::move(f)},
          positions = std::vector<int>(positions)]<class... Args>(Args&&... args) {
    return frontend::value_and_gradients("grad", f.f, positions, std::forward<Args>(args)...).second;
  };
}

/// A function that returns f's value and its gradient: `auto [value, gradient] = value_and_grad(f)(x)`.
template <size_t position = 0, size_t... more, class F>
auto value_and_grad(F f) {
  return [f = frontend::Callable<F>{std::move(f)}]<class... Args>(Args&&... args) {
    return frontend::value_and_gradient<position, more...>("value_and_grad", f.f, std::forward<Args>(args)...);
  };
}
template <class F>
auto value_and_grad(F f, int position) {
  return [f = frontend::Callable<F>{std::move(f)}, position]<class... Args>(Args&&... args) {
    return frontend::first_of(
        frontend::value_and_gradients("value_and_grad", f.f, {position}, std::forward<Args>(args)...));
  };
}
template <class F>
auto value_and_grad(F f, std::initializer_list<int> positions) {
  return [f = frontend::Callable<F>{std::move(f)},
          positions = std::vector<int>(positions)]<class... Args>(Args&&... args) {
    return frontend::value_and_gradients("value_and_grad", f.f, positions, std::forward<Args>(args)...);
  };
}

/// As value_and_grad, in MinPy's order: `auto [gradient, loss] = grad_and_loss(f)(x)`.
template <size_t position = 0, size_t... more, class F>
auto grad_and_loss(F f) {
  return [f = frontend::Callable<F>{std::move(f)}]<class... Args>(Args&&... args) {
    return frontend::swapped(
        frontend::value_and_gradient<position, more...>("grad_and_loss", f.f, std::forward<Args>(args)...));
  };
}
template <class F>
auto grad_and_loss(F f, int position) {
  return [f = frontend::Callable<F>{std::move(f)}, position]<class... Args>(Args&&... args) {
    return frontend::swapped(frontend::first_of(
        frontend::value_and_gradients("grad_and_loss", f.f, {position}, std::forward<Args>(args)...)));
  };
}
template <class F>
auto grad_and_loss(F f, std::initializer_list<int> positions) {
  return [f = frontend::Callable<F>{std::move(f)},
          positions = std::vector<int>(positions)]<class... Args>(Args&&... args) {
    return frontend::swapped(
        frontend::value_and_gradients("grad_and_loss", f.f, positions, std::forward<Args>(args)...));
  };
}

/// f's value at x, a tree, and its directional derivative along dx, a tree of the same structure:
/// `auto [y, dy] = jvp(f, x, dx)`.
template <class F, class T>
auto jvp(F f, const T& x, const std::type_identity_t<T>& dx) {
  const auto at = frontend::as_tree(x);
  const auto along = frontend::as_tree(dx);
  using Result = std::remove_cvref_t<decltype(f(at))>;
  frontend::Kept<Result> kept;
  const frontend::Differentiated d = frontend::forward(
      "jvp", [&](const frontend::Arrays& leaves) { return kept.keep(f(frontend::with_leaves(at, leaves))); },
      frontend::leaves(at), frontend::leaves(along));
  Result tangent = frontend::with_leaves(kept.value[0], d.derivatives);
  return std::pair<Result, Result>(std::move(kept.value[0]), std::move(tangent));
}
/// Of a function of up to eight Arrays: `auto [y, dy] = jvp(f, {x, w}, {dx, dw})`.
template <class F>
auto jvp(F f, std::initializer_list<Array> x, std::initializer_list<Array> dx) {
  const auto run = [&]<size_t n>(std::integral_constant<size_t, n>) {
    using Result = std::remove_cvref_t<decltype(frontend::call_with<n>(f, std::declval<const frontend::Arrays&>()))>;
    frontend::Kept<Result> kept;
    const frontend::Differentiated d = frontend::forward(
        "jvp", [&](const frontend::Arrays& at) { return kept.keep(frontend::call_with<n>(f, at)); }, x, dx);
    Result tangent = frontend::with_leaves(kept.value[0], d.derivatives);
    return std::pair<Result, Result>(std::move(kept.value[0]), std::move(tangent));
  };
  return frontend::with_arity<F>(x.size(), run);
}

/// f's value and its pullback: `auto [y, pullback] = vjp(f, x)`. `pullback(ybar)` takes a cotangent of the
/// type of y to one of the type of x (a std::tuple where there are several arguments), any number of times.
template <class F, class... Trees>
auto vjp(F f, const Trees&... x) {
  auto at = std::make_tuple(frontend::as_tree(x)...);
  using At = decltype(at);
  using Result = std::remove_cvref_t<decltype(std::apply(f, at))>;
  frontend::Kept<Result> kept;
  auto [values, pullback] = frontend::pull(
      "vjp",
      [&](const frontend::Arrays& leaves) { return kept.keep(std::apply(f, frontend::with_leaves(at, leaves))); },
      frontend::leaves(at));
  (void)values;
  auto pull = [at = std::move(at), pullback = std::move(pullback)](const Result& cotangent) {
    At result = frontend::with_leaves(at, pullback(frontend::leaves(cotangent)));
    if constexpr (sizeof...(Trees) == 1)
      return std::get<0>(std::move(result));
    else
      return result;
  };
  return std::pair<Result, decltype(pull)>(std::move(kept.value[0]), std::move(pull));
}

namespace frontend {
/// The tree without its arrays: what tells how to put others in their place.
template <class T>
T without_leaves(const T& tree) {
  T copy = tree;
  auto visit = [](Array& leaf) { leaf = Array(); };
  each_leaf(copy, visit);
  return copy;
}

/// What the two functions of a custom_vjp are called with and give.
template <class F, class Forward, class Backward, class... Args>
auto call_custom_vjp(F& f, Forward& forward, const Backward& backward, const Args&... args) {
  auto at = std::make_tuple(as_tree(args)...);
  if (!is_recording()) return std::apply(f, at);
  const auto given = std::apply(forward, at);
  const auto pull = [backward, result = without_leaves(given.first), residuals = without_leaves(given.second)](
                        const CustomContext& call, const Arrays& cotangents) {
    return leaves(backward(with_leaves(residuals, call.residuals), with_leaves(result, cotangents)));
  };
  return with_leaves(given.first, custom_call({leaves(at), leaves(given.first), leaves(given.second)}, pull, nullptr));
}
}  // namespace frontend

/// f with a derivative of its own for reverse mode: `forward(args...)` gives f's value and what the backward
/// needs, as a std::pair; `backward(residuals, cotangent)` gives the cotangent of the argument, or a std::tuple
/// of those of several. Both may branch, look and loop as they like. Arguments are trees of arrays. There is no
/// forward mode: jvp of it throws TypeError.
template <class F, class Forward, class Backward>
auto custom_vjp(F f, Forward forward, Backward backward) {
  return [f = frontend::Callable<F>{std::move(f)}, forward = frontend::Callable<Forward>{std::move(forward)},
          backward = std::move(backward)]<class... Args>(const Args&... args) {
    return frontend::call_custom_vjp(f.f, forward.f, backward, args...);
  };
}

/// f with a rule for its tangents: `rule(arguments, tangents)` takes two trees (std::tuple of them where there are
/// several arguments) and gives f's value and its tangent, as a std::pair. It is linear in the tangents, and
/// transposed for reverse mode.
template <class F, class Rule>
auto custom_jvp(F f, Rule rule) {
  return [f = frontend::Callable<F>{std::move(f)}, rule = std::move(rule)]<class... Args>(const Args&... args) {
    auto at = std::make_tuple(frontend::as_tree(args)...);
    using At = decltype(at);
    const auto one = [](const At& t) -> decltype(auto) {
      if constexpr (sizeof...(Args) == 1)
        return (std::get<0>(t));
      else
        return (t);
    };
    const auto result = std::apply(f.f, at);
    if (!frontend::is_recording()) return result;
    const frontend::CustomRule push = [rule, one, at = frontend::without_leaves(at)](
                                          const frontend::CustomContext& call, const frontend::Arrays& tangents) {
      const At given = frontend::with_leaves(at, call.arguments), along = frontend::with_leaves(at, tangents);
      return frontend::leaves(rule(one(given), one(along)).second);
    };
    const frontend::CustomContext call{frontend::leaves(at), frontend::leaves(result), {}};
    return frontend::with_leaves(result, frontend::custom_call(call, frontend::transposed(push), push));
  };
}

/// f, of which a derivative keeps the arguments and the value, and computes what lies between again when it needs
/// it: less memory, more work. A chain of N steps, checkpointed in groups of sqrt(N), takes O(sqrt(N)) memory.
template <class F>
auto checkpoint(F f) {
  return [f = frontend::Callable<F>{std::move(f)}]<class... Args>(const Args&... args) {
    auto at = std::make_tuple(frontend::as_tree(args)...);
    frontend::begin_checkpoint(frontend::leaves(at));
    const auto result = std::apply(f.f, at);
    return frontend::with_leaves(result, frontend::end_checkpoint(frontend::leaves(result)));
  };
}

/// An axis that vmap maps over, or `none`: the argument is the same for every element.
struct MapAxes {
  frontend::MapAxis axis;
  MapAxes(None) {}
  template <Integer T>
  MapAxes(T a) : axis(detail::position(a)) {}
};

/// f of every element of a batch at once: f sees single elements, and every op runs on all of them. Arguments
/// are trees; `vmap(f)` maps the first axis of each array, `vmap(f, {0, tarry::none}, 1)` names the axis of each
/// argument, and the axis of the results that is the batch. A branch on an element, and looking at one, throws
/// ValueError with the line: there is one value for each. Arguments that are no trees reach f untouched.
template <class F>
auto vmap(F f, std::initializer_list<MapAxes> axes = {}, int64_t out_axis = 0, Here here = {}) {
  return [f = frontend::Callable<F>{std::move(f)}, axes = std::vector<MapAxes>(axes), out_axis,
          here]<class... Args>(const Args&... args) { return frontend::map_over(f.f, axes, out_axis, here, args...); };
}

/// The derivative of f's value with respect to argument 0, by columns: shape of the value, then of the argument.
/// One batched evaluation. Other arguments are constants.
template <class F>
auto jacfwd(F f) {
  return [f = frontend::Callable<F>{std::move(f)}]<class... Args>(const Array& x, Args&&... rest) {
    const auto at = [&](const Array& a) { return Array(f.f(a, rest...)); };
    const auto along = [&](const frontend::Arrays& v) { return frontend::Arrays{jvp(at, x, v[0]).second}; };
    return frontend::columns_to_jacobian(frontend::batched("jacfwd", along, {frontend::unit_arrays(x)}, {0}, 0)[0], x);
  };
}
/// The same by rows: f runs once, its pullback once for all rows.
template <class F>
auto jacrev(F f) {
  return [f = frontend::Callable<F>{std::move(f)}]<class... Args>(const Array& x, Args&&... rest) {
    const auto at = [&](const Array& a) { return Array(f.f(a, rest...)); };
    const auto pulled = vjp(at, x);
    const auto& pullback = pulled.second;
    const auto row = [&](const frontend::Arrays& v) { return frontend::Arrays{pullback(v[0])}; };
    return frontend::rows_to_jacobian(
        frontend::batched("jacrev", row, {frontend::unit_arrays(pulled.first)}, {0}, 0)[0], pulled.first);
  };
}
/// jacrev.
template <class F>
auto jacobian(F f) {
  return jacrev(std::move(f));
}
/// Second derivatives of a function with one value: shape of the argument twice. One batched evaluation.
template <class F>
auto hessian(F f) {
  return jacfwd(grad(std::move(f)));
}
/// The product of f's hessian at x with v, for one gradient's work: x and v are trees of the same structure.
template <class F, class T>
auto hvp(F f, const T& x, const std::type_identity_t<T>& v) {
  return jvp(grad(std::move(f)), x, v).second;
}

/// Compares f's derivatives at x with differences, along random directions, in both modes, up to this order.
/// Throws ValueError with the worst entry.
template <class F>
void check_grads(F f, std::initializer_list<Array> x, int order = 2) {
  const auto run = [&]<size_t n>(std::integral_constant<size_t, n>) {
    frontend::check_gradients(
        [&](const frontend::Arrays& at) { return frontend::leaves(frontend::call_with<n>(f, at)); }, x, order);
    return true;
  };
  frontend::with_arity<F>(x.size(), run);
}
/// Of a function of one tree.
template <class F, frontend::Tree T>
void check_grads(F f, const T& x, int order = 2) {
  frontend::check_gradients(
      [&](const frontend::Arrays& at) { return frontend::leaves(f(frontend::with_leaves(x, at))); },
      frontend::leaves(x), order);
}

/// x as a constant: no derivative flows through it.
inline Array stop_gradient(const Array& x) { return frontend::stop(x); }
/// Likewise for each leaf of a tree.
template <frontend::Tree T>
T stop_gradient(const T& tree) {
  T copy = tree;
  auto visit = [](Array& leaf) { leaf = frontend::stop(leaf); };
  frontend::each_leaf(copy, visit);
  return copy;
}

}  // namespace tarry
