/// Compilers that are not ours: what ODD_COMPILER says is all that they do.

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace {

struct Sink {
  void* self;
  void (*result)(void* self, const char* bytes, size_t size);
  void (*failed)(void* self, const char* why, bool about_machine);
};

}  // namespace

extern "C" __attribute__((visibility("default"))) void tarry_llvm_compile(const void*, const Sink* sink) {
  const std::string what = std::getenv("ODD_COMPILER");
  if (what == "throws an error") throw std::runtime_error("odd");
  if (what == "throws a number") throw 42;
  if (what == "fails") sink->failed(sink->self, "odd", false);
  if (what == "gives nothing") sink->result(sink->self, "", 0);
  if (what == "gives no code") {
    std::string object(5000, '\x7f');
    std::memcpy(object.data(),
                "\x7f"
                "ELF",
                4);
    sink->result(sink->self, object.data(), object.size());
  }
}

extern "C" __attribute__((visibility("default"))) void tarry_llvm_stop() {}
