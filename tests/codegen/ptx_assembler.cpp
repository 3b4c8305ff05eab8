#include "ptx_assembler.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>

namespace tarry::test {
namespace {

// Of a small text.
constexpr int kMostSavedBytes = 32;   // around a call
constexpr int kMostNestedBytes = 16;  // of nested loops
constexpr int kMostRegisters = 255;  // of a thread

int most(const std::string& said, const std::regex& number) {
  int found = 0;
  for (std::sregex_iterator at(said.begin(), said.end(), number), end; at != end; ++at)
    found = std::max(found, std::stoi((*at)[1]));
  return found;
}

}  // namespace

std::string find_assembler() {
  for (const char* command : {"ptxas", "/usr/local/cuda/bin/ptxas"})
    if (std::system((std::string(command) + " --version > /dev/null 2>&1").c_str()) == 0) return command;
  return "";
}

Assembled assemble(const std::string& assembler, const std::string& ptx, int sm) {
  static const std::regex spill("([0-9]+) bytes spill"), registers("Used ([0-9]+) registers");
  char name[] = "/tmp/tarry-ptx-XXXXXX";
  const int file = mkstemp(name);
  Assembled result;
  if (file < 0) {
    result.said = "no temporary file";
    return result;
  }
  close(file);
  const std::string path = name;
  std::ofstream(path) << ptx;
  const std::string command =
      assembler + " -v -arch=sm_" + std::to_string(sm) + " -o /dev/null " + path + " > " + path + ".log 2>&1";
  result.accepted = std::system(command.c_str()) == 0;
  std::ifstream log(path + ".log");
  result.said.assign(std::istreambuf_iterator<char>(log), {});
  unlink(path.c_str());
  unlink((path + ".log").c_str());
  result.warned = result.said.find("warning") != std::string::npos;
  result.spilled = most(result.said, spill);
  result.registers = most(result.said, registers);
  return result;
}

Spill reason_of(const Assembled& assembled, const std::string& ptx) {
  static const std::regex subroutine(R"((div|sqrt)\.rn|(div|rem)\.[su])");
  if (assembled.spilled == 0) return Spill::none;
  if (assembled.registers == kMostRegisters) return Spill::shortage;
  return std::regex_search(ptx, subroutine) ? Spill::call : Spill::other;
}

std::string complaint(const Assembled& assembled, const std::string& ptx) {
  if (!assembled.accepted || assembled.warned) return assembled.said;
  int allowed = 0;
  switch (reason_of(assembled, ptx)) {
    case Spill::none:
    case Spill::shortage: break;
    case Spill::call: allowed = kMostSavedBytes; break;
    case Spill::other: allowed = kMostNestedBytes; break;
  }
  return assembled.spilled > allowed ? assembled.said : "";
}

}  // namespace tarry::test
