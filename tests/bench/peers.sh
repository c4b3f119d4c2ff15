# Whom the benchmark measures: how each is got, started and ended. Sourced by run.sh and soak.sh, which set $build (the
# build folder), $kept (what stays from run to run) and $work (this run's files).
# shellcheck shell=bash

declare -A peer_pid=() peer_port=() peer_stream_port=() peer_headers=()
started=()
bin=$build/bin

# Ends every process of this run, and nothing else.
end_all() {
  local process tries
  for process in "${started[@]}"; do kill -TERM "$process" 2> /dev/null || true; done
  for process in "${started[@]}"; do
    for (( tries = 0; tries < 100; ++tries )); do
      kill -0 "$process" 2> /dev/null || break
      sleep 0.05
    done
    kill -KILL "$process" 2> /dev/null || true
    wait "$process" 2> /dev/null || true
  done
  started=()
  peer_pid=()
}

# Starts a program in the background; its process is then in $!. usage: start NAME COMMAND...
start() {
  local name=$1
  shift
  "$@" > /dev/null 2> "$work/$name.log" &
  started+=($!)
  peer_pid[$name]=$!
}

end_peer() {
  local process=${peer_pid[$1]:-} rest=() other
  [[ -n $process ]] || return 0
  for other in "${started[@]}"; do [[ $other == "$process" ]] || rest+=("$other"); done
  started=("$process")
  local saved
  saved=$(declare -p peer_pid)
  end_all
  eval "${saved/declare -A/declare -gA}"
  unset "peer_pid[$1]"
  started=("${rest[@]}")
}

free_port() { "$bin/bench_load" free-port; }

# Waits until a peer answers. usage: await NAME [SECONDS]
await() {
  local name=$1 header arguments=()
  while read -r header; do [[ -z $header ]] || arguments+=(--header "$header"); done <<< "${peer_headers[$name]:-}"
  "$bin/bench_load" wait --port "${peer_port[$name]}" --patience "${2:-10}" "${arguments[@]}" && return 0
  echo "$name does not answer:" >&2
  tail -n 20 "$work/$name.log" >&2
  return 1
}

# The provider, and a certificate of its own for TLS.
start_upstream() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/certificate.pem" 2> /dev/null
  peer_port[direct]=$(free_port)
  peer_stream_port[direct]=${peer_port[direct]}
  upstream_tls_port=$(free_port)
  start direct "$bin/bench_upstream" --port "${peer_port[direct]}" --tls-port "$upstream_tls_port" \
    --certificate "$work/certificate.pem" --key "$work/key.pem"
  upstream_pid=${peer_pid[direct]}
  peer_pid[direct]=0  # it is the provider, no peer: its time is not anybody's cost
  await direct
}

# One of PATH, else the distribution's package, unpacked and not installed. Sets $nginx; empty if there is none.
find_nginx() {
  nginx=$(command -v nginx || true)
  [[ -z $nginx && -x /usr/sbin/nginx ]] && nginx=/usr/sbin/nginx
  [[ -z $nginx && -x $kept/nginx/usr/sbin/nginx ]] && nginx=$kept/nginx/usr/sbin/nginx
  if [[ -z $nginx ]] && command -v apt-get > /dev/null; then
    mkdir -p "$kept/nginx"
    (cd "$kept/nginx" && timeout 60 apt-get -q download nginx && dpkg -x nginx_*.deb .) > "$work/nginx-download.log" 2>&1 || true
    [[ -x $kept/nginx/usr/sbin/nginx ]] && nginx=$kept/nginx/usr/sbin/nginx
  fi
  if [[ -n $nginx ]] && ! "$nginx" -v > "$work/nginx-version" 2>&1; then nginx=; fi
  [[ -n $nginx ]]
}

# As many workers as there are cores, which is what airouterd may use, too. Answers are buffered, streams are not.
start_nginx() {  # plain | tls
  local name=nginx scheme=http upstream=${peer_port[direct]} trust='' user=''
  if [[ $1 == tls ]]; then
    name=nginx_tls scheme=https upstream=$upstream_tls_port
    trust="proxy_ssl_verify on; proxy_ssl_trusted_certificate $work/certificate.pem; proxy_ssl_name localhost;
           proxy_ssl_server_name on;"
  fi
  (( EUID != 0 )) || user='user root;'
  peer_port[$name]=$(free_port)
  peer_stream_port[$name]=$(free_port)
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
  nginx_command=("$nginx" -p "$work/$name" -c "$work/$name/nginx.conf" -e "$work/$name.log")
  start "$name" "${nginx_command[@]}"
  await "$name"
}

# One provider, everything else by default; the line per call that the console gets goes to /dev/null.
start_airouterd() {  # plain | tls
  local name=airouterd base_url=http://127.0.0.1:${peer_port[direct]}/v1 trust=()
  if [[ $1 == tls ]]; then
    name=airouterd_tls base_url=https://127.0.0.1:$upstream_tls_port/v1
    trust=(SSL_CERT_FILE="$work/certificate.pem")
  fi
  peer_port[$name]=$(free_port)
  peer_stream_port[$name]=${peer_port[$name]}
  mkdir -p "$work/$name"
  cat > "$work/$name/config.json" << END
{
  "server_port": ${peer_port[$name]},
  "providers": [
    {
      "name": "bench", "base_url": "$base_url", "api_key": "sk-benchmark-upstream",
      "supported_models": ["plain", "stream-50x100", "stream-50x250", "stream-10x30", "stream-10x100", "stream-10x300", "stream-1000x5"]
    }
  ]
}
END
  airouterd_command=(env "${trust[@]}" "$bin/airouterd" -c "$work/$name/config.json" --data "$work/$name/data")
  start "$name" "${airouterd_command[@]}"
  await "$name"
}
