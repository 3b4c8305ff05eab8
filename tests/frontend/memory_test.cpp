// Who shares memory, who may write it, and where elements lie.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::Shape;

TEST(SharesMemory, ByViewsOnly) {
  Array x = np::arange(12).reshape({3, 4}).copy();
  EXPECT_TRUE(np::shares_memory(x, x));
  EXPECT_TRUE(np::shares_memory(x, x.T()));
  EXPECT_TRUE(np::shares_memory(x[0], x[{np::all, 1}]));
  EXPECT_FALSE(np::shares_memory(x[0], x[1]));
  EXPECT_FALSE(np::shares_memory(x[{np::all, np::slice(0, np::none, 2)}], x[{np::all, np::slice(1, np::none, 2)}]));
  EXPECT_TRUE(np::may_share_memory(x[{np::all, np::slice(0, np::none, 2)}], x[{np::all, np::slice(1, np::none, 2)}]));
  EXPECT_FALSE(np::shares_memory(x, x.copy()));
  EXPECT_FALSE(np::shares_memory(x, x + 0));
  EXPECT_FALSE(np::shares_memory(x[{np::slice(0, 0)}], x));
  Array y = x;
  EXPECT_TRUE(np::shares_memory(x, y));
  EXPECT_TRUE(np::shares_memory(np::broadcast_to(x[0], {5, 4}), x));
  EXPECT_FALSE(np::shares_memory(x[np::array({0, 1})], x));
}

TEST(SharesMemory, PartsOfComplexNumbersLieSideBySide) {
  Array z = np::zeros({4}, tarry::complex128);
  EXPECT_FALSE(np::shares_memory(z.real(), z.imag()));
  EXPECT_TRUE(np::may_share_memory(z.real(), z.imag()));
  EXPECT_TRUE(np::shares_memory(z.imag(), z));
  EXPECT_FALSE(np::shares_memory(z.imag()[0], z[1]));
}

TEST(SharesMemory, OfTheUsers) {
  std::vector<double> v(10);
  Array a = np::frombuffer(v.data(), {10}), b = np::frombuffer(v.data() + 5, {5}), c = np::frombuffer(v.data(), {5});
  EXPECT_TRUE(np::shares_memory(a, b));
  EXPECT_FALSE(np::shares_memory(b, c));
  EXPECT_FALSE(np::shares_memory(a[np::slice(np::none, np::none, 2)], b[np::slice(np::none, np::none, 2)]));
  EXPECT_TRUE(np::shares_memory(a[np::slice(1, np::none, 2)], b[np::slice(np::none, np::none, 2)]));
}

/// A random view, and the elements of the base that it shows.
std::pair<Array, std::set<int64_t>> random_view(const Array& base, std::mt19937& random) {
  const auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  Array view = base;
  for (int step = 0; step < 3 && view.ndim() > 0; ++step) {
    const int64_t axis = below(view.ndim()), n = view.shape()[static_cast<size_t>(axis)];
    std::vector<tarry::Item> items(static_cast<size_t>(axis), np::all);
    if (below(4) == 0 && n > 0)
      items.emplace_back(below(n));
    else if (below(2))
      items.emplace_back(np::slice(below(n + 1), np::none, 1 + below(3)));
    else
      items.emplace_back(np::slice(np::none, np::none, -1 - below(4)));
    view = view[tarry::Index(items)];
    if (below(3) == 0) view = view.T();
  }
  // The base holds its own places.
  const std::vector<int64_t> places = view.to_vector<int64_t>();
  return {view, {places.begin(), places.end()}};
}

TEST(SharesMemory, IsExactForRandomViews) {
  std::mt19937 random(7);
  const Array base = np::arange(2 * 3 * 4 * 5).reshape({2, 3, 4, 5}).copy();
  int sharing = 0, close = 0;
  for (int turn = 0; turn < 2000; ++turn) {
    const auto [a, in_a] = random_view(base, random);
    const auto [b, in_b] = random_view(base, random);
    std::vector<int64_t> both;
    std::set_intersection(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(), std::back_inserter(both));
    ASSERT_EQ(np::shares_memory(a, b), !both.empty()) << turn;
    ASSERT_TRUE(both.empty() || np::may_share_memory(a, b)) << turn;
    sharing += !both.empty();
    close += both.empty() && np::may_share_memory(a, b);
  }
  EXPECT_GT(sharing, 300);
  EXPECT_GT(close, 300);
}

TEST(ReadOnly, WritesAreRefusedThroughItAndItsViews) {
  Array x = np::arange(6).reshape({2, 3}).copy(), early = x[0];
  x.setflags(false);
  EXPECT_FALSE(x.flags().writeable);
  Array late = x[0];
  for (const auto& write : std::vector<std::function<void()>>{
           [&] { x[0] = 1; }, [&] { x += 1; }, [&] { late[0] = 1; }, [&] { x[x > 2] = 0; }, [&] { x.fill(0); },
           [&] { x[np::array({0})] = 5; }, [&] { x.T()[0] = 5; }, [&] { np::put(x, 0, 1); },
           [&] { np::add_at(x, 0, 1); }, [&] { x.sort(); }, [&] { np::copyto(x, 1); }, [&] { np::fill_diagonal(x, 1); },
           [&] { np::random::shuffle(x); },
           [&] {
             np::put_along_axis(x, np::array({{0}, {0}}), 1, 1);
           },
           [&] { x[0] += 1; }, [&] { np::place(x, x > 2, 1); }})
    EXPECT_THROW(write(), tarry::ValueError);
  EXPECT_EQ(np::repr(x), "array([[0, 1, 2],\n       [3, 4, 5]])");
  EXPECT_THROW(late.setflags(true), tarry::ValueError);
  early[0] = 9;  // made while x was writeable
  EXPECT_EQ((x[{0, 0}].item<int>()), 9);
  x.setflags(true);
  late.setflags(true);
  late[1] = 8;
  x += 1;
  EXPECT_EQ(np::repr(x), "array([[10,  9,  3],\n       [ 4,  5,  6]])");
}

TEST(ReadOnly, ForGoodWhereElementsRepeat) {
  const Array wide = np::broadcast_to(np::arange(3), {2, 3});
  EXPECT_FALSE(wide.flags().writeable);
  EXPECT_THROW(wide.setflags(true), tarry::ValueError);
  EXPECT_THROW(wide[0].setflags(true), tarry::ValueError);
  Array copy = wide.copy();
  EXPECT_TRUE(copy.flags().writeable);
  copy[0] = 7;
}

TEST(ReadOnly, ConstantMemoryOfTheUsers) {
  std::vector<int32_t> v{1, 2, 3};
  Array a = np::frombuffer(static_cast<const int32_t*>(v.data()), {3});
  EXPECT_THROW(a[0] = 5, tarry::ValueError);
  EXPECT_THROW(a.setflags(true), tarry::ValueError);
  v[0] = 7;  // the user's writes are seen
  EXPECT_EQ(np::repr(a * 2), "array([14,  4,  6], dtype=int32)");
}

TEST(ReadOnly, ArraysAfterItsEndAreNot) {
  const std::vector<double> v{1, 2, 3};
  for (int turn = 0; turn < 3; ++turn) {
    {
      Array constant = np::frombuffer(v.data(), {3});
      EXPECT_THROW(constant[0] = 1.0, tarry::ValueError);
    }
    Array x = np::zeros({3});
    x[0] = 1.0;
    EXPECT_EQ(x.to_vector<double>(), (std::vector<double>{1, 0, 0}));
  }
}

TEST(ReadOnly, AnArrayMadeOfItIsNot) {
  Array x = np::arange(3);
  x.setflags(false);
  Array y = x + 1, z = x.copy(), w = x[np::array({0, 2})];
  y[0] = 5;
  z[0] = 6;
  w[0] = 7;
  EXPECT_EQ(np::repr(x), "array([0, 1, 2])");
}

TEST(Flags, AsNumPy) {
  const Array x = np::zeros({2, 3}, tarry::float32);
  EXPECT_EQ(x.strides(), (Shape{12, 4}));
  EXPECT_EQ(x.T().strides(), (Shape{4, 12}));
  EXPECT_EQ((x[{np::all, np::slice(np::none, np::none, -2)}].strides()), (Shape{12, -8}));
  EXPECT_EQ(np::broadcast_to(x, {4, 2, 3}).strides(), (Shape{0, 12, 4}));
  EXPECT_TRUE(x.flags().c_contiguous && !x.flags().f_contiguous && x.flags().owndata);
  EXPECT_TRUE(!x.T().flags().c_contiguous && x.T().flags().f_contiguous && !x.T().flags().owndata);
  EXPECT_TRUE(x[0].flags().c_contiguous && x[0].flags().f_contiguous);
  EXPECT_FALSE((x[{np::all, 0}].flags().c_contiguous));
  EXPECT_TRUE(np::isfortran(x.T()) && !np::isfortran(x) && !np::isfortran(x[0]));
}

TEST(Flags, OrdersOnRequest) {
  const Array x = np::arange(6).reshape({2, 3});
  EXPECT_TRUE(np::shares_memory(np::ascontiguousarray(x), x));
  const Array turned = np::ascontiguousarray(x.T());
  EXPECT_FALSE(np::shares_memory(turned, x));
  EXPECT_TRUE(turned.flags().c_contiguous);
  EXPECT_EQ(np::repr(turned), "array([[0, 3],\n       [1, 4],\n       [2, 5]])");
  EXPECT_TRUE(np::asfortranarray(x).flags().f_contiguous);
  EXPECT_EQ(np::repr(np::asfortranarray(x)), np::repr(x));
  EXPECT_EQ(np::ascontiguousarray(Array(3.0)).shape(), Shape{1});
}

/// Writes of what is read from the same memory, without arithmetic in between, while views turn and reverse it.
TEST(UsersMemory, OverlappingCopies) {
  std::vector<int64_t> v{0, 1, 2, 3, 4, 5};
  Array a = np::frombuffer(v.data(), {6}), m = np::frombuffer(v.data(), {2, 3}),
        late = np::frombuffer(v.data() + 2, {4});
  a[np::slice(np::none, np::none, -1)] = a;
  EXPECT_EQ(v, (std::vector<int64_t>{5, 4, 3, 2, 1, 0}));
  a[np::slice(1, np::none)] = a[np::slice(np::none, -1)];
  EXPECT_EQ(v, (std::vector<int64_t>{5, 5, 4, 3, 2, 1}));
  m[np::ellipsis] = np::flip(m);
  EXPECT_EQ(v, (std::vector<int64_t>{1, 2, 3, 4, 5, 5}));
  late[np::ellipsis] = a[np::slice(4)];  // another array over the same memory
  EXPECT_EQ(v, (std::vector<int64_t>{1, 2, 1, 2, 3, 4}));
  Array square = np::frombuffer(v.data(), {2, 2});
  square[np::ellipsis] = square.T();
  EXPECT_EQ(v, (std::vector<int64_t>{1, 1, 2, 2, 3, 4}));
}

}  // namespace
