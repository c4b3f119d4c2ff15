# The parts of the benchmark. Each adds lines "NAME ROUND VALUE" to $raw. Sourced by run.sh, which sets the amounts.
# shellcheck shell=bash disable=SC2154

fail() {
  echo "FAILED: $*"
  failed=1
}

# Puts the "name value" lines of a file into $raw. usage: keep PEER SUFFIX ROUND FILE
keep() {
  awk -v peer="$1" -v suffix="$2" -v round="$3" \
    '{ print $1 "." peer (suffix == "" ? "" : "." suffix), round, $2 }' "$4" >> "$raw"
}

# One measurement; its figures become NAME.PEER.SUFFIX. usage: measure PEER SUFFIX ROUND plain|stream OPTION...
measure() {
  local peer=$1 suffix=$2 round=$3 kind=$4 port=${peer_port[$1]}
  shift 4
  [[ $kind == plain ]] || port=${peer_stream_port[$peer]}
  set_header_options "$peer"
  if run_load 300 "$kind" --port "$port" --pid "${peer_pid[$peer]}" "${header_options[@]}" "$@" > "$work/figures"; then
    keep "${peer%_tls}" "$suffix" "$round" "$work/figures"
  elif [[ $peer == portkey || $peer == litellm ]]; then
    echo "not measured: $peer $suffix, round $round"
  else
    keep "${peer%_tls}" "$suffix" "$round" "$work/figures"
    fail "$peer $suffix, round $round"
  fi
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

# A key, limits and the request log, beside the same without them, and beside the same with ten thousand keys.
measure_keys() {
  local round peer peers=(airouterd_bare airouterd_keys airouterd_many_keys)
  for peer in "${peers[@]}"; do start_peer "$peer"; done
  make_client_key
  for (( round = 1; round <= rounds; ++round )); do
    for peer in "${peers[@]}"; do
      measure "$peer" c32 "$round" plain --connections 32 --seconds "$seconds" --warm-up "$warm_up"
    done
  done
  for peer in "${peers[@]}"; do end_peer "$peer"; done
}

# 100 streams of 50 events a second.
measure_stream() {
  local round peer
  for (( round = 1; round <= stream_rounds; ++round )); do
    for peer in ${with_direct:+direct} ${nginx:+nginx} airouterd; do
      measure "$peer" s100 "$round" stream --streams 100 --rate 50 --events "$((50 * stream_seconds))" --ramp 0.5
    done
  done
}

# 1 000 streams of 10 events a second; through TLS to the provider, too.
measure_scale() {
  local round peer
  for (( round = 1; round <= scale_rounds; ++round )); do
    for peer in ${with_direct:+direct} ${nginx:+nginx} airouterd; do
      measure "$peer" s1000 "$round" stream --streams 1000 --rate 10 --events "$((10 * scale_seconds))" --ramp 1
    done
  done
}

measure_tls() {
  local round peer
  [[ -z $nginx ]] || start_peer nginx tls
  start_peer airouterd tls
  for (( round = 1; round <= scale_rounds; ++round )); do
    for peer in ${nginx:+nginx_tls} airouterd_tls; do
      measure "$peer" c32_tls "$round" plain --connections 32 --seconds "$seconds" --warm-up "$warm_up"
    done
    for peer in ${nginx:+nginx_tls} airouterd_tls; do
      measure "$peer" "s${tls_streams}_tls" "$round" stream --streams "$tls_streams" --rate 10 \
        --events "$((10 * (scale_seconds + 1)))" --ramp 2
    done
  done
  end_peer nginx_tls
  end_peer airouterd_tls
}

# The start of a peer, measured while nothing else runs. usage: measure_start PEER ROUND
measure_start() {
  "configure_$1" plain
  set_header_options "$1"
  if "$bin/bench_load" first-answer --port "${peer_port[$1]}" --patience "${patience[$1]:-20}" "${header_options[@]}" \
    -- "${command[@]}" > "$work/figures" 2> "$work/start.log"; then
    keep "$1" '' "$2" "$work/figures"
  else
    fail "the start of $1"
    tail -n 5 "$work/start.log"
  fi
}

measure_size() {
  local round peer program
  for (( round = 1; round <= start_rounds; ++round )); do
    for peer in ${nginx:+nginx} airouterd; do measure_start "$peer" "$round"; done
  done
  for peer in ${nginx:+nginx} airouterd; do
    program=$bin/airouterd
    [[ $peer == airouterd ]] || program=$nginx
    strip -o "$work/stripped" "$program"
    awk -v bytes="$(stat -c %s "$work/stripped")" -v peer="$peer" 'BEGIN { print "stripped_size_mb." peer, 1, bytes / 1e6 }' >> "$raw"
    start_peer "$peer"
    sleep 0.5
    "$bin/bench_load" size --pid "${peer_pid[$peer]}" > "$work/figures"
    keep "$peer" '' 1 "$work/figures"
    end_peer "$peer"
  done
}

measure_library() {
  "$bin/bench_in_process" --rounds "$library_rounds" call --port "${peer_port[direct]}" --calls "$library_calls" >> "$raw" ||
    fail "calls in process"
  "$bin/bench_in_process" --rounds "$library_rounds" pick --picks "$library_picks" >> "$raw" || fail "picks"
}

# Starts one of the gateways of other ecosystems and gets it warm. False: it is skipped.
prepare_slow_peer() {
  local peer=$1
  "find_$peer"
  [[ -z ${skipped[$peer]:-} ]] || return 1
  measure_start "$peer" 1
  if ! start_peer "$peer"; then
    skipped[$peer]="it did not answer"
    return 1
  fi
  "$bin/bench_load" size --pid "${peer_pid[$peer]}" > "$work/figures"
  keep "$peer" '' 1 "$work/figures"
  measure "$peer" warm_up 0 plain --connections 32 --seconds 5
}

measure_slow_peers() {
  local round peer connections slow=()
  for peer in portkey litellm; do
    if prepare_slow_peer "$peer"; then slow+=("$peer"); fi
  done
  for (( round = 1; round <= slow_rounds; ++round )); do
    for peer in "${slow[@]}"; do
      for connections in 1 32; do
        measure "$peer" "c$connections" "$round" plain --connections "$connections" --seconds "$slow_seconds"
      done
    done
    for peer in ${nginx:+nginx} airouterd "${slow[@]}"; do
      measure "$peer" s20 "$round" stream --streams 20 --rate 10 --events 30 --ramp 0.5
    done
  done
  for peer in "${slow[@]}"; do end_peer "$peer"; done
}

# Somebody else's client in place of ours.
measure_wrk() {
  local round peer
  find_program wrk
  [[ -n $found ]] || return 0
  "$bin/bench_load" request-body > "$work/body"
  cat > "$work/wrk.lua" << END
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = io.open("$work/body"):read("*a")
END
  for (( round = 1; round <= rounds; ++round )); do
    for peer in direct ${nginx:+nginx} airouterd; do
      timeout 60 "$found" -t 1 -c 32 -d "$(awk -v s="$seconds" 'BEGIN { print s < 1 ? "1s" : int(s) "s" }')" -s "$work/wrk.lua" \
        "http://127.0.0.1:${peer_port[$peer]}/v1/chat/completions" > "$work/wrk.out" || fail "wrk, $peer"
      if grep -q 'Non-2xx' "$work/wrk.out"; then fail "wrk, $peer: $(grep 'Non-2xx' "$work/wrk.out")"; fi
      awk -v peer="$peer" -v round="$round" '/^Requests\/sec/ { print "wrk_requests_per_s." peer ".c32", round, $2 }' "$work/wrk.out" >> "$raw"
    done
  done
}
