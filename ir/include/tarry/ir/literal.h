#pragma once
/// Bit patterns of single elements: the attribute of a `constant`, the values of scalars.

#include <tarry/ir/dtype.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarry::ir {

/// `value` as an element of dtype `t`, zero-extended: floats round to nearest even, integers truncate
/// and wrap, bool is != 0. Complex types take it as the real part; complex128 does not fit and is 0.
uint64_t bits_of(DType t, double value);

/// The text of an element: "true", "-7", "0.1", "-0", "inf", "nan" (the positive quiet one), and
/// "bits 0x7fc00001" for every pattern that has no shorter exact form. Reading it back gives the same bits.
std::string literal_text(DType t, uint64_t bits);

/// The element that `text` stands for, or nothing when it is none of dtype `t`. Takes decimal and
/// hexadecimal floats ("0x1.8p-3"), but not the form with "bits".
std::optional<uint64_t> literal_bits(DType t, std::string_view text);

}  // namespace tarry::ir
