// The order in memory of results, which decides what reshape() shows or copies (tests/data/orders.txt).
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "reference.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using Calls = std::map<std::string, std::function<Array(const Array&)>>;

std::map<std::string, Array> arguments() {
  const Array f = np::arange(12.0).reshape({3, 4}), t = np::arange(24.0).reshape({2, 3, 4});
  const Array row = np::arange(4.0), column = np::arange(3.0).reshape({3, 1});
  return {
      {"matrix", f.copy()},
      {"turned", f.T()},
      {"permuted", t.transpose({2, 0, 1})},
      {"swapped", t.transpose({0, 2, 1})},
      {"reversed", f.T()[np::slice(np::none, np::none, -1)]},
      {"sliced",
       t.transpose(
           {1, 2, 0})[{np::all, np::slice(np::none, np::none, -1)}][{np::all, np::slice(np::none, np::none, 2)}]},
      {"columns", np::broadcast_to(column, {3, 4})},
      {"rows", np::broadcast_to(row, {3, 4})},
      {"layers", np::broadcast_to(row.reshape({1, 4, 1}), {2, 4, 3})},
      {"turned_rows", np::broadcast_to(row, {3, 4}).T()},
  };
}

Array zero_places(const Array& x) { return np::zeros(x.shape(), tarry::int64); }

void add_copies(Calls& c) {
  c["copy"] = [](const Array& x) { return np::copy(x); };
  c["member_copy"] = [](const Array& x) { return x.copy(); };
  c["astype"] = [](const Array& x) { return x.astype(tarry::float32); };
  c["bool"] = [](const Array& x) { return x.astype(tarry::bool_); };
  c["zeros_like"] = [](const Array& x) { return np::zeros_like(x); };
  c["ones_like"] = [](const Array& x) { return np::ones_like(x, tarry::int8); };
  c["empty_like"] = [](const Array& x) { return np::empty_like(x); };
  c["full_like"] = [](const Array& x) { return np::full_like(x, 3.0); };
  c["asfortranarray"] = [](const Array& x) { return np::asfortranarray(x); };
  c["ascontiguousarray"] = [](const Array& x) { return np::ascontiguousarray(x); };
  c["flip"] = [](const Array& x) { return np::copy(np::flip(x, 0)); };
  c["rot90"] = [](const Array& x) { return np::copy(np::rot90(x)); };
  c["real"] = [](const Array& x) { return np::copy((x + std::complex<double>(0, 1)).real()); };
}

void add_elementwise(Calls& c) {
  c["negative"] = [](const Array& x) { return -x; };
  c["add_scalar"] = [](const Array& x) { return x + 1; };
  c["add_self"] = [](const Array& x) { return x + x; };
  c["add_c"] = [](const Array& x) { return x + np::ascontiguousarray(x); };
  c["add_row"] = [](const Array& x) { return x + np::arange(x.shape().back()); };
  c["maximum_c"] = [](const Array& x) { return np::maximum(np::ascontiguousarray(x), x); };
  c["outer_sum"] = [](const Array& x) { return x[{np::ellipsis, np::newaxis}] + np::arange(2); };
  c["less"] = [](const Array& x) { return x < 3; };
  c["where"] = [](const Array& x) { return np::where(x > 2, x, 0.0); };
  c["clip"] = [](const Array& x) { return np::clip(x, 1, 5); };
  c["round"] = [](const Array& x) { return np::round(x, 1); };
  c["nan_to_num"] = [](const Array& x) { return np::nan_to_num(x); };
  c["isclose"] = [](const Array& x) { return np::isclose(x, 2.0); };
  c["modf"] = [](const Array& x) { return np::modf(x).first; };
  c["in_place"] = [](const Array& x) {
    Array y = x + 0;
    y += 1;
    return y;
  };
  c["logical_not"] = [](const Array& x) { return np::logical_not(x); };
  c["power"] = [](const Array& x) { return np::power(x, 2); };
  c["square"] = [](const Array& x) { return np::square(x); };
  c["fix"] = [](const Array& x) { return np::fix(x); };
  c["sinc"] = [](const Array& x) { return np::sinc(x); };
  c["complex"] = [](const Array& x) { return x + std::complex<double>(0, 1); };
  c["choose"] = [](const Array& x) { return np::choose((x > 2).astype(tarry::int64), {x, x + 1}); };
  c["select"] = [](const Array& x) { return np::select({x > 2}, {x}, 0.0); };
}

void add_along_axes(Calls& c) {
  c["sort"] = [](const Array& x) { return np::sort(x); };
  c["sort_first"] = [](const Array& x) { return np::sort(x, 0); };
  c["argsort"] = [](const Array& x) { return np::argsort(x); };
  c["partition"] = [](const Array& x) { return np::partition(x, 1); };
  c["cumsum_first"] = [](const Array& x) { return np::cumsum(x, 0); };
  c["cumsum_last"] = [](const Array& x) { return np::cumsum(x, -1); };
  c["nancumsum"] = [](const Array& x) { return np::nancumsum(x, 0); };
  c["diff"] = [](const Array& x) { return np::diff(x, 1, 0); };
  c["gradient"] = [](const Array& x) { return np::gradient(x, 1.0, 0); };
  c["sum_first"] = [](const Array& x) { return np::sum(x, 0); };
  c["sum_last"] = [](const Array& x) { return np::sum(x, -1); };
  c["sum_kept"] = [](const Array& x) { return np::sum(x, 0, tarry::keepdims); };
  c["max_last"] = [](const Array& x) { return np::max(x, -1); };
  c["mean_first"] = [](const Array& x) { return np::mean(x, 0); };
  c["var_last"] = [](const Array& x) { return np::var(x, -1); };
  c["argmax_first"] = [](const Array& x) { return np::argmax(x, 0); };
  c["average"] = [](const Array& x) { return np::average(x, 0); };
  c["unique"] = [](const Array& x) { return np::unique(x, 0); };
  c["tril"] = [](const Array& x) { return np::tril(x); };
  c["matmul"] = [](const Array& x) { return np::matmul(x, np::swapaxes(x, -1, -2)); };
}

void add_movements(Calls& c) {
  c["roll"] = [](const Array& x) { return np::roll(x, 1); };
  c["roll_axis"] = [](const Array& x) { return np::roll(x, 1, 0); };
  c["pad"] = [](const Array& x) { return np::pad(x, 1); };
  c["pad_edge"] = [](const Array& x) { return np::pad(x, 1, np::PadMode::edge); };
  c["concatenate"] = [](const Array& x) { return np::concatenate({x, x}); };
  c["concatenate_last"] = [](const Array& x) { return np::concatenate({x, x}, -1); };
  c["concatenate_c"] = [](const Array& x) { return np::concatenate({x, np::ascontiguousarray(x)}); };
  c["stack"] = [](const Array& x) { return np::stack({x, x}); };
  c["append"] = [](const Array& x) { return np::append(x, x, 0); };
  c["tile"] = [](const Array& x) { return np::tile(x, 2); };
  c["repeat"] = [](const Array& x) { return np::repeat(x, 2, 0); };
  c["resize"] = [](const Array& x) { return np::resize(x, {3, 5}); };
  c["take"] = [](const Array& x) { return np::take(x, np::array({0, 1}), 0); };
  c["take_along_axis"] = [](const Array& x) { return np::take_along_axis(x, zero_places(x), 0); };
  c["compress"] = [](const Array& x) { return np::compress(np::array({false, true}), x, 0); };
  c["delete"] = [](const Array& x) { return np::delete_(x, 0, 0); };
  c["insert"] = [](const Array& x) { return np::insert(x, 0, 0, 0); };
}

std::string strides_of(const Array& a) {
  const tarry::Shape strides = a.strides();
  std::string text;
  for (size_t i = 0; i < strides.size(); ++i)
    text += (i ? "," : "") + (a.shape()[i] == 1 ? "x" : std::to_string(strides[i] / a.itemsize()));
  return text.empty() ? "-" : text;
}

TEST(Orders, AreNumPys) {
  Calls calls;
  add_copies(calls);
  add_elementwise(calls);
  add_along_axes(calls);
  add_movements(calls);
  const std::map<std::string, Array> given = arguments();
  std::set<std::string> seen;
  for (const auto& row : reference::rows("orders.txt")) {
    seen.insert(row[0]);
    ASSERT_TRUE(calls.contains(row[0])) << row[0];
    EXPECT_EQ(strides_of(calls[row[0]](given.at(row[1]))), row[2]) << row[0] << " of " << row[1];
  }
  EXPECT_EQ(seen.size(), calls.size());
}

}  // namespace
