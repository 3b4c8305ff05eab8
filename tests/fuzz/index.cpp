#include "targets.h"

#include <tarry/runtime/buffer.h>
#include <tarry/runtime/config.h>
#include <tarry/tarry.h>

#include <cstring>
#include <vector>

namespace fuzz {
namespace {

namespace np = tarry::numpy;
using tarry::Array;
using tarry::Shape;

/// Reads what the bytes say; zeros behind their end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  bool more() const { return at_ < bytes_.size(); }
  int below(int n) { return more() ? static_cast<unsigned char>(bytes_[at_++]) % n : 0; }
  /// Mostly small; now and then anything.
  int64_t number() {
    const int kind = below(16);
    if (kind) return below(12) - 6;
    uint64_t wide = 0;
    for (int i = 0; i < 8; ++i) wide = wide << 8 | static_cast<uint64_t>(below(256));
    return static_cast<int64_t>(wide);
  }
  Shape shape() {
    Shape shape;
    for (int i = below(5); i > 0; --i) shape.push_back(below(16) ? below(5) : number());
    return shape;
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

Array numbers(Bytes& in) {
  std::vector<int64_t> elements;
  for (int i = in.below(6); i > 0; --i) elements.push_back(in.number());
  Array list = np::array(std::span<const int64_t>(elements), Shape{static_cast<int64_t>(elements.size())});
  return in.below(2) ? list : list * 1;
}

tarry::Item item(Bytes& in, const Array& x) {
  switch (in.below(8)) {
    case 0: return in.number();
    case 1: return tarry::Slice{in.number(), in.number(), in.number()};
    case 2: return tarry::Slice{{}, in.number(), in.number()};
    case 3: return np::newaxis;
    case 4: return np::ellipsis;
    case 5: return numbers(in);
    case 6: return x > in.number();
    default: return np::all;
  }
}

tarry::Index index(Bytes& in, const Array& x) {
  std::vector<tarry::Item> items;
  for (int i = in.below(5); i > 0; --i) items.push_back(item(in, x));
  return tarry::Index(std::move(items));
}

/// One call on some of the arrays.
void step(Bytes& in, std::vector<Array>& arrays) {
  Array& x = arrays[static_cast<size_t>(in.below(static_cast<int>(arrays.size())))];
  switch (in.below(12)) {
    case 0: arrays.push_back(x[index(in, x)]); break;
    case 1: x[index(in, x)] = in.number(); break;
    case 2: x[index(in, x)] += arrays.back(); break;
    case 3: arrays.push_back(x.reshape(in.shape())); break;
    case 4: arrays.push_back(np::broadcast_to(x, in.shape())); break;
    case 5: arrays.push_back(np::take(x, numbers(in), in.number())); break;
    case 6: np::add_at(x, index(in, x), 1); break;
    case 7: np::put(x, numbers(in), numbers(in)); break;
    case 8: arrays.push_back(np::zeros(in.shape(), tarry::int64) + arrays.back()); break;
    case 9: arrays.push_back(np::sum(x, in.number())); break;
    case 10: arrays.push_back(np::moveaxis(x, in.number(), in.number())); break;
    default: (void)tarry::to_string(x);
  }
  if (arrays.size() > 6) arrays.erase(arrays.begin());
}

}  // namespace

void index(std::string_view bytes) {
  tarry::runtime::set_tier(tarry::runtime::Tier::interpreter);
  tarry::runtime::set_memory_limit(uint64_t{16} << 20);
  Bytes in(bytes);
  std::vector<Array> arrays{np::arange(24).reshape({2, 3, 4}) * 1};
  for (int i = 0; i < 40 && in.more(); ++i) {
    try {
      step(in, arrays);
    } catch (const tarry::Error&) {
    }
  }
  for (const Array& a : arrays) {
    try {
      if (a.size() < 10000) (void)tarry::to_string(a);
    } catch (const tarry::Error&) {
    }
  }
}

}  // namespace fuzz
