#!/usr/bin/env bash
# Puts the tables of the last run into docs/performance.md and README.md, between their markers. usage: write_docs.sh FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
kept=$1

# usage: insert FILE NEW_TEXT_FILE
insert() {
  grep -q '<!-- benchmark begins -->' "$1" || { echo "$1 has no place for the benchmark" >&2; return 1; }
  awk -v text="$2" '
    /<!-- benchmark begins -->/ { print; print ""; while ((getline line < text) > 0) print line; print ""; skips = 1 }
    /<!-- benchmark ends -->/ { skips = 0 }
    !skips { print }' "$1" > "$kept/document"
  cat "$kept/document" > "$1"
  rm "$kept/document"
}

# Lines of text are broken as in the rest of the documents.
machine() { sed -n 1p "$kept/machine.txt" | fold -s -w 118 | sed 's/ *$//'; }

{
  machine
  printf '\n'
  sed 1d "$kept/machine.txt" | sed 's/^skipped: \(.*\)/* skipped: \1/'
  [[ $(wc -l < "$kept/machine.txt") == 1 ]] || printf '\n'
  cat "$kept/table.md"
  printf '\n'
  cat "$kept/targets.md"
} > "$kept/performance.part"
insert "$root/docs/performance.md" "$kept/performance.part"
{
  machine
  printf '\n'
  awk -v rows=few -f "$root/tests/bench/table.awk" "$kept/results.txt"
} > "$kept/readme.part"
insert "$root/README.md" "$kept/readme.part"
