#!/usr/bin/env bash
# Measures airouterd beside its peers, in one run: the same provider, the same client, in interleaved rounds.
# usage: run.sh [--quick] [--only PART,...] [--rounds N] [--seconds N] [--build DIR]
# Parts: plain
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build
only=''
rounds=5
seconds=2
warm_up=0.3
while (( $# > 0 )); do
  case "$1" in
    --quick) rounds=3 seconds=0.5 warm_up=0.15 ;;
    --only) only=$2; shift ;;
    --rounds) rounds=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --build) build=$(cd "$2" && pwd); shift ;;
    *) sed -n '3,4s/^# //p' "$0" >&2; exit 2 ;;
  esac
  shift
done

kept=$build/bench
mkdir -p "$kept"
work=$(mktemp -d "$kept/run.XXXXXX")
raw=$work/raw
: > "$raw"
# shellcheck source=tests/bench/peers.sh
source "$here/peers.sh"
trap 'end_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
ulimit -n "$(ulimit -Hn)" 2> /dev/null || true
failed=0

is_wanted() { [[ -z $only || ,$only, == *,$1,* ]]; }

# One measurement; its figures go to $raw as "NAME.PEER.SUFFIX ROUND VALUE".
# usage: measure PEER SUFFIX ROUND plain|stream OPTION...
measure() {
  local peer=$1 suffix=$2 round=$3 kind=$4 port header arguments=()
  shift 4
  port=${peer_port[$peer]}
  [[ $kind == plain ]] || port=${peer_stream_port[$peer]}
  while read -r header; do [[ -z $header ]] || arguments+=(--header "$header"); done <<< "${peer_headers[$peer]:-}"
  if ! timeout 300 "$bin/bench_load" "$kind" --port "$port" --pid "${peer_pid[$peer]}" "${arguments[@]}" "$@" > "$work/figures"; then
    echo "FAILED: $peer $suffix, round $round"
    failed=1
  fi
  awk -v peer="${peer%_tls}" -v suffix="$suffix" -v round="$round" '{ print $1 "." peer "." suffix, round, $2 }' \
    "$work/figures" >> "$raw"
}

measure_plain() {
  local round connections peer
  for (( round = 1; round <= rounds; ++round )); do
    for connections in 1 32 256; do
      for peer in direct ${nginx:+nginx} airouterd; do
        measure "$peer" "c$connections" "$round" plain --connections "$connections" --seconds "$seconds" --warm-up "$warm_up"
      done
    done
  done
}

for program in airouterd bench_upstream bench_load; do
  [[ -x $bin/$program ]] || { echo "$bin/$program is missing: build it first" >&2; exit 1; }
done
start_upstream
find_nginx || echo "skipped: nginx: neither on PATH nor to be had from the distribution"
[[ -z $nginx ]] || start_nginx plain
start_airouterd plain
if is_wanted plain; then measure_plain; fi
end_all
awk -f "$here/report.awk" "$raw"
exit $failed
