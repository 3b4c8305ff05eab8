#!/usr/bin/env bash
# Every source of a folder has a row in the README there: a file or a folder in backticks, in which * stands for
# anything. A header is spoken for by the source of its name.
# usage: rows.sh FOLDER
set -euo pipefail
folder=$1
cd "$folder"
mapfile -t rows < <(sed -n '/^|/p' README.md | grep -o '`[^` ]*`' | tr -d '`' | sort -u)

has_row() {
  local row
  for row in "${rows[@]}"; do
    [[ $row == */ ]] && row+='*'
    # shellcheck disable=SC2053  # a row is a pattern
    if [[ /$1 == */$row ]]; then return 0; fi
  done
  return 1
}

missing=0
while IFS= read -r file; do
  if has_row "$file" || { [[ $file == *.h ]] && [[ -f ${file%.h}.cpp ]] && has_row "${file%.h}.cpp"; }; then continue; fi
  echo "$folder/README.md has no row for $file" >&2
  missing=1
done < <(find src include -name '*.cpp' -o -name '*.h' | sort)
exit $missing
