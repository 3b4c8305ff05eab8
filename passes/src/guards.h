#pragma once

#include <tarry/ir/kernel.h>

namespace tarry::passes {

/// Spells out the guarded products and quotients of derivatives (mul0, div0) for a whole kernel at once.
///
/// What: computes with plain products first. Where they are wrong they are NaNs, which go on into what is made of
/// them; so it is enough to look at what leaves that stretch (a store, a reduction, a comparison), and to compute
/// the stretch again with guards, in a cold region, where that is a NaN. Needs: a verified kernel. Keeps: every bit.
/// Why not LLVM: it cannot know that a NaN is rare, nor that it reaches the end.
ir::Kernel expand_guards(const ir::Kernel& kernel);

}  // namespace tarry::passes
