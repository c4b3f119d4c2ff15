#!/usr/bin/env bash
# airouter.h is the list of what libairouter_c exports: at most 25 functions, each of them there, nothing beside them, and
# each tried with NULL by c_test. What is borrowed cannot be freed: no compiler takes it.
# usage: interface.sh HEADER LIBRARY C_TEST
set -euo pipefail
header=$1
library=$2
c_test=$3
command -v nm > /dev/null || { echo "skipped: nm is not installed"; exit 77; }
result=0

# What is declared, over line ends; the last word before a parenthesis is the name.
declared=$(sed -E '/^#/d; s|/\*.*\*/||' "$header" | tr '\n' ' ' | grep -oE 'AIROUTER_API [^;(]*\(' |
  sed -E 's/^.*[ *]([a-z_]+)\($/\1/' | LC_ALL=C sort)

# usage: is_declared NAMES WHO
is_declared() {
  local difference
  difference=$(diff <(printf '%s\n' "$declared") <(LC_ALL=C sort <<< "$1")) && return
  echo "declared by airouter.h (<), $2 (>):"
  echo "$difference"
  result=1
}

count=$(wc -l <<< "$declared")
if (( count > 25 )); then
  echo "airouter.h declares $count functions; 25 is the most"
  result=1
fi
if [[ $(uniq -d <<< "$declared") ]]; then
  echo "declared twice: $(uniq -d <<< "$declared")"
  result=1
fi
# Everything but the name of the version itself, which is absolute.
is_declared "$(nm --dynamic --defined-only --format=posix "$library" | awk '$2 != "A" { sub(/@.*/, "", $1); print $1 }')" \
  "exported by ${library##*/}"
is_declared "$("$c_test" --functions)" "tried with NULL by c_test"

# usage: compiles STATEMENT
compiles() {
  printf '#include "%s"\nvoid f(airouter_call* call, airouter_string owned) { %s }\n' "$(realpath "$header")" "$1" |
    cc -std=c11 -Wall -Wextra -Werror -Wno-unused-parameter -fsyntax-only -x c - 2> /dev/null
}
compiles 'airouter_string_free(owned);' || { echo "an owned string cannot be freed"; result=1; }
for wrong in 'airouter_string_free(airouter_call_data(call));' 'airouter_string_free(airouter_call_data(call).bytes);' \
  'airouter_string kept = airouter_call_text(call); airouter_string_free(kept);' 'airouter_error_free(call);' \
  'owned.bytes = airouter_call_data(call).bytes;'; do
  if compiles "$wrong"; then
    echo "the compiler takes what frees something borrowed: $wrong"
    result=1
  fi
done
exit "$result"
