#include <cmath>

#include "functions.h"

namespace functions {

namespace np = tarry::numpy;
using tarry::Array;

namespace {

const double kNaN = std::nan("");

Array v() { return np::array({0.5, -2.0, 3.25, 0.5, 10.0, -7.5, 3.25, 0.0, -0.0}); }
Array page(int k) { return x()[k]; }
Array rows() { return np::array({{1, 2, 2}, {0, 5, 1}, {1, 2, 2}, {0, 5, 0}, {1, 2, 2}}); }
Array floats(std::initializer_list<double> values, tarry::DType dtype) {
  return np::array(std::vector<double>(values)).astype(dtype);
}

Results all_of(const np::Unique& u) { return {u.values, u.index, u.inverse, u.counts}; }
Results both(const std::pair<Array, Array>& p) { return {p.first, p.second}; }

template <class Change>
Results changed(const Array& from, Change change) {
  Array x = from.copy();
  change(x);
  return {x};
}

void add_deletions(Calls& calls) {
  calls["delete"] = [] { return Results{np::delete_(i(), 2)}; };
  calls["delete_last"] = [] { return Results{np::delete_(x(), -1, 2)}; };
  calls["delete_slice"] = [] { return Results{np::delete_(x(), np::slice(np::none, np::none, 2), 2)}; };
  calls["delete_back"] = [] { return Results{np::delete_(i(), np::slice(6, 1, -2))}; };
  calls["delete_list"] = [] { return Results{np::delete_(x(), std::vector{0, 2, 2}, 1)}; };
  calls["delete_mask"] = [] { return Results{np::delete_(i(), i() > 2)}; };
  calls["delete_flat"] = [] { return Results{np::delete_(x(), std::vector{1, -1})}; };
  calls["delete_none"] = [] { return Results{np::delete_(i(), np::slice(3, 3))}; };
  calls["resize"] = [] { return Results{np::resize(i(), {2, 7})}; };
  calls["resize_less"] = [] { return Results{np::resize(x(), 5)}; };
  calls["trim_zeros"] = [] { return Results{np::trim_zeros(np::array({0, 0, 1, 0, 2, 0}))}; };
  calls["trim_zeros_front"] = [] { return Results{np::trim_zeros(np::array({0, 0, 1, 0, 2, 0}), "f")}; };
}

void add_insertions(Calls& calls) {
  calls["insert"] = [] { return Results{np::insert(i(), 2, 9)}; };
  calls["insert_end"] = [] { return Results{np::insert(i(), 8, np::array({7, 6}))}; };
  calls["insert_several"] = [] { return Results{np::insert(i(), std::vector{1, 1, 5}, np::array({7, 8, 9}))}; };
  calls["insert_same"] = [] { return Results{np::insert(i(), std::vector{0, -1}, 4)}; };
  calls["insert_rows"] = [] { return Results{np::insert(page(0), 1, np::array({9, 8, 7, 6}), 0)}; };
  calls["insert_columns"] = [] { return Results{np::insert(page(0), std::vector{1}, np::array({{1}, {2}, {3}}), 1)}; };
  calls["insert_column"] = [] { return Results{np::insert(page(0), 1, np::array({1, 2, 3}), 1)}; };
  calls["insert_slice"] = [] { return Results{np::insert(i(), np::slice(1, 4), 0)}; };
  calls["insert_mask"] = [] { return Results{np::insert(i(), i() == 3, 8)}; };
  calls["insert_cast"] = [] { return Results{np::insert(i(), 1, 2.9)}; };
}

void add_masks(Calls& calls) {
  calls["select"] = [] { return Results{np::select({i() < 1, i() > 2}, {i() * 10, i() / 2}, -1)}; };
  calls["place"] = [] { return changed(i(), [](Array& a) { np::place(a, a > 0, np::array({7, 8})); }); };
  calls["putmask"] = [] { return changed(i(), [](Array& a) { np::putmask(a, a > 0, np::array({10, 20, 30})); }); };
  calls["copyto"] = [] { return changed(page(0), [](Array& a) { np::copyto(a, np::array({1, 2, 3, 4})); }); };
  calls["copyto_where"] = [] { return changed(i(), [](Array& a) { np::copyto(a, 9, a == 1); }); };
  calls["fill_diagonal"] = [] { return changed(page(0), [](Array& a) { np::fill_diagonal(a, -1); }); };
  calls["fill_diagonal_wrap"] = [] {
    return changed(np::zeros({7, 3}, tarry::int64), [](Array& a) { np::fill_diagonal(a, np::array({4, 5}), true); });
  };
  calls["fill_diagonal_cube"] = [] {
    return changed(np::zeros({2, 2, 2}), [](Array& a) { np::fill_diagonal(a, np::array({1, 2})); });
  };
  calls["broadcast_arrays"] = [] {
    return np::broadcast_arrays({page(0)[{np::slice(1)}], page(1)[{np::all, np::slice(1)}]});
  };
  calls["unstack"] = [] { return np::unstack(x(), 1); };
  calls["ravel_multi_index"] = [] {
    return Results{
        np::ravel_multi_index({np::array({0, 1, 1}), np::array({2, 0, 2}), np::array({3, 0, 1})}, {2, 3, 4})};
  };
  calls["unravel_index"] = [] { return np::unravel_index(np::array({0, 13, 23}), {2, 3, 4}); };
  calls["diag_indices"] = [] { return np::diag_indices(3); };
  calls["tril_indices"] = [] { return np::tril_indices(3, 1, 4); };
  calls["triu_indices"] = [] { return np::triu_indices(3, -1); };
  calls["unpackbits"] = [] { return Results{np::unpackbits(np::array({{2}, {7}, {23}}, tarry::uint8))}; };
  calls["packbits"] = [] { return Results{np::packbits(np::array({1, 0, 1, 1, 0, 0, 0, 1, 1, 1}))}; };
}

void add_edges(Calls& calls) {
  using np::PadMode;
  calls["pad_reflect_far"] = [] { return Results{np::pad(np::arange(3), np::PadWidth{{5, 4}}, PadMode::reflect)}; };
  calls["pad_reflect_one"] = [] { return Results{np::pad(np::arange(1) + 7, 3, PadMode::reflect)}; };
  calls["pad_symmetric"] = [] { return Results{np::pad(page(0), np::PadWidth{{1, 5}, {9, 2}}, PadMode::symmetric)}; };
  calls["pad_symmetric_once"] = [] {
    return Results{np::pad(page(0), np::PadWidth{{1, 3}, {4, 2}}, PadMode::symmetric)};
  };
  calls["pad_wrap_once"] = [] { return Results{np::pad(page(0), np::PadWidth{{0, 3}, {4, 1}}, PadMode::wrap)}; };
  calls["pad_wrap_far"] = [] { return Results{np::pad(page(0), np::PadWidth{{1, 5}, {9, 2}}, PadMode::wrap)}; };
  calls["pad_edge"] = [] { return Results{np::pad(page(0), np::PadWidth{{1, 2}, {0, 2}}, PadMode::edge)}; };
  calls["pad_reflect"] = [] { return Results{np::pad(x(), np::PadWidth{{1, 0}, {2, 2}, {0, 3}}, PadMode::reflect)}; };
  calls["repeat_one_count"] = [] { return Results{np::repeat(page(0), std::vector<int64_t>{2}, 0)}; };
  calls["cross_flat"] = [] { return Results{np::cross(np::array({1, 2}), np::array({{3, 4}, {5, 6}}))}; };
  calls["cross_mixed"] = [] { return Results{np::cross(np::array({1, 2}), np::array({3, 4, 5}))}; };
  calls["interp_outside"] = [] {
    return Results{
        np::interp(np::array({-1.0, kNaN, 0.5, 1.0, 10.0}), np::array({0.0, 1.0}), np::array({5.0, 6.0}), -9, 9)};
  };
  calls["interp_infinite"] = [] {
    return Results{np::interp(np::array({0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, -HUGE_VAL, HUGE_VAL}),
                              np::array({0.0, 1.0, 2.0, 4.0}), np::array({1.0, HUGE_VAL, HUGE_VAL, 0.0}))};
  };
  calls["interp_infinite_ends"] = [] {
    return Results{
        np::interp(np::array({-5.0, 0.0, 5.0}), np::array({-HUGE_VAL, 0.0, HUGE_VAL}), np::array({2.0, 3.0, 3.0}))};
  };
  calls["interp_one_point"] = [] {
    return Results{np::interp(np::array({kNaN, 0.0, 1.0, 2.0}), np::array({1.0}), np::array({7.0}), -1, 9)};
  };
  calls["interp_columns"] = [] {
    return Results{
        np::interp(np::arange(6.0).reshape({2, 3}).T(), np::array({0.0, 2.0, 9.0}), np::array({1.0, 0.0, 5.0}))};
  };
  calls["nan_to_num_given"] = [] {
    return Results{np::nan_to_num(np::array({kNaN, HUGE_VAL, -HUGE_VAL, 1.5}), 1, 2, 3)};
  };
}

void add_sets(Calls& calls) {
  calls["unique_rows"] = [] { return all_of(np::unique_all(rows(), 0)); };
  calls["unique_columns"] = [] { return all_of(np::unique_all(rows(), 1)); };
  calls["unique_planes"] = [] { return Results{np::unique(np::concatenate({x(), x()[{np::slice(1)}]}), 0)}; };
  calls["unique_rows_nan"] = [] { return Results{np::unique(np::array({{kNaN, 1.0}, {kNaN, 1.0}, {0.0, 2.0}}), 0)}; };
  calls["unique_no_columns"] = [] { return Results{np::unique(np::zeros({3, 0}), 0)}; };
  calls["unique_no_rows"] = [] { return Results{np::unique(np::zeros({0, 3}), 0)}; };
  calls["unique_equal_nan"] = [] { return all_of(np::unique_all(np::array({kNaN, 1.0, kNaN}), np::NaNs::equal)); };
  calls["unique_counts_nan"] = [] { return both(np::unique_counts(np::array({kNaN, 1.0, kNaN, 1.0}))); };
  calls["unique_inverse"] = [] { return both(np::unique_inverse(i().reshape({2, 4}))); };
  calls["setxor1d"] = [] { return Results{np::setxor1d(i(), np::array({5, 9, 9}))}; };
  calls["ediff1d"] = [] { return Results{np::ediff1d(page(0))}; };
}

void add_polynomials(Calls& calls) {
  calls["polyval"] = [] { return Results{np::polyval(np::array({2, -1, 3}), np::array({{0.5, 2.0}, {3.0, -1.0}}))}; };
  calls["polyadd"] = [] { return Results{np::polyadd(np::array({1, 2}), np::array({3, 4, 5}))}; };
  calls["polysub"] = [] { return Results{np::polysub(np::array({1, 2}), np::array({3, 4, 5}))}; };
  calls["polymul"] = [] { return Results{np::polymul(np::array({1, 2, 3}), np::array({9.0, 5.0, 1.0}))}; };
  calls["polydiv"] = [] { return both(np::polydiv(np::array({3.0, 5.0, 2.0, 7.0}), np::array({2.0, 1.0}))); };
  calls["polyder"] = [] { return Results{np::polyder(np::array({4, 3, 2, 1}), 2)}; };
  calls["polyint"] = [] { return Results{np::polyint(np::array({6, 2, 1}), 2, {3.0, 5.0})}; };
  calls["poly"] = [] { return Results{np::poly(np::array({1.0, -2.0, 3.0}))}; };
  calls["polyfit"] = [] {
    return Results{np::polyfit(np::array({0.0, 1.0, 2.0, 3.0, 5.0}), np::array({1.0, 3.0, 2.0, 5.0, 4.0}), 2)};
  };
}

void add_signals(Calls& calls) {
  using np::Overlap;
  auto four = [] { return np::array({1.0, 2.0, 3.0, 4.0}); };
  calls["convolve"] = [] { return Results{np::convolve(np::array({1, 2, 3}), np::array({0, 1, 0.5}))}; };
  calls["convolve_same"] = [=] { return Results{np::convolve(v(), four(), Overlap::same)}; };
  calls["convolve_valid"] = [] { return Results{np::convolve(np::array({1, 2}), v(), Overlap::valid)}; };
  calls["convolve_long"] = [] { return Results{np::convolve(np::arange(40), np::arange(20) - 9, Overlap::same)}; };
  calls["convolve_half"] = [] {
    const Array x = np::array({2048, 1, 1, 1, 1}).astype(tarry::float16);
    return Results{np::convolve(x, np::ones({4}, tarry::float16))};
  };
  calls["convolve_half_long"] = [] {
    Array x = np::ones({31}, tarry::float16);
    x[0] = 2048;
    return Results{np::convolve(x, np::ones({20}, tarry::float16), Overlap::valid)};
  };
  calls["convolve_bool"] = [] {
    return Results{np::convolve(np::array({true, false, true}), np::array({true, true}))};
  };
  calls["correlate"] = [] { return Results{np::correlate(v(), np::array({1.0, -2.0, 0.5}))}; };
  calls["correlate_full"] = [] {
    return Results{np::correlate(np::array({1, 2, 3}), np::array({0, 1, 0.5, 4}), Overlap::full)};
  };
  calls["correlate_same"] = [=] { return Results{np::correlate(v(), four(), Overlap::same)}; };
  calls["gradient"] = [] { return np::gradient(page(0)); };
  calls["gradient_spacing"] = [] { return np::gradient(v(), 0.5); };
  calls["gradient_axis"] = [] { return Results{np::gradient(np::square(x().astype(tarry::float64)), 2.0, 1)}; };
  calls["gradient_coordinates"] = [] {
    return Results{np::gradient(v()[{np::slice(4)}], np::array({0.0, 1.0, 1.5, 4.0}), 0)};
  };
  calls["bartlett"] = [] { return Results{np::bartlett(7)}; };
  calls["blackman"] = [] { return Results{np::blackman(6)}; };
  calls["hamming"] = [] { return Results{np::hamming(5)}; };
  calls["hanning"] = [] { return Results{np::hanning(8)}; };
  calls["kaiser"] = [] { return Results{np::kaiser(9, 14.0)}; };
  calls["window_one"] = [] { return Results{np::hanning(1)}; };
  calls["window_none"] = [] { return Results{np::blackman(0)}; };
  calls["i0"] = [] { return Results{np::i0(np::array({0.0, 1.0, -7.5, 8.0, 30.0}))}; };
}

void add_rounding(Calls& calls) {
  using tarry::float16, tarry::float32;
  calls["round"] = [] { return Results{np::round(np::array({0.5, 1.5, -2.5, 2.675, 1e300}))}; };
  calls["round_decimals"] = [] { return Results{np::round(np::array({1.005, 2.675, -0.125, 1e300, kNaN}), 2)}; };
  calls["round_negative"] = [] { return Results{np::round(np::array({15.0, 25.0, -1234.5}), -1)}; };
  calls["round_int"] = [] { return Results{np::array({15, 25, -35, 1234}).round(-1)}; };
  calls["round_uint8"] = [] { return Results{np::round(np::array({15, 25, 255}, tarry::uint8), -1)}; };
  calls["round_half"] = [] { return Results{np::round(floats({1.2345, 1000.5, 60000.0}, float16), 2)}; };
  calls["round_float32"] = [] { return Results{np::round(floats({1.2345, 2.675}, float32), 2)}; };
  calls["round_bool"] = [] { return Results{np::round(np::array({true, false}))}; };
  calls["ldexp"] = [] {
    return Results{np::ldexp(np::array({0.5, 3.0, -1.0, HUGE_VAL, 5e-324, 1.7e308}),
                             np::array({3, -1080, -1074, 5, 2000, -2200}))};
  };
  calls["ldexp_float32"] = [] {
    return Results{np::ldexp(floats({3.0, 1.5, 1e-40, 3e38}, float32), np::array({-151, -149, 200, -400}))};
  };
  calls["ldexp_half"] = [] {
    return Results{np::ldexp(floats({3.0, 1.5, 6e-8, 60000.0}, float16), np::array({-26, 30, 38, -41}, tarry::int32))};
  };
  calls["ldexp_int"] = [] { return Results{np::ldexp(np::array({3, 5}, tarry::int8), 2)}; };
}

/// Consecutive Fibonacci numbers keep Euclid's algorithm busy the longest.
Results longest_divisions(tarry::DType dtype) {
  std::vector<uint64_t> numbers{1, 1};
  while (numbers.back() <= np::iinfo(dtype).max - numbers[numbers.size() - 2])
    numbers.push_back(numbers.back() + numbers[numbers.size() - 2]);
  const Array all = np::array(numbers).astype(dtype);
  return {np::gcd(all[np::slice(1, np::none)], all[np::slice(np::none, -1)])};
}

void add_numbers(Calls& calls) {
  calls["gcd_int8"] = [] { return longest_divisions(tarry::int8); };
  calls["gcd_uint16"] = [] { return longest_divisions(tarry::uint16); };
  calls["gcd_int32"] = [] { return longest_divisions(tarry::int32); };
  calls["gcd_int64"] = [] { return longest_divisions(tarry::int64); };
  calls["gcd_uint64"] = [] { return longest_divisions(tarry::uint64); };
  auto unbounded = [] { return np::array({-HUGE_VAL, HUGE_VAL, kNaN, 1.0}); };
  calls["isneginf"] = [=] { return Results{np::isneginf(unbounded())}; };
  calls["isposinf"] = [=] { return Results{np::isposinf(unbounded())}; };
  calls["sinc"] = [] { return Results{np::sinc(np::array({0.0, 0.5, -1.5, 3.0}))}; };
  calls["unwrap"] = [] { return Results{np::unwrap(np::array({0.0, 0.78, 5.49, 6.28, 0.3}))}; };
  calls["unwrap_period"] = [] { return Results{np::unwrap(np::array({{0, 1, 2, -1, 0}, {5, 1, 1, 9, 2}}), 1, 4)}; };
  calls["nancumprod"] = [] { return Results{np::nancumprod(f(), 1)}; };
  calls["nanquantile"] = [] { return Results{np::nanquantile(f(), 0.3, 1)}; };
  calls["nanpercentile"] = [] { return Results{np::nanpercentile(f(), 60)}; };
  calls["cumulative_sum"] = [] { return Results{np::cumulative_sum(i(), 0, true)}; };
  calls["cumulative_prod"] = [] { return Results{np::cumulative_prod(x() + 1, 1)}; };
  calls["cumulative_only_axis"] = [] {
    return Results{np::cumulative_sum(i()), np::cumulative_prod(i()), np::cumulative_sum(i()[np::slice(0, 0)])};
  };
  calls["cumulative_no_axis"] = [] {
    return Results{np::cumulative_sum(np::array(3.0)), np::cumulative_prod(np::array(3.0), -1, true)};
  };
  calls["cumulative_of_nothing"] = [] {
    const Array none = x()[np::slice(0, 0)];
    return Results{np::cumulative_prod(none, 0, true), np::cumulative_sum(none, -1, true)};
  };
  calls["vecdot"] = [] { return Results{np::vecdot(x(), page(0))}; };
  calls["matvec"] = [] { return Results{np::matvec(x(), np::array({1, 2, 3, 4}))}; };
  calls["vecmat"] = [] { return Results{np::vecmat(np::array({1, 2, 3}), x())}; };
  calls["array_of_min"] = [] {
    return Results{
        np::array({static_cast<double>(np::iinfo(tarry::int16).min), static_cast<double>(np::iinfo(tarry::uint8).max)})
            .astype(tarry::int64)};
  };
  calls["finfo"] = [] {
    std::vector<double> all;
    for (tarry::DType t : {tarry::float16, tarry::float32, tarry::float64}) {
      const np::finfo l(t);
      for (double one : {l.eps, l.epsneg, l.max, l.tiny, l.smallest_subnormal, l.resolution}) all.push_back(one);
      for (int one : {l.precision, l.nmant, l.nexp, l.maxexp, l.minexp, l.bits}) all.push_back(one);
    }
    return Results{np::array(all)};
  };
}

}  // namespace

Calls editing() {
  Calls calls;
  add_deletions(calls);
  add_insertions(calls);
  add_masks(calls);
  add_edges(calls);
  add_sets(calls);
  add_polynomials(calls);
  add_signals(calls);
  add_rounding(calls);
  add_numbers(calls);
  return calls;
}

}  // namespace functions
