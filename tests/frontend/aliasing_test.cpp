// Programs of views, writes and arithmetic leave in every name what NumPy leaves (tests/data/scripts.txt), whenever
// values are looked at.
#include <gtest/gtest.h>

#include <map>

#include "reference.h"

namespace {

namespace np = tarry::numpy;
using tarry::Array;
using Row = std::vector<std::string>;

enum class Looks { never, where_told, after_every_line };

class Script {
 public:
  explicit Script(Looks looks) : looks_(looks) {}

  void line(const Row& row) {
    if (row[0] == "end") return finish(row);
    if (row[0] == "look") {
      if (looks_ != Looks::never) tarry::eval(names_.at(row[1]));
      return;
    }
    if (row[1] == "=")
      define(row);
    else
      write(row);
    if (looks_ == Looks::after_every_line)
      for (auto& [name, array] : names_) tarry::eval(array);
  }

 private:
  void define(const Row& row) {
    const std::string& how = row[2];
    names_[row[0]] = how == "arange" ? np::arange(std::stoll(row[3])).reshape(reference::extents(row[4]))
                                     : derived(how, names_.at(row[3]), row);
  }

  Array derived(const std::string& how, const Array& from, const Row& row) {
    if (how == "index") {
      Array x = from;
      return x[reference::index(row[4])];
    }
    if (how == "transpose") return from.T();
    if (how == "reshape") return from.reshape(reference::extents(row[4]));
    if (how == "flip") return np::flip(from, std::stoll(row[4]));
    if (how == "copy") return from.copy();
    if (how == "name") return from;
    if (how == "add") return from + names_.at(row[4]);
    if (how == "sum") return np::sum(from, std::stoll(row[4]));
    throw std::runtime_error("no step " + how);
  }

  Array value(const std::string& text) const { return text[0] == 'v' ? names_.at(text) : Array(std::stoll(text)); }

  void write(const Row& row) {
    Array& x = names_.at(row[0]);
    Array v = value(row.back());
    if (row[1] == "+=")
      x += v;
    else if (row[1] == "-=")
      x -= v;
    else if (row[1] == "*=")
      x *= v;
    else
      x[reference::index(row[1].substr(1, row[1].size() - 2))] = v;
  }

  void finish(const Row& row) {
    EXPECT_EQ(reference::difference(names_.at(row[1]), reference::extents(row[2]), reference::numbers(row[3])), "")
        << row[1];
  }

  Looks looks_;
  std::map<std::string, Array> names_;
};

void run_all(Looks looks) {
  int scripts = 0;
  Script script(looks);
  std::string told;
  for (const Row& row : reference::rows("scripts.txt")) {
    if (row[0] == "script") {
      if (testing::Test::HasFailure()) return;  // one program is enough to look into
      ++scripts;
      script = Script(looks);
      told = "script " + row[1];
    } else {
      for (size_t i = 0; i < row.size(); ++i) told += (i ? " " : "\n") + row[i];
      SCOPED_TRACE(told);
      script.line(row);
    }
  }
  EXPECT_GT(scripts, 100);
}

TEST(Aliasing, AsNumPyWithoutALook) { run_all(Looks::never); }
TEST(Aliasing, AsNumPyWithLooks) { run_all(Looks::where_told); }
TEST(Aliasing, AsNumPyLineByLine) { run_all(Looks::after_every_line); }

TEST(Aliasing, ACopyOfARepeatingViewHasPlacesOfItsOwn) {
  // One element repeated, and some: where the copy would be no larger than what it was made from too.
  for (const int64_t n : {1, 2}) {
    Array one = np::arange(n) * 2.0 + 1.0;
    tarry::eval(one);
    Array rows = np::broadcast_to(one[np::slice(0, 1)], {2}).copy(), tiled = np::tile(one[np::slice(0, 1)], {2, 1});
    tarry::eval(rows, tiled);
    one = Array();
    np::add_at(rows, np::array({1}), 5.0);
    tiled[{np::array({0}), np::array({0})}] = 7.0;
    EXPECT_EQ(rows.to_vector<double>(), (std::vector<double>{1, 6}));
    EXPECT_EQ(tiled.to_vector<double>(), (std::vector<double>{7, 1}));
  }
}

}  // namespace
