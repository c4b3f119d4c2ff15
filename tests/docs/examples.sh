#!/usr/bin/env bash
# Runs each example against `airouterd demo`. usage: examples.sh BUILD_DIR
set -euo pipefail
source "$(dirname "$0")/demo.sh"
build=$1
folder=$(mktemp -d)
trap 'stop_demo; rm -rf "$folder"' EXIT

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
for example in "$build"/bin/examples/*; do
  expect "usage: $(basename "$example") CONFIG" 2 "$(basename "$example")"
done
