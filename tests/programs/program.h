#pragma once
// Random imperative programs: arrays of every type, views of views, writes through them, reads and writes by index and
// by mask, reductions, sorts, copies, casts in place, and calls that must fail. A seed stands for a program; each line
// is run at once, and is written out as Python too.

#include "ways.h"

#include <tarry/tarry.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace programs {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::DType;
using tarry::Shape;

/// One line of the program.
struct Line {
  std::string code;    // as Python
  std::string error;   // the type of the exception it throws here, or nothing
  std::string target;  // the array it makes, or nothing
  std::string bound;   // how far NumPy's result may be off, as Python; nothing: not at all
  Array result;        // where there is a bound: the result, as it was then
};

/// The elements as bytes in C order, NaNs all alike; in front of them type and shape.
std::string bits(const Array& a);
/// Type, shape and elements in hexadecimal digits.
std::string described(const Array& a);

struct Named {
  std::string name;
  Array array;
};

/// One run of the program that a seed stands for. Looking takes random numbers of its own, so that the program is the
/// same however it is looked at.
class Program {
 public:
  Program(uint32_t seed, Looking looking, int most_steps = 40)
      : random_(seed), eyes_(seed + 1), looking_(looking), most_steps_(most_steps) {}

  /// Keeps the result of every line, not of those with a bound alone: to find the line where a program goes wrong.
  void keep_every_result() { every_ = true; }
  void run();
  const std::vector<Line>& lines() const { return lines_; }
  const std::vector<Named>& arrays() const { return arrays_; }
  std::string text() const;

 private:
  using Make = std::function<Array()>;
  struct Where {
    std::vector<tarry::Item> items;
    std::string text;
    tarry::Index index() const { return tarry::Index(items); }
  };

  // program.cpp
  int pick(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  bool chance(int in) { return pick(1, in) == 1; }
  int64_t place(int64_t n) { return pick(-static_cast<int>(n), static_cast<int>(n) - 1); }
  Named& any() { return arrays_[static_cast<size_t>(pick(0, static_cast<int>(arrays_.size()) - 1))]; }
  /// A line that makes an array, which is kept unless it is large.
  void make(const std::string& code, const Make& f, const std::string& bound = "");
  /// A line that changes something.
  void act(const std::string& code, const std::function<void()>& f);
  void keep(Named made);
  void look();
  void step();

  // arguments.cpp
  DType dtype();
  double number();
  std::string values(DType dtype, int64_t n, std::vector<double>& out);
  Shape shape();
  void fresh();
  int axis(const Array& a) { return pick(0, static_cast<int>(a.ndim()) - 1); }
  /// Another array that broadcasts with `a`, or a number.
  Named partner(const Array& a);
  Named scalar();
  Where basic(const Array& a);
  Where advanced(const Array& a);
  void add_places(Where& w, int64_t n, const Shape& shape);
  static void close(Where& w);

  // steps_*.cpp
  void binary();
  void exact_unary();
  void rounded_unary();
  void cast();
  void view();
  void fold();
  void scan();
  void sort();
  void select();
  void join();
  void product();
  void write();
  void overlap();
  void in_place();
  void gather();
  void scatter();
  void masked();
  void branch();
  void alias();
  void refused();

  std::mt19937 random_, eyes_;
  Looking looking_;
  int most_steps_;
  int named_ = 0;
  bool every_ = false;
  std::vector<Named> arrays_;
  std::vector<Line> lines_;
};

/// NumPy's name of a type in a program.
std::string python(DType dtype);
std::string python(const Shape& shape);
std::string python(double value);

}  // namespace programs
