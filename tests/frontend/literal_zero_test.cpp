// A literal 0 is an axis, a count or a number, and never a null pointer: every call that takes one compiles and means
// what it means in NumPy.
#include <tarry/tarry.h>

#include <gtest/gtest.h>

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::Shape;

// A list is no argument, whatever is in it: a 0 in the second place is not the name of the file where the first stands.
// clang-format off
template <class Function>
concept TakesLists = requires(Function f) { f({3, 0, 7}); } || requires(Function f) { f({1, 0}); } ||
                     requires(Function f) { f({1, {0, 5}}); } || requires(Function f, Array a) { f({a, 0}); };
// clang-format on
static_assert(!TakesLists<Array (*)(tarry::Arg)>);
static_assert(!TakesLists<decltype(np::all)>);

Array x() { return np::array({{3, 1, 2}, {0, 5, 4}}); }
std::string text(const Array& a) { return np::repr(a); }

TEST(LiteralZero, IsAnAxisOfMembers) {
  EXPECT_EQ(text(x().argmax(0)), "array([0, 1, 1])");
  EXPECT_EQ(text(x().argmin(0)), "array([1, 0, 0])");
  EXPECT_EQ(text(x().cumsum(0)), "array([[3, 1, 2],\n       [3, 6, 6]])");
  EXPECT_EQ(text(x().cumprod(0)), "array([[3, 1, 2],\n       [0, 5, 8]])");
  EXPECT_EQ(text(x().sum(0)), "array([3, 6, 6])");
  EXPECT_EQ(text(x().prod(0)), "array([0, 5, 8])");
  EXPECT_EQ(text(x().mean(0)), "array([1.5, 3. , 3. ])");
  EXPECT_EQ(text(x().max(0)), "array([3, 5, 4])");
  EXPECT_EQ(text(x().min(0)), "array([0, 1, 2])");
  EXPECT_EQ(text(x().std(0)), "array([1.5, 2. , 1. ])");
  EXPECT_EQ(text(x().var(0)), "array([2.25, 4.  , 1.  ])");
  EXPECT_EQ(text(x().any(0)), "array([ True,  True,  True])");
  EXPECT_EQ(text(x().all(0)), "array([False,  True,  True])");
  EXPECT_EQ(text(x().argsort(0)), "array([[1, 0, 0],\n       [0, 1, 1]])");
  EXPECT_EQ(text(x().take(0)), "array(3)");
  EXPECT_EQ(text(x().take(0, 0)), "array([3, 1, 2])");
  EXPECT_EQ(text(x().repeat(0)), "array([], dtype=int64)");
  EXPECT_EQ(text(x().repeat(0, 0)), "array([], shape=(0, 3), dtype=int64)");
  EXPECT_EQ(text(x().round(0)), text(x()));
  EXPECT_EQ(text(x().trace(0)), "array(8)");
  EXPECT_EQ(text(x().diagonal(0)), "array([3, 5])");
  EXPECT_EQ(text(x().swapaxes(0, 1)), text(x().T()));
  EXPECT_EQ(text(x().clip(0, 2)), "array([[2, 1, 2],\n       [0, 2, 2]])");
  EXPECT_EQ(x()[{np::slice(0)}].reshape(0).shape(), Shape{0});
  EXPECT_EQ(text(x()[{np::slice(1)}].squeeze(0)), "array([3, 1, 2])");
  Array sorted = x();
  sorted.sort(0);
  EXPECT_EQ(text(sorted), "array([[0, 1, 2],\n       [3, 5, 4]])");
}

TEST(LiteralZero, IsAnAxisOfFunctions) {
  EXPECT_EQ(text(np::argmax(x(), 0)), "array([0, 1, 1])");
  EXPECT_EQ(text(np::argmin(x(), 0)), "array([1, 0, 0])");
  EXPECT_EQ(text(np::sum(x(), 0)), "array([3, 6, 6])");
  EXPECT_EQ(text(np::sum(x(), 0, tarry::float64)), "array([3., 6., 6.])");
  EXPECT_EQ(text(np::cumsum(x(), 0)), text(x().cumsum(0)));
  EXPECT_EQ(text(np::median(x(), 0)), "array([1.5, 3. , 3. ])");
  EXPECT_EQ(text(np::quantile(x(), 0)), "array(0.)");
  EXPECT_EQ(text(np::quantile(x(), 0, 0)), "array([0., 1., 2.])");
  EXPECT_EQ(text(np::sort(x(), 0)), "array([[0, 1, 2],\n       [3, 5, 4]])");
  EXPECT_EQ(text(np::diff(x(), 0)), text(x()));
  EXPECT_EQ(text(np::diff(x(), 1, 0)), "array([[-3,  4,  2]])");
  EXPECT_EQ(text(np::unique(x(), 0)), "array([[0, 5, 4],\n       [3, 1, 2]])");
  EXPECT_EQ(text(np::delete_(x(), 0, 0)), "array([[0, 5, 4]])");
  EXPECT_EQ(text(np::flip(x(), 0)), "array([[0, 5, 4],\n       [3, 1, 2]])");
  EXPECT_EQ(text(np::roll(x(), 0)), text(x()));
  EXPECT_EQ(text(np::expand_dims(x(), 0)[0]), text(x()));
  EXPECT_EQ(text(np::append(x(), x(), 0)[{np::slice(2, 3)}]), "array([[3, 1, 2]])");
  EXPECT_EQ(text(np::compress(np::array({false, true}), x(), 0)), "array([[0, 5, 4]])");
  EXPECT_EQ(text(np::tensordot(np::array({1, 2}), np::array({3, 4}), 0)), "array([[3, 4],\n       [6, 8]])");
  EXPECT_EQ(text(np::linalg::norm(np::array({3.0, 0.0, 4.0}), 0)), "array(2.)");
  EXPECT_EQ(text(np::nanargmax(x(), 0)), "array([0, 1, 1])");
  EXPECT_EQ(np::split(x(), 2, 0).size(), 2u);
  EXPECT_EQ(text(np::pad(x(), 0)), text(x()));
  EXPECT_EQ(text(np::tile(np::array({1}), 0)), "array([], dtype=int64)");
}

TEST(LiteralZero, IsANumber) {
  EXPECT_EQ(text(np::array(0)), "array(0)");
  EXPECT_EQ(text(np::full({2}, 0)), "array([0, 0])");
  EXPECT_EQ(text(np::zeros(0)), "array([], dtype=float64)");
  EXPECT_EQ(text(np::arange(0)), "array([], dtype=int64)");
  EXPECT_EQ(text(np::arange(0, 2)), "array([0, 1])");
  EXPECT_EQ(text(np::eye(0)), "array([], shape=(0, 0), dtype=float64)");
  EXPECT_EQ(text(np::identity(0)), "array([], shape=(0, 0), dtype=float64)");
  EXPECT_EQ(text(np::where(x() > 2, 0, 1)[0]), "array([0, 1, 1])");
  EXPECT_EQ(text(np::clip(x(), 0, 1)[0]), "array([1, 1, 1])");
  EXPECT_EQ(text(np::maximum(x(), 0)), text(x()));
  EXPECT_EQ(text(np::bincount(np::array({1, 1}), 0)), "array([0, 2])");
  EXPECT_EQ(text(np::tri(2, 2, 0, tarry::int64)), "array([[1, 0],\n       [1, 1]])");
  EXPECT_EQ(text(np::pad(x(), 1, np::PadMode::constant, 0)[1]), "array([0, 3, 1, 2, 0])");
  Array a = x();
  a[0] = 0;
  a[{1, 0}] += 0;
  a.fill(0);
  np::add_at(a, 0, 0);
  np::put(a, 0, 0);
  EXPECT_EQ(text(a.sum()), "array(0)");
  EXPECT_EQ(np::random::default_rng(0).integers(0, 1).item<int>(), 0);
}

}  // namespace
