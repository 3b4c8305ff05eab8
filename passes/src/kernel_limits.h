#pragma once
// How large a kernel may become.

namespace tarry::passes {

inline constexpr int kMaxOps = 1000;         // beyond which code generation is superlinear
inline constexpr int kMaxPrimitives = 4000;  // that they expand to: 15 float64 sines, 120 exponentials
inline constexpr int kManyOps = 128;         // below which no kernel is cut for the arrays that it reads
inline constexpr int kFewOps = 5;            // that stay below kMaxPrimitives, whatever they are

}  // namespace tarry::passes
