# Whom the benchmark measures: how each is got, started and ended. Sourced by run.sh and soak.sh, which set $build (the
# build folder), $kept (what stays from run to run) and $work (this run's files).
# shellcheck shell=bash disable=SC2154

declare -A peer_pid=() peer_port=() peer_stream_port=() peer_headers=() skipped=()
started=()
command=()
bin=$build/bin

# Whatever happens to this script, what it has started ends with it.
guard=()
if setpriv --pdeathsig TERM true 2> /dev/null; then guard=(setpriv --pdeathsig TERM); fi

# Runs bench_load for so many seconds at most; a signal to this script ends it at once. usage: run_load SECONDS OPTION...
run_load() {
  local seconds=$1 process result=0
  shift
  "${guard[@]}" timeout "$seconds" "$bin/bench_load" "$@" &
  process=$!
  started+=("$process")
  wait "$process" || result=$?
  unset 'started[-1]'
  return "$result"
}

# Ends one process that this run has started, and waits for it.
end_process() {
  local tries
  kill -TERM "$1" 2> /dev/null || return 0
  for (( tries = 0; tries < 100; ++tries )); do
    kill -0 "$1" 2> /dev/null || break
    sleep 0.05
  done
  kill -KILL "$1" 2> /dev/null || true
  wait "$1" 2> /dev/null || true
}

end_all() {
  local process
  for process in "${started[@]}"; do end_process "$process"; done
  started=()
}

end_peer() {
  local process=${peer_pid[$1]:-} others=() other
  [[ -n $process ]] || return 0
  end_process "$process"
  for other in "${started[@]}"; do [[ $other == "$process" ]] || others+=("$other"); done
  started=("${others[@]}")
  unset "peer_pid[$1]"
}

# Starts $command as that peer, and waits until it answers. usage: start_command NAME [SECONDS]
start_command() {
  local name=$1
  "${guard[@]}" "${command[@]}" > /dev/null 2> "$work/$name.log" &
  peer_pid[$name]=$!
  started+=("$!")
  "$bin/bench_load" wait --port "${peer_port[$name]}" --patience "${2:-20}" "${header_options[@]}" && return 0
  echo "$name does not answer:" >&2
  tail -n 20 "$work/$name.log" >&2
  return 1
}

# The options of bench_load that name the headers a peer needs. usage: set_header_options NAME
header_options=()
set_header_options() {
  local header
  header_options=()
  while read -r header; do [[ -z $header ]] || header_options+=(--header "$header"); done <<< "${peer_headers[$1]:-}"
}

set_ports() {
  peer_port[$1]=$("$bin/bench_load" free-port)
  peer_stream_port[$1]=${peer_port[$1]}
}

start_peer() {  # NAME [plain|tls]
  "configure_$1" "${2:-plain}"
  set_header_options "$name"
  start_command "$name" "${patience[$1]:-20}"
}
declare -A patience=([portkey]=60 [litellm]=120)

# The provider, and a certificate of its own for TLS.
start_upstream() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/certificate.pem" 2> /dev/null
  set_ports direct
  upstream_tls_port=$("$bin/bench_load" free-port)
  command=("$bin/bench_upstream" --port "${peer_port[direct]}" --tls-port "$upstream_tls_port"
    --certificate "$work/certificate.pem" --key "$work/key.pem")
  start_command direct
  peer_pid[direct]=0  # it is the provider, no peer: its time is nobody's cost
}

# A program of PATH, else of the distribution's package, unpacked and not installed. Sets $found; empty: there is none.
find_program() {  # NAME
  found=$(PATH=$PATH:/usr/sbin command -v "$1" || true)
  [[ -z $found ]] || return 0
  local folder=$kept/$1
  found=$(find "$folder" -type f -path "*bin/$1" 2> /dev/null | head -n 1 || true)
  if [[ -z $found ]] && command -v apt-get > /dev/null; then
    mkdir -p "$folder"
    (cd "$folder" && timeout 60 apt-get -q download "$1" && dpkg -x "$1"_*.deb .) > "$work/$1-download.log" 2>&1 || true
    found=$(find "$folder" -type f -path "*bin/$1" 2> /dev/null | head -n 1 || true)
  fi
  [[ -n $found ]] && ("$found" -v > "$work/$1-version" 2>&1 || true)
  if [[ -z $found ]] || grep -qi 'error while loading' "$work/$1-version"; then
    found=
    skipped[$1]="neither on PATH nor to be had from the distribution"
  fi
}

# As many workers as there are cores, which is what airouterd may use, too. Answers are buffered, streams are not.
configure_nginx() {  # plain | tls
  local scheme=http upstream=${peer_port[direct]} trust='' user=''
  name=nginx
  if [[ $1 == tls ]]; then
    name=nginx_tls scheme=https upstream=$upstream_tls_port
    trust="proxy_ssl_verify on; proxy_ssl_trusted_certificate $work/certificate.pem; proxy_ssl_name localhost;
           proxy_ssl_server_name on;"
  fi
  (( EUID != 0 )) || user='user root;'
  set_ports "$name"
  peer_stream_port[$name]=$("$bin/bench_load" free-port)
  mkdir -p "$work/$name"
  cat > "$work/$name/nginx.conf" << END
daemon off; $user worker_processes $(nproc); worker_rlimit_nofile $(ulimit -n);
pid $work/$name/nginx.pid; error_log $work/$name.log warn;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path $work/$name/body; proxy_temp_path $work/$name/proxy; fastcgi_temp_path $work/$name/fastcgi;
  uwsgi_temp_path $work/$name/uwsgi; scgi_temp_path $work/$name/scgi;
  upstream provider { server 127.0.0.1:$upstream; keepalive 1024; keepalive_requests 1000000000; }
  proxy_http_version 1.1; proxy_set_header Connection ""; $trust
  server { listen 127.0.0.1:${peer_port[$name]} backlog=4096;
           location / { proxy_pass $scheme://provider; } }
  server { listen 127.0.0.1:${peer_stream_port[$name]} backlog=4096;
           location / { proxy_pass $scheme://provider; proxy_buffering off; } }
}
END
  command=("$nginx" -p "$work/$name" -c "$work/$name/nginx.conf" -e "$work/$name.log")
}

# One provider, everything else by default; the line per call that the console gets goes to /dev/null.
configure_airouterd() {  # plain | tls
  if [[ $1 == tls ]]; then
    write_airouterd airouterd_tls "https://127.0.0.1:$upstream_tls_port/v1"
    command=(env SSL_CERT_FILE="$work/certificate.pem" "${command[@]}")
  else
    write_airouterd airouterd "http://127.0.0.1:${peer_port[direct]}/v1"
  fi
}

# The same without a request log, and without keys: there is none before the first is made.
configure_airouterd_bare() {
  write_airouterd airouterd_bare "http://127.0.0.1:${peer_port[direct]}/v1" '"log": {"enabled": false},'
}

configure_airouterd_keys() { write_airouterd airouterd_keys "http://127.0.0.1:${peer_port[direct]}/v1"; }

# The same with 9 999 keys of other people beside its own, all of them there from the start.
configure_airouterd_many_keys() {
  local key=sk-benchmark-client hash
  write_airouterd airouterd_many_keys "http://127.0.0.1:${peer_port[direct]}/v1"
  mkdir -p "$work/airouterd_many_keys/data"
  hash=$(printf %s "$key" | sha256sum)
  awk -v own="${hash%% *}" 'BEGIN {
    srand(1)
    print "{\"keys\":["
    for (i = 1; i < 10000; ++i) {
      hash = ""
      for (j = 0; j < 16; ++j) hash = hash sprintf("%04x", int(65536 * rand()))
      printf "{\"key_id\":\"%08d\",\"name\":\"client %d\",\"key_hash\":\"%s\"},\n", i, i, hash
    }
    printf "{\"key_id\":\"00010000\",\"name\":\"bench\",\"key_hash\":\"%s\",\"rate_limit\":10000000}\n]}\n", own
  }' > "$work/airouterd_many_keys/data/api_keys.json"
  peer_headers[airouterd_many_keys]="authorization: Bearer $key"
}

# Makes a client key with a limit that is never reached, which requests then need.
make_client_key() {
  local answer key
  answer=$(curl -sS --fail-with-body "http://127.0.0.1:${peer_port[airouterd_keys]}/api/keys" \
    -H "authorization: Bearer $(cat "$work/airouterd_keys/data/admin_token")" -H 'content-type: application/json' \
    -d '{"name": "bench", "rate_limit": 10000000}')
  key=$(sed -nE 's/.*"key":"([^"]+)".*/\1/p' <<< "$answer")
  peer_headers[airouterd_keys]="authorization: Bearer $key"
}

# usage: write_airouterd NAME BASE_URL [MORE_CONFIG]
write_airouterd() {
  local base_url=$2 more=${3:-}
  name=$1
  set_ports "$name"
  rm -rf "${work:?}/$name"
  mkdir -p "$work/$name"
  cat > "$work/$name/config.json" << END
{
  $more
  "server_port": ${peer_port[$name]},
  "providers": [
    {
      "name": "bench", "base_url": "$base_url", "api_key": "sk-benchmark-upstream",
      "supported_models": ["plain", "stream-*"]
    }
  ]
}
END
  command=("$bin/airouterd" -c "$work/$name/config.json" --data "$work/$name/data")
}
