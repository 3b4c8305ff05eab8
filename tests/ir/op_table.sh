#!/usr/bin/env bash
# The op table in docs/ir.md is the one that the library has.
# usage: op_table.sh TARRY-OPT IR.MD
set -euo pipefail
if ! diff <(sed -n '/^| op /,/^$/p' "$2" | sed '/^$/d') <("$1" --list-ops); then
  echo "docs/ir.md is behind: replace its table by the output of tarry-opt --list-ops" >&2
  exit 1
fi
