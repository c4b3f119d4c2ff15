#!/usr/bin/env bash
# Measures airouterd beside its peers, in one run: the same provider, the same client, in interleaved rounds.
# usage: run.sh [--quick] [--only PART,...] [--rounds N] [--seconds N] [--nice N] [--build DIR] [--strict] [--write-docs]
# Parts: plain stream scale tls size library keys wrk slow.  docs/performance.md says what they are and how to read them.
# --quick takes a minute at most and leaves out wrk and slow, which means npm and PyPI. --strict fails if a target is missed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build
only='' is_quick=no is_strict=no writes_docs=no
rounds=7 seconds=2 warm_up=0.3
stream_rounds=3 stream_seconds=5 scale_rounds=3 scale_seconds=30 tls_streams=1000 start_rounds=5 with_direct=yes
library_rounds=9 library_calls=3000 library_picks=200000 slow_rounds=3 slow_seconds=3
while (( $# > 0 )); do
  case "$1" in
    --quick)
      is_quick=yes rounds=3 seconds=0.4 warm_up=0.1
      stream_rounds=2 stream_seconds=2 scale_rounds=1 scale_seconds=3 tls_streams=300 start_rounds=2 with_direct=
      library_rounds=5 library_calls=1000 library_picks=50000
      ;;
    --only) only=$2; shift ;;
    --rounds) rounds=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --build) build=$(cd "$2" && pwd); shift ;;
    --nice) renice -n "$2" -p $$ > /dev/null; shift ;;
    --strict) is_strict=yes ;;
    --write-docs) writes_docs=yes ;;
    *) sed -n '3,5s/^# //p' "$0" >&2; exit 2 ;;
  esac
  shift
done

if [[ $writes_docs == yes && ( -n $only || $is_quick == yes ) ]]; then
  echo "--write-docs wants a whole run" >&2
  exit 2
fi

kept=$build/bench
mkdir -p "$kept"
work=$(mktemp -d "$kept/run.XXXXXX")
raw=$work/raw
: > "$raw"
failed=0
# shellcheck source=tests/bench/peers.sh
source "$here/peers.sh"
# shellcheck source=tests/bench/slow_peers.sh
source "$here/slow_peers.sh"
# shellcheck source=tests/bench/parts.sh
source "$here/parts.sh"
trap 'end_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
ulimit -n "$(ulimit -Hn)" 2> /dev/null || true

is_wanted() {
  if [[ -n $only ]]; then [[ ,$only, == *,$1,* ]]; return; fi
  [[ $is_quick == no || ( $1 != slow && $1 != wrk ) ]]
}

for program in airouterd bench_upstream bench_load bench_in_process; do
  [[ -x $bin/$program ]] || { echo "$bin/$program is missing: build it first" >&2; exit 1; }
done
build_type=$(sed -n 's/^CMAKE_BUILD_TYPE:[A-Z]*=//p' "$build/CMakeCache.txt")
if [[ $build_type != Rel* ]] || grep -q '^AIROUTER_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt"; then
  echo "skipped: $build is no optimised build without sanitizers, so its figures would mean nothing"
  exit 77
fi

restart_peers() {
  end_peer nginx
  end_peer airouterd
  [[ -z $nginx ]] || start_peer nginx
  start_peer airouterd
}

start_upstream
find_program nginx
nginx=$found
if is_wanted size; then measure_size; fi
if is_wanted plain || is_wanted stream || is_wanted scale || is_wanted wrk || is_wanted slow; then
  restart_peers
  if is_wanted plain; then measure_plain; fi
  if is_wanted stream; then measure_stream; fi
  # What a million requests leave in the index of the log is not what streams take.
  if is_wanted scale; then restart_peers; measure_scale; fi
  if is_wanted wrk; then measure_wrk; fi
  if is_wanted slow; then measure_slow_peers; fi
  end_peer nginx
  end_peer airouterd
fi
if is_wanted tls; then measure_tls; fi
if is_wanted library; then measure_library; fi
if is_wanted keys; then measure_keys; fi
end_all

results=$kept/results.txt
awk -f "$here/figures.awk" "$raw" > "$results"
awk -f "$here/table.awk" "$results" > "$kept/table.md"
awk -f "$here/targets.awk" "$results" > "$kept/targets.md"
{
  echo "On $("$here/machine.sh" "$nginx")."
  for peer in "${!skipped[@]}"; do echo "skipped: $peer: ${skipped[$peer]}"; done
} > "$kept/machine.txt"
cat "$kept/machine.txt"
printf '\n'
cat "$kept/table.md"
printf '\n'
cat "$kept/targets.md"
printf '\n'
cat "$results"
if [[ $writes_docs == yes ]]; then "$here/write_docs.sh" "$kept"; fi

# Floors, for the median of a whole run. Quick rounds are short: there, a fifth more is for the noise of a busy machine, of
# which the best round has the least. usage: hold_floor FIGURE MOST WHAT
hold_floor() {
  local most=$2 measured
  measured=$(sed -n "s/^$1=//p" "$results")
  if [[ $is_quick == yes && -n $measured ]]; then
    most=$(awk -v most="$most" 'BEGIN { print most * 1.2 }')
    measured=$(sed -n "s/^$1\.min=//p" "$results")
  fi
  if [[ -n $measured ]] && awk -v ratio="$measured" -v most="$most" 'BEGIN { exit !(ratio > most) }'; then
    fail "$3 takes $measured times the processor time that it is compared with; at most $most is allowed"
  fi
}
hold_floor ratio.cpu.c32 5 "a request at 32 connections, beside nginx,"
hold_floor ratio.keys 1.4 "a request with keys, limits and the log, beside one without,"
hold_floor ratio.many_keys 1.25 "a request with 10 000 keys, beside one with a single key,"
hold_floor ratio.call 1.5 "Router::call, beside plain libcurl,"

# What other programs cannot spoil holds in quick rounds as in long ones. usage: hold_bound FIGURE MOST WHAT
hold_bound() {
  local measured
  measured=$(sed -n "s/^$1=//p" "$results")
  if [[ -n $measured ]] && awk -v value="$measured" -v most="$2" 'BEGIN { exit !(value > most) }'; then
    fail "$3 is $measured; at most $2 is allowed"
  fi
}
hold_bound events_lost.airouterd.s1000 0 "the number of events lost"
hold_bound "events_lost.airouterd.s${tls_streams}_tls" 0 "the number of events lost over TLS"
hold_bound rss_peak_mb.airouterd.s1000 100 "peak RSS in MB with a thousand streams"
hold_bound "rss_peak_mb.airouterd.s${tls_streams}_tls" 200 "peak RSS in MB with $tls_streams streams over TLS"
hold_bound stripped_size_mb.airouterd 4 "the size of the stripped binary in MB"
hold_bound pick_us.all_models.min 2 "the quickest round of picks in µs"
if [[ $is_strict == yes ]] && grep -q 'NOT MET' "$kept/targets.md"; then fail "a target is missed"; fi
exit $failed
