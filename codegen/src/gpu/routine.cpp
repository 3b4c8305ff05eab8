#include "gpu/routine.h"

#include <tarry/runtime/cache.h>

#include <algorithm>
#include <utility>

#include "gpu/vector_product.h"

namespace tarry::codegen {
namespace {

using passes::AccessBinding;

/// Of the layouts that have been asked for.
class Routines {
 public:
  /// Made at the first step that wants it.
  static std::shared_ptr<DeviceKernel> find(const std::shared_ptr<const ir::Kernel>& kernel, GpuRoutine routine) {
    return instance().known_.find_or_make(
        ir::hash(*kernel) + static_cast<uint64_t>(routine),
        [&](const Key& k) { return k.second == routine && ir::equal(*k.first, *kernel); },
        [&] { return Key(kernel, routine); }, [&] { return std::make_shared<DeviceKernel>(kernel, routine); });
  }

 private:
  using Key = std::pair<std::shared_ptr<const ir::Kernel>, GpuRoutine>;

  static Routines& instance() {
    static constinit runtime::MadeOnce<Routines> all;
    return all.get();
  }

  runtime::Cache<Key, DeviceKernel> known_{1024};
};

ir::Access access_of(ir::Access::Kind kind, ir::DType t, bool in_row) {
  return {kind, t, ir::StrideClass::any, in_row ? ir::StrideClass::any : ir::StrideClass::zero, in_row};
}

const char* name_of(GpuRoutine routine) {
  switch (routine) {
    case GpuRoutine::run: break;
    case GpuRoutine::product: return "matmul";
    case GpuRoutine::argsort: return "argsort";
    case GpuRoutine::search_left: return "search_left";
    case GpuRoutine::search_right: return "search_right";
    case GpuRoutine::sort: return "sort";
  }
  return "";
}

ir::Kernel layout_of(GpuRoutine routine, ir::DType t, int rank) {
  using enum ir::Access::Kind;
  ir::Kernel k;
  k.name = name_of(routine);
  k.outer_rank = rank;
  const bool sorts = routine == GpuRoutine::sort;
  if (sorts || routine == GpuRoutine::argsort) {
    k.accesses = {access_of(read, t, false), access_of(write, sorts ? t : ir::DType::int64, false)};
    return k;
  }
  const bool product = routine == GpuRoutine::product;
  k.row_rank = 1;
  k.schedule = ir::Schedule::column;
  k.accesses = {access_of(read, t, true), access_of(read, t, product),
                access_of(write, product ? t : ir::DType::int64, false)};
  return k;
}

AccessBinding bind(const passes::MatmulStep::Matrix& m, bool rows, bool columns) {
  AccessBinding access{m.buffer, m.offset, {m.batch_stride, 0, 0, 0}};
  if (rows) access.strides[1] = m.row_stride;
  if (columns) access.strides[2] = m.column_stride;
  return access;
}

bool is_integer(const passes::MatmulStep& m) { return !ir::is_float(m.dtype) && !ir::is_complex(m.dtype); }
/// Whose sums have an order, which cuBLAS does not keep.
bool is_with_vector(const passes::MatmulStep& m) { return m.m < 2 || m.n < 2 || m.k < 2; }

Routine product(const passes::MatmulStep& m) {
  Routine r;
  r.step.kernel = std::make_shared<const ir::Kernel>(layout_of(GpuRoutine::product, m.dtype, 3));
  r.step.extents = {m.batch, m.m, m.n, m.k};
  AccessBinding a = bind(m.a, true, false), b = bind(m.b, false, true);
  a.strides[3] = m.a.column_stride;
  b.strides[3] = m.b.row_stride;
  r.step.operands = {a, b, bind(m.c, true, true)};
  r.kernel = Routines::find(r.step.kernel, GpuRoutine::product);
  return r;
}

/// With the axis last.
AccessBinding along_last(const passes::SortStep::Operand& o, int64_t axis) {
  AccessBinding access{o.buffer, o.offset, {}};
  for (size_t a = 0; a < o.strides.size(); ++a)
    if (static_cast<int64_t>(a) != axis) access.strides.push_back(o.strides[a]);
  access.strides.push_back(o.strides[static_cast<size_t>(axis)]);
  return access;
}

Routine sort(const passes::SortStep& s) {
  const GpuRoutine routine = s.elements ? GpuRoutine::sort : GpuRoutine::argsort;
  const passes::SortStep::Operand& x = s.operands[0];
  Routine r;
  const int rank = static_cast<int>(x.shape.size());
  r.step.kernel = std::make_shared<const ir::Kernel>(layout_of(routine, s.dtype, rank));
  for (int64_t a = 0; a < rank; ++a)
    if (a != s.axis) r.step.extents.push_back(x.shape[static_cast<size_t>(a)]);
  r.step.extents.push_back(x.shape[static_cast<size_t>(s.axis)]);
  r.step.operands = {along_last(x, s.axis), along_last(s.result, s.axis)};
  r.kernel = Routines::find(r.step.kernel, routine);
  return r;
}

Routine search(const passes::SortStep& s) {
  const GpuRoutine routine = s.op == ir::Op::search_left ? GpuRoutine::search_left : GpuRoutine::search_right;
  const passes::SortStep::Operand &sorted = s.operands[0], &queries = s.operands[1];
  Routine r;
  // A space has an axis at least.
  const bool missing = queries.shape.empty();
  const size_t rank = queries.shape.size() + missing;
  r.step.kernel = std::make_shared<const ir::Kernel>(layout_of(routine, s.dtype, static_cast<int>(rank)));
  if (missing) r.step.extents.push_back(1);
  for (int64_t extent : queries.shape) r.step.extents.push_back(extent);
  r.step.extents.push_back(sorted.shape[0]);
  AccessBinding row{sorted.buffer, sorted.offset, {}};
  for (size_t a = 0; a < rank; ++a) row.strides.push_back(0);
  row.strides.push_back(sorted.strides[0]);
  const auto at_query = [&](const passes::SortStep::Operand& o) {
    AccessBinding access{o.buffer, o.offset, {}};
    if (missing) access.strides.push_back(0);
    for (int64_t stride : o.strides) access.strides.push_back(stride);
    access.strides.push_back(0);
    return access;
  };
  r.step.operands = {row, at_query(queries), at_query(s.result)};
  r.kernel = Routines::find(r.step.kernel, routine);
  return r;
}

}  // namespace

bool has_routine(const passes::Step& step) {
  const auto* m = std::get_if<passes::MatmulStep>(&step.work);
  return m ? is_integer(*m) || is_with_vector(*m) : std::holds_alternative<passes::SortStep>(step.work);
}

std::optional<Routine> routine_of(const passes::Step& step) {
  if (!has_routine(step)) return {};
  if (const auto* m = std::get_if<passes::MatmulStep>(&step.work)) {
    if (is_integer(*m)) return product(*m);
    Routine r{nullptr, vector_product(*m)};
    r.kernel = Routines::find(r.step.kernel, GpuRoutine::run);
    return r;
  }
  const auto& s = std::get<passes::SortStep>(step.work);
  return s.op == ir::Op::argsort ? sort(s) : search(s);
}

}  // namespace tarry::codegen
