#include "ptx/select.h"

#include <string_view>
#include <unordered_map>

namespace cudasim {
namespace {

using Selector = void (*)(Site&);

const std::unordered_map<std::string_view, Selector>& selectors() {
  static const std::unordered_map<std::string_view, Selector> table = {
      {"add", select_add},
      {"sub", select_sub},
      {"mul", select_mul},
      {"mad", select_mad},
      {"mul24", select_mul24},
      {"mad24", select_mad24},
      {"sad", select_sad},
      {"div", select_div},
      {"rem", select_rem},
      {"abs", select_abs},
      {"neg", select_neg},
      {"min", select_min},
      {"max", select_max},
      {"fma", select_fma},
      {"sqrt", select_sqrt},
      {"rcp", select_rcp},
      {"ex2", select_approximation},
      {"lg2", select_approximation},
      {"sin", select_approximation},
      {"cos", select_approximation},
      {"tanh", select_approximation},
      {"rsqrt", select_approximation},
      {"copysign", select_copysign},
      {"testp", select_testp},
      {"and", select_and},
      {"or", select_or},
      {"xor", select_xor},
      {"not", select_not},
      {"cnot", select_cnot},
      {"lop3", select_lop3},
      {"shl", select_shl},
      {"shr", select_shr},
      {"shf", select_shf},
      {"prmt", select_prmt},
      {"bfe", select_bfe},
      {"bfi", select_bfi},
      {"bfind", select_bfind},
      {"brev", select_brev},
      {"popc", select_popc},
      {"clz", select_clz},
      {"szext", select_szext},
      {"bmsk", select_bmsk},
      {"dp4a", select_dp4a},
      {"setp", select_setp},
      {"set", select_set},
      {"selp", select_selp},
      {"slct", select_slct},
      {"mov", select_mov},
      {"cvt", select_cvt},
      {"cvta", select_cvta},
      {"isspacep", select_isspacep},
      {"ld", select_ld},
      {"ldu", select_ld},
      {"st", select_st},
      {"atom", select_atom},
      {"red", select_red},
      {"membar", select_nothing},
      {"fence", select_nothing},
      {"prefetch", select_nothing},
      {"prefetchu", select_nothing},
      {"nanosleep", select_nothing},
      {"bar", select_bar},
      {"barrier", select_bar},
      {"shfl", select_shfl},
      {"vote", select_vote},
      {"match", select_match},
      {"redux", select_redux},
      {"elect", select_elect},
      {"activemask", select_activemask},
      {"trap", select_trap},
      {"brkpt", select_trap},
  };
  return table;
}

}  // namespace

void select(Site& site) {
  const auto found = selectors().find(site.op.base());
  if (found == selectors().end()) site.unknown();
  found->second(site);
}

}  // namespace cudasim
