// Object code that refers to a function of somebody else.
extern "C" double somebody_else(double) __attribute__((visibility("hidden")));
extern "C" double calls_outside(double x) { return somebody_else(x) + 1; }
