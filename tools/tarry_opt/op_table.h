#pragma once
/// The op table for people.

#include <string>

namespace tarry::tools {

/// A Markdown table with a row for each op, as docs/ir.md holds it.
std::string op_table_text();

}  // namespace tarry::tools
