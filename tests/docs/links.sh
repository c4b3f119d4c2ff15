#!/usr/bin/env bash
# Links in the documents that point into the project lead somewhere, and the files that they name are there.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0
while read -r document; do
  while read -r target; do
    [[ $target == *://* || $target == \#* || -z $target ]] && continue
    path=$(dirname "$document")/${target%%#*}
    [[ -e $path ]] || { echo "$document: nothing is at $target"; failed=1; }
    if [[ $target == *.md\#* ]]; then
      anchor=${target#*#}
      sed -nE 's/^#+ //p' "$path" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g' | grep -xF -- "$anchor" > /dev/null ||
        { echo "$document: no heading at $target"; failed=1; }
    fi
  done < <(grep -oE '\]\([^) ]+\)' "$document" | sed 's/^](//; s/)$//')
  while read -r file; do
    [[ $file == build/* || $file == data/* || $file == state/* ]] && continue  # what a run makes
    [[ -e $file || -e libairouter/src/$file || -e airouterd/src/$file ]] || { echo "$document: there is no $file"; failed=1; }
  done < <(grep -oE '`[a-z0-9_./-]+/[a-z0-9_.-]+\.(cpp|h|sh|txt|json|golden)`' "$document" | tr -d '`')
done < <(find . \( -path './build*' -o -path ./.git \) -prune -o -name '*.md' -print)
exit $failed
