#include <cmath>

#include "functions.h"

namespace functions {

namespace np = tarry::numpy;
using tarry::Array;

namespace {

const double kNaN = std::nan("");

Array v() { return np::array({0.5, -2.0, 3.25, 0.5, 10.0, -7.5, 3.25, 0.0, -0.0}); }
Array g() { return (np::arange(24) * 37 % 23 / 4 - 2).reshape({2, 3, 4}); }
Array w() { return np::array({{1.5, kNaN, -2.0}, {kNaN, kNaN, 4.0}}); }

Results all_of(const np::Unique& u) { return {u.values, u.index, u.inverse, u.counts}; }
Results both(const std::pair<Array, Array>& p) { return {p.first, p.second}; }

void add_searches(Calls& calls) {
  auto steps = [] { return np::array({-1.0, 0.5, 0.5, 3.0}); };
  calls["searchsorted"] = [=] { return Results{np::searchsorted(steps(), v())}; };
  calls["searchsorted_right"] = [=] { return Results{np::searchsorted(steps(), v(), np::Side::right)}; };
  calls["searchsorted_nan"] = [] {
    return Results{np::searchsorted(np::array({-1.0, 3.0, kNaN}), np::array({kNaN, 5.0, 3.0}))};
  };
  calls["searchsorted_mixed"] = [] {
    return Results{np::searchsorted(np::array({1, 3, 5}), np::array({{0.5, 3.0}, {9.0, 5.5}}))};
  };
  calls["searchsorted_none"] = [] { return Results{np::searchsorted(np::zeros({0}), v())}; };
  calls["digitize_nan"] = [] {
    return Results{np::digitize(np::array({0.5, 2.0}), np::array({0.0, 1.0, kNaN})),
                   np::digitize(np::array({0.5, 2.0}), np::array({kNaN, 1.0}))};
  };
  calls["digitize_level"] = [] { return Results{np::digitize(np::array({0.5, 2.0}), np::array({1.0, 1.0}))}; };
  calls["bincount_of_digitize"] = [] {
    return Results{np::bincount(np::digitize(np::array({0.5, 1.5, 0.2}), np::arange(6.0)))};
  };
  calls["bincount_of_places"] = [] {
    return Results{
        np::bincount(np::searchsorted(np::arange(6.0), np::array({0.5, 1.5, 0.2})), np::array({1.0, 2.0, 3.0}))};
  };
  calls["digitize"] = [] { return Results{np::digitize(v(), np::array({-2.0, 0.0, 3.25}))}; };
  calls["digitize_right"] = [] { return Results{np::digitize(v(), np::array({-2.0, 0.0, 3.25}), true)}; };
  calls["digitize_falling"] = [] { return Results{np::digitize(v(), np::array({3.25, 0.0, -2.0}))}; };
  calls["unique"] = [] { return Results{np::unique(i())}; };
  calls["unique_nan"] = [] { return Results{np::unique(np::array({kNaN, 1.0, kNaN, -1.0}))}; };
  calls["unique_all"] = [] { return all_of(np::unique_all(i().reshape({2, 4}))); };
  calls["unique_all_float"] = [] { return all_of(np::unique_all(v())); };
  calls["isin"] = [] { return Results{np::isin(i(), np::array({1, 5, 9}))}; };
  calls["intersect1d"] = [] { return Results{np::intersect1d(i(), np::array({5, 1, 7, 1}))}; };
  calls["union1d"] = [] { return Results{np::union1d(i(), np::array({5, 9}))}; };
  calls["setdiff1d"] = [] { return Results{np::setdiff1d(i(), np::array({5, 1}))}; };
}

void add_counts(Calls& calls) {
  calls["bincount"] = [] { return Results{np::bincount(np::array({3, 1, 1, 0, 3, 3}), 6)}; };
  calls["bincount_weights"] = [] {
    return Results{np::bincount(np::array({3, 1, 1, 0}), np::array({0.5, 1.0, 2.0, 4.0}))};
  };
  calls["bincount_none"] = [] { return Results{np::bincount(np::zeros({0}, tarry::int64))}; };
  calls["histogram"] = [] { return both(np::histogram(v(), 4)); };
  calls["histogram_range"] = [] { return both(np::histogram(v(), 3, {{-1.0, 3.25}})); };
  calls["histogram_edges"] = [] { return both(np::histogram(v(), np::array({-8.0, 0.0, 0.5, 3.25}))); };
  calls["histogram_one_value"] = [] { return both(np::histogram(np::ones({3}), 2)); };
}

void add_averages(Calls& calls) {
  calls["median"] = [] { return Results{np::median(v())}; };
  calls["median_axis"] = [] { return Results{np::median(g(), 1)}; };
  calls["median_axes"] = [] { return Results{np::median(g(), {0, 2}, tarry::keepdims)}; };
  calls["median_nan"] = [] { return Results{np::median(f(), 1)}; };
  calls["median_int"] = [] { return Results{np::median(i())}; };
  calls["quantile"] = [] { return Results{np::quantile(v(), 0.3)}; };
  calls["quantile_several"] = [] { return Results{np::quantile(g(), std::vector<double>{0.0, 0.25, 0.9, 1.0}, 2)}; };
  calls["quantile_nan"] = [] { return Results{np::quantile(f(), 0.5, 1)}; };
  calls["percentile"] = [] { return Results{np::percentile(g(), 71, 0)}; };
  calls["count_nonzero"] = [] { return Results{np::count_nonzero(f(), 1)}; };
  calls["ptp"] = [] { return Results{np::ptp(g(), 1)}; };
  calls["diff"] = [] { return Results{np::diff(g(), 2, 1)}; };
  calls["diff_bool"] = [] { return Results{np::diff(np::array({true, false, false}))}; };
  calls["average_weights"] = [] { return Results{np::average(g(), 1, np::array({1.0, 2.0, 4.0}))}; };
  calls["cumprod"] = [] { return Results{np::cumprod(x()[0], 1)}; };
  calls["cov"] = [] { return Results{np::cov(g()[0])}; };
  calls["corrcoef"] = [] { return Results{np::corrcoef(g()[1])}; };
  calls["interp"] = [] {
    return Results{np::interp(np::array({-1.0, 0.0, 0.5, 2.5, 4.0, 9.0}), np::array({0.0, 1.0, 4.0}),
                              np::array({1.0, 3.0, -2.0}))};
  };
  calls["trapezoid"] = [] { return Results{np::trapezoid(g(), 0.5, 1)}; };
}

void add_without_nans(Calls& calls) {
  calls["nansum"] = [] { return Results{np::nansum(f(), 0)}; };
  calls["nanprod"] = [] { return Results{np::nanprod(w())}; };
  calls["nanmax"] = [] { return Results{np::nanmax(w(), 0)}; };
  calls["nanmin"] = [] { return Results{np::nanmin(w(), 1, tarry::keepdims)}; };
  calls["nanmean"] = [] { return Results{np::nanmean(w(), 0)}; };
  calls["nanvar"] = [] { return Results{np::nanvar(f(), 1)}; };
  calls["nanstd_ddof"] = [] { return Results{np::nanstd(f(), {}, tarry::KeepDims::no, 1)}; };
  calls["nanargmax"] = [] { return Results{np::nanargmax(f(), 1)}; };
  calls["nanargmin"] = [] { return Results{np::nanargmin(f())}; };
  calls["nancumsum"] = [] { return Results{np::nancumsum(f(), 1)}; };
  calls["nan_to_num"] = [] { return Results{np::nan_to_num(np::array({kNaN, INFINITY, -INFINITY, 2.0}))}; };
  calls["nanmedian"] = [] { return Results{np::nanmedian(f(), 1)}; };
}

}  // namespace

Calls sorting() {
  Calls calls;
  calls["sort"] = [] { return Results{np::sort(g())}; };
  calls["sort_axis"] = [] { return Results{np::sort(g(), 1)}; };
  calls["sort_nan"] = [] { return Results{np::sort(f(), tarry::none)}; };
  calls["sort_bool"] = [] { return Results{np::sort(np::array({true, false, true}))}; };
  calls["sort_uint8"] = [] { return Results{np::sort(np::array({200, 3, 255, 0}, tarry::uint8))}; };
  calls["sort_half"] = [] { return Results{np::sort(v().astype(tarry::float16))}; };
  calls["sort_empty"] = [] { return Results{np::sort(np::zeros({2, 0}))}; };
  calls["argsort"] = [] { return Results{np::argsort(v())}; };
  calls["argsort_axis"] = [] { return Results{np::argsort(f(), 0)}; };
  calls["argsort_int"] = [] { return Results{np::argsort(i())}; };
  calls["argsort_extreme"] = [] {
    return Results{np::argsort(np::array({INT64_MAX, INT64_MIN, int64_t{0}, int64_t{-1}}))};
  };
  calls["lexsort"] = [] { return Results{np::lexsort({i(), np::array({1, 0, 1, 0, 1, 0, 1, 0})})}; };
  add_searches(calls);
  add_counts(calls);
  add_averages(calls);
  add_without_nans(calls);
  return calls;
}

}  // namespace functions
