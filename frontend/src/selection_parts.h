#pragma once
/// What both ways to select share: that which walks the trace, and that which follows a plan.

#include "selection.h"

namespace tarry::frontend {

constexpr int64_t kWholeBuffer = -1;  // as the elements of a window: inputs with elements of several sizes share it

/// Values that cost nothing to compute again.
bool is_free(ir::Op op);
/// Whether who reads the result reads all that the operand holds, and nothing else: where nothing is stored but the
/// operand, the result is there.
bool shows_operand(ir::Op op);
/// Where the user wrote it, and what.
uint64_t place_in_code(const Trace& t, ir::Value v);
/// Whether a value that is computed on the way is to be stored.
bool worth_storing(Trace& t, ir::Value v);
/// Fills in the inputs, the scalars and the buffers of what `s.nodes` holds.
void number_sources(Trace& t, Selection& s);
/// An input's buffer is given away when everything that refers to it is computed or dies by this flush; `s.counts` says
/// how many references to a node go.
void choose_donations(const Trace& t, Selection& s);
/// The order in memory that an output's handle asks for.
ir::Ints order_of(const Trace& t, ir::Value output);
/// The size of an input's buffer as the program sees it, in the input's elements.
int64_t elements_seen(const Trace& t, const BufferWindow& window, ir::Value input);

}  // namespace tarry::frontend
