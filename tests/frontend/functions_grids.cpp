#include "functions.h"

namespace functions {

namespace np = tarry::numpy;
using tarry::Array;

namespace {

Array g() { return (np::arange(24) * 37 % 23 / 4 - 2).reshape({2, 3, 4}); }
Array page(int k) { return x()[k]; }

void add_matrices(Calls& calls) {
  calls["eye"] = [] { return Results{np::eye(3, 4, -1)}; };
  calls["full_like"] = [] { return Results{np::full_like(i(), 2.5, tarry::float64)}; };
  calls["tri"] = [] { return Results{np::tri(3, 4, 1)}; };
  calls["tril"] = [] { return Results{np::tril(x(), -1)}; };
  calls["triu"] = [] { return Results{np::triu(x(), 1)}; };
  calls["tril_vector"] = [] { return Results{np::tril(np::array({1, 2, 3}))}; };
  calls["diag"] = [] { return Results{np::diag(np::array({1.0, 2.0, 3.0}), 1)}; };
  calls["diag_below"] = [] { return Results{np::diag(np::array({1, 2}), -2)}; };
  calls["diag_of"] = [] { return Results{np::diag(page(0), -1)}; };
  calls["diagonal"] = [] { return Results{np::diagonal(x(), 1, 2, 0)}; };
  calls["diagonal_none"] = [] { return Results{np::diagonal(x(), 9)}; };
  calls["trace"] = [] { return Results{np::trace(x(), 0, 1, 2)}; };
  calls["vander"] = [] { return Results{np::vander(np::array({1.0, 2.0, 3.0}), 4)}; };
  calls["vander_increasing"] = [] { return Results{np::vander(np::array({1, 2, 3}), -1, true)}; };
  calls["logspace"] = [] { return Results{np::logspace(0, 3, 4)}; };
  calls["geomspace"] = [] { return Results{np::geomspace(1, 256, 5)}; };
  calls["geomspace_negative"] = [] { return Results{np::geomspace(-1000, -1, 4)}; };
  calls["indices"] = [] { return Results{np::indices({2, 3})}; };
  calls["meshgrid"] = [] { return np::meshgrid({np::array({1, 2, 3}), np::array({4.0, 5.0})}); };
  calls["meshgrid_ij"] = [] { return np::meshgrid({np::array({1, 2, 3}), np::array({4, 5})}, np::Indexing::ij); };
  calls["fromfunction"] = [] { return Results{np::fromfunction([](Array i, Array j) { return i * 10 + j; }, {2, 3})}; };
}

void add_parts(Calls& calls) {
  calls["array_split"] = [] { return np::array_split(i(), 3); };
  calls["split_places"] = [] { return np::split(x(), std::vector<int64_t>{1, 3}, 2); };
  calls["tile"] = [] { return Results{np::tile(page(0), {2, 1, 2})}; };
  calls["tile_wide"] = [] { return Results{np::tile(x(), 2)}; };
  calls["repeat"] = [] { return Results{np::repeat(page(0), 2)}; };
  calls["repeat_axis"] = [] { return Results{np::repeat(x(), 2, 1)}; };
  calls["repeat_counts"] = [] { return Results{np::repeat(page(0), std::vector<int64_t>{1, 0, 2}, 0)}; };
  calls["append"] = [] { return Results{np::append(i(), np::array({{7, 8}}))}; };
  calls["column_stack"] = [] { return Results{np::column_stack({np::array({1, 2}), np::array({3, 4})})}; };
  calls["dstack"] = [] { return Results{np::dstack({np::array({1, 2}), np::array({3, 4})})}; };
  calls["rot90"] = [] { return Results{np::rot90(page(0))}; };
  calls["rot90_back"] = [] { return Results{np::rot90(x(), -1, 1, 2)}; };
  calls["rollaxis"] = [] { return Results{np::rollaxis(x(), 2)}; };
}

void add_products(Calls& calls) {
  calls["vdot"] = [] { return Results{np::vdot(g(), x())}; };
  calls["outer"] = [] { return Results{np::outer(np::array({1, 2, 3}), np::array({0.5, 4.0}))}; };
  calls["inner"] = [] { return Results{np::inner(x(), page(0))}; };
  calls["tensordot"] = [] { return Results{np::tensordot(x(), np::transpose(x(), {1, 2, 0}))}; };
  calls["tensordot_axes"] = [] { return Results{np::tensordot(x(), x(), {0, 2}, {0, 2})}; };
  calls["kron"] = [] { return Results{np::kron(np::array({{1, 2}, {3, 4}}), np::array({{0, 5}, {6, 7}}))}; };
  calls["cross"] = [] { return Results{np::cross(np::array({{1, 2, 3}, {4, 5, 6}}), np::array({7, 8, 10}))}; };
  calls["einsum_matmul"] = [] { return Results{np::einsum("ij,jk->ik", {page(0), page(1).T()})}; };
  calls["einsum_implied"] = [] { return Results{np::einsum("ji,jk", {page(0), page(1)})}; };
  calls["einsum_trace"] = [] { return Results{np::einsum("ii", {x()[{0, np::all, np::slice(3)}]})}; };
  calls["einsum_diagonal"] = [] { return Results{np::einsum("ii->i", {x()[{0, np::all, np::slice(3)}]})}; };
  calls["einsum_batch"] = [] { return Results{np::einsum("bij,bkj->bik", {x(), x()})}; };
  calls["einsum_ellipsis"] = [] { return Results{np::einsum("...j,j->...", {x(), np::array({1, 2, 3, 4})})}; };
  calls["einsum_three"] = [] { return Results{np::einsum("ij,jk,kl->il", {page(0), page(0).T(), page(1)})}; };
  calls["einsum_sum"] = [] { return Results{np::einsum("ijk->j", {x()})}; };
  calls["einsum_outer"] = [] { return Results{np::einsum("i,j->ji", {np::array({1, 2}), np::array({3, 4, 5})})}; };
}

}  // namespace

Calls grids() {
  Calls calls;
  add_matrices(calls);
  add_parts(calls);
  add_products(calls);
  return calls;
}

}  // namespace functions
