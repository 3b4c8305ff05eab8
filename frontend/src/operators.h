#pragma once
/// The ufuncs behind C++'s operators, which `tarry::numpy` calls by name too.

#include "ufunc.h"

namespace tarry::frontend::operators {

inline constexpr Ufunc add{"add", Op::add, Typing::same};
inline constexpr Ufunc subtract{"subtract", Op::sub, Typing::number};
inline constexpr Ufunc multiply{"multiply", Op::mul, Typing::same};
inline constexpr Ufunc divide{"divide", Op::div, Typing::division};
inline constexpr Ufunc remainder{"remainder", Op::mod, Typing::arithmetic};
inline constexpr Ufunc bitwise_and{"bitwise_and", Op::and_, Typing::bits};
inline constexpr Ufunc bitwise_or{"bitwise_or", Op::or_, Typing::bits};
inline constexpr Ufunc bitwise_xor{"bitwise_xor", Op::xor_, Typing::bits};
inline constexpr Ufunc left_shift{"left_shift", Op::shl, Typing::integer};
inline constexpr Ufunc right_shift{"right_shift", Op::shr, Typing::integer};
inline constexpr Ufunc equal{"equal", Op::eq, Typing::same};
inline constexpr Ufunc not_equal{"not_equal", Op::ne, Typing::same};
inline constexpr Ufunc less{"less", Op::lt, Typing::same};
inline constexpr Ufunc less_equal{"less_equal", Op::le, Typing::same};
inline constexpr Ufunc greater{"greater", Op::gt, Typing::same};
inline constexpr Ufunc greater_equal{"greater_equal", Op::ge, Typing::same};
inline constexpr Ufunc negative{"negative", Op::neg, Typing::number};
inline constexpr Ufunc invert{"invert", Op::not_, Typing::bits};
inline constexpr Ufunc logical_not{"logical_not", Op::not_, Typing::boolean};

}  // namespace tarry::frontend::operators
