#!/usr/bin/env bash
# Runs every fuzz target for a while on a copy of its seeds; a finding fails. usage: short.sh FOLDER [SECONDS]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
seconds=${2:-15}
"$root/tests/fuzz/build.sh" "$build"
rm -rf "$build/short"

# Its output is shown only if it finds something. usage: run_target TARGET
run_target() {
  local folder=$build/short/$1 options=() result=0
  mkdir -p "$folder/corpus"
  cp "$root/tests/fuzz/corpus/$1"/* "$folder/corpus/"
  if [[ -f $root/tests/fuzz/dictionaries/$1.dict ]]; then options=("-dict=$root/tests/fuzz/dictionaries/$1.dict"); fi
  "$build/bin/$1" "${options[@]}" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
    -artifact_prefix="$folder/" -print_final_stats=1 "$folder/corpus" > "$folder/log" 2>&1 || result=$?
  local runs
  runs=$(sed -nE 's/^stat::number_of_executed_units: //p' "$folder/log")
  if (( result == 0 && ${runs:-0} > 0 )); then
    echo "$1: $runs runs"
    return 0
  fi
  echo "== $1 found something:"
  grep -aE -A 12 'a claim does not hold|runtime error|ERROR: |SUMMARY' "$folder/log" | head -n 40 || tail -n 20 "$folder/log"
  for input in "$folder"/{crash,leak,timeout,oom,slow-unit}-*; do
    [[ -f $input ]] || continue
    echo "the input is $input; run $build/bin/$1 $input"
    echo "base64 of it: $(head -c 3000 "$input" | base64 -w 0)"
  done
  return 1
}
export -f run_target
export root build seconds

find "$root/tests/fuzz/targets" -name '*.cpp' -printf '%f\n' | sed 's/\.cpp$//' | sort |
  xargs -P "$(( $(nproc) > 2 ? $(nproc) / 2 : 2 ))" -I {} bash -c 'run_target {}'
