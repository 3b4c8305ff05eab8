#pragma once
/// What the first computation of a process would have to wait for.

namespace tarry::frontend {

class Trace;

/// Once in a process: records, plans and interprets a small program of the calling thread's trace, which is new. So the
/// pages of the library are there, its memory is, and the caches hold its code, when the user's first program comes.
/// Nothing of it can be seen afterwards: no counter, no node, no plan that a program of the user's would find.
void rehearse(Trace& own) noexcept;

}  // namespace tarry::frontend
