#include "broadcast.h"
#include "cell.h"
#include "promote.h"

#include <tarry/numpy.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string>

namespace tarry::numpy {
namespace {

/// An operand and a letter for each of its axes.
struct Labelled {
  Array x;
  std::string labels;
};

/// Letters for the axes that "..." stands for, counted from the last one; no user writes them.
constexpr char kEllipsis = '\x80';

[[noreturn]] void refuse(const std::string& why) { throw ValueError("einsum: " + why); }

class Einsum {
 public:
  Einsum(std::string_view subscripts, const std::vector<Array>& operands) {
    std::string text;
    for (char c : subscripts)
      if (c != ' ') text += c;
    const size_t arrow = text.find("->");
    read_operands(text.substr(0, arrow), operands);
    if (arrow == std::string::npos)
      implied_output();
    else
      given_output(text.substr(arrow + 2));
    for (char c : output_) {
      if (!extents_.contains(c)) refuse(std::string("the output has a letter that no operand has: ") + c);
      if (std::count(output_.begin(), output_.end(), c) > 1) refuse(std::string("the output repeats a letter: ") + c);
    }
  }

  Array run() {
    for (Labelled& o : operands_) take_diagonals(o);
    Labelled result = operands_[0];
    for (size_t i = 1; i < operands_.size(); ++i) {
      std::string later = output_;
      for (size_t j = i + 1; j < operands_.size(); ++j) later += operands_[j].labels;
      result =
          product(sum_out(result, later + operands_[i].labels), sum_out(operands_[i], later + result.labels), later);
    }
    result = sum_out(result, output_);
    return arranged(result, output_).copy();
  }

 private:
  void read_operands(const std::string& inputs, const std::vector<Array>& operands) {
    std::vector<std::string> terms(1);
    for (char c : inputs) {
      if (c == ',')
        terms.emplace_back();
      else
        terms.back() += c;
    }
    if (terms.size() != operands.size())
      refuse("there are " + std::to_string(operands.size()) + " operands, and " + std::to_string(terms.size()) +
             " in the subscripts");
    for (size_t i = 0; i < terms.size(); ++i) {
      const auto letters = static_cast<int64_t>(
          std::count_if(terms[i].begin(), terms[i].end(), [](unsigned char c) { return std::isalpha(c); }));
      const bool open = terms[i].find("...") != std::string::npos;
      const int64_t rest = operands[i].ndim() - letters;
      if (rest < 0 || (rest > 0 && !open))
        refuse("operand " + std::to_string(i) + " has " + std::to_string(operands[i].ndim()) +
               " axes, and other subscripts: " + terms[i]);
      widest_ = std::max(widest_, open ? rest : 0);
      const std::string labels = expanded(terms[i], rest);
      for (size_t a = 0; a < labels.size(); ++a) note_extent(labels[a], operands[i].shape()[a], operands);
      operands_.push_back({operands[i], labels});
    }
  }

  static std::string expanded(const std::string& term, int64_t rest) {
    std::string labels;
    for (size_t i = 0; i < term.size(); ++i) {
      if (term.compare(i, 3, "...") == 0) {
        for (int64_t r = rest; r-- > 0;) labels += static_cast<char>(kEllipsis + r);
        i += 2;
      } else if (std::isalpha(static_cast<unsigned char>(term[i]))) {
        labels += term[i];
      } else {
        refuse(std::string("invalid subscript '") + term[i] + "' in the subscripts, which are letters");
      }
    }
    return labels;
  }

  void note_extent(char label, int64_t extent, const std::vector<Array>& operands) {
    auto [at, fresh] = extents_.try_emplace(label, extent);
    if (fresh || at->second == extent || extent == 1) return;
    if (at->second != 1) {
      std::string shapes;
      for (const Array& x : operands) shapes += " " + frontend::dense_text(x.shape());
      const std::string name = std::isalpha(static_cast<unsigned char>(label)) ? std::string(1, label) : "...";
      refuse("operands could not be broadcast together: '" + name + "' has extents " + std::to_string(at->second) +
             " and " + std::to_string(extent) + " in shapes" + shapes);
    }
    at->second = extent;
  }

  void given_output(const std::string& term) {
    if (widest_ > 0 && term.find("...") == std::string::npos)
      throw ValueError(
          "output has more dimensions than subscripts given in einstein sum, but no '...' ellipsis provided to "
          "broadcast the extra dimensions.");
    output_ = expanded(term, widest_);
  }

  void implied_output() {
    std::map<char, int> seen;
    for (const Labelled& o : operands_)
      for (char c : o.labels) ++seen[c];
    for (int64_t r = widest_; r-- > 0;) output_ += static_cast<char>(kEllipsis + r);
    for (auto [c, count] : seen)
      if (count == 1 && std::isalpha(static_cast<unsigned char>(c))) output_ += c;
  }

  /// A letter twice in one operand: its diagonal.
  static void take_diagonals(Labelled& o) {
    for (size_t i = 0; i < o.labels.size(); ++i) {
      const size_t j = o.labels.find(o.labels[i], i + 1);
      if (j == std::string::npos) continue;
      const char c = o.labels[i];
      o.x = diagonal(o.x, 0, static_cast<int64_t>(i), static_cast<int64_t>(j));
      o.labels.erase(j, 1);
      o.labels.erase(i, 1);
      o.labels += c;
      i = static_cast<size_t>(-1);
    }
  }

  static Labelled sum_out(Labelled o, const std::string& wanted) {
    std::vector<int64_t> axes;
    std::string kept;
    for (size_t a = 0; a < o.labels.size(); ++a) {
      if (wanted.find(o.labels[a]) == std::string::npos)
        axes.push_back(static_cast<int64_t>(a));
      else
        kept += o.labels[a];
    }
    if (!axes.empty()) o.x = sum(o.x, Axes(axes), o.x.dtype());
    o.labels = kept;
    return o;
  }

  /// Axes in this order, which has all of the operand's; those it lacks have extent 1.
  static Array arranged(const Labelled& o, const std::string& order) {
    std::vector<int64_t> perm;
    Shape shape;
    for (char c : order) {
      const size_t at = o.labels.find(c);
      if (at == std::string::npos) {
        shape.push_back(1);
        continue;
      }
      perm.push_back(static_cast<int64_t>(at));
      shape.push_back(o.x.shape()[at]);
    }
    return transpose(o.x, Axes(perm)).reshape(shape);
  }

  int64_t extent(const std::string& labels) const {
    int64_t n = 1;
    for (char c : labels) n *= extents_.at(c);
    return n;
  }

  /// Letters of both that stay are a stack of matrices, those of both that end here are summed over.
  Labelled product(const Labelled& a, const Labelled& b, const std::string& later) {
    std::string both, over, left, right;
    for (char c : a.labels) {
      if (b.labels.find(c) == std::string::npos)
        left += c;
      else
        (later.find(c) == std::string::npos ? over : both) += c;
    }
    for (char c : b.labels)
      if (a.labels.find(c) == std::string::npos) right += c;
    auto matrix = [&](const Labelled& o, const std::string& rows, const std::string& columns) {
      Shape shape;
      for (char c : both + rows + columns) shape.push_back(extents_.at(c));
      const Array wide = broadcast_to(arranged(o, both + rows + columns), shape);
      return wide.reshape({extent(both), extent(rows), extent(columns)});
    };
    const Array z = matmul(matrix(a, left, over), matrix(b, over, right));
    Shape shape;
    for (char c : both + left + right) shape.push_back(extents_.at(c));
    return {z.reshape(shape), both + left + right};
  }

  std::vector<Labelled> operands_;
  std::map<char, int64_t> extents_;
  std::string output_;
  int64_t widest_ = 0;
};

}  // namespace

Array einsum(std::string_view subscripts, const std::vector<Array>& operands, Here here) {
  if (operands.empty()) throw ValueError("must provide at least an operand and a subscripts list to einsum");
  DType common = operands[0].dtype();
  for (const Array& x : operands) common = frontend::promote(common, x.dtype());
  // Before anything is summed or multiplied, which would overflow in a narrower type.
  std::vector<Array> alike;
  for (const Array& x : operands) alike.push_back(x.dtype() == common ? x : x.astype(common, here));
  return Einsum(subscripts, alike).run();
}

}  // namespace tarry::numpy
