#!/usr/bin/env bash
# Fuzzes for long, or takes what was learnt into the seeds. usage:
#   tests/fuzz/run.sh [TARGET|all] [SECONDS]  each target for that long (default: 600), two at a time
#   tests/fuzz/run.sh --list                  the targets
#   tests/fuzz/run.sh --minimise FILE         the smallest input that fails like FILE, which a run has left
#   tests/fuzz/run.sh --merge TARGET COUNT    the COUNT smallest inputs that reach what no seed reaches become seeds
# What runs learn is kept in build/fuzz/corpus/TARGET, what they find in build/fuzz/findings.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/build/fuzz
seeds=$root/tests/fuzz/corpus
targets=$(find "$root/tests/fuzz/targets" -name '*.cpp' -printf '%f\n' | sed 's/\.cpp$//' | sort)
seed_bytes_max=4096
usage() { sed -nE '2,7s/^# ?//p' "$0" >&2; exit 2; }
is_target() { grep -qxF -- "$1" <<< "$targets"; }
build_all() { "$root/tests/fuzz/build.sh" "$build" || exit $?; }

fuzz() {  # target, seconds
  local corpus=$build/corpus/$1 options=()
  mkdir -p "$corpus" "$build/findings"
  if [[ -f $root/tests/fuzz/dictionaries/$1.dict ]]; then options=("-dict=$root/tests/fuzz/dictionaries/$1.dict"); fi
  echo "$1: $2 s, output in $build/findings/$1.log"
  if ! nice "$build/bin/$1" "${options[@]}" -max_total_time="$2" -max_len=16384 -timeout=20 -rss_limit_mb=2048 \
    -artifact_prefix="$build/findings/$1-" -print_final_stats=1 "$corpus" "$seeds/$1" > "$build/findings/$1.log" 2>&1; then
    echo "$1 found something:"
    grep -aE -A 6 'a claim does not hold|runtime error|ERROR: |Test unit written' "$build/findings/$1.log" | head -n 40
    return 1
  fi
  sed -nE "s/^stat::number_of_executed_units: (.*)/$1: \1 runs, nothing found/p" "$build/findings/$1.log"
}
export -f fuzz
export root build seeds

case "${1:-all}" in
  --list) echo "$targets" ;;
  --minimise)
    [[ -f ${2:-} ]] || usage
    target=$(basename "$2")
    target=${target%%-*}
    is_target "$target" || usage
    build_all
    "$build/bin/$target" -minimize_crash=1 -max_total_time=60 -exact_artifact_path="$2.min" "$2" > "$2.log" 2>&1 || true
    [[ -f $2.min ]] || { echo "it could not be made smaller, or does not fail; see $2.log"; exit 1; }
    echo "$2.min"
    ;;
  --merge)
    is_target "${2:-}" && [[ ${3:-} =~ ^[0-9]+$ ]] || usage
    build_all
    merged=$(mktemp -d)
    trap 'rm -rf "$merged"' EXIT
    cp "$seeds/$2"/* "$merged/"
    "$build/bin/$2" -merge=1 -max_len=$seed_bytes_max "$merged" "$build/corpus/$2" > "$build/merge.log" 2>&1
    for seed in "$seeds/$2"/*; do rm -f "$merged/$(basename "$seed")"; done
    echo "$(find "$merged" -type f | wc -l) inputs reach what no seed reaches"
    find "$merged" -type f -printf '%s %p\n' | sort -n | head -n "$3" | while read -r _ file; do
      name=found_$(basename "$file" | cut -c1-8)
      cp "$file" "$seeds/$2/$name"
      echo "added $seeds/$2/$name"
    done
    ;;
  all)
    build_all
    xargs -P 2 -I {} bash -c "fuzz {} ${2:-600}" <<< "$targets"
    ;;
  *)
    is_target "$1" || usage
    build_all
    fuzz "$1" "${2:-600}"
    ;;
esac
