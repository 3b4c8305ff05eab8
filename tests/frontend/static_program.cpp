// Arrays that live until the very end, in an order that nobody planned: pending, viewed, shared with the user, and made
// and printed in the destructor itself. The process ends as if nothing were special.
#include <tarry/tarry.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace np = tarry::numpy;
using tarry::Array;

namespace {

void expect(const Array& a, const std::string& text) {
  if (tarry::to_string(a) != text) std::abort();
}

struct Early {  // destroyed after everything below, and made before any of it
  Array pending, view;
  ~Early() {
    view += 1;
    expect(pending, "[[1. 2.]\n [0. 1.]]");
    expect(np::linspace(0, 1, 3) * 2, "[0. 1. 2.]");
  }
} early;

std::vector<double> users{1, 2, 3};
Array shared = np::frombuffer(users.data(), {3});
Array never_looked_at = np::exp(np::ones({1000}));

struct Late {
  ~Late() {
    shared *= 2;
    expect(tarry::grad([](const Array& x) { return np::sum(x * x); })(shared), "[ 4.  8. 12.]");
  }
} late;

}  // namespace

int main() {
  early.pending = np::zeros({2, 2}) + np::arange(2);
  early.view = early.pending[0];
  never_looked_at += 1;
}
