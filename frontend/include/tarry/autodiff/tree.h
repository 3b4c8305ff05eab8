#pragma once
/// Trees of arrays: what functions under a transform take and return.
///
/// A tree is an Array, or a std::vector, std::map, std::pair, std::tuple or std::array of trees, or a struct
/// listed with TARRY_TREE. Its leaves are its arrays, in order. Anything else inside a tree is carried along.

#include <tarry/array.h>

#include <array>
#include <cstddef>
#include <map>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Makes a struct a tree: `TARRY_TREE(Layer, weight, bias)`, at namespace scope in the struct's namespace.
/// Fields that are not listed are carried along.
#define TARRY_TREE(Struct, ...) \
  [[maybe_unused]] inline auto tarry_tree_fields(Struct& tree) { return std::tie(TARRY_TREE_FIELDS(__VA_ARGS__)); }

#define TARRY_TREE_FIELDS(...) TARRY_TREE_EXPAND(TARRY_TREE_NEXT(__VA_ARGS__))
#define TARRY_TREE_NEXT(first, ...) tree.first __VA_OPT__(, TARRY_TREE_AGAIN TARRY_TREE_PARENS(__VA_ARGS__))
#define TARRY_TREE_AGAIN() TARRY_TREE_NEXT
#define TARRY_TREE_PARENS ()
// Scans often enough for 64 fields.
#define TARRY_TREE_EXPAND(...) \
  TARRY_TREE_EXPAND2(TARRY_TREE_EXPAND2(TARRY_TREE_EXPAND2(TARRY_TREE_EXPAND2(__VA_ARGS__))))
#define TARRY_TREE_EXPAND2(...) \
  TARRY_TREE_EXPAND1(TARRY_TREE_EXPAND1(TARRY_TREE_EXPAND1(TARRY_TREE_EXPAND1(__VA_ARGS__))))
#define TARRY_TREE_EXPAND1(...) \
  TARRY_TREE_EXPAND0(TARRY_TREE_EXPAND0(TARRY_TREE_EXPAND0(TARRY_TREE_EXPAND0(__VA_ARGS__))))
#define TARRY_TREE_EXPAND0(...) __VA_ARGS__

namespace tarry {

namespace frontend {

template <class T>
concept TreeStruct = requires(T& t) {
  tarry_tree_fields(t);
};

/// Calls visit(array) for each leaf.
template <class T, class Visit>
void each_leaf(T& tree, Visit& visit);

template <class T>
struct TreeKind {
  static constexpr bool is_tree = TreeStruct<T>;
  template <class Visit>
  static void each(T& tree, Visit& visit) {
    if constexpr (TreeStruct<T>)
      std::apply([&](auto&... fields) { (each_leaf(fields, visit), ...); }, tarry_tree_fields(tree));
  }
};
template <>
struct TreeKind<Array> {
  static constexpr bool is_tree = true;
  template <class Visit>
  static void each(Array& leaf, Visit& visit) {
    visit(leaf);
  }
};
template <class T, class A>
struct TreeKind<std::vector<T, A>> {
  static constexpr bool is_tree = TreeKind<T>::is_tree;
  template <class Visit>
  static void each(std::vector<T, A>& tree, Visit& visit) {
    if constexpr (is_tree)
      for (T& t : tree) each_leaf(t, visit);
  }
};
template <class T, size_t n>
struct TreeKind<std::array<T, n>> {
  static constexpr bool is_tree = TreeKind<T>::is_tree;
  template <class Visit>
  static void each(std::array<T, n>& tree, Visit& visit) {
    for (T& t : tree) each_leaf(t, visit);
  }
};
template <class K, class T, class C, class A>
struct TreeKind<std::map<K, T, C, A>> {
  static constexpr bool is_tree = TreeKind<T>::is_tree;
  template <class Visit>
  static void each(std::map<K, T, C, A>& tree, Visit& visit) {
    for (auto& [key, t] : tree) each_leaf(t, visit);
  }
};
template <class T, class U>
struct TreeKind<std::pair<T, U>> {
  static constexpr bool is_tree = TreeKind<T>::is_tree || TreeKind<U>::is_tree;
  template <class Visit>
  static void each(std::pair<T, U>& tree, Visit& visit) {
    each_leaf(tree.first, visit);
    each_leaf(tree.second, visit);
  }
};
template <class... T>
struct TreeKind<std::tuple<T...>> {
  static constexpr bool is_tree = (TreeKind<T>::is_tree || ...);
  template <class Visit>
  static void each(std::tuple<T...>& tree, Visit& visit) {
    std::apply([&](auto&... parts) { (each_leaf(parts, visit), ...); }, tree);
  }
};

template <class T, class Visit>
void each_leaf(T& tree, Visit& visit) {
  TreeKind<std::remove_cv_t<T>>::each(tree, visit);
}

/// An array or a container or struct of such.
template <class T>
concept Tree = TreeKind<std::remove_cvref_t<T>>::is_tree;

using Arrays = std::vector<Array>;

template <class T>
Arrays leaves(const T& tree) {
  Arrays all;
  T copy = tree;
  auto visit = [&](Array& leaf) { all.push_back(leaf); };
  each_leaf(copy, visit);
  return all;
}

/// The tree with other leaves, taken from `next` on.
template <class T>
T with_leaves(const T& tree, const Array*& next) {
  T copy = tree;
  auto visit = [&](Array& leaf) { leaf = *next++; };
  each_leaf(copy, visit);
  return copy;
}
template <class T>
T with_leaves(const T& tree, const Arrays& arrays) {
  const Array* next = arrays.data();
  return with_leaves(tree, next);
}

/// As a parameter of a function: trees as they are, numbers as arrays.
template <class T>
decltype(auto) as_tree(const T& x) {
  if constexpr (Tree<T>)
    return T(x);
  else
    return Array(x);
}
template <class T>
using TreeOf = std::remove_cvref_t<decltype(as_tree(std::declval<const std::remove_cvref_t<T>&>()))>;

}  // namespace frontend
}  // namespace tarry
