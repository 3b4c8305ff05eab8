#!/usr/bin/env bash
# Runs the "; RUN:" lines of an IR file, each of which has to succeed.
# usage: filecheck.sh TARRY-OPT FILECHECK FILE
#
# In a line, tarry-opt and FileCheck are the programs given, %s is the file and %t a scratch file.
# `not COMMAND` succeeds when the command fails in an orderly way, without a signal.
set -euo pipefail
tool=$1 checker=$2 file=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

tarry-opt() { "$tool" "$@"; }
FileCheck() { "$checker" "$@"; }
not() {
  local status=0
  "$@" || status=$?
  ((status > 0 && status < 126))
}

lines=0
while IFS= read -r line; do
  lines=$((lines + 1))
  line=${line//%s/\"$file\"}
  line=${line//%t/\"$scratch/t\"}
  if ! (eval "$line" </dev/null); then
    echo "failed: $line" >&2
    exit 1
  fi
done < <(sed -n 's/^; RUN: *//p' "$file")
if ((lines == 0)); then
  echo "$file has no RUN line" >&2
  exit 1
fi
