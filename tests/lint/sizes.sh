#!/usr/bin/env bash
# Files stay readable: at most 400 lines, tests 600. There are no exceptions.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0
while read -r file; do
  limit=400; [[ $file == tests/* ]] && limit=600
  lines=$(wc -l < "$file")
  if (( lines > limit )); then
    echo "$file: $lines lines, at most $limit are allowed: it holds two ideas"
    failed=1
  fi
done < <(find libairouter airouterd bindings examples tests \( -name '*.h' -o -name '*.cpp' -o -name '*.sh' -o -name '*.js' -o -name '*.py' -o -name '*.c' \) -not -path '*/build*/*' | sort)
exit $failed
