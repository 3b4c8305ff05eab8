#include "llvm/points.h"

#include <tarry/ir/error.h>

#include "llvm/types.h"

namespace tarry::codegen {

using llvm::Value;

Value* Point::address(int access) { return frame_.byte_offset(frame_.data(access), offset_(access)); }

Value* Point::load(int access, Value* predicate) { return read(access, address(access), predicate); }

Value* Point::load_at(int access, Value* distance, Value* predicate) {
  Builder& b = frame_.b;
  Value* bytes = b.CreateMul(distance, b.getInt64(ir::size_of(frame_.kernel.accesses[access].dtype)));
  return read(access, frame_.byte_offset(address(access), bytes), predicate);
}

Value* Point::read(int access, Value* from_address, Value* predicate) {
  Builder& b = frame_.b;
  const ir::DType t = frame_.kernel.accesses[access].dtype;
  return to_register(b, frame_.load_if(memory_type(b.getContext(), t), from_address, predicate), t);
}

void Point::store(int access, Value* value) {
  frame_.b.CreateStore(to_memory(frame_.b, value, frame_.kernel.accesses[access].dtype), address(access));
}

Value* Point::index(int access) { return frame_.b.CreateAdd(frame_.word(frame_.layout.base(access)), offset_(access)); }

void Point::reduce(ir::Value, Value*) { throw InternalError("a reduction outside of a walk"); }
Value* Point::scan(ir::Value, Value*) { throw InternalError("a scan outside of a walk"); }

}  // namespace tarry::codegen
