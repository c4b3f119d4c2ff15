#!/usr/bin/env bash
# What an event costs through the bindings, beside C++: at most 2 µs more in C and 20 µs more in Python. Prints a "NAME=VALUE"
# line per figure, processor time of the best of 3 to 15 rounds, and fails beyond the limits.
# usage: bindings.sh [--build DIR] [--rounds AT_MOST]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build
rounds=15
while (( $# > 0 )); do
  case $1 in
    --build) build=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    *) sed -n '4s/^# //p' "$0" >&2; exit 2 ;;
  esac
done
build=$(cd "$build" && pwd)
events=500
rate=500
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

# The best round of each counts. Prints the figures; false beyond the limits.
judge() {
  awk '
    !($1 in best) || $3 < best[$1] { best[$1] = $3 }
    function compare(language, limit,   more) {
      if (!(("cpu_us_per_event." language) in best)) { print "not measured: " language; return }
      more = best["cpu_us_per_event." language] - best["cpu_us_per_event.cpp"]
      printf "cpu_us_per_event.%s=%.3g\nexcess.event_us.%s=%.3g\n", language, best["cpu_us_per_event." language], language, more
      if (more > limit) { printf "FAILED: an event costs %.3g µs more in %s than in C++, at most %g µs are allowed\n", more, language, limit; failed = 1 }
    }
    END {
      if (!("cpu_us_per_event.cpp" in best)) { print "FAILED: no round was as expected"; exit 1 }
      printf "cpu_us_per_event.cpp=%.3g\n", best["cpu_us_per_event.cpp"]
      compare("c", 2)
      compare("python", 20)
      exit failed
    }' "$folder/raw"
}

# In turn, so that what slows the machine down for a while counts on all sides; and more often while it does.
library=$build/bindings/c/libairouter_c.so.1
for (( round = 1; round <= rounds; ++round )); do
  # Where a busy machine lets events come together, the round tells nothing.
  "$build/bin/bench_bindings" --port "$port" --rounds 1 --events "$events" --rate "$rate" >> "$folder/raw" 2> "$folder/said" || continue
  if command -v python3 > /dev/null; then
    PYTHONPATH=$here/../../bindings/python AIROUTER_C_LIBRARY=$library python3 -B "$here/bindings.py" "$port" 1 "$events" \
      "$rate" >> "$folder/raw" 2> "$folder/said" || continue
  fi
  if (( round >= 3 )) && judge > /dev/null; then break; fi
done
judge || { cat "$folder/said"; exit 1; }
