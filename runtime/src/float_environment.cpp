#include <tarry/runtime/threads.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace tarry::runtime {
namespace {

#if defined(__x86_64__)
// MXCSR: all exceptions masked, round to nearest, neither flush-to-zero nor denormals-are-zero. The six lowest bits
// are sticky flags and change nothing.
constexpr unsigned kDefault = 0x1F80, kSticky = 0x3F;
unsigned read_control() { return _mm_getcsr(); }
void write_control(unsigned value) { _mm_setcsr(value); }
#elif defined(__aarch64__)
// FPCR: all zero is round to nearest, no flush-to-zero, no default NaN, no traps. The flags live elsewhere.
constexpr unsigned kDefault = 0, kSticky = 0;
unsigned read_control() {
  uint64_t value;
  __asm__ volatile("mrs %0, fpcr" : "=r"(value));
  return static_cast<unsigned>(value);
}
void write_control(unsigned value) { __asm__ volatile("msr fpcr, %0" : : "r"(static_cast<uint64_t>(value))); }
#else
#error "the floating-point control register of this processor is not known"
#endif

bool is_default(unsigned control) { return (control & ~kSticky) == kDefault; }

}  // namespace

// Writing the register stalls the pipeline, so it is written only where it differs.
FloatEnvironment::FloatEnvironment() noexcept : saved_(read_control()) {
  if (!is_default(saved_)) write_control(kDefault);
}

FloatEnvironment::~FloatEnvironment() {
  if (!is_default(saved_)) write_control(saved_);
}

}  // namespace tarry::runtime
