#include "users_line.h"

#include <tarry/ir/error.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace tarry::frontend {
namespace {

/// The folder of this file, and so of all that records for the user.
constexpr std::string_view kOwnFolder = [] {
  constexpr std::string_view file = __FILE__;
  return file.substr(0, file.rfind('/') + 1);
}();

/// Of the value, else of the newest that it is made of and that depends on a batch.
std::string line_of_abstract(const Trace& trace, ir::Value v) {
  std::vector<ir::Value> walk{v};
  std::unordered_set<uint32_t> seen{v.id};
  while (!walk.empty()) {
    const auto newest = std::ranges::max_element(walk);
    const ir::Value at = *newest;
    walk.erase(newest);
    if (std::string line = users_line(trace.graph.location(at)); !line.empty())
      return (trace.graph.op(at) == ir::Op::parameter ? "an element of what was batched at " : "recorded at ") + line;
    for (ir::Value o : trace.graph.operands(at))
      if (trace.abstract(o) && seen.insert(o.id).second) walk.push_back(o);
  }
  return "";
}

}  // namespace

std::string users_line(ir::Location where) {
  if (where.file() == nullptr) return "";
  const std::string_view file = where.file();
  // Templates in the public headers call the user's functions, and those of this library, with arrays.
  const bool own = file.starts_with(kOwnFolder) || file.find("/include/tarry/") != std::string_view::npos;
  return own ? "" : where.text();
}

void refuse_abstract(const Trace& trace, ir::Value v, ir::Location seen) {
  if (!trace.abstract(v)) return;
  const std::string here = users_line(seen);
  const std::string line = here.empty() ? line_of_abstract(trace, v) : "looked at in " + here;
  throw ValueError("inside vmap a value that depends on the batch cannot be looked at" +
                   (line.empty() ? "" : " (" + line + ")") +
                   ": there is one for each element of the batch. Use where() in place of a branch, and look at the "
                   "result of vmap");
}

}  // namespace tarry::frontend
