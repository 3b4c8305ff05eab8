// Calls that cannot be right fail at the call, in NumPy's words (tests/data/errors.txt).
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "reference.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::Shape;
using Complex = std::complex<double>;

Array ones(const Shape& shape, tarry::DType dtype = tarry::float64) { return np::ones(shape, dtype); }
Array integers(int64_t low, int64_t high, tarry::DType dtype) {
  return np::random::default_rng(1).integers(low, high, {}, dtype);
}

/// What size() - 1 of an empty vector is.
constexpr size_t kBelowZero = size_t{0} - 1;

const std::map<std::string, std::function<void()>> kCalls = {
    {"broadcast_add",
     [] {
       ones({2, 3}) + ones({4, 3});
     }},
    {"broadcast_compare", [] { ones({3}) < ones({4}); }},
    {"broadcast_where", [] { np::where(ones({2}, tarry::bool_), ones({3}), 1.0); }},
    {"broadcast_to",
     [] {
       np::broadcast_to(ones({2, 3}), {3, 2});
     }},
    {"in_place_grows",
     [] {
       Array x = ones({3});
       x += ones({2, 3});
     }},
    {"in_place_cast",
     [] {
       Array x = ones({3}, tarry::int64);
       x += ones({3});
     }},
    {"in_place_unsigned",
     [] {
       Array x = ones({3}, tarry::uint8);
       x += ones({3}, tarry::int64);
     }},
    {"in_place_divide_int",
     [] {
       Array x = ones({3}, tarry::int64);
       x /= 2;
     }},
    {"in_place_complex",
     [] {
       Array x = ones({3});
       x += ones({3}, tarry::complex128);
     }},
    {"complex_floor", [] { np::floor(ones({3}, tarry::complex128)); }},
    {"complex_floor_divide", [] { np::floor_divide(ones({3}, tarry::complex128), 2); }},
    {"complex_remainder", [] { ones({3}, tarry::complex128) % 2; }},
    {"complex_arctan2", [] { np::arctan2(ones({3}, tarry::complex128), 1.0); }},
    {"complex_cbrt", [] { np::cbrt(ones({3}, tarry::complex64)); }},
    {"complex_bits", [] { ones({3}, tarry::complex128) & 1; }},
    {"complex_degrees", [] { np::degrees(ones({3}, tarry::complex128)); }},
    {"write_shape",
     [] {
       Array x = ones({2, 3});
       x[0] = ones({4});
     }},
    {"write_mask_count",
     [] {
       Array x = ones({3});
       x[np::array({true, false, true})] = ones({3});
     }},
    {"weak_int_uint8", [] { ones({2}, tarry::uint8) + 300; }},
    {"write_negative_float",
     [] {
       Array x = np::ones({2}, tarry::uint8);
       x[0] = -1.5;
     }},
    {"write_large_float",
     [] {
       Array x = np::ones({2}, tarry::uint8);
       x[np::all] = 300.0;
     }},
    {"write_nan",
     [] {
       Array x = np::ones({2}, tarry::int64);
       x[0] = std::nan("");
     }},
    {"array_of_nan",
     [] {
       np::array({1.0, std::nan("")}, tarry::int64);
     }},
    {"weak_int_int8", [] { ones({2}, tarry::int8) * -129; }},
    {"bitwise_float", [] { ones({2}) & ones({2}); }},
    {"invert_float", [] { np::invert(ones({2})); }},
    {"negative_bool", [] { -ones({2}, tarry::bool_); }},
    {"subtract_bool", [] { ones({2}, tarry::bool_) - ones({2}, tarry::bool_); }},
    {"shift_float", [] { ones({2}) << 1; }},
    {"integer_power", [] { np::power(np::arange(1, 3), -1); }},
    {"truth_many", [] { static_cast<void>(static_cast<bool>(ones({2}))); }},
    {"truth_none", [] { static_cast<void>(static_cast<bool>(ones({0}))); }},
    {"item_many", [] { ones({2}).item<double>(); }},
    {"float_many", [] { static_cast<void>(static_cast<double>(ones({2}))); }},
    {"len_scalar", [] { np::array(3.0).len(); }},
    {"reshape_size",
     [] {
       ones({6}).reshape({4, 2});
     }},
    {"reshape_unknown",
     [] {
       ones({6}).reshape({4, -1});
     }},
    {"reshape_two_unknown",
     [] {
       ones({6}).reshape({-1, -1});
     }},
    {"axis_sum",
     [] {
       np::sum(ones({2, 3}), 2);
     }},
    {"axis_sum_negative",
     [] {
       np::sum(ones({2, 3}), -3);
     }},
    {"axis_twice",
     [] {
       np::sum(ones({2, 3}), {0, 0});
     }},
    {"axis_cumsum", [] { np::cumsum(ones({3}), 1); }},
    {"axis_cumulative_sum",
     [] {
       np::cumulative_sum(ones({2, 3}));
     }},
    {"axis_cumulative_prod",
     [] {
       np::cumulative_prod(ones({2, 0}));
     }},
    {"axis_argmax",
     [] {
       np::argmax(ones({2, 3}), 2);
     }},
    {"axis_flip", [] { np::flip(ones({3}), 1); }},
    {"axis_expand_dims", [] { np::expand_dims(ones({3}), 3); }},
    {"squeeze_extent",
     [] {
       np::squeeze(ones({2, 1}), 0);
     }},
    {"transpose_axes_count",
     [] {
       np::transpose(ones({2, 3}), {0});
     }},
    {"transpose_axes_twice",
     [] {
       np::transpose(ones({2, 3}), {0, 0});
     }},
    {"min_empty", [] { np::min(ones({0})); }},
    {"max_empty_axis",
     [] {
       np::max(ones({0, 3}), 0);
     }},
    {"argmin_empty", [] { np::argmin(ones({0})); }},
    {"matmul_core",
     [] {
       np::matmul(ones({2, 3}), ones({2, 3}));
     }},
    {"matmul_scalar",
     [] {
       np::matmul(ones({2, 3}), 3.0);
     }},
    {"matmul_batch",
     [] {
       np::matmul(ones({2, 2, 3}), ones({3, 3, 2}));
     }},
    {"vecdot_extents", [] { np::vecdot(ones({3}), ones({2})); }},
    {"vecdot_number", [] { np::vecdot(ones({3}), 1.0); }},
    {"matvec_extents",
     [] {
       np::matvec(ones({2, 3}), ones({2}));
     }},
    {"matvec_vector", [] { np::matvec(ones({3}), ones({3})); }},
    {"vecmat_extents",
     [] {
       np::vecmat(ones({3}), ones({2, 3}));
     }},
    {"solve_vector", [] { np::linalg::solve(np::eye(2), ones({3})); }},
    {"solve_matrix",
     [] {
       np::linalg::solve(np::eye(2), ones({3, 2}));
     }},
    {"solve_complex", [] { np::linalg::solve(np::eye(2), ones({3}, tarry::complex128)); }},
    {"solve_stacks",
     [] {
       np::linalg::solve(ones({2, 1, 3, 3}), ones({5, 3, 3, 1}));
     }},
    {"solve_core",
     [] {
       np::linalg::solve(ones({2, 3, 3}), ones({3, 4, 2}));
     }},
    {"solve_number", [] { np::linalg::solve(np::eye(3), 3.0); }},
    {"nonzero_number", [] { np::nonzero(np::array(3)); }},
    {"dot_shapes",
     [] {
       np::dot(ones({2, 3}), ones({2, 3}));
     }},
    {"concatenate_none", [] { np::concatenate({}); }},
    {"concatenate_ranks",
     [] {
       np::concatenate({ones({2}), ones({2, 2})});
     }},
    {"concatenate_extents",
     [] {
       np::concatenate({ones({2, 3}), ones({2, 2})});
     }},
    {"concatenate_scalars",
     [] {
       np::concatenate({np::array(1.0), np::array(2.0)});
     }},
    {"stack_shapes",
     [] {
       np::stack({ones({2}), ones({3})});
     }},
    {"stack_none", [] { np::stack({}); }},
    {"putmask_number", [] { np::putmask(ones({2}, tarry::uint8), ones({2}, tarry::bool_), 300); }},
    {"putmask_array",
     [] {
       np::putmask(ones({2}, tarry::uint8), ones({2}, tarry::bool_), np::array({1, 2}));
     }},
    {"putmask_read_only", [] { np::putmask(np::broadcast_to(1.0, {2}), ones({2}, tarry::bool_), 1.0); }},
    {"place_float",
     [] {
       np::place(ones({2}, tarry::uint8), ones({2}, tarry::bool_), np::array({-1.5, 7.9}));
     }},
    {"place_scalar", [] { np::place(ones({2}, tarry::uint8), ones({2}, tarry::bool_), np::array(3)); }},
    {"place_complex", [] { np::place(ones({2}), ones({2}, tarry::bool_), np::array({Complex(1, 2)})); }},
    {"interp_complex_places",
     [] {
       np::interp(np::array({Complex(0, 0.5)}), np::array({0, 1}), np::array({1, 2}));
     }},
    {"interp_complex_points",
     [] {
       np::interp(np::array({0.5}), np::array({Complex(), Complex(1)}), np::array({1, 2}));
     }},
    {"digitize_complex",
     [] {
       np::digitize(np::array({Complex(0, 1)}), np::array({1, 2}));
     }},
    {"digitize_complex_bins",
     [] {
       np::digitize(np::array({1}), np::array({Complex(0, 1), Complex(2)}));
     }},
    {"bincount_complex", [] { np::bincount(np::array({1}), np::array({Complex(0, 1)})); }},
    {"bincount_large", [] { np::bincount(np::array({uint64_t{1} << 63})); }},
    {"bincount_scalar", [] { np::bincount(np::array(1)); }},
    {"searchsorted_scalar", [] { np::searchsorted(np::array(3), 1); }},
    {"searchsorted_matrix",
     [] {
       np::searchsorted(ones({2, 2}), 1);
     }},
    {"float_complex", [] { static_cast<void>(double(np::array(Complex(1, 2)))); }},
    {"int_complex", [] { static_cast<void>(int64_t(np::array(Complex(1, 2)))); }},
    {"int_nan", [] { static_cast<void>(int64_t(np::array(std::nan("")))); }},
    {"int_infinity", [] { static_cast<void>(int64_t(np::array(-INFINITY))); }},
    {"histogram_too_many_bins",
     [] {
       np::histogram(np::array({1.0, -1e308, 1e308}), 2);
     }},
    {"histogram_too_narrow",
     [] {
       np::histogram(np::array({1.0, 1 + 4e-16}), 20);
     }},
    {"histogram_range",
     [] {
       np::histogram(ones({2}), 3, {{0.0, INFINITY}});
     }},
    {"histogram_infinite",
     [] {
       np::histogram(np::array({1.0, INFINITY}), 3);
     }},
    {"cov_planes",
     [] {
       np::cov(ones({2, 2, 2}));
     }},
    {"corrcoef_planes",
     [] {
       np::corrcoef(ones({2, 2, 2}));
     }},
    {"cond_empty",
     [] {
       np::linalg::cond(np::zeros({0, 0}));
     }},
    {"ediff1d_bool",
     [] {
       np::ediff1d(np::array({true, false}));
     }},
    {"trim_zeros_where",
     [] {
       np::trim_zeros(np::array({0, 1}), "x");
     }},
    {"trim_zeros_nowhere",
     [] {
       np::trim_zeros(np::array({0, 1}), "");
     }},
    {"insert_float", [] { np::insert(np::arange(3), np::array({1.7}), 5); }},
    {"insert_floats",
     [] {
       np::insert(np::arange(3), np::array({1.7, 2.2}), 5);
     }},
    {"einsum_output",
     [] {
       np::einsum("i...->i", {ones({2, 3})});
     }},
    {"moveaxis_source",
     [] {
       np::moveaxis(ones({2, 3}), 5, 0);
     }},
    {"moveaxis_destination",
     [] {
       np::moveaxis(ones({2, 3}), 0, 5);
     }},
    {"swapaxes_first",
     [] {
       np::swapaxes(ones({2, 3}), 5, 0);
     }},
    {"swapaxes_second",
     [] {
       np::swapaxes(ones({2, 3}), 0, 5);
     }},
    {"diagonal_axis",
     [] {
       np::diagonal(ones({2, 3}), 0, 0, 5);
     }},
    {"rollaxis_start",
     [] {
       np::rollaxis(ones({2, 3}), 0, 5);
     }},
    {"rollaxis_start_negative",
     [] {
       np::rollaxis(ones({2, 3}), 0, -5);
     }},
    {"nanargmax_empty", [] { np::nanargmax(np::zeros({0})); }},
    {"nanargmin_empty_axis",
     [] {
       np::nanargmin(np::zeros({0, 3}), 0);
     }},
    {"tensordot_twice",
     [] {
       np::tensordot(ones({2, 2}), ones({2, 2}), {0, 0}, {0, 1});
     }},
    {"flip_twice",
     [] {
       np::flip(ones({2, 2}), {0, 0});
     }},
    {"vdot_sizes", [] { np::vdot(ones({2}), ones({3})); }},
    {"fill_diagonal_read_only",
     [] {
       np::fill_diagonal(np::broadcast_to(1.0, {2, 2}), 1.0);
     }},
    {"norm_empty",
     [] {
       np::linalg::norm(np::zeros({3, 0}), -1);
     }},
    {"lexsort_shapes",
     [] {
       np::lexsort({np::array({2, 1}), np::array({1, 1, 0})});
     }},
    {"array_ragged",
     [] {
       np::array({{1, 2}, {3}});
     }},
    {"arange_zero_step", [] { np::arange(0, 5, 0); }},
    {"arange_of_float", [] { np::arange(1e300); }},
    {"arange_of_unsigned", [] { np::arange(kBelowZero); }},
    {"index_unsigned", [] { ones({3})[kBelowZero]; }},
    {"index_unsigned_of_two",
     [] {
       ones({3, 3})[{0, kBelowZero}];
     }},
    {"axis_unsigned", [] { np::sum(ones({3}), kBelowZero); }},
    {"axes_unsigned",
     [] {
       np::sum(ones({3, 3}), {0, kBelowZero});
     }},
    {"axis_unsigned_sort", [] { np::sort(ones({3}), kBelowZero); }},
    {"extent_unsigned", [] { np::zeros(kBelowZero); }},
    {"extents_unsigned",
     [] {
       np::zeros({2, kBelowZero});
     }},
    {"reshape_unsigned", [] { ones({3}).reshape(std::vector{kBelowZero}); }},
    {"zeros_negative",
     [] {
       np::zeros({2, -1});
     }},
    {"linspace_negative", [] { np::linspace(0, 1, -1); }},
    {"pad_negative", [] { np::pad(ones({3}), -1); }},
    {"roll_axis", [] { np::roll(ones({3}), 1, 1); }},
    {"choice_of_none", [] { np::random::choice(0, {2}); }},
    {"choice_of_empty", [] { np::random::choice(ones({0}), {2}); }},
    {"choice_weights_count",
     [] {
       np::random::choice(3, {2}, true, np::array({0.5, 0.5}));
     }},
    {"choice_weights_axes",
     [] {
       np::random::choice(3, {2}, true, np::array({{0.5, 0.5, 0.0}}));
     }},
    {"choice_weights_nan",
     [] {
       np::random::choice(3, {2}, true, np::array({0.5, std::nan(""), 0.5}));
     }},
    {"choice_weights_negative",
     [] {
       np::random::choice(3, {2}, true, np::array({-0.5, 1.0, 0.5}));
     }},
    {"choice_weights_sum",
     [] {
       np::random::choice(3, {2}, true, np::array({0.5, 0.5, 0.5}));
     }},
    {"choice_too_many", [] { np::random::choice(3, {4}, false); }},
    {"choice_fewer_weights",
     [] {
       np::random::choice(3, {2}, false, np::array({0.0, 1.0, 0.0}));
     }},
    {"integers_order", [] { np::random::integers(3, 3); }},
    {"integers_order_int8", [] { integers(300, -129, tarry::int8); }},
    {"integers_low_int8", [] { integers(-129, 300, tarry::int8); }},
    {"integers_high_int8", [] { integers(0, 129, tarry::int8); }},
    {"integers_high_uint32", [] { integers(int64_t{1} << 40, int64_t{1} << 40, tarry::uint32); }},
    {"integers_low_uint64", [] { integers(-1, 3, tarry::uint64); }},
};

/// tarry's name of the exception that NumPy throws.
std::string kind_of(const std::string& numpy_type) {
  if (numpy_type == "UFuncTypeError") return "TypeError";
  for (const char* kind : {"AxisError", "LinAlgError", "OverflowError", "ZeroDivisionError"})
    if (numpy_type == kind) return "ValueError";
  return numpy_type;
}

std::string kind_of(const tarry::Error& error) {
  if (dynamic_cast<const tarry::ValueError*>(&error)) return "ValueError";
  if (dynamic_cast<const tarry::TypeError*>(&error)) return "TypeError";
  if (dynamic_cast<const tarry::IndexError*>(&error)) return "IndexError";
  return "another error";
}

TEST(Errors, BelongToTheCallInNumPysWords) {
  std::set<std::string> told;
  for (const auto& row : reference::rows("errors.txt")) {
    told.insert(row[0]);
    std::string words;
    for (size_t i = 2; i < row.size(); ++i) words += (i > 2 ? " " : "") + row[i];
    try {
      kCalls.at(row[0])();
      ADD_FAILURE() << row[0] << " does not fail";
    } catch (const tarry::Error& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos)
          << row[0] << "\n  says     " << error.what() << "\n  NumPy    " << words;
      EXPECT_EQ(kind_of(error), kind_of(row[1])) << row[0];
    }
  }
  EXPECT_EQ(told.size(), kCalls.size());
}

TEST(Errors, EinsumNamesTheLetterAndTheShapes) {
  try {
    np::einsum("ij,jk->ik", {ones({2, 3}), ones({2, 3})});
    ADD_FAILURE() << "extents that differ are taken";
  } catch (const tarry::ValueError& error) {
    EXPECT_STREQ(error.what(),
                 "einsum: operands could not be broadcast together: 'j' has extents 3 and 2 in shapes (2,3) (2,3)");
  }
}

}  // namespace
