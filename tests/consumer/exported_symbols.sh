#!/usr/bin/env bash
# The shared library exports what exported_symbols.txt lists: no more, so that nothing internal is relied on, and no less.
# usage: exported_symbols.sh LIBRARY LIST [--fix]
set -euo pipefail
library=$1
list=$2
command -v nm > /dev/null || { echo "skipped: nm is not installed"; exit 77; }
found=$(nm --dynamic --defined-only --demangle --format=posix "$library" | sed -E 's/ [A-Za-z] [0-9a-f]+( [0-9a-f]+)?$//' | LC_ALL=C sort -u)
if [[ ${3:-} == --fix ]]; then printf '%s\n' "$found" > "$list"; exit; fi
if ! difference=$(diff <(LC_ALL=C sort -u "$list") - <<< "$found"); then
  echo "exported by $library (>), listed in $list (<):"
  echo "$difference"
  echo "what is meant: $0 $library $list --fix, and mind the ABI promise of docs/embedding.md"
  exit 1
fi
