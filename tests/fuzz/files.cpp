#include "targets.h"

#include <tarry/ir/text.h>
#include <tarry/ir/verify.h>
#include <tarry/runtime/buffer.h>
#include <tarry/tarry.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace fuzz {
namespace {

/// A file in memory with these bytes, as a path.
class Path {
 public:
  explicit Path(std::string_view bytes) : file_(memfd_create("fuzz", 0)) {
    if (file_ < 0 || write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  }
  ~Path() { close(file_); }
  std::string text() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

/// Everything of an array that somebody could look at.
void look(const tarry::Array& x) {
  if (x.size() < 10000) (void)tarry::to_string(x);
}

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// What parses prints, and what was printed is the same thing again.
template <class T, class Parse>
void round_trip(std::string_view text, const Parse& parse) {
  const T first = parse(text);
  const std::string printed = tarry::ir::print(first);
  require(tarry::ir::print(parse(printed)) == printed, "printed text is read as something else");
  tarry::ir::verify(first);
}

template <class F>
void refused_or_done(const F& f) {
  try {
    f();
  } catch (const tarry::Error&) {
  }
}

}  // namespace

void npy(std::string_view bytes) {
  tarry::runtime::set_memory_limit(uint64_t{64} << 20);
  const Path path(bytes);
  refused_or_done([&] { look(tarry::numpy::load(path.text())); });
  for (const char* mode : {"r", "c", "r+"}) refused_or_done([&] { look(tarry::numpy::load(path.text(), mode)); });
}

void npz(std::string_view bytes) {
  tarry::runtime::set_memory_limit(uint64_t{64} << 20);
  const Path path(bytes);
  refused_or_done([&] {
    for (const auto& [name, array] : tarry::numpy::loadz(path.text())) look(array);
  });
}

void ir(std::string_view bytes) {
  refused_or_done([&] { round_trip<tarry::ir::Program>(bytes, tarry::ir::parse_program); });
  refused_or_done([&] { round_trip<tarry::ir::Kernel>(bytes, tarry::ir::parse_kernel); });
}

}  // namespace fuzz
