#!/usr/bin/env bash
# airouterd under many requests, a tenth of them aborted by the client and a twentieth streamed: its memory, descriptors
# and threads must not grow. usage: soak.sh [--requests N] [--build DIR]    N: 1 000 000 by default, 10 minutes at most
# Compared are the medians of the second tenth of the run and of the last one; for memory, of the sixth, too. A long run
# comes after as many requests again, which fill the log's index: 25 MB for its last million records, and no more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build
requests=1000000
while (( $# > 0 )); do
  case "$1" in
    --requests) requests=$2; shift ;;
    --build) build=$(cd "$2" && pwd); shift ;;
    *) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
  esac
  shift
done

# Memory may still settle at first, as threads are added and each fills its caches; later it may not. A leak of 5 bytes a
# request shows in the first comparison of 1 000 000, one of 4 in the second. Threads and descriptors come and go with the
# aborted ones.
memory_growth_max_kib=4096 late_memory_growth_max_kib=1536 descriptor_growth_max=64 thread_growth_max=24

is_quick=yes
kept=$build/bench
mkdir -p "$kept"
work=$(mktemp -d "$kept/soak.XXXXXX")
# shellcheck source=tests/bench/peers.sh
source "$here/peers.sh"
trap 'end_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
ulimit -n "$(ulimit -Hn)" 2> /dev/null || true
for program in airouterd bench_upstream bench_load; do
  [[ -x $bin/$program ]] || { echo "$bin/$program is missing: build it first" >&2; exit 1; }
done
start_upstream
start_peer airouterd
result=0
# A run of seconds ends while threads are still being started, each with a heap of its own: it shows only what leaks fast.
if (( requests < 500000 )); then memory_growth_max_kib=8192 late_memory_growth_max_kib=6144; fi
# At a few thousand requests a second, some hundred samples.
sample_every=$(awk -v n="$requests" 'BEGIN { s = n / 8000 / 400; if (s < 0.02) s = 0.02; if (s > 1) s = 1; print s }')
soak() {
  run_load 1800 plain --port "${peer_port[airouterd]}" --pid "${peer_pid[airouterd]}" --connections 32 \
    --requests "$requests" --abort-percent 10 --stream-percent 5 --sample-every "$sample_every" > "$work/samples" && return
  echo "FAILED: not every answer was as expected"
  result=1
}
(( requests < 500000 )) || soak
soak
kill -0 "${peer_pid[airouterd]}" 2> /dev/null || { echo "FAILED: airouterd has ended"; result=1; }

# usage: compare NAME FIELD TENTH GROWTH_MAX
compare() {
  sort -n -k"$2,$2" "$work/samples" | awk -v what="$1" -v field="$2" -v tenth="$3" -v growth_max="$4" -v requests="$requests" '
    $1 == "sample" {
      if ($2 >= (tenth - 1) / 10 * requests && $2 < tenth / 10 * requests) early[++early_count] = $field
      if ($2 >= 0.9 * requests) late[++late_count] = $field
    }
    END {
      if (early_count == 0 || late_count == 0) { print "FAILED: no samples of " what; exit 1 }
      before = early[int((early_count + 1) / 2)]
      after = late[int((late_count + 1) / 2)]
      if (before < 0) { print "skipped: " what ": not to be seen"; exit 0 }
      printf "soak.%s.tenth%d=%d\nsoak.%s.tenth10=%d\n", what, tenth, before, what, after
      if (after - before <= growth_max) exit 0
      printf "FAILED: %s grew by %d from the %d. tenth on, at most %d are allowed\n", what, after - before, tenth, growth_max
      exit 1
    }'
}
compare rss_anonymous_kib 3 2 "$memory_growth_max_kib" || result=1
compare rss_anonymous_kib 3 6 "$late_memory_growth_max_kib" || result=1
compare descriptors 4 2 "$descriptor_growth_max" || result=1
compare threads 5 2 "$thread_growth_max" || result=1
awk '$1 != "sample" { print "soak." $1 "=" $2 }' "$work/samples"
exit $result
