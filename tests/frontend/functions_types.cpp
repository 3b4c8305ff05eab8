// Narrow types that sums and products overflow, mixed types, complex numbers.
#include <cmath>

#include "functions.h"

namespace functions {

namespace np = tarry::numpy;
using tarry::Array;

namespace {

using Complex = std::complex<double>;

Array u() { return np::array({200, 100}, tarry::uint8); }
Results parts(const Array& z) { return {z.real(), z.imag()}; }

void add_averages(Calls& calls) {
  calls["average_uint8"] = [] { return Results{np::average(u(), 0, np::array({2, 3}, tarry::uint8))}; };
  calls["average_mixed"] = [] { return Results{np::average(u().astype(tarry::float32), 0, np::array({2, 3}))}; };
  calls["average_narrow"] = [] {
    return Results{np::average(np::array({1.5, 3.0}, tarry::float32), 0, np::array({2, 3}, tarry::uint8))};
  };
  calls["average_complex"] = [] {
    return parts(np::average(np::array({1.0, 2.0}), 0, np::array({Complex(1, 1), Complex(1, -2)})));
  };
}

void add_products(Calls& calls) {
  calls["einsum_pixels"] = [] {
    return Results{np::einsum("hwc,c->", {np::full({2, 2, 3}, 200, tarry::uint8), np::array({0.25, 0.5, 0.125})})};
  };
  calls["einsum_mask"] = [] {
    return Results{np::einsum("ij,j->", {np::array({{true, true}, {true, false}}), np::array({5, 7})})};
  };
  calls["einsum_int32"] = [] {
    return Results{np::einsum("ij,j->j", {np::full({2, 2}, INT32_MAX, tarry::int32), np::array({1, 2})})};
  };
  calls["einsum_half"] = [] {
    return Results{np::einsum("ij,j->", {np::full({2, 2}, 6e4, tarry::float16), np::array({1.0, 2.0})})};
  };
  calls["einsum_three_types"] = [] {
    return Results{np::einsum(
        "ij,jk,kl->il", {np::array({{200}}, tarry::uint8), np::array({{150}}, tarry::uint8), np::array({{3.0}})})};
  };
  calls["einsum_elements"] = [] { return Results{np::einsum("i,i,i->i", {u(), u(), np::array({1, 2})})}; };
  calls["einsum_number"] = [] { return Results{np::einsum("i,->i", {np::array({1.5}, tarry::float32), 2.0})}; };
}

void add_slopes(Calls& calls) {
  calls["gradient_int32"] = [] {
    return Results{np::gradient(np::array({1.0, 2.0, 5.0}), np::array({0, 100000, 300000}, tarry::int32), 0)};
  };
  calls["gradient_falling"] = [] {
    return Results{np::gradient(np::array({1.0, 2.0, 5.0, 0.0}), np::array({30, 20, 10, 0}, tarry::uint8), 0)};
  };
  calls["gradient_uneven"] = [] {
    return Results{np::gradient(np::array({1, 2, 5, 0}, tarry::uint8), np::array({250, 20, 10, 0}, tarry::uint8), 0)};
  };
}

template <class Change>
Results changed(const Array& from, Change change) {
  Array x = from.copy();
  change(x);
  return {x};
}

void add_masks(Calls& calls) {
  calls["putmask_number"] = [] { return changed(u(), [](Array& a) { np::putmask(a, a > 150, 7.9); }); };
  calls["putmask_narrower"] = [] {
    return changed(u().astype(tarry::int64), [](Array& a) { np::putmask(a, a > 0, np::array({5, 6}, tarry::uint8)); });
  };
  calls["place_narrower"] = [] {
    return changed(u().astype(tarry::float32), [](Array& a) { np::place(a, a > 0, np::array({5, 6}, tarry::uint8)); });
  };
}

void add_interpolations(Calls& calls) {
  calls["interp_complex"] = [] {
    const Array values = np::array({Complex(0, 1), Complex(2, 3), Complex(-1, -1)});
    return parts(np::interp(np::array({-1.0, 0.5, std::nan(""), 3.0}), np::array({0, 1, 2}), values));
  };
  calls["interp_complex_outside"] = [] {
    const Array values = np::array({Complex(0, 1), Complex(2, 3)});
    return parts(np::interp(np::array({-1.0, 0.5, 3.0}), np::array({0.0, 1.0}), values, -5, 5));
  };
  calls["interp_complex_point"] = [] {
    return parts(np::interp(np::array({-1.0, 0.0, 3.0}), np::array({0.0}), np::array({Complex(1, 2)})));
  };
}

void add_places(Calls& calls) {
  auto counting = [] { return np::array({1, 2, 3}, tarry::uint8); };
  calls["searchsorted_beyond"] = [=] {
    return Results{np::searchsorted(counting(), 300), np::searchsorted(counting(), -5)};
  };
  calls["searchsorted_between"] = [] {
    return Results{np::searchsorted(np::array({1.0}, tarry::float32), 1.00000001)};
  };
  calls["digitize_beyond"] = [=] {
    return Results{np::digitize(300, counting()), np::digitize(-5, np::flip(counting()))};
  };
  calls["bincount_uint64"] = [] { return Results{np::bincount(np::array({1, 3}, tarry::uint64))}; };
  calls["quantile_list_of_one"] = [] { return Results{np::quantile(u(), {0.5})}; };
  calls["percentile_list_of_one"] = [] { return Results{np::percentile(u(), {25})}; };
  calls["percentile_none"] = [] { return Results{np::percentile(np::ones({2, 3}), std::vector<double>(), 1)}; };
}

void add_histograms(Calls& calls) {
  auto narrow = [](std::initializer_list<double> values) {
    return np::array(std::vector<double>(values)).astype(tarry::float32);
  };
  auto both = [](const std::pair<Array, Array>& p) { return Results{p.first, p.second}; };
  calls["histogram_float32"] = [=] { return both(np::histogram(narrow({1, 2, 2.3333335, 5}), 3)); };
  calls["histogram_half"] = [=] { return both(np::histogram(np::array({1, 2, 5}, tarry::float16), 3)); };
  calls["histogram_float32_range"] = [=] { return both(np::histogram(narrow({1, 2, 1.1}), 3, {{0.0, 1.1}})); };
  calls["histogram_float32_one"] = [=] { return both(np::histogram(np::ones({3}, tarry::float32), 3)); };
  calls["histogram_float32_none"] = [=] { return both(np::histogram(np::zeros({0}, tarry::float32), 3)); };
  calls["histogram_narrow"] = [=] { return both(np::histogram(np::array({1.0, 1 + 0x1p-50, 1 + 0x1p-52}), 4)); };
}

void add_mixtures(Calls& calls) {
  const auto yes = [] { return np::array({true, false}); };
  calls["select_bool"] = [=] {
    return Results{np::select({yes()}, {np::array({1, 2}, tarry::uint64)}, np::array(true))};
  };
  calls["select_float32"] = [=] {
    return Results{np::select({yes(), !yes()}, {np::array({1, 2}, tarry::float32), np::array({1}, tarry::int8)}, 0.5)};
  };
  calls["select_int8"] = [] {
    return Results{
        np::select({np::array({false}), np::array({true})}, {np::array({1}, tarry::int8), np::array({true})}, 0)};
  };
  calls["intersect1d_mixed"] = [] {
    return Results{np::intersect1d(np::array({1, 2}, tarry::int8), np::array({1.0, 3.0}))};
  };
  calls["intersect1d_wider"] = [] {
    return Results{np::intersect1d(np::array({1, 2}, tarry::int8), np::array({300, 1}))};
  };
  calls["array_of_scalars"] = [] {
    const auto scalar = [](double v, tarry::DType t) { return np::full({}, v, t); };
    return Results{np::array({scalar(1.5, tarry::float32), 2.5}), np::array({scalar(1, tarry::int8), 300}),
                   np::array({scalar(1.5, tarry::float32), true}), np::array({scalar(5, tarry::uint64), 3}),
                   np::array({scalar(1, tarry::float16), 3})};
  };
}

void add_empty(Calls& calls) {
  calls["nanmedian_none"] = [] { return Results{np::nanmedian(np::zeros({0})), np::nanmedian(np::zeros({0, 3}), 0)}; };
  calls["nanquantile_none"] = [] {
    return Results{np::nanquantile(np::zeros({0}, tarry::int64), 0.5),
                   np::nanquantile(np::zeros({0}, tarry::bool_), 0.5), np::nanquantile(np::zeros({0, 3}), 0.5, 0),
                   np::nanquantile(np::zeros({0, 3}, tarry::int64), 0.5, 1)};
  };
  calls["matrix_rank_none"] = [] { return Results{np::linalg::matrix_rank(np::zeros({0, 3}))}; };
  calls["norm_none"] = [] {
    return Results{np::linalg::norm(np::zeros({3, 0}), 1), np::linalg::norm(np::zeros({0, 3}), INFINITY),
                   np::linalg::norm(np::zeros({3, 0}), 2)};
  };
  calls["partition_none"] = [] {
    return Results{np::partition(np::zeros({0}), 0), np::argpartition(np::zeros({0, 3}), 1, 0)};
  };
  calls["polymul_none"] = [] { return Results{np::polymul(np::zeros({0}), np::zeros({0}))}; };
  calls["nanargmax_none"] = [] { return Results{np::nanargmax(np::zeros({3, 0}), 0)}; };
}

void add_others(Calls& calls) {
  calls["cond_zeros"] = [] { return Results{np::linalg::cond(np::zeros({2, 2}))}; };
  calls["geomspace_signs"] = [] { return Results{np::geomspace(1, -1000, 4)}; };
  calls["polyval_columns"] = [] { return Results{np::polyval(np::array({{1.0, 2.0}, {3.0, 4.0}}), 2)}; };
  calls["take_bool"] = [] { return Results{np::take(np::array({5, 6, 7}), np::array({true, false}))}; };
}

void add_powers(Calls& calls) {
  auto x = [](tarry::DType t) { return np::array({0, 1, 2, 3, 5}).astype(t); };
  auto y = [](tarry::DType t) { return np::array({1, 3, 2, 5, 4}).astype(t); };
  calls["vander_uint8"] = [] { return Results{np::vander(np::array({200, 3}, tarry::uint8), 3)}; };
  calls["vander_float32"] = [] { return Results{np::vander(np::array({1.1, 3.0}, tarry::float32), 3)}; };
  calls["vander_bool"] = [] { return Results{np::vander(np::array({true, false}), 2)}; };
  calls["polyfit_float32"] = [=] { return Results{np::polyfit(x(tarry::float32), y(tarry::float32), 2)}; };
  calls["polyfit_half"] = [=] { return Results{np::polyfit(x(tarry::float16), y(tarry::float64), 1)}; };
}

}  // namespace

Calls types() {
  Calls calls;
  add_averages(calls);
  add_products(calls);
  add_slopes(calls);
  add_masks(calls);
  add_interpolations(calls);
  add_places(calls);
  add_histograms(calls);
  add_mixtures(calls);
  add_empty(calls);
  add_others(calls);
  add_powers(calls);
  return calls;
}

}  // namespace functions
