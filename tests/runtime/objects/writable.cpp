// Object code that keeps a state.
static int calls = 7;
extern "C" int counts_calls() { return ++calls; }
