#include "ptx_assembler.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>

namespace tarry::test {
namespace {

constexpr int kMostSpilledBytes = 32;  // of a small text
constexpr int kMostRegisters = 255;    // of a thread

std::vector<Assembled::Function> functions_of(const std::string& said) {
  static const std::regex line(
      "Function properties for (\\w+)|([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads|Used ([0-9]+) registers");
  std::vector<Assembled::Function> functions;
  for (std::sregex_iterator at(said.begin(), said.end(), line), end; at != end; ++at) {
    const std::smatch& match = *at;
    if (match[1].matched)
      functions.push_back({match[1], 0, 0});
    else if (functions.empty())
      continue;
    else if (match[4].matched)
      functions.back().registers = std::stoi(match[4]);
    else
      functions.back().spilled = std::max(std::stoi(match[2]), std::stoi(match[3]));
  }
  return functions;
}

/// The text without how many threads a block has.
std::string of_any_threads(const std::string& ptx) {
  static const std::regex threads(R"(\n\.maxntid[^\n]*)");
  return std::regex_replace(ptx, threads, "");
}

Spill reason_of(const Assembled::Function& function, const Assembled& of_any_threads) {
  if (function.registers == kMostRegisters) return Spill::shortage;
  for (const Assembled::Function& same : of_any_threads.functions)
    if (same.name == function.name && same.spilled == 0) return Spill::blocks;
  return Spill::other;
}

}  // namespace

std::string find_assembler() {
  for (const char* command : {"ptxas", "/usr/local/cuda/bin/ptxas"})
    if (std::system((std::string(command) + " --version > /dev/null 2>&1").c_str()) == 0) return command;
  return "";
}

Assembled assemble(const std::string& assembler, const std::string& ptx, int sm) {
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
  result.functions = functions_of(result.said);
  return result;
}

std::vector<Spilled> spilled(const std::string& assembler, const Assembled& assembled, const std::string& ptx, int sm) {
  std::vector<Spilled> found;
  Assembled unbound;
  for (const Assembled::Function& function : assembled.functions) {
    if (function.spilled == 0) continue;
    if (unbound.functions.empty()) unbound = assemble(assembler, of_any_threads(ptx), sm);
    found.push_back({function.name, function.registers, function.spilled, reason_of(function, unbound)});
  }
  return found;
}

std::string complaint(const std::string& assembler, const std::string& ptx, int sm) {
  const Assembled assembled = assemble(assembler, ptx, sm);
  if (!assembled.accepted || assembled.warned) return assembled.said;
  for (const Spilled& s : spilled(assembler, assembled, ptx, sm))
    if (s.reason != Spill::blocks || s.bytes > kMostSpilledBytes) return assembled.said;
  return "";
}

}  // namespace tarry::test
