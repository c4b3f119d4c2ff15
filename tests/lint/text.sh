#!/usr/bin/env bash
# Text files end their lines alike, scripts parse, and nothing is left over from working on them.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0

mapfile -t files < <(find . \( -path './build*' -o -path ./.git -o -path ./data -o -name .cache \) -prune -o -type f \
  \( -name '*.h' -o -name '*.cpp' -o -name '*.sh' -o -name '*.md' -o -name '*.txt' -o -name '*.json' -o -name '*.cmake' -o -name '*.js' -o -name '*.py' \
  -o -path './.ci/*' \) -print | sort)

found() { echo "$1"; failed=1; }

if grep -nE '[[:blank:]]+$' "${files[@]}"; then found "blanks at the end of a line"; fi
if grep -nP '\t' "${files[@]}"; then found "tabs"; fi
if grep -nF $'\r' "${files[@]}"; then found "carriage returns"; fi
if grep -nE '\b(TO''DO|FIX''ME|XX''X)\b' "${files[@]}"; then found "unfinished business"; fi
for file in "${files[@]}"; do
  [[ -z $(tail -c 1 "$file") ]] || found "$file: no line end at its end"
done
while read -r script; do
  bash -n "$script" || failed=1
done < <(printf '%s\n' "${files[@]}" | grep -E '\.sh$|^\./\.ci/(run|install-packages)$')
exit $failed
