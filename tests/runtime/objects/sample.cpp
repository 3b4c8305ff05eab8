// Object code for the tests of the loader: constants in several sections, a call, a jump table, and vector constants.

namespace {

constexpr double kPolynomial[] = {1.0, 0.5, 0.25, 0.125};
constexpr float kScale[8] = {1, 2, 3, 4, 5, 6, 7, 8};

__attribute__((noinline)) double horner(double x) {
  double y = 0;
  for (double c : kPolynomial) y = y * x + c;
  return y;
}

}  // namespace

extern "C" {

double sample_polynomial(double x) { return horner(x) + 1e-3; }

void sample_scale(const float* in, float* out) {
  for (int i = 0; i < 8; ++i) out[i] = in[i] * kScale[i];
}

int sample_switch(int x) {
  switch (x) {
    case 0: return 11;
    case 1: return horner(0.0) > 0 ? 23 : 1;
    case 2: return horner(1.0) > 2 ? 1 : 35;
    case 3: return 47;
    case 4: return horner(2.0) > 2 ? 51 : 52;
    case 5: return horner(3.0) < 1 ? 61 : 62;
    default: return -1;
  }
}
}
