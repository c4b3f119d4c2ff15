#!/usr/bin/env bash
# What an event costs through the bindings, beside C++: at most 2 µs more in C and 20 µs more in Python, or 100 µs where asyncio
# waits for each. Prints a "NAME=VALUE" line per figure: processor time, medians over streams that are read in turn. Fails beyond
# the limits, after three tries.
# --quick allows three times as much, for machines that do other things, too. Skipped, if what is measured is fine, where
# Python is missing.
# usage: bindings.sh [--build DIR] [--rounds N] [--quick]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build
rounds=25
slack=1
while (( $# > 0 )); do
  case $1 in
    --build) build=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --quick) slack=3; shift ;;
    *) sed -n '7s/^# //p' "$0" >&2; exit 2 ;;
  esac
done
build=$(cd "$build" && pwd)
events=200
rate=1000
upstream=
folder=$(mktemp -d)
finish() {
  if [[ -n $upstream ]]; then
    kill -TERM "$upstream" 2> /dev/null || true
    wait "$upstream" 2> /dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT

port=$("$build/bin/bench_load" free-port)
"$build/bin/bench_upstream" --port "$port" &
upstream=$!
for _ in $(seq 100); do
  if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then break; fi
  sleep 0.05
done

# Prints the figures; false beyond the limits. A figure and what it is compared with were taken one after the other.
judge() {
  awk -v slack="$slack" '
    { of_round[$1, $2] = $3; if ($2 > round_max) round_max = $2 }
    function median(values, n,   i, j, v) {
      for (i = 2; i <= n; ++i) {
        v = values[i]
        for (j = i - 1; j >= 1 && values[j] > v; --j) values[j + 1] = values[j]
        values[j + 1] = v
      }
      return values[int((n + 1) / 2)]
    }
    function compare(language, base, limit,   round, n, mine, more, excess) {
      for (round = 1; round <= round_max; ++round) {
        if (!(("cpu_us_per_event." language, round) in of_round)) continue
        mine[++n] = of_round["cpu_us_per_event." language, round]
        more[n] = mine[n] - of_round["cpu_us_per_event." base, round]
      }
      if (n == 0) { print "not measured: " language; return }
      excess = median(more, n)
      printf "cpu_us_per_event.%s=%.3g\nexcess.event_us.%s=%.3g\n", language, median(mine, n), language, excess
      if (excess > limit) { printf "FAILED: an event costs %.3g µs more in %s, at most %g µs are allowed\n", excess, language, limit; failed = 1 }
    }
    END {
      if (round_max == 0) { print "FAILED: nothing was measured"; exit 1 }
      compare("c", "cpp", 2 * slack)
      compare("python", "python_base", 20 * slack)
      compare("python_async", "python_base", 100 * slack)
      exit failed
    }' "$folder/raw"
}

library=$build/bindings/c/libairouter_c.so.1
for try in 1 2 3; do
  "$build/bin/bench_bindings" --port "$port" --rounds "$rounds" --events "$events" --rate "$rate" > "$folder/raw"
  if command -v python3 > /dev/null; then
    PYTHONPATH=$here/../../bindings/python AIROUTER_C_LIBRARY=$library python3 -B "$here/bindings.py" "$port" "$rounds" \
      "$events" "$rate" >> "$folder/raw"
  fi
  if judge > "$folder/figures" || (( try == 3 )); then break; fi
done
judge
command -v python3 > /dev/null || { echo "skipped: python3 is not installed, so only C was measured"; exit 77; }
