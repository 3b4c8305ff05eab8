// Runs random programs and writes them out for NumPy to run: one line of JSON each, with the code as Python, what
// failed, and what came out. tools/programs gives it to run_by_numpy.py.
//
// usage: numpy_programs FIRST LAST [every]     every: the result of every line, to find where a program goes wrong
#include "program.h"

#include <tarry/runtime/config.h>

#include <cstdio>
#include <cstdlib>

namespace {

using namespace programs;

/// Text of a program has no character that JSON would want escaped.
std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string as_json(uint32_t seed, const Program& program) {
  std::string text = "{\"seed\":" + std::to_string(seed) + ",\"lines\":[";
  bool first = true;
  for (const Line& l : program.lines()) {
    text += (first ? "[" : ",[") + quoted(l.code) + "," + quoted(l.error) + "," + quoted(l.target) + "," +
            quoted(l.bound) + "," + (l.bound.empty() || !l.error.empty() ? "null" : described(l.result)) + "]";
    first = false;
  }
  text += "],\"results\":{";
  first = true;
  for (const Named& n : program.arrays()) {
    text += (first ? "" : ",") + quoted(n.name) + ":" + described(n.array);
    first = false;
  }
  return text + "}}";
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return std::fputs("usage: numpy_programs FIRST LAST [every]\n", stderr), 2;
  const long first = std::atol(arguments[1]), last = std::atol(arguments[2]);
  for (long seed = first; seed <= last; ++seed) {
    Program program(static_cast<uint32_t>(seed), Looking::always);
    if (count > 3) program.keep_every_result();
    program.run();
    std::puts(as_json(static_cast<uint32_t>(seed), program).c_str());
  }
}
