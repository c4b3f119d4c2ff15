#!/usr/bin/env bash
# Runs each example against `airouterd demo`. usage: examples.sh BUILD_DIR
set -euo pipefail
source "$(dirname "$0")/demo.sh"
build=$1
folder=$(mktemp -d)
proxy_pid=
stop_proxy() {
  [[ -n $proxy_pid ]] || return 0
  kill -TERM "$proxy_pid" 2> /dev/null || true
  wait "$proxy_pid" 2> /dev/null || true
  proxy_pid=
}
trap 'stop_proxy; stop_demo; rm -rf "$folder"' EXIT

# Runs an example and wants `text` in what it prints. usage: expect TEXT EXIT_CODE EXAMPLE [ARGUMENT...]
expect() {
  local text=$1 code=$2 result=0 output
  shift 2
  output=$(timeout 60 "$build/bin/examples/$@" 2>&1) || result=$?
  if [[ $result != "$code" || $output != *"$text"* ]]; then
    printf '%s: exit code %s, wanted %s and "%s"; it printed:\n%s\n' "$*" "$result" "$code" "$text" "$output"
    exit 1
  fi
}

start_demo "$build" "$folder"
cat > "$folder/config.json" << END
{"providers": [
  {"name": "nobody", "base_url": "http://127.0.0.1:1/v1", "api_key": "k", "weight": 1000000, "supported_models": ["demo"]},
  {"name": "local", "base_url": "$demo_address/v1", "api_key": "k", "supported_models": ["demo"]},
  {"name": "spare", "base_url": "$demo_address/v1", "api_key": "k", "enabled": false, "supported_models": ["demo"]}]}
END
echo '{"model":"demo","stream":true,"messages":[{"role":"user","content":"Hi"}]}' > "$folder/request.json"
echo '{"providers": 1}' > "$folder/broken.json"

expect 'chat.completion' 0 call "$folder/config.json" demo 'Say "hi".'
expect 'nobody: network' 0 call "$folder/config.json" demo Hi
expect 'no provider serves' 1 call "$folder/config.json" other Hi
expect 'answered by local' 0 stream "$folder/config.json" "$folder/request.json"
expect 'data: [DONE]' 0 stream "$folder/config.json" "$folder/request.json"
expect 'local as demo' 0 explain "$folder/config.json" demo
expect 'spare not now: off' 0 explain "$folder/config.json" demo
expect '/providers' 1 explain "$folder/broken.json" demo
sed 's/"local"/"other"/' "$folder/config.json" > "$folder/other.json"
expect 'Hello! Two of the providers' 0 text "$folder/config.json" "$folder/request.json"
expect 'Hello! Two of the providers' 0 event_loop "$folder/config.json" "$folder/request.json"
expect 'answered, 2 tried' 0 background "$folder/config.json" "$folder/request.json" 30000
expect 'the caller left, ' 0 background "$folder/config.json" "$folder/request.json" 200
expect 'local: none × 5' 0 observer "$folder/config.json" "$folder/request.json"
expect 'nobody: network × 1' 0 observer "$folder/config.json" "$folder/request.json"
expect 'after: other' 0 reload "$folder/config.json" "$folder/other.json" "$folder/request.json"
expect 'before: local' 0 reload "$folder/config.json" "$folder/other.json" "$folder/request.json"

# The tiny server: a stream, and an error.
if [[ -x $build/bin/examples/proxy ]]; then
  "$build/bin/examples/proxy" "$folder/config.json" > "$folder/proxy.log" &
  proxy_pid=$!
  for _ in $(seq 300); do grep -q '/v1$' "$folder/proxy.log" && break; sleep 0.1; done
  proxied() { curl -sS -i --max-time 60 "$(cat "$folder/proxy.log")/chat/completions" -d "$1" || true; }
  answer=$(proxied @"$folder/request.json")
  [[ $answer == *'x-provider: local'*'text/event-stream'*'data: [DONE]'* ||
    $answer == *'text/event-stream'*'x-provider: local'*'data: [DONE]'* ]] || { echo "the tiny server said: $answer"; exit 1; }
  answer=$(proxied '{"model":"other","messages":[]}')
  [[ $answer == *' 404 '*'model_not_found'* ]] || { echo "the tiny server said: $answer"; exit 1; }
  stop_proxy
fi

for example in "$build"/bin/examples/*; do
  expect "usage: $(basename "$example") CONFIG" 2 "$(basename "$example")"
done
