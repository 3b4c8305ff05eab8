#pragma once
/// The rows of the table.

#include "measure.h"

#include <functional>
#include <string>
#include <vector>

namespace bench {

/// A row that is made, inputs and all, when its turn comes.
struct Work {
  std::string name;
  std::function<Comparison()> make;
};

std::vector<Work> elementwise_works();  // the chain, the sum, the stencil, a division, Black-Scholes
std::vector<Work> row_works();          // softmax, layernorm
std::vector<Work> function_works();     // exp log sin cos tanh erf pow
std::vector<Work> derivative_works();   // gradients of the chain
std::vector<Cost> costs();              // memory, recording, compiling
std::vector<Cost> small_costs();        // small arrays, first calls, shapes, threads
std::vector<Cost> derivative_costs();   // derivatives against what they are derivatives of

}  // namespace bench
