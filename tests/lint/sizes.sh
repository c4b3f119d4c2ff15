#!/usr/bin/env bash
# Files stay readable: at most 400 lines, tests 600, examples 40. There are no exceptions. The program that the documents
# show in every language, which they call ten lines, has ten that are not blank.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0
while read -r file; do
  limit=400; [[ $file == tests/* ]] && limit=600; [[ $file == examples/* ]] && limit=40
  lines=$(wc -l < "$file")
  if (( lines > limit )); then
    echo "$file: $lines lines, at most $limit are allowed"
    failed=1
  fi
done < <(find libairouter airouterd bindings examples tests \( -name '*.h' -o -name '*.cpp' -o -name '*.sh' -o -name '*.js' -o -name '*.py' -o -name '*.c' \) -not -path '*/build*/*' | sort)
for file in examples/smart.{cpp,c,py,js}; do
  lines=$(sed -nE '/^ *(#|\/\/) \[stream\]$/,/^ *(#|\/\/) \[end\]$/p' "$file" | sed '1d; $d' | grep -c '[^ ]' || true)
  if (( lines < 1 || lines > 10 )); then
    echo "$file: the documents call it ten lines, and it has $lines"
    failed=1
  fi
done
exit $failed
