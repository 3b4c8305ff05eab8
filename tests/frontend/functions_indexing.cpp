#include <cmath>

#include "functions.h"

namespace functions {

namespace np = tarry::numpy;
using tarry::Array;

Array f() { return np::array({{3.5, -1.0, 2.25, 0.0}, {std::nan(""), 7.0, -2.5, 7.0}, {1.0, 1.0, -0.0, 4.0}}); }

namespace {

template <class Change>
Results changed(const Array& from, Change change) {
  Array copy = from.copy();
  change(copy);
  return {copy};
}

Array row() { return Array(x()[0]).copy(); }

void add_reads(Calls& calls) {
  calls["take_flat"] = [] { return Results{np::take(x(), np::array({{0, 23}, {-1, 5}}))}; };
  calls["take_scalar"] = [] { return Results{np::take(x(), 3, 2)}; };
  calls["take_axis"] = [] { return Results{np::take(x(), np::array({{0, 2}, {-1, 0}}), 1)}; };
  calls["take_wrap"] = [] { return Results{np::take(x(), np::array({-30, 25, 7}), np::IndexMode::wrap)}; };
  calls["take_clip"] = [] { return Results{np::take(x(), np::array({-30, 25, 7}), 2, np::IndexMode::clip)}; };
  calls["take_none"] = [] { return Results{np::take(x(), np::zeros({0}, tarry::int64), 0)}; };
  calls["along"] = [] { return Results{np::take_along_axis(row(), np::array({{3, 0}, {1, -1}, {2, 2}}), 1)}; };
  calls["along_broadcast"] = [] { return Results{np::take_along_axis(row(), np::array({{2, 0, 1, 1}}), 0)}; };
  calls["along_flat"] = [] { return Results{np::take_along_axis(x(), np::array({5, -1}), tarry::none)}; };
  calls["choose"] = [] {
    const Array low = x()[{0, np::slice(2), np::slice(2)}], high = x()[{1, np::slice(2), np::slice(2)}];
    return Results{np::choose(np::array({{0, 1}, {2, 1}}), {low, 100, high})};
  };
  const std::vector<Array> two{np::array({1, 2, 3}), np::array({4, 5, 6})};
  calls["choose_wrap"] = [two] { return Results{np::choose(np::array({-1, 4, 1}), two, np::IndexMode::wrap)}; };
  calls["choose_clip"] = [two] { return Results{np::choose(np::array({-1, 4, 1}), two, np::IndexMode::clip)}; };
  calls["compress"] = [] { return Results{np::compress(np::array({true, false, true}), x(), 1)}; };
  calls["compress_flat"] = [] { return Results{np::compress(np::array({false, true, true}), x())}; };
  calls["extract"] = [] { return Results{np::extract(x() % 5 == 0, x())}; };
  calls["nonzero"] = [] { return np::nonzero(f()); };
  calls["argwhere"] = [] { return Results{np::argwhere(f() > 1)}; };
  calls["argwhere_scalar"] = [] { return Results{np::argwhere(np::array(3))}; };
  calls["flatnonzero"] = [] { return Results{np::flatnonzero(i() % 2)}; };
  calls["ix"] = [] {
    Array r = row();
    return Results{r[np::ix_({np::array({2, 0}), np::array({true, false, false, true})})]};
  };
  calls["zero_d_index"] = [] { return Results{x()[np::array(1)]}; };
  calls["zero_d_among"] = [] { return Results{x()[{np::array(1), np::all, np::array({0, 3})}]}; };
  calls["true_index"] = [] { return Results{row()[np::array(true)]}; };
  calls["true_among"] = [] { return Results{x()[{np::array(true), 0, np::all, np::array({1, 2})}]}; };
  calls["false_among"] = [] { return Results{x()[{np::array(false), 0}]}; };
  calls["unsigned_index"] = [] { return Results{row()[np::array({2, 0}, tarry::uint8)]}; };
}

void add_writes(Calls& calls) {
  auto put = [](const Array& indices, const Array& values, np::IndexMode mode = np::IndexMode::raise) {
    return changed(np::arange(6), [&](Array& a) { np::put(a, indices, values, mode); });
  };
  calls["put_repeats"] = [put] { return put(np::array({0, -1, 2, 0}), np::array({10, 20})); };
  calls["put_many"] = [put] { return put(np::array({4, 1}), np::array({7, 8, 9})); };
  calls["put_wrap"] = [put] { return put(np::array({7, -8}), 50, np::IndexMode::wrap); };
  calls["put_clip"] = [put] { return put(np::array({9, -9}), np::array({1, 2}), np::IndexMode::clip); };
  calls["put_along"] = [] {
    return changed(row(), [](Array& a) { np::put_along_axis(a, np::array({{1}, {0}, {3}}), -5, 1); });
  };
  calls["put_along_values"] = [] {
    return changed(row(), [](Array& a) {
      np::put_along_axis(a, np::array({{1, 2, 0, 0}}), np::array({{9, 8, 7, 6}}), 0);
    });
  };
  calls["add_at"] = [] {
    return changed(np::zeros({4}), [](Array& a) {
      np::add_at(a, np::array({1, 1, 3, 1}), np::array({0.5, 1.5, 2.0, 8.0}));
    });
  };
  calls["add_at_bool"] = [] {
    return changed(np::array({true, false}), [](Array& a) {
      np::add_at(a, np::array({1, 1}), np::array({false, true}));
    });
  };
  calls["add_at_half"] = [] {
    return changed(np::zeros({2}, tarry::float16), [](Array& a) {
      np::add_at(a, np::zeros({40}, tarry::int64), np::array(1.3).astype(tarry::float16));
    });
  };
  calls["add_at_int8"] = [] {
    return changed(np::zeros({2}, tarry::int8),
                   [](Array& a) { np::add_at(a, np::ones({9}, tarry::int64), np::array(100).astype(tarry::int8)); });
  };
  calls["subtract_at"] = [] {
    return changed(np::arange(5).astype(tarry::uint8), [](Array& a) {
      np::subtract_at(a, np::array({4, 4, 0}), np::array({1, 2, 3}, tarry::uint8));
    });
  };
  calls["multiply_at"] = [] {
    return changed(np::arange(1.0, 5.0), [](Array& a) { np::multiply_at(a, np::array({{0, 3}, {3, 3}}), 1.1); });
  };
  calls["maximum_at"] = [] {
    return changed(np::array({1.0, std::nan(""), 3.0}), [](Array& a) {
      np::maximum_at(a, np::array({0, 1, 2, 0}), np::array({2.0, 5.0, std::nan(""), 1.0}));
    });
  };
  calls["minimum_at"] = [] {
    return changed(row(), [](Array& a) { np::minimum_at(a, {np::all, np::array({1, 1})}, np::array({-1, 4})); });
  };
  calls["add_at_rows"] = [] { return changed(row(), [](Array& a) { np::add_at(a, np::array({2, 2}), x()[{1, 0}]); }); };
  calls["add_at_mask"] = [] { return changed(row(), [](Array& a) { np::add_at(a, a > 9, 100); }); };
}

}  // namespace

Calls indexing() {
  Calls calls;
  add_reads(calls);
  add_writes(calls);
  return calls;
}

}  // namespace functions
