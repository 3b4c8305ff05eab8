#pragma once
// An array that computes at every op, as NumPy does: what the same program costs without waiting.

#include <tarry/tarry.h>

namespace example {

class OpByOp : public tarry::Array {
 public:
  OpByOp(const tarry::Array& value) : tarry::Array(value) { tarry::eval(*this); }
  OpByOp(const OpByOp&) = default;
  OpByOp& operator=(const OpByOp&) & = default;
  // Assigning to what an index gave writes through it.
  void operator=(tarry::Arg value) && { static_cast<tarry::Array&&>(*this) = value; }

  // A view computes nothing.
  OpByOp operator[](const tarry::Index& index) const { return OpByOp(tarry::Array::operator[](index), View{}); }

  friend OpByOp operator+(const OpByOp& a, const OpByOp& b) { return array(a) + array(b); }
  friend OpByOp operator-(const OpByOp& a, const OpByOp& b) { return array(a) - array(b); }
  friend OpByOp operator*(const OpByOp& a, const OpByOp& b) { return array(a) * array(b); }
  friend OpByOp operator/(const OpByOp& a, const OpByOp& b) { return array(a) / array(b); }
  friend OpByOp operator*(double a, const OpByOp& b) { return a * array(b); }
  friend OpByOp operator/(const OpByOp& a, double b) { return array(a) / b; }
  friend OpByOp operator>(const OpByOp& a, double b) { return array(a) > b; }

 private:
  struct View {};
  OpByOp(const tarry::Array& value, View) : tarry::Array(value) {}
  static const tarry::Array& array(const OpByOp& a) { return a; }
};

}  // namespace example
